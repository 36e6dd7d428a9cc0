/** Parameters that are put into a tool call, pure: what stands in it already stays, but for what would make an orchestrator another kind of session. */
import { objectOf, stringOf, type Json } from "../../base/json.ts"
import { sha256 } from "../../format/sha256.ts"
import type { Place } from "./decide-tool.ts"
import { labelOf, type OrchestratorRule } from "./orchestrator-rule.ts"
import { missingTask } from "./texts.ts"

type Params = Readonly<Record<string, unknown>>

/** What the host is to put in: `before` stands before the task that is there. */
export type Fill = { readonly set: Readonly<Record<string, Json>>; readonly before?: string }

export type SpawnFill = {
  readonly fill: Fill | undefined
  readonly filled: readonly string[]
  /** What is to be done, without the contract. */
  readonly task: string
  readonly label: string | undefined
}

export type SpawnAsked = {
  readonly place: Place
  /** Of the session that asks. */
  readonly key: string
  readonly channel: string | undefined
  readonly params: Params
  readonly rule: Pick<OrchestratorRule, "orchestratorLabelPrefix" | "threadBinding">
  /** The contract, made for this session. */
  readonly contract: string
  readonly delegated: string | undefined
  readonly lastMessage: string | undefined
}

export function fillSpawn(asked: SpawnAsked): SpawnFill {
  const { place, params, delegated, lastMessage } = asked
  const given = stringOf(params["task"])
  const known = given?.trim() ? given : ((place === "orchestrator" ? delegated : undefined) ?? lastMessage)
  const task = (known ?? (place === "other" ? "" : missingTask[place])).trim()
  const taskSet = given?.trim() || task === "" ? {} : { task }
  if (place === "front") return orchestratorFill(asked, task, taskSet)
  const fill = Object.keys(taskSet).length === 0 ? undefined : { set: taskSet }
  return { fill, filled: Object.keys(taskSet), task, label: stringOf(params["label"]) }
}

/** Channels whose thread is a child of the conversation. Elsewhere it is the conversation itself, and the user would talk to the orchestrator (the host's docs, tools/subagents). */
const childThreads: ReadonlySet<string> = new Set(["discord", "matrix"])

function orchestratorFill({ key, channel, params, rule, contract }: SpawnAsked, task: string, taskSet: { readonly task?: string }): SpawnFill {
  const { orchestratorLabelPrefix: prefix, threadBinding } = rule
  const label = labelOf(params["label"]) ?? `${prefix.slice(0, 53)}-${sha256(key).toString("hex").slice(0, 10)}`
  const bindsThread = threadBinding === "always" || (threadBinding === "auto" && channel !== undefined && childThreads.has(channel))
  const wanted: Readonly<Record<string, Json>> = {
    ...taskSet,
    label,
    ...(bindsThread ? { thread: true } : { mode: "run", ...(params["thread"] === undefined ? {} : { thread: false }) }),
    // It stays hidden, is kept for the next task, and runs where its tools are seen.
    ...(params["visible"] === undefined ? {} : { visible: false }),
    ...(params["cleanup"] === undefined ? {} : { cleanup: "keep" }),
    ...(params["runtime"] === undefined ? {} : { runtime: "subagent" }),
  }
  const set = Object.fromEntries(Object.entries(wanted).filter(([name, value]) => params[name] !== value))
  return { fill: { set, before: contract }, filled: [...new Set(["task", ...Object.keys(set)])], task, label }
}

/** The session that a tool is for, as it is named; `labelled` where it is named by something else than its key. */
export function targetIn(params: Params): { readonly key?: string; readonly labelled?: true } {
  const key = stringOf(params["sessionKey"])?.trim()
  if (key) return { key }
  return stringOf(params["label"]) === undefined && stringOf(params["agentId"]) === undefined ? {} : { labelled: true }
}

const acceptedWords: ReadonlySet<string> = new Set(["accepted", "ok", "success"])

/** Whether a tool's result says that it was taken; without a word of it, whether it is no error. */
export function isAccepted(result: unknown, isError: boolean): boolean {
  const status = statusIn(result)
  return status === undefined ? !isError : acceptedWords.has(status)
}

export function statusIn(result: unknown): string | undefined {
  const { status, details } = objectOf(result)
  return (stringOf(objectOf(details)["status"]) ?? stringOf(status))?.toLowerCase()
}

const deepest = 4
const childNames = ["childSessionKey", "child_session_key", "sessionKey"] as const

/** The key of the session that was started, and its run: down to four levels. */
export function childIn(value: unknown, depth = 1): { readonly key: string; readonly run: string | undefined } | undefined {
  if (typeof value !== "object" || value === null || depth > deepest) return undefined
  const fields = objectOf(value)
  for (const name of childNames) {
    const key = stringOf(fields[name])
    if (key !== undefined && key.includes(":subagent:")) return { key, run: stringOf(fields["runId"]) }
  }
  for (const inner of Object.values(value as object)) {
    const found = childIn(inner, depth + 1)
    if (found) return found
  }
  return undefined
}
