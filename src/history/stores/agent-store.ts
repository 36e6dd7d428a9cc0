/**
 * An agent's store, `agents/<id>/agent/openclaw-agent.sqlite`, of every version that is known: transcripts, and the trajectories of
 * runs. A transcript event stands as JSON or, from schema 23 on and where that is shorter, as zstd of it.
 */
import type { DatabaseSync } from "node:sqlite"
import { objectOf } from "../../base/json.ts"
import { transcriptEvents } from "./agent-tables.ts"
import { parsedOrNothing, readArchives, readColdArchives, unpacked, type AgentStorePlace } from "./archived-transcripts.ts"
import { rowsOf } from "./open-store.ts"
import { noFindings, type Findings, type TimeRange } from "./records.ts"
import { tablesOf } from "./tables.ts"
import { idOf, readTranscriptEvent, sha256Hex } from "./transcript-event.ts"

/** The host's own bound of an event it compresses. */
const mostEventBytes = 4 * 2 ** 20

export function readAgentStore(database: DatabaseSync, place: AgentStorePlace, range: TimeRange): Findings {
  const [found, tables] = [noFindings(), tablesOf(database)]
  readTranscripts(database, place.agent, range, found)
  if (tables.has("session_transcript_archives")) readArchives(database, place, range, found)
  if (tables.has("session_transcript_cold_archives")) readColdArchives(database, place, range, found)
  if (tables.has("trajectory_runtime_events")) readTrajectories(database, place.agent, range, found)
  return found
}

function readTranscripts(database: DatabaseSync, agent: string, range: TimeRange, found: Findings): void {
  const rows = `SELECT session_id, event_json, event_zstd, event_utf8_bytes, created_at FROM ${transcriptEvents(database)}
     WHERE created_at >= ? AND created_at < ? ORDER BY created_at, session_id, seq`
  for (const row of rowsOf(database, rows, range.fromMs, range.toMs)) {
    found.rows++
    const session = idOf(row["session_id"])
    const event = eventOf(row)
    if (session === undefined || event === undefined) found.unreadableRows++
    else readTranscriptEvent(event, { agent, session, createdMs: timeIn(row) }, range, found)
  }
}

/** Undefined when the row cannot be read, which is told and never guessed around. */
function eventOf(row: Readonly<Record<string, unknown>>): unknown {
  const { event_json: json, event_zstd: packed, event_utf8_bytes: sizeBytes } = row
  if (typeof json === "string") return parsedOrNothing(json)
  if (!(packed instanceof Uint8Array) || packed.length > mostEventBytes || typeof sizeBytes !== "number" || !(sizeBytes <= mostEventBytes)) return undefined
  try {
    return parsedOrNothing(unpacked(packed, sizeBytes).toString("utf8"))
  } catch {
    // Damaged: the caller counts it as unreadable.
    return undefined
  }
}

function readTrajectories(database: DatabaseSync, agent: string, range: TimeRange, found: Findings): void {
  const runs = `SELECT run_id, min(session_id) AS session_id, min(created_at) AS created_at FROM trajectory_runtime_events
     WHERE run_id IS NOT NULL AND created_at >= ? AND created_at < ? GROUP BY run_id`
  for (const row of rowsOf(database, runs, range.fromMs, range.toMs)) {
    const [run, session, atMs] = [idOf(row["run_id"]), idOf(row["session_id"]), timeIn(row)]
    if (run !== undefined && atMs !== undefined) found.runs.push({ evidence: "trajectory", agent, session, run, status: undefined, atMs })
  }
  // Other events of a trajectory hold whole prompts: they are told apart before they are parsed. In a string the quotes would be escaped.
  const calls = `SELECT session_id, run_id, event_json, created_at FROM trajectory_runtime_events
     WHERE created_at >= ? AND created_at < ? AND instr(event_json, '"type":"tool.call"') > 0 ORDER BY created_at, session_id, seq`
  for (const row of rowsOf(database, calls, range.fromMs, range.toMs)) {
    found.rows++
    const parsed = parsedOrNothing(String(row["event_json"]))
    if (parsed === undefined) found.unreadableRows++
    const event = objectOf(parsed)
    const data = objectOf(event["data"])
    const [call, atMs] = [idOf(data["toolCallId"]), timeIn(row)]
    if (event["type"] !== "tool.call" || atMs === undefined || call === undefined) continue
    const run = idOf(row["run_id"]) ?? idOf(event["runId"])
    const session = idOf(row["session_id"])
    found.toolCalls.push({ evidence: "trajectory", agent, session, run, call, callSha256: sha256Hex(call), tool: idOf(data["name"]), atMs })
  }
}

function timeIn(row: Readonly<Record<string, unknown>>): number | undefined {
  const value = row["created_at"]
  return typeof value === "number" && Number.isFinite(value) ? value : undefined
}
