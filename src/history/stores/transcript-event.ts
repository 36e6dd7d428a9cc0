/**
 * What one event of a host transcript says of model calls, tool calls and runs. Attacker-controlled: rows hold what models, tools and channels wrote,
 * in shapes of several versions of the host. Whatever does not look as it should is passed over; nothing here throws.
 */
import { createHash } from "node:crypto"
import { countOf, numberOf, objectOf, stringOf } from "../../base/json.ts"
import { usageRowOf } from "../usage/read-row.ts"
import type { Findings, TimeRange, ToolEvidence } from "./records.ts"

export type EventPlace = {
  readonly agent: string
  readonly session: string
  /** When the row was written; an archive has only the event's own time. */
  readonly createdMs: number | undefined
}

const nestedToolType = "openclaw.nested-tool.v1"
const toolBlockTypes = new Set(["toolCall", "toolUse", "functionCall"])

export function sha256Hex(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex")
}

/** Ids of this length are made by chance and name one event, wherever it was copied to; the host has shorter ones too. */
const uniqueLength = 20

/** Longest id that is taken for one: hosts and providers use some tens of characters. */
const mostIdLength = 1_024

export function idOf(value: unknown): string | undefined {
  const text = stringOf(value)
  return text === undefined || text.length > mostIdLength ? undefined : text
}

export function readTranscriptEvent(parsed: unknown, place: EventPlace, range: TimeRange, into: Findings): void {
  const event = objectOf(parsed)
  const message = objectOf(event["message"])
  const atMs = place.createdMs ?? timeOf(event["timestamp"]) ?? numberOf(message["timestamp"])
  if (atMs === undefined || atMs < range.fromMs || atMs >= range.toMs) return
  const id = idOf(event["id"])
  if (id !== undefined && id.length >= uniqueLength) {
    if (into.seen.has(id)) return
    into.seen.add(id)
  }
  const { agent, session } = place
  const custom = message["customType"] === nestedToolType ? message : event["customType"] === nestedToolType ? event : undefined
  const details = objectOf(custom?.["details"] ?? custom?.["data"])
  const run = idOf(objectOf(message["__openclaw"])["runId"]) ?? idOf(details["runId"])
  const tool = (evidence: ToolEvidence, call: unknown, name: unknown) => {
    const callId = idOf(call)
    if (callId === undefined) return
    into.toolCalls.push({ evidence, agent, session, run, call: callId, callSha256: sha256Hex(callId), tool: idOf(name), atMs })
  }
  if (run !== undefined) into.runs.push({ evidence: "transcript", agent, session, run, status: undefined, atMs })
  if (custom) tool("nested", details["toolCallId"], details["toolName"])
  if (message["role"] === "toolResult") tool("result", message["toolCallId"], message["toolName"])
  if (message["role"] === "assistant" && Array.isArray(message["content"])) {
    for (const part of message["content"]) {
      const block = objectOf(part)
      if (toolBlockTypes.has(stringOf(block["type"]) ?? "")) tool("asked", block["id"], block["name"])
    }
  }
  const { usage } = message
  if (typeof usage !== "object" || usage === null || Array.isArray(usage)) return
  const counts = objectOf(usage)
  const setting = { sessionId: session, otherwiseMs: atMs, latestMs: Number.POSITIVE_INFINITY, kind: undefined }
  const row = usageRowOf({ row: event, message }, setting, place.createdMs)?.row
  // A copy in a fork or an archive, whose id is too short to tell.
  if (row !== undefined && into.seen.has(row)) return
  if (row !== undefined) into.seen.add(row)
  into.modelCalls.push({
    agent,
    session,
    message: id,
    run,
    response: idOf(message["responseId"]),
    provider: idOf(message["provider"]),
    model: idOf(message["model"]),
    row,
    totalTokens: countOf(counts["totalTokens"]) ?? countOf(counts["total"]),
    costUsd: numberOf(objectOf(counts["cost"])["total"]),
    atMs,
  })
}

function timeOf(value: unknown): number | undefined {
  const ms = typeof value === "string" ? Date.parse(value) : Number.NaN
  return Number.isNaN(ms) ? undefined : ms
}
