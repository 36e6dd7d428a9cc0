/**
 * The host's shared store, `state/openclaw.sqlite`, of every version that is known: its own audit trail of runs and tool calls (kept 30 days,
 * best effort, may be switched off), and where the stores of its agents are. The audit trail names a tool call by the SHA-256 of its id, as the provider gave it.
 */
import { isAbsolute, join } from "node:path"
import type { DatabaseSync } from "node:sqlite"
import type { AgentStorePlace } from "./archived-transcripts.ts"
import { rowsOf } from "./open-store.ts"
import { noFindings, type Findings, type TimeRange } from "./records.ts"
import { tablesOf, versionOf, versionsUpTo } from "./tables.ts"
import { idOf } from "./transcript-event.ts"

export const stateStoreVersions: readonly number[] = versionsUpTo(18)

/** From here on a store without an audit trail is not what it says it is. */
const firstWithAudit = 2

const hashedId = /^sha256:([0-9a-f]{64})$/

export type StateStore = Findings & { readonly agentStores: readonly AgentStorePlace[] }

export function readStateStore(database: DatabaseSync, stateDirectory: string, range: TimeRange): StateStore {
  const found = noFindings()
  if (!hasAudit(database)) return { ...found, agentStores: agentStores(database, stateDirectory) }
  const rows = `SELECT kind, action, status, agent_id, session_id, run_id, tool_call_id, tool_name, occurred_at FROM audit_events
     WHERE kind IN ('agent_run', 'tool_action') AND occurred_at >= ? AND occurred_at < ? ORDER BY occurred_at, sequence`
  for (const row of rowsOf(database, rows, range.fromMs, range.toMs)) {
    found.rows++
    if (!readAuditRow(row, found)) found.unreadableRows++
  }
  return { ...found, agentStores: agentStores(database, stateDirectory) }
}

function hasAudit(database: DatabaseSync): boolean {
  return tablesOf(database).has("audit_events") || versionOf(database) >= firstWithAudit
}

function readAuditRow(row: Readonly<Record<string, unknown>>, found: Findings): boolean {
  const [run, agent, session, atMs] = [idOf(row["run_id"]), idOf(row["agent_id"]), idOf(row["session_id"]), row["occurred_at"]]
  if (run === undefined || typeof atMs !== "number") return false
  if (row["kind"] === "agent_run") {
    found.runs.push({ evidence: "audit", agent, session, run, status: idOf(row["status"]), atMs })
    return true
  }
  const callSha256 = hashedId.exec(String(row["tool_call_id"]))?.[1]
  // A call without an id cannot be told from another one; the host leaves the id out only where the provider gave none.
  if (callSha256 === undefined) return row["tool_call_id"] === null
  const evidence = row["action"] === "tool.action.started" ? "audit started" : "audit finished"
  found.toolCalls.push({ evidence, agent, session, run, call: undefined, callSha256, tool: idOf(row["tool_name"]), atMs })
  return true
}

/** Agents may keep their stores at places of their own. */
function agentStores(database: DatabaseSync, stateDirectory: string): StateStore["agentStores"] {
  return [...rowsOf(database, "SELECT agent_id, path FROM agent_databases ORDER BY agent_id")].flatMap((row) => {
    const [agent, path] = [idOf(row["agent_id"]), idOf(row["path"])]
    // No path has a NUL in it; what cannot be a path is no place of a store.
    if (agent === undefined || path === undefined || path.includes("\0")) return []
    return [{ agent, path: isAbsolute(path) ? path : join(stateDirectory, path) }]
  })
}
