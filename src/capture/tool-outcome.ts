/**
 * How a tool call ended, read from the result as the host shows it.
 *
 * A call refused by a plugin or a loop guard has `details.status` "blocked" and a `deniedReason`. One refused, cancelled or timed out in
 * approval arrives as an ordinary error that only the host's own words tell apart, at their beginning (see `approvalWords`); so does one refused by a
 * plugin inside a call of Tool Search, when the tool promises a shape of its results that a refusal does not have.
 * Statuses and reasons are facts, and tools write results too: only words of the lists below ever leave the content.
 */
import { objectOf, stringOf } from "../base/json.ts"

export type Refusal = {
  readonly deniedBy: string
  /** The words the model was given. */
  readonly reason: string | undefined
}

const refusedStatuses = new Set(["blocked", "denied", "forbidden", "disabled", "approval-unavailable"])
const failedStatuses = new Set(["error", "failed", "failure", "timeout", "timed_out", "unavailable", "aborted", "cancelled", "canceled", "killed", "invalid"])
const otherStatuses = new Set([
  "ok",
  "success",
  "succeeded",
  "completed",
  "complete",
  "done",
  "accepted",
  "running",
  "pending",
  "started",
  "queued",
  "sent",
  "delivered",
  "created",
  "updated",
  "removed",
  "unchanged",
  "skipped",
  "not_found",
  "missing",
  "approval-pending",
])

const deniedReasons = new Set([
  "plugin-before-tool-call",
  "plugin-approval",
  "plugin-approval-unavailable",
  "tool-loop",
  "tool-admission",
  "steering",
  "internal-dispose",
  "client-voice-confirmation",
  "tool_result_blocked",
  "unsupported_tool_schema",
])

/** Beginnings of the host's sentences for a call that did not run, of an error and of an exec result. */
const approvalWords: readonly (readonly [start: string, deniedBy: string])[] = [
  ["Denied by user.", "approval-denied"],
  ["Approval timed out", "approval-timeout"],
  ["Approval cancelled", "approval-cancelled"],
  ["Plugin approval unavailable", "approval-unavailable"],
  ["Plugin approval required", "approval-unavailable"],
  ["Plugin approval request rejected", "approval-unavailable"],
  ["Plugin approval request failed", "approval-unavailable"],
  ["Plugin approval no longer available", "approval-unavailable"],
  ["Tool call blocked because ", "plugin-before-tool-call"],
  ["Tool execution was blocked", "tool-admission"],
  ["Exec denied (", "exec-approval"],
  ["exec denied: ", "exec-policy"],
]

const blockedInside = /^Tool "[^"\n]{1,200}" was blocked before execution: (.*)$/s

/** Why a call did not run; undefined when it did, or when the host does not say so. `inside`: the call is one inside a wrapper's. */
export function refusalOf(result: unknown, error: unknown, inside: boolean): Refusal | undefined {
  const details = objectOf(objectOf(result)["details"])
  const status = statusOf(result)
  const said = stringOf(details["reason"]) ?? stringOf(error) ?? stringOf(details["error"]) ?? stringOf(details["aggregated"])
  const given = stringOf(details["deniedReason"])
  if (status !== undefined && refusedStatuses.has(status)) return { deniedBy: given === undefined ? status : listed(given), reason: said }
  if (status === "skipped" && given === "steering") return { deniedBy: given, reason: said }
  if (stringOf(error) === undefined && status !== "error" && status !== "failed") return undefined
  const texts = [error, details["error"], details["aggregated"]].flatMap((text) => stringOf(text) ?? [])
  const blocked = inside ? blockedInside.exec(stringOf(error) ?? "") : null
  if (blocked) return { deniedBy: "blocked", reason: blocked[1] }
  const words = approvalWords.find(([start]) => texts.some((text) => text.startsWith(start)))
  if (words !== undefined) return { deniedBy: words[1], reason: said }
  return details["failureKind"] === "approval_required" ? { deniedBy: "approval-unavailable", reason: said } : undefined
}

/** The result's status when it is a word of the host; around another tool's result, that one's. */
export function knownStatus(result: unknown, wrapper: boolean): string | undefined {
  const status = statusOf(result) ?? (wrapper ? statusOf(innerResult(result)) : undefined)
  return status !== undefined && (otherStatuses.has(status) || failedStatuses.has(status) || refusedStatuses.has(status)) ? status : undefined
}

export function failedStatus(result: unknown): boolean {
  const details = objectOf(objectOf(result)["details"])
  return details["ok"] === false || details["success"] === false || failedStatuses.has(statusOf(result) ?? "")
}

function innerResult(result: unknown): unknown {
  return objectOf(objectOf(result)["details"])["result"]
}

function statusOf(result: unknown): string | undefined {
  return stringOf(objectOf(objectOf(result)["details"])["status"])?.toLowerCase()
}

function listed(reason: string): string {
  return deniedReasons.has(reason) ? reason : "other"
}
