/**
 * A row of a transcript as the calls of the host's hooks that told of it when it was written: so that import makes the events live capture would have made,
 * by the same rows of `capture/hooks/`. What no hook told of has no call here.
 */
import { numberOf, objectOf, stringOf } from "../../base/json.ts"
import type { SessionPlace } from "../usage/place.ts"
import type { TranscriptRow } from "../usage/read-row.ts"

export type HostCall = {
  readonly hook: string
  readonly event: Readonly<Record<string, unknown>>
  readonly ctx: Readonly<Record<string, unknown>>
  /** Picked beside what the hook's row picks: a text that other hooks told live. */
  readonly said?: unknown
}

export type CallSetting = {
  readonly place: SessionPlace
  readonly sequence: number | undefined
  readonly trigger: string | undefined
  readonly writtenMs: number | undefined
}

const toolBlocks: ReadonlySet<unknown> = new Set(["toolCall", "toolUse", "functionCall"])

export function callsOfRow({ row, message }: TranscriptRow, setting: CallSetting): readonly HostCall[] {
  const { place } = setting
  const ctx = { agentId: place.agent, sessionKey: place.key ?? place.sessionId, sessionId: place.sessionId, trigger: setting.trigger }
  switch (row["type"]) {
    case "session":
      return [{ hook: "session_start", event: { sessionId: row["id"] ?? place.sessionId, resumedFrom: row["parentSession"] }, ctx }]
    case "compaction":
      return [{ hook: "after_compaction", event: { messageCount: 0, tokenCount: row["tokensBefore"] }, ctx, said: row["summary"] }]
    case "reset":
      return [{ hook: "before_reset", event: { reason: row["reason"] }, ctx }]
    case "custom_message":
      return [written({ role: "custom", customType: row["customType"], content: row["content"] }, ctx)]
    case "message":
    case undefined:
      return Object.keys(message).length === 0 ? [] : callsOfMessage(row, message, ctx, setting)
    default:
      return []
  }
}

type Members = Readonly<Record<string, unknown>>

function callsOfMessage(row: Members, message: Members, ctx: Members, { sequence, place, writtenMs }: CallSetting): readonly HostCall[] {
  const run = objectOf(message["__openclaw"])["runId"]
  const calls: HostCall[] = [written(message, ctx)]
  const content: unknown = message["content"]
  if (message["role"] === "assistant" && Array.isArray(content)) {
    for (const block of content as readonly unknown[]) {
      const { type, id, name, arguments: params, input } = objectOf(block)
      if (toolBlocks.has(type)) calls.push({ hook: "before_tool_call", event: { runId: run, toolName: name, toolCallId: id, params: params ?? input }, ctx })
    }
  }
  if (message["role"] === "toolResult") {
    const { toolName, toolCallId, isError, details } = message
    const error = isError === true ? (textOf(content) ?? "the tool failed") : undefined
    calls.push({ hook: "after_tool_call", event: { runId: run, toolName, toolCallId, result: { content, details }, error }, ctx })
  }
  if (typeof message["usage"] === "object" && message["usage"] !== null) {
    const { channel, chatType, sender, parent, project } = place
    const turn = { channel, chatType, sender }
    const update = {
      message,
      runId: run,
      agentId: ctx["agentId"],
      sessionKey: ctx["sessionKey"],
      sessionId: ctx["sessionId"],
      turn,
      parent,
      project,
      writtenMs,
    }
    calls.push({ hook: "transcript", event: { ...update, messageId: row["id"], messageSeq: sequence }, ctx })
  }
  return calls
}

/** The row itself. Of a tool's result and of calls, what they say stands in the events of the tool. */
function written(message: Members, ctx: Members): HostCall {
  const content: unknown = message["content"]
  const said = Array.isArray(content) ? (content as readonly unknown[]).filter((block) => !toolBlocks.has(objectOf(block)["type"])) : content
  return { hook: "before_message_write", event: { message }, ctx, ...(message["role"] === "toolResult" ? {} : { said }) }
}

function textOf(content: unknown): string | undefined {
  if (!Array.isArray(content)) return stringOf(content)
  return (content as readonly unknown[]).flatMap((block) => stringOf(objectOf(block)["text"]) ?? [])[0]
}

/** When a row was written: as a table says, or the row itself. */
export function writtenMsOf({ row, message }: TranscriptRow, tableMs: number | undefined): number | undefined {
  const { timestamp } = row
  const told = typeof timestamp === "string" ? Date.parse(timestamp) : numberOf(timestamp)
  return tableMs ?? (told === undefined || Number.isNaN(told) ? numberOf(message["timestamp"]) : told)
}
