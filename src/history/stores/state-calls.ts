/**
 * What the shared store tells of jobs, delegated work and approvals, as the calls of the host's hooks that told of it: executions of jobs, subagents
 * (`subagent_runs`) and questions to the operator (`operator_approvals`).
 */
import type { DatabaseSync } from "node:sqlite"
import { countOf, objectOf } from "../../base/json.ts"
import { parsedOrNothing } from "./archived-transcripts.ts"
import { executions, type TimedCall } from "./job-executions.ts"
import { rowsOf } from "./open-store.ts"
import { tablesOf } from "./tables.ts"

type Row = Readonly<Record<string, unknown>>

export function* stateCalls(database: DatabaseSync): Generator<TimedCall> {
  const tables = tablesOf(database)
  yield* executions(database)
  if (tables.has("subagent_runs")) yield* subagents(database)
  if (tables.has("operator_approvals")) yield* approvals(database)
}

/** A run is JSON; before schema 13 the same stood in columns as well. Where and how it ended has moved within the JSON. */
function* subagents(database: DatabaseSync): Generator<TimedCall> {
  for (const row of rowsOf(database, "SELECT * FROM subagent_runs")) {
    const createdMs = countOf(row["created_at"])
    if (createdMs === undefined) continue
    const stored = objectOf(parsedOrNothing(String(row["payload_json"])))
    const payload = objectOf(stored["parentCompletion"] ?? stored)
    const execution = objectOf(payload["execution"])
    const keys = { runId: row["run_id"], childSessionKey: row["child_session_key"] }
    const asked = {
      mode: payload["spawnMode"] ?? row["spawn_mode"],
      resolvedModel: payload["model"] ?? row["model"],
      label: payload["label"] ?? row["label"],
      agentId: payload["agentId"],
    }
    const ctx = { requesterSessionKey: row["requester_session_key"] }
    yield { hook: "subagent_spawned", atMs: createdMs, event: { ...keys, ...asked }, ctx }
    const endedMs = countOf(execution["endedAt"]) ?? countOf(payload["endedAt"]) ?? countOf(row["ended_at"])
    if (endedMs === undefined) continue
    const outcome = objectOf(execution["outcome"] ?? payload["outcome"] ?? parsedOrNothing(String(row["outcome_json"])))
    const ended = { targetSessionKey: row["child_session_key"], targetKind: "subagent", outcome: outcome["status"], error: outcome["error"] }
    const reason = payload["endedReason"] ?? row["ended_reason"]
    yield { hook: "subagent_ended", atMs: endedMs, event: { ...keys, ...ended, reason, endedAt: endedMs }, ctx }
  }
}

function* approvals(database: DatabaseSync): Generator<TimedCall> {
  for (const row of rowsOf(database, "SELECT * FROM operator_approvals WHERE resolved_at_ms IS NOT NULL")) {
    const resolvedMs = countOf(row["resolved_at_ms"])
    if (resolvedMs !== undefined) yield { hook: "approval-resolved", atMs: resolvedMs, event: approvalOf(row), ctx: {} }
  }
}

function approvalOf(row: Row): Row {
  return {
    approvalId: row["approval_id"],
    kind: row["kind"],
    decision: row["decision"],
    status: row["status"],
    reason: row["terminal_reason"],
    resolver: row["resolver_kind"],
    resolverId: row["resolver_id"],
    requestedAtMs: row["created_at_ms"],
    agentId: row["source_agent_id"],
    sessionKey: row["source_session_key"],
    sessionId: row["source_session_id"],
    runId: row["source_run_id"],
    toolCallId: row["source_tool_call_id"],
    toolName: row["source_tool_name"],
    presentation: parsedOrNothing(String(row["presentation_json"])),
  }
}
