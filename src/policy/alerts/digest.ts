/**
 * Digests: the reports of a day and of a week, told to the receiver of `reportWebhook` when they are over. What was told last stands on record, so that a restart repeats nothing;
 * after a long stop the last day and the last week are told, and none before.
 */
import { objectOf, stringOf, type Json, type JsonObject } from "../../base/json.ts"
import type { AlertOf, DigestOf } from "../../format/facts/alerts.ts"
import { sha256 } from "../../format/sha256.ts"
import type { AlertRule } from "./alert-rule.ts"
import type { AlertEvent } from "./events.ts"
import type { AlertState } from "./state.ts"

export type RaisedDigest = Extract<AlertEvent, { readonly type: "alert.raised" }> & { readonly content: JsonObject }

export const digestKind = "digest"
const recipientDigits = 16

/** The first of those that are over and were not told yet. */
export function dueDigest({ digests }: AlertState, over: readonly DigestOf[]): DigestOf | undefined {
  return over.find(({ period, label }) => digests.get(period) !== label)
}

/** Of a report as its command prints it; undefined where it is none of that time. */
export function digestOf(
  report: unknown,
  digest: DigestOf,
  rule: AlertRule,
  context: { readonly nowMs: number; readonly origin: string },
): RaisedDigest | undefined {
  const { period, integrity, activity } = objectOf(report)
  if (objectOf(period)["label"] !== digest.label || objectOf(period)["kind"] !== digest.period) return undefined
  const { nowMs, origin } = context
  const of = Number(objectOf(objectOf(integrity)["lastEvent"])["sequence"] ?? 0)
  const about: Omit<AlertOf, "alert"> = {
    ...{ kind: digestKind, severity: "info", key: `${digestKind}|${digest.period}|${digest.label}`, of, count: 1, fromMs: nowMs, toMs: nowMs },
    words: `${digest.period} report of ${digest.label}: ${Number(objectOf(activity)["total"])} events`,
  }
  const alert = sha256([origin, about.key].join("\n")).toString("hex").slice(0, 24)
  const receivers = rule.receivers.filter(({ getsReports }) => getsReports).map(({ id }) => id)
  return {
    type: "alert.raised",
    facts: { alert, ...about, atMs: nowMs, untilMs: nowMs, receivers, digest },
    content: { projection: withoutRecipients(objectOf(report) as JsonObject) },
  }
}

/** Whom messages went to is nobody's to read in a channel of a company's: what is found odd has hashes in their place. */
export function withoutRecipients(report: JsonObject): JsonObject {
  return { ...report, anomalies: hashedIn(report["anomalies"] ?? null) }
}

function hashedIn(value: Json): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map(hashedIn)
  if (typeof value !== "object" || value === null) return value
  const told = Object.entries(value as JsonObject)
  return Object.fromEntries(told.map(([name, one]) => [name, name === "recipient" && typeof one === "string" ? hashed(one) : hashedIn(one)]))
}

function hashed(recipient: string): string {
  return `sha256:${sha256(recipient).toString("hex").slice(0, recipientDigits)}`
}

/** Whether anything happened in the time of a report. */
export function isOfNothing(report: unknown): boolean {
  return objectOf(objectOf(report)["activity"])["total"] === 0 && stringOf(objectOf(objectOf(report)["modelSpend"])["costNanos"]) === "0"
}
