/**
 * Executions of jobs, one row each: when one began, how it ended, and what its run did. An end belongs to the execution that the host says was due at the same time, else to
 * the job's newest without an end. Its run is the first one that begins for the job while it is under way; tools, calls and messages are its own by the run's id.
 */
import { countOf, stringOf } from "../base/json.ts"
import type { SqliteDatabase, SqliteStatement } from "../vault/database.ts"
import { happenedMs } from "./happened.ts"
import type { Projection, ProjectedEntry } from "./projection.ts"

export const executions: Projection = {
  name: "executions",
  version: 1,
  tables: ["executions"],
  schema: `
    CREATE TABLE executions(sequence INTEGER PRIMARY KEY, job TEXT NOT NULL, agent TEXT NOT NULL, scope BLOB, run TEXT NOT NULL, due_ms INTEGER, started_ms INTEGER,
      ended_ms INTEGER, duration_ms INTEGER, failed INTEGER NOT NULL, end_sequence INTEGER, tool_calls INTEGER NOT NULL, model_calls INTEGER NOT NULL,
      messages INTEGER NOT NULL) STRICT;
    CREATE INDEX executions_by_job ON executions(job, sequence);
    CREATE INDEX executions_by_run ON executions(run) WHERE run <> '';`,
  prepare: (database) => {
    const work = new ExecutionWork(database)
    return (entry) => work.apply(entry)
  },
}

const counted: Readonly<Record<string, string>> = { "tool.invoked": "tool_calls", "model.called": "model_calls", "message.sent": "messages" }

class ExecutionWork {
  readonly #begin: SqliteStatement
  readonly #due: SqliteStatement
  readonly #open: SqliteStatement
  readonly #end: SqliteStatement
  readonly #run: SqliteStatement
  readonly #ofRun: SqliteStatement
  readonly #count: ReadonlyMap<string, SqliteStatement>
  /** Of runs that were looked for in this slice. */
  readonly #runs = new Map<string, number | undefined>()

  constructor(database: SqliteDatabase) {
    this.#begin = database.prepare(
      "INSERT INTO executions(sequence, job, agent, scope, run, due_ms, started_ms, failed, tool_calls, model_calls, messages) VALUES (?, ?, ?, ?, '', ?, ?, 0, 0, 0, 0)",
    )
    const ofJob = "SELECT sequence FROM executions WHERE job = ? AND ended_ms IS NULL"
    this.#due = database.prepare(`${ofJob} AND due_ms = ? ORDER BY sequence DESC LIMIT 1`).pluck()
    this.#open = database.prepare(`${ofJob} AND started_ms <= ? ORDER BY sequence DESC LIMIT 1`).pluck()
    this.#end = database.prepare("UPDATE executions SET ended_ms = ?, duration_ms = ?, failed = ?, end_sequence = ? WHERE sequence = ?")
    this.#run = database.prepare("UPDATE executions SET run = ?, scope = ? WHERE sequence = ? AND run = ''")
    this.#ofRun = database.prepare("SELECT sequence FROM executions WHERE run = ?").pluck()
    this.#count = new Map(
      Object.entries(counted).map(([type, column]) => [type, database.prepare(`UPDATE executions SET ${column} = ${column} + 1 WHERE sequence = ?`)]),
    )
  }

  apply(entry: ProjectedEntry): void {
    const { type } = entry.header
    if (type === "cron.executed") this.#began(entry)
    else if (type === "cron.completed" || type === "cron.failed") this.#ended(entry)
    else if (type === "run.started") this.#ran(entry)
    else if (type in counted) this.#counted(entry)
  }

  #began(entry: ProjectedEntry): void {
    const facts = entry.facts()
    const scope = scopeOf(entry)
    this.#begin.run(entry.sequence, stringOf(facts["job"]) ?? "", stringOf(facts["agent"]) ?? "", scope, countOf(facts["runAtMs"]) ?? null, happenedMs(entry))
  }

  #ended(entry: ProjectedEntry): void {
    const facts = entry.facts()
    const [job, dueMs, durationMs, atMs] = [stringOf(facts["job"]) ?? "", countOf(facts["runAtMs"]), countOf(facts["durationMs"]), happenedMs(entry)]
    const due = dueMs === undefined ? undefined : this.#due.get(job, dueMs)
    const open = (due ?? this.#open.get(job, atMs)) as number | undefined
    if (open === undefined) {
      // Its beginning was not heard, or stands before what was removed.
      const startedMs = durationMs === undefined ? null : Math.max(0, atMs - durationMs)
      this.#begin.run(entry.sequence, job, stringOf(facts["agent"]) ?? "", scopeOf(entry), dueMs ?? null, startedMs)
    }
    this.#end.run(atMs, durationMs ?? null, entry.header.type === "cron.failed" ? 1 : 0, entry.sequence, open ?? entry.sequence)
  }

  #ran(entry: ProjectedEntry): void {
    const facts = entry.facts()
    const [job, run] = [stringOf(facts["job"]), stringOf(facts["run"])]
    if (job === undefined || run === undefined) return
    const open = this.#open.get(job, happenedMs(entry)) as number | undefined
    if (open === undefined) return
    this.#run.run(run, scopeOf(entry), open)
    this.#runs.delete(run)
  }

  #counted(entry: ProjectedEntry): void {
    const run = stringOf(entry.facts()["run"])
    if (run === undefined) return
    if (!this.#runs.has(run)) this.#runs.set(run, this.#ofRun.get(run) as number | undefined)
    const execution = this.#runs.get(run)
    if (execution !== undefined) this.#count.get(entry.header.type)?.run(execution)
  }
}

function scopeOf({ header }: ProjectedEntry): Buffer | null {
  return header.scopeId.every((byte) => byte === 0) ? null : header.scopeId
}
