/** The JSON Schemas of settings that are more than a text or a number, for the plugin's manifest. */
import { eventTypes } from "../src/format/event.ts"
import { orchestratorDefaults } from "../src/policy/orchestrator/orchestrator-rule.ts"
import { stripNames } from "../src/policy/outbound/strip.ts"

export type Schema = { type: string | readonly string[]; additionalProperties?: false; properties?: Record<string, Schema> } & Record<string, unknown>

export const categories = [...new Set(Object.values(eventTypes).map(({ category }) => category))].toSorted()
export const text = { type: "string", minLength: 1 }
export const texts = { type: "array", items: text }
export const gateFields: Record<string, Schema> = {
  enabled: { type: "boolean" },
  channel: { type: ["string", "array"], items: text },
  ...Object.fromEntries(["phoneChannels", "protectedTo", "allowedFrom", "wrapperTargets"].map((name) => [name, texts])),
  ...Object.fromEntries(["triggerRegex", "wrapperPrefix", "wrapperSuffix"].map((name) => [name, text])),
  ...Object.fromEntries(["armTtlMs", "maxUsesPerArm", "missedResponseTtlMs", "duplicateWindowMs"].map((name) => [name, { type: "integer", minimum: 0 }])),
  requireBodyAfterTrigger: { type: "boolean" },
  strip: objectSchema([], Object.fromEntries(stripNames.map((name) => [name, { type: "boolean" }]))),
  topics: { type: "object" },
}
const secret = { type: ["string", "object"] }
const severity = { type: "string", enum: ["info", "warning", "critical"] }
const webhookFields = {
  url: secret,
  kind: { type: "string", enum: ["slack", "discord", "json"] },
  minSeverity: severity,
  secret,
  allowPrivate: { type: "boolean" },
  name: text,
}
export const alertFields: Record<string, Schema> = {
  webhooks: { type: "array", maxItems: 16, items: objectSchema(["url"], webhookFields) },
  operatorChat: objectSchema(["channel", "to"], { channel: text, to: { type: ["string", "integer"] }, account: text, minSeverity: severity }),
  quietHours: objectSchema(["from", "to"], { from: text, to: text, zone: text }),
  repeatMinutes: { type: "integer", minimum: 1, maximum: 10_080 },
  mostAnHour: { type: "integer", minimum: 1, maximum: 1_000 },
  giveUpHours: { type: "integer", minimum: 1, maximum: 168 },
  mute: texts,
}
export const receiptFields = { digests: { type: "string", enum: ["plain", "keyed"] }, issuer: text, directory: text }
export const downgradeFields = { budget: text, at: { type: "integer", minimum: 1, maximum: 100 }, model: text, match: texts }
export const budgetFields = {
  name: text,
  limit: texts,
  per: text,
  zone: text,
  match: texts,
  warn: texts,
  mode: { type: "string", enum: ["block", "warn"] },
  rollover: { type: "boolean" },
  window: text,
}

export const allowanceFields = {
  name: text,
  to: text,
  from: text,
  give: texts,
  per: { type: "string", enum: ["hour", "day", "week", "month"] },
  zone: text,
  rollover: { type: "boolean" },
}

export const askFields = {
  amount: { type: ["string", "array"], items: text },
  expiresMinutes: { type: "integer", minimum: 1, maximum: 1_440 },
  tools: { type: "boolean" },
  models: { type: "boolean" },
}

export const anomalyFields = {
  denialThreshold: { type: "integer", minimum: 1, maximum: 1_000_000 },
  denialWindowSec: { type: "integer", minimum: 1, maximum: 86_400 },
  spendFactor: { type: "integer", minimum: 1, maximum: 1_000 },
  spendLeastUsd: { type: "number", minimum: 0 },
}

const calls = { type: "integer", minimum: 0 }
const money = { type: ["string", "number"], description: "An amount such as 2usd; 0 is never." }
export const breakerFields = {
  mode: { type: "string", enum: ["auto", "warn", "block", "off"] },
  identicalCalls: calls,
  similarCalls: calls,
  silentSpend: money,
  silentCalls: calls,
  unattendedSpend: money,
  unattendedCalls: calls,
  zone: text,
}

export const orchestratorFields: Readonly<Record<string, Schema>> = Object.fromEntries(
  Object.entries(orchestratorDefaults).map(([name, value]) => [name, fieldOf(name, value)]),
)

function fieldOf(name: string, value: unknown): Schema {
  if (name === "threadBinding") return { type: "string", enum: ["auto", "always", "never"] }
  if (Array.isArray(value)) return { type: "array", items: { type: "string", minLength: 1 } }
  return { type: typeof value === "number" ? "integer" : typeof value }
}

export function objectSchema(required: readonly string[], properties: Readonly<Record<string, Schema>>): Schema {
  return { type: "object", additionalProperties: false, required, properties }
}

/** Rates are refused in words by the parser, which says more than a schema can. */
export function priceSchema(): Schema {
  const rate = { type: ["number", "string"], description: "Dollars per million tokens." }
  const tokens = { type: "integer", minimum: 1 }
  return {
    type: "object",
    additionalProperties: false,
    required: ["model"],
    properties: {
      model: { type: "string", minLength: 1 },
      input: rate,
      output: rate,
      cacheRead: rate,
      cacheWrite: rate,
      cacheWrite1h: rate,
      contextTokens: tokens,
      maxOutputTokens: tokens,
      free: { type: "boolean" },
    },
  }
}
