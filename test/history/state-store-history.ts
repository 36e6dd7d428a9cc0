/** What a host's shared store tells, as a host of each version of its schema has it: two executions of a job, two subagents, a question that was answered. */
import { mkdirSync, rmSync } from "node:fs"
import { dirname } from "node:path"
import { editStore, hostStoreVector, insertRow, type VectorRow } from "../vectors/host-store/host-store.ts"

export const newestState = 18
/** The first versions that have each of these; those of jobs and approvals came within a version. */
const since = { audit: 2, relativePaths: 9, oneJson: 13 } as const
const sinceAbout = { approvals: 2, logColumns: 2, tasks: 3, receipts: 7, executions: 10 } as const

const startMs = 1_780_000_000_000
const job = { id: "nightly", name: "Nightly report", store: "/state/cron/jobs.json" }
const ran = [
  { startedMs: startMs, finishedMs: startMs + 60_000, status: "ok", error: null },
  { startedMs: startMs + 86_400_000, finishedMs: startMs + 86_430_000, status: "error", error: "no model" },
] as const
const spawned = [
  { run: "run-one", child: "agent:main:subagent:one", createdMs: startMs + 5_000, endedMs: startMs + 9_000, outcome: "ok", awaited: false },
  { run: "run-two", child: "agent:main:subagent:two", createdMs: startMs + 6_000, endedMs: startMs + 8_000, outcome: "error", awaited: true },
] as const
const requester = "agent:main:main"
const asked = { label: "look it up", model: "claude-haiku-4-5", mode: "run" }
const approval = { approval_id: "approval-1", kind: "exec", status: "allowed", decision: "allow-once", resolved_at_ms: startMs + 7_000 }

type Told = { readonly hook: string; readonly atMs: number } & Readonly<Record<string, unknown>>

/** In the order of time. */
export function trueStateCalls(version: number): readonly Told[] {
  const calls = [
    ...ran.flatMap(({ startedMs, finishedMs, status, error }): Told[] => {
      const common = { hook: "cron_changed", job: job.id, name: job.name, payload: "agentTurn", runAtMs: startedMs }
      return [
        { ...common, atMs: startedMs, action: "started" },
        { ...common, atMs: finishedMs, action: "finished", durationMs: finishedMs - startedMs, status, error },
      ]
    }),
    ...spawned.flatMap(({ run, child, createdMs, endedMs, outcome }): Told[] => [
      { hook: "subagent_spawned", atMs: createdMs, run, child, requester, ...asked },
      { hook: "subagent_ended", atMs: endedMs, run, child, requester, outcome, reason: "subagent-complete" },
    ]),
    ...(version >= sinceAbout.approvals
      ? [{ hook: "approval-resolved", atMs: approval.resolved_at_ms, approval: approval.approval_id, decision: "allow-once" }]
      : []),
  ]
  return calls.toSorted((a, b) => a.atMs - b.atMs)
}

/** `agentStore` is where an agent's store lies, which the shared one names. */
export function writeStateStore(path: string, version: number, agentStore: { readonly full: string; readonly relative: string }): void {
  mkdirSync(dirname(path), { recursive: true })
  for (const suffix of ["", "-wal", "-shm"]) rmSync(path + suffix, { force: true })
  editStore(path, (database) => {
    database.exec("PRAGMA synchronous = OFF; BEGIN")
    const table = (name: string, columns: string) => database.exec(`CREATE TABLE ${name} (${columns})`)
    const insert = (name: string, row: VectorRow) => insertRow(database, name, row)
    const tables = { table, insert, version }
    if (version >= since.audit) database.exec(hostStoreVector().state.tables.find(({ name }) => name === "audit_events")?.sql ?? "")
    table("agent_databases", "agent_id TEXT NOT NULL, path TEXT NOT NULL, schema_version INTEGER NOT NULL, last_seen_at INTEGER NOT NULL, size_bytes INTEGER")
    const place = version >= since.relativePaths ? agentStore.relative : agentStore.full
    insert("agent_databases", { agent_id: "main", path: place, schema_version: 1, last_seen_at: startMs })
    writeJobs(tables)
    writeSubagents(tables)
    if (version >= sinceAbout.approvals) {
      const times = "created_at_ms INTEGER NOT NULL, resolved_at_ms INTEGER"
      table("operator_approvals", `approval_id TEXT PRIMARY KEY, kind TEXT, status TEXT, decision TEXT, presentation_json TEXT NOT NULL, ${times}`)
      insert("operator_approvals", { ...approval, presentation_json: "{}", created_at_ms: startMs })
    }
    database.exec(`PRAGMA user_version = ${version}; COMMIT`)
  })
}

type Tables = {
  readonly table: (name: string, columns: string) => void
  readonly insert: (name: string, row: VectorRow) => void
  readonly version: number
}

function writeJobs({ table, insert, version }: Tables): void {
  const keys = { store_key: job.store, job_id: job.id }
  const json = JSON.stringify({ id: job.id, name: job.name, schedule: { kind: "cron" }, payload: { kind: "agentTurn" } })
  const key = "store_key TEXT NOT NULL, job_id TEXT NOT NULL"
  if (version < sinceAbout.logColumns) {
    table("cron_jobs", `${key}, job_json TEXT NOT NULL, sort_order INTEGER, updated_at INTEGER`)
    insert("cron_jobs", { ...keys, job_json: json })
  } else {
    const wide = version < since.oneJson ? ", schedule_kind TEXT NOT NULL DEFAULT 'cron', payload_message TEXT" : ""
    table("cron_jobs", `${key}, name TEXT NOT NULL, payload_kind TEXT NOT NULL, job_json TEXT NOT NULL${wide}`)
    insert("cron_jobs", { ...keys, name: job.name, payload_kind: "agentTurn", job_json: json })
  }
  if (version < sinceAbout.tasks) {
    const told = version < sinceAbout.logColumns ? "" : ", status TEXT, error TEXT, run_id TEXT, run_at_ms INTEGER, duration_ms INTEGER"
    table("cron_run_logs", `${key}, seq INTEGER NOT NULL, ts INTEGER NOT NULL${told}, entry_json TEXT NOT NULL, created_at INTEGER NOT NULL`)
    ran.forEach(({ startedMs, finishedMs, status, error }, seq) => {
      const entry = { ts: finishedMs, jobId: job.id, action: "finished", status, runAtMs: startedMs, ...(error === null ? {} : { error }) }
      const columns = { status, error, run_at_ms: startedMs }
      const log = { ...keys, seq, ts: finishedMs, created_at: finishedMs, entry_json: JSON.stringify(told === "" ? entry : { jobId: job.id }) }
      insert("cron_run_logs", told === "" ? log : { ...log, ...columns })
    })
    return
  }
  table(
    "task_runs",
    "task_id TEXT PRIMARY KEY, runtime TEXT, source_id TEXT, agent_id TEXT, started_at INTEGER, ended_at INTEGER, error TEXT, detail_json TEXT",
  )
  ran.forEach(({ startedMs, finishedMs, status, error }, index) => {
    const detail = JSON.stringify({ kind: "cron-run", storeKey: job.store, status, error, runAtMs: startedMs })
    // A task begins when it is written down, its run a little later.
    const times = { started_at: startedMs - 40, ended_at: finishedMs }
    insert("task_runs", { task_id: `task-${index}`, runtime: "cron", source_id: job.id, ...times, detail_json: detail })
  })
  insert("task_runs", { task_id: "other", runtime: "subagent", source_id: job.id, started_at: startMs + 1, detail_json: '{"kind":"cron-run"}' })
  if (version < sinceAbout.receipts) return
  // The last one alone: of each job the host keeps a few.
  table(
    "cron_run_receipts",
    `${key}, agent_id TEXT NOT NULL, request_run_id TEXT, status TEXT NOT NULL, started_at_ms INTEGER NOT NULL, finished_at_ms INTEGER, error_text TEXT`,
  )
  const last = ran[1]
  const told = { status: last.status, started_at_ms: last.startedMs, finished_at_ms: last.finishedMs, error_text: last.error }
  insert("cron_run_receipts", { ...keys, agent_id: "main", ...told })
}

function writeSubagents({ table, insert, version }: Tables): void {
  const wide = version < since.oneJson ? ", label TEXT, model TEXT, spawn_mode TEXT, ended_at INTEGER, outcome_json TEXT, ended_reason TEXT" : ""
  const keys = "run_id TEXT PRIMARY KEY, child_session_key TEXT NOT NULL, requester_session_key TEXT NOT NULL"
  table("subagent_runs", `${keys}, created_at INTEGER NOT NULL${wide}, payload_json TEXT NOT NULL DEFAULT '{}'`)
  for (const { run, child, createdMs, endedMs, outcome, awaited } of spawned) {
    const row = { run_id: run, child_session_key: child, requester_session_key: requester, created_at: createdMs }
    const how = { label: asked.label, model: asked.model }
    const ended = { endedAt: endedMs, outcome: { status: outcome } }
    const payload = { ...how, spawnMode: asked.mode, endedReason: "subagent-complete" }
    const json = version >= sinceAbout.executions ? { ...payload, execution: { status: "terminal", ...ended } } : { ...payload, ...ended }
    const outcomeJson = JSON.stringify({ status: outcome })
    if (version < sinceAbout.logColumns) {
      const columns = { ...how, spawn_mode: asked.mode, ended_at: endedMs, outcome_json: outcomeJson, ended_reason: "subagent-complete" }
      insert("subagent_runs", { ...row, ...columns })
    } else insert("subagent_runs", { ...row, payload_json: JSON.stringify(awaited && version === newestState ? { parentCompletion: json } : json) })
  }
}
