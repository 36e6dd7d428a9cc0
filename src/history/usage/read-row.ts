/**
 * The usage of one transcript row, whichever reader found it. Attacker-controlled, like everything in a transcript; nothing
 * here throws.
 */
import { numberOf, objectOf } from "../../base/json.ts"
import type { RunKind } from "../../format/event.ts"
import { rowName } from "../../capture/row-identity.ts"
import { allTokens, usageCounts } from "../../capture/usage-shape.ts"
import type { Unseen, UsageRow } from "./batch.ts"

/** A row as it was parsed; its members are whatever somebody wrote there. */
export type TranscriptRow = {
  readonly row: Members
  readonly message: Members
  /** Of its text, where that is known. */
  readonly bytes?: number
}

type Members = Readonly<Record<string, unknown>>

/** Undefined when it is no object. */
export function transcriptRow(parsed: unknown, bytes?: number): TranscriptRow | undefined {
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return undefined
  const row = parsed as Members
  return { row, message: objectOf(row["message"]), ...(bytes === undefined ? {} : { bytes }) }
}

export type RowSetting = {
  /** Stands in for the id of a row without one. */
  readonly sessionId: string
  /** Time of a row that tells none that can be true. */
  readonly otherwiseMs: number
  /** Later than this, and nothing has happened yet. */
  readonly latestMs: number
  readonly kind: RunKind | undefined
  /** Absent where the host counts it. */
  readonly unseen?: Unseen
  /** Its place in its transcript, where a table tells it. */
  readonly sequence?: number
}

/** Earlier than any model that is billed by tokens. */
const earliestMs = Date.UTC(2015, 0, 1)
const mostNameLength = 1_024
/** Answers that take longer do not exist; what is told beyond it is no latency. */
const mostLatencyMs = 6 * 3_600_000
const mostUsd = 1e6

/** `writtenMs` is when the row was written, where something better than the row itself tells it. Undefined when it tells no tokens. */
export function usageRowOf({ row, message }: TranscriptRow, setting: RowSetting, writtenMs = writtenIn(row)): UsageRow | undefined {
  const block = message["usage"] ?? row["usage"]
  const counts = usageCounts(block)
  if (allTokens(counts) === 0) return undefined
  const { input = 0, output = 0, cacheRead = 0, cacheWrite1h = 0, reasoning = 0 } = counts
  const cacheWrite = Math.max(counts.cacheWrite ?? 0, cacheWrite1h)
  const [provider, model, response] = [nameIn(message["provider"]), nameIn(message["model"]), nameIn(message["responseId"])]
  const toldMs = numberOf(message["timestamp"])
  const begunMs = plausible(toldMs, setting)
  const atMs = plausible(writtenMs, setting) ?? begunMs ?? setting.otherwiseMs
  const latencyMs = begunMs === undefined || atMs < begunMs || atMs - begunMs > mostLatencyMs ? undefined : atMs - begunMs
  const id = nameIn(row["id"]) || setting.sessionId
  const name = rowName({ message: id, atMs: toldMs ?? writtenMs ?? 0, provider, model, response, input, output, cacheRead, cacheWrite })
  const costUsd = numberOf(objectOf(objectOf(block)["cost"])["total"])
  return {
    row: name,
    atMs,
    latencyMs,
    provider,
    model,
    api: nameIn(message["api"]),
    stopReason: nameIn(message["stopReason"]),
    input,
    output,
    cacheRead,
    cacheWrite,
    cacheWrite1h,
    reasoning,
    reportedNanos: costUsd !== undefined && costUsd >= 0 && costUsd <= mostUsd ? Math.round(costUsd * 1e9) : undefined,
    run: nameIn(objectOf(message["__openclaw"])["runId"]),
    response,
    kind: setting.kind,
    unseen: setting.unseen ?? "",
  }
}

function writtenIn(row: Members): number | undefined {
  const { timestamp } = row
  return typeof timestamp === "string" ? msOf(timestamp) : numberOf(timestamp)
}

function plausible(ms: number | undefined, { latestMs }: RowSetting): number | undefined {
  return ms !== undefined && ms >= earliestMs && ms <= latestMs ? Math.floor(ms) : undefined
}

function nameIn(value: unknown): string {
  return typeof value === "string" && value.length <= mostNameLength ? value : ""
}

const [zero, dash, dot, zed] = [0x30, 0x2d, 0x2e, 0x5a]

/** `2026-11-20T14:06:12.855Z` is what every version of the host writes, and read without the engine's own parser a tenth as long. */
function msOf(text: string): number | undefined {
  const isUsual = text.length === 24 && text.charCodeAt(4) === dash && text.charCodeAt(19) === dot && text.charCodeAt(23) === zed
  const ms = isUsual
    ? dayMs(text.slice(0, 10)) + two(text, 11) * 3_600_000 + two(text, 14) * 60_000 + two(text, 17) * 1_000 + two(text, 20) * 10 + text.charCodeAt(22) - zero
    : Date.parse(text)
  return Number.isNaN(ms) ? undefined : ms
}

let lastDay = ""
let lastDayMs = Number.NaN

function dayMs(day: string): number {
  if (day !== lastDay) {
    lastDay = day
    lastDayMs = Date.parse(`${day}T00:00:00.000Z`)
  }
  return lastDayMs
}

function two(text: string, at: number): number {
  return (text.charCodeAt(at) - zero) * 10 + text.charCodeAt(at + 1) - zero
}
