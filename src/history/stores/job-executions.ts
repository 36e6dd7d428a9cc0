/**
 * Executions of jobs, from wherever the host keeps them in its shared store. One execution may stand in two of these, and is told once:
 *
 *   cron_run_receipts   the last of each job
 *   task_runs           all of them, as tasks whose details are of the kind `cron-run`
 *   cron_run_logs       all of them, in stores of the first versions; the host's upgrade makes tasks of them
 */
import type { DatabaseSync } from "node:sqlite"
import { countOf, objectOf, stringOf } from "../../base/json.ts"
import type { HostCall } from "../events/row-calls.ts"
import { parsedOrNothing } from "./archived-transcripts.ts"
import { rowsOf } from "./open-store.ts"
import { columnsOf, tablesOf } from "./tables.ts"

export type TimedCall = HostCall & { readonly atMs: number }

type Execution = {
  readonly store: string | undefined
  readonly job: string | undefined
  readonly agent: unknown
  readonly run: unknown
  readonly startedMs: number | undefined
  readonly finishedMs: number | undefined
  readonly status: string | undefined
  readonly error: unknown
}

type Job = { readonly name: unknown; readonly payloadKind: unknown }

export function* executions(database: DatabaseSync): Generator<TimedCall> {
  const jobs = jobsIn(database)
  const seen = new Set<string>()
  for (const execution of stored(database)) {
    const { job: id, startedMs, finishedMs } = execution
    if (startedMs === undefined) continue
    const [begun, ended] = [`${id} from ${startedMs}`, `${id} to ${finishedMs}`]
    if (seen.has(begun) || (finishedMs !== undefined && seen.has(ended))) continue
    seen.add(begun).add(ended)
    yield* callsOf(execution, startedMs, jobs.get(`${execution.store} ${id}`))
  }
}

function* callsOf({ job: jobId, agent: agentId, run: runId, finishedMs, status, error }: Execution, startedMs: number, known?: Job): Generator<TimedCall> {
  const job = { id: jobId, name: known?.name, agentId, payload: { kind: known?.payloadKind } }
  const common = { jobId, runId, agentId, runAtMs: startedMs, job }
  yield { hook: "cron_changed", atMs: startedMs, event: { ...common, action: "started" }, ctx: {} }
  if (finishedMs === undefined) return
  const ended = { durationMs: finishedMs - startedMs, status: status === "ok" || status === "skipped" ? status : "error", error }
  yield { hook: "cron_changed", atMs: finishedMs, event: { ...common, ...ended, action: "finished" }, ctx: {} }
}

function* stored(database: DatabaseSync): Generator<Execution> {
  const tables = tablesOf(database)
  if (tables.has("cron_run_receipts")) yield* receipts(database)
  if (columnsOf(database, "task_runs").has("detail_json")) yield* tasks(database)
  if (tables.has("cron_run_logs")) yield* logs(database)
}

function* receipts(database: DatabaseSync): Generator<Execution> {
  for (const row of rowsOf(database, "SELECT * FROM cron_run_receipts")) {
    yield {
      store: stringOf(row["store_key"]),
      job: stringOf(row["job_id"]),
      agent: row["agent_id"],
      run: row["request_run_id"],
      startedMs: countOf(row["started_at_ms"]),
      finishedMs: countOf(row["finished_at_ms"]),
      status: stringOf(row["status"]),
      error: row["error_text"],
    }
  }
}

function* tasks(database: DatabaseSync): Generator<Execution> {
  const rows = `SELECT source_id, agent_id, started_at, ended_at, error, detail_json FROM task_runs
    WHERE runtime = 'cron' AND source_id IS NOT NULL AND detail_json IS NOT NULL`
  for (const row of rowsOf(database, rows)) {
    const detail = objectOf(parsedOrNothing(String(row["detail_json"])))
    if (detail["kind"] !== "cron-run") continue
    yield {
      store: stringOf(detail["storeKey"]),
      job: stringOf(row["source_id"]),
      agent: row["agent_id"],
      run: detail["runId"],
      startedMs: countOf(detail["runAtMs"]) ?? countOf(row["started_at"]),
      finishedMs: countOf(row["ended_at"]),
      status: stringOf(detail["status"]),
      error: detail["error"] ?? row["error"],
    }
  }
}

/** What is said of a run stands in columns as well, from some release on. */
function* logs(database: DatabaseSync): Generator<Execution> {
  for (const row of rowsOf(database, "SELECT * FROM cron_run_logs")) {
    const entry = objectOf(parsedOrNothing(String(row["entry_json"])))
    yield {
      store: stringOf(row["store_key"]),
      job: stringOf(row["job_id"]),
      agent: undefined,
      run: row["run_id"] ?? entry["runId"],
      startedMs: countOf(row["run_at_ms"]) ?? countOf(entry["runAtMs"]),
      finishedMs: countOf(row["ts"]),
      status: stringOf(row["status"]) ?? stringOf(entry["status"]),
      error: row["error"] ?? entry["error"],
    }
  }
}

/** In the first stores a job is JSON alone. */
function jobsIn(database: DatabaseSync): ReadonlyMap<string, Job> {
  const columns = columnsOf(database, "cron_jobs")
  const jobs = new Map<string, Job>()
  if (columns.size === 0) return jobs
  const told = columns.has("payload_kind") ? "name, payload_kind" : "job_json"
  for (const row of rowsOf(database, `SELECT store_key, job_id, ${told} FROM cron_jobs`)) {
    const job = objectOf(parsedOrNothing(String(row["job_json"])))
    const name = row["name"] ?? job["name"]
    jobs.set(`${stringOf(row["store_key"])} ${stringOf(row["job_id"])}`, { name, payloadKind: row["payload_kind"] ?? objectOf(job["payload"])["kind"] })
  }
  return jobs
}
