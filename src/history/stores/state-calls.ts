/**
 * What the shared store tells of jobs, delegated work and approvals, as the calls of the host's hooks that told of it: executions of jobs
 * (`cron_run_receipts`), subagents (`subagent_runs`) and questions to the operator (`operator_approvals`).
 */
import type { DatabaseSync } from "node:sqlite"
import { countOf, objectOf, stringOf } from "../../base/json.ts"
import type { HostCall } from "../events/row-calls.ts"
import { parsedOrNothing } from "./archived-transcripts.ts"
import { rowsOf } from "./open-store.ts"

export type TimedCall = HostCall & { readonly atMs: number }

type Row = Readonly<Record<string, unknown>>

export function* stateCalls(database: DatabaseSync): Generator<TimedCall> {
  const tables = new Set(
    database
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")
      .all()
      .map(({ name }) => name),
  )
  if (tables.has("cron_run_receipts")) yield* executions(database, tables.has("cron_jobs"))
  if (tables.has("subagent_runs")) yield* subagents(database)
  if (tables.has("operator_approvals")) yield* approvals(database)
}

function* executions(database: DatabaseSync, hasJobs: boolean): Generator<TimedCall> {
  const rows = hasJobs
    ? `SELECT r.*, j.name, j.payload_kind FROM cron_run_receipts r LEFT JOIN cron_jobs j ON j.store_key = r.store_key AND j.job_id = r.job_id`
    : "SELECT * FROM cron_run_receipts"
  for (const row of rowsOf(database, rows)) {
    const [startedMs, finishedMs, status] = [countOf(row["started_at_ms"]), countOf(row["finished_at_ms"]), stringOf(row["status"])]
    if (startedMs === undefined) continue
    const job = { id: row["job_id"], name: row["name"], agentId: row["agent_id"], payload: { kind: row["payload_kind"] } }
    const common = { jobId: row["job_id"], runId: row["request_run_id"], agentId: row["agent_id"], runAtMs: startedMs, job }
    yield { hook: "cron_changed", atMs: startedMs, event: { ...common, action: "started" }, ctx: {} }
    if (finishedMs === undefined) continue
    const ended = { durationMs: finishedMs - startedMs, status: status === "ok" || status === "skipped" ? status : "error", error: row["error_text"] }
    yield { hook: "cron_changed", atMs: finishedMs, event: { ...common, ...ended, action: "finished" }, ctx: {} }
  }
}

function* subagents(database: DatabaseSync): Generator<TimedCall> {
  for (const row of rowsOf(database, "SELECT run_id, child_session_key, requester_session_key, created_at, payload_json FROM subagent_runs")) {
    const createdMs = countOf(row["created_at"])
    if (createdMs === undefined) continue
    const payload = objectOf(parsedOrNothing(String(row["payload_json"])))
    const keys = { runId: row["run_id"], childSessionKey: row["child_session_key"] }
    const asked = { mode: payload["spawnMode"], resolvedModel: payload["model"], label: payload["label"], agentId: payload["agentId"] }
    const ctx = { requesterSessionKey: row["requester_session_key"] }
    yield { hook: "subagent_spawned", atMs: createdMs, event: { ...keys, ...asked }, ctx }
    const endedMs = countOf(payload["endedAt"])
    if (endedMs === undefined) continue
    const outcome = objectOf(payload["outcome"])
    const ended = { targetSessionKey: row["child_session_key"], targetKind: "subagent", outcome: outcome["status"], error: outcome["error"] }
    yield { hook: "subagent_ended", atMs: endedMs, event: { ...keys, ...ended, reason: payload["endedReason"], endedAt: endedMs }, ctx }
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
