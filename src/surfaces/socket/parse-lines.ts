/** What a client says of itself and of what it lost, as anybody may have put it. */
import { Fault } from "../../base/fault.ts"
import { watchedHostOf } from "../../inventory/watch/watched-host.ts"
import { countOf, numberOf, objectOf, stringOf } from "../../base/json.ts"
import type { Gap } from "../../format/gap.ts"
import type { AnchorSettings } from "../../operations/anchor/anchor-settings.ts"
import { usualRules } from "../../operations/anchor/anchoring.ts"
import { evidencePlaces, type EvidenceSettings } from "../../operations/anchor/evidence-settings.ts"
import { parseSpendSettings } from "../../operations/spend/parse-prices.ts"
import { receiptRuleJson, receiptRuleOf } from "../../policy/receipt-rule.ts"
import { retentionJson, retentionOf } from "../../policy/retention.ts"
import { scanRuleOf } from "../../scanner/scan-rule.ts"
import type { ClientConfig } from "./protocol.ts"

export function unreadable(problem: string): Fault {
  return new Fault("writer.unreachable", { directory: "the ledger", problem })
}

export function parseGap(value: unknown): Gap {
  const fields = objectOf(value)
  const [reason, fromMs, toMs] = [stringOf(fields["reason"]), numberOf(fields["fromMs"]), numberOf(fields["toMs"])]
  if (reason === undefined || fromMs === undefined || toMs === undefined) throw unreadable("a gap that could not be read")
  return { reason, byType: parseCounts(fields["byType"]), fromMs, toMs, ...(fields["uncounted"] === true ? { uncounted: true } : {}) }
}

export function parseCounts(value: unknown): Readonly<Record<string, number>> {
  const counts = Object.entries(objectOf(value)).flatMap(([hook, count]) => (countOf(count) === undefined ? [] : [[hook, Number(count)] as const]))
  return Object.fromEntries(counts)
}

function parseAnchors(fields: Readonly<Record<string, unknown>>): AnchorSettings {
  const { timestampAuthorities: named } = fields
  const rules = Object.entries(objectOf(fields["rules"])).flatMap(([name, value]) => (name in usualRules && countOf(value) ? [[name, value] as const] : []))
  return {
    timestampAuthorities: Array.isArray(named) ? (named as unknown[]).filter((one) => typeof one === "string") : [],
    ...(fields["evidence"] === undefined ? {} : { evidence: parseEvidence(objectOf(fields["evidence"])) }),
    rules: Object.fromEntries(rules),
  }
}

function parseEvidence(fields: Readonly<Record<string, unknown>>): EvidenceSettings {
  const { payees } = fields
  const text = (name: string) => stringOf(fields[name])
  return {
    place: evidencePlaces.find((place) => place === fields["place"]) ?? "mainnet",
    ...{ apiKey: text("apiKey"), orgId: text("orgId"), tenantId: text("tenantId"), walletKeyFile: text("walletKeyFile"), signingKey: text("signingKey") },
    payees: Array.isArray(payees) ? (payees as unknown[]).filter((one) => typeof one === "string") : [],
    mostMicros: countOf(fields["mostMicros"]) ?? 0,
    mostADayMicros: countOf(fields["mostADayMicros"]) ?? 0,
  }
}

/** @param isShared what other users say is to be removed would be an erasure by other words, and files that only the writer may read are not for them to have read. */
export function parseClientConfig(value: unknown, isShared = false): ClientConfig | undefined {
  if (value === undefined) return undefined
  const fields = objectOf(value)
  const [guard, hashed] = [objectOf(fields["guard"]), objectOf(fields["hashed"])]
  const receipts = receiptRuleOf(fields["receipts"])
  const files = isShared ? undefined : watchedHostOf(fields["files"])
  const texts = (list: unknown) => (Array.isArray(list) ? (list as unknown[]).filter((one) => typeof one === "string") : [])
  return {
    guard: { tools: texts(guard["tools"]), deny: texts(guard["deny"]), ...(typeof guard["self"] === "boolean" ? { self: guard["self"] } : {}) },
    userId: stringOf(fields["userId"]) ?? null,
    hashed: { promptText: hashed["promptText"] === true, toolArgs: hashed["toolArgs"] === true },
    ...(fields["spend"] === undefined ? {} : { spend: parseSpendSettings(fields["spend"]) }),
    ...(Array.isArray(fields["witnesses"]) ? { witnesses: texts(fields["witnesses"]) } : {}),
    ...(fields["anchors"] === undefined ? {} : { anchors: parseAnchors(objectOf(fields["anchors"])) }),
    ...(fields["retention"] === undefined || isShared ? {} : { retention: retentionJson(retentionOf(fields["retention"])) }),
    ...(fields["gate"] === undefined ? {} : { gate: fields["gate"] }),
    ...(fields["orchestrator"] === undefined ? {} : { orchestrator: objectOf(fields["orchestrator"]) as ClientConfig["orchestrator"] & object }),
    ...(fields["anomalies"] === undefined ? {} : { anomalies: objectOf(fields["anomalies"]) }),
    ...(fields["scan"] === undefined ? {} : { scan: scanRuleOf(fields["scan"]) }),
    ...(fields["alerts"] === undefined ? {} : { alerts: objectOf(fields["alerts"]) }),
    ...(files === undefined ? {} : { files }),
    ...(receipts === undefined ? {} : { receipts: receiptRuleJson(isShared ? { ...receipts, directory: undefined } : receipts) }),
  }
}
