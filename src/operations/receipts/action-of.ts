/**
 * Which entries are actions of an agent that a receipt is given for, and what each says: calls of tools that ended or were refused, approvals that let one go on, work
 * that was delegated. What was read from the host's stores has none: nobody observed it. Of a call through Tool Search the inner one has a receipt; the outer one only
 * where it failed.
 */
import { isoTime } from "../../base/iso-time.ts"
import { objectOf, stringOf, type Json } from "../../base/json.ts"
import type { FactsJson } from "../../format/event.ts"
import { actionId, actionUrn, type Action } from "../../format/peac/spool.ts"
import type { Observed } from "../../format/peac/write-record.ts"

export type ObservedAction = {
  readonly observed: Observed
  readonly action: Action
  readonly actionRef: string
  /** Names of the content's members that are its input and its output. */
  readonly payloads: { readonly input?: string; readonly output?: string }
}

type Told = { readonly type: string; readonly timeMs: number; readonly facts: FactsJson }
type Row = (facts: FactsJson, told: Told) => ObservedAction | undefined

const platform = "openclaw"
/** What the host's records without a run are filed under. */
const noRun = "-"
const timedOut: ReadonlySet<string> = new Set(["timeout", "timed_out"])
const stopped: ReadonlySet<string> = new Set(["aborted", "cancelled", "canceled", "killed"])
const mostCodeLength = 100

const rows: { readonly [type: string]: Row } = {
  "tool.returned": (facts, told) => {
    const isFailed = facts["failed"] === true
    if (facts["wrapper"] === true && !isFailed) return undefined
    const status = stringOf(facts["status"]) ?? ""
    const outcome = !isFailed ? "ok" : timedOut.has(status) ? "timeout" : stopped.has(status) ? "canceled" : "error"
    const code = outcome === "ok" ? {} : { error_code: codeOf(status, "tool-failed") }
    return toolCall(told, "invoked", { status: outcome, ...code, policy: { decision: "allow" } }, "result")
  },
  "tool.denied": (facts, told) => {
    const by = stringOf(facts["deniedBy"]) ?? ""
    const observed = by === "approval-timeout" ? "timed-out" : by === "approval-cancelled" ? "cancelled" : "denied"
    const status = observed === "timed-out" ? "timeout" : "canceled"
    return toolCall(told, observed, { status, error_code: codeOf(by, "denied"), policy: { decision: "deny" } })
  },
  "approval.resolved": (facts, told) =>
    stringOf(facts["decision"])?.startsWith("allow") === true && typeof facts["call"] === "string" ? approval(told, facts["call"]) : undefined,
  "run.progressed": (facts, told) =>
    facts["stream"] === "approval" && facts["status"] === "approved" && typeof facts["call"] === "string" ? approval(told, facts["call"]) : undefined,
  "subagent.spawned": (facts, told) => {
    const child = stringOf(facts["childRun"])
    const run = stringOf(facts["run"]) ?? noRun
    if (child === undefined) return undefined
    const action = actionAt(momentOf(told), { id: actionId(run, child), kind: "agent.delegation", platform, status: "ok" })
    return { observed: "delegated", action, actionRef: actionUrn(run, child), payloads: {} }
  },
}

/** The types of entries that may be one. */
export const actionTypes: ReadonlySet<string> = new Set(Object.keys(rows))

export function observedAction(told: Told): ObservedAction | undefined {
  return told.facts["imported"] === true ? undefined : rows[told.type]?.(told.facts, told)
}

type Moment = Pick<Action, "started_at" | "completed_at" | "duration_ms">
type What = Omit<Action, keyof Moment>

/** Its members in the order of their names. */
function actionAt({ completed_at, duration_ms, started_at }: Moment, { error_code, id, kind, platform, policy, status, tool_name }: What): Action {
  return {
    completed_at,
    ...(duration_ms === undefined ? {} : { duration_ms }),
    ...(error_code === undefined ? {} : { error_code }),
    id,
    kind,
    platform,
    ...(policy === undefined ? {} : { policy }),
    started_at,
    status,
    ...(tool_name === undefined ? {} : { tool_name }),
  }
}

type Ending = Pick<Action, "status" | "error_code" | "policy">

function toolCall(told: Told, observed: Observed, ending: Ending, output?: string): ObservedAction {
  const { facts } = told
  const [run, call] = [stringOf(facts["run"]) ?? noRun, stringOf(facts["call"]) ?? "unknown"]
  const action = actionAt(momentOf(told), { ...ending, id: actionId(run, call), kind: "tool.call", platform, tool_name: stringOf(facts["tool"]) ?? "unknown" })
  return { observed, action, actionRef: actionUrn(run, call), payloads: { input: "params", ...(output === undefined ? {} : { output }) } }
}

function approval(told: Told, call: string): ObservedAction {
  const run = stringOf(told.facts["run"]) ?? noRun
  const tool = stringOf(told.facts["tool"])
  const named = tool === undefined ? {} : { tool_name: tool }
  const what = { ...named, id: `${actionId(run, call)}/approval`, kind: "tool.approval", platform, status: "ok", policy: { decision: "allow" } } as const
  const action = actionAt(momentOf(told), what)
  return { observed: "approved", action, actionRef: actionUrn(run, call), payloads: {} }
}

/** It ended when the hook fired; it began as long before as the host says that it took. */
function momentOf({ facts, timeMs }: Told): Moment {
  const endedMs = typeof facts["atMs"] === "number" ? facts["atMs"] : timeMs
  const durationMs = typeof facts["durationMs"] === "number" && facts["durationMs"] <= endedMs ? facts["durationMs"] : undefined
  return { started_at: isoTime(endedMs - (durationMs ?? 0)), completed_at: isoTime(endedMs), ...(durationMs === undefined ? {} : { duration_ms: durationMs }) }
}

function codeOf(word: string, otherwise: string): string {
  return (word === "" ? otherwise : word).slice(0, mostCodeLength)
}

/** Of the content of an entry, one payload; undefined where it is not there. */
export function payloadIn(content: Json | undefined, name: string | undefined): Json | undefined {
  return name === undefined ? undefined : (objectOf(content)[name] as Json | undefined)
}
