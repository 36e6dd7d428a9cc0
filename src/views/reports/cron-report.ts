/** A job's executions, newest first: when, how long, how it ended, and what its run did. Calls and their cost are those of the run, or of the job in that time. */
import { objectOf, stringOf } from "../../base/json.ts"
import type { SqliteDatabase } from "../../vault/database.ts"
import { contentOf } from "../event-list.ts"
import type { LedgerAccess } from "../ledger-access.ts"
import type { ConfiguredJobs } from "./period-report.ts"

export type CronQuestion = { readonly job: string; readonly last: number; readonly nowMs: number; readonly configured: ConfiguredJobs }

export type CronRow = {
  readonly job: string
  readonly run: string | null
  readonly session: string | null
  readonly agent: string | null
  readonly sequence: number
  readonly started: string | null
  readonly ended: string | null
  readonly durationMs: number | null
  readonly status: "ok" | "failed" | "incomplete"
  readonly error: string | null
  /** Null where no run was seen to begin, as in history that was imported. */
  readonly toolCalls: number | null
  readonly messagesSent: number | null
  readonly modelCalls: number
  readonly costNanos: string
}

export type CronReport = {
  readonly job: {
    readonly asked: string
    readonly id: string | null
    readonly name: string | null
    readonly schedule: string | null
    readonly enabled: boolean | null
    readonly configuredFrom: string | null
  }
  readonly settings: { readonly last: number }
  readonly total: number
  readonly truncated: boolean
  readonly rows: readonly CronRow[]
}

type Stored = {
  readonly sequence: number
  readonly job: string
  readonly agent: string
  readonly scope: Buffer | null
  readonly run: string
  readonly started_ms: number | null
  readonly ended_ms: number | null
  readonly duration_ms: number | null
  readonly failed: number
  readonly end_sequence: number | null
  readonly tool_calls: number
  readonly model_calls: number
  readonly messages: number
}

const mostErrorCharacters = 500
/** A call ends a little after its execution is told to have ended. */
const afterMs = 300_000

export function cronReport(access: LedgerAccess, { job, last, nowMs, configured }: CronQuestion): CronReport {
  const known = configured.jobs.find(({ id }) => id === job) ?? configured.jobs.find(({ name }) => name === job)
  // An id that could name somebody stands on record by its pseudonym.
  const names = [...new Set([job, ...(known ? [known.id] : [])].flatMap((id) => [id, ...(access.scopes ? [access.scopes.pseudonym(id)] : [])]))]
  const ofJob = `FROM executions WHERE job IN (${names.map(() => "?").join(", ")})`
  return access.ask((views) => {
    const total = views
      .prepare(`SELECT count(*) ${ofJob}`)
      .pluck()
      .get(...names) as number
    const stored = views.prepare(`SELECT * ${ofJob} ORDER BY started_ms DESC, sequence DESC LIMIT ?`).all(...names, last) as Stored[]
    const used = new UsedCalls(views, nowMs)
    return {
      job: {
        asked: job,
        id: known?.id ?? stored[0]?.job ?? null,
        name: known?.name ?? null,
        schedule: known?.schedule ?? null,
        enabled: known?.enabled ?? null,
        configuredFrom: known ? configured.source : null,
      },
      settings: { last },
      total,
      truncated: total > last,
      rows: stored.map((row) => rowOf(access, row, used)),
    }
  })
}

function rowOf(access: LedgerAccess, row: Stored, used: UsedCalls): CronRow {
  const { calls, nanos } = used.of(row)
  const isSeen = row.run !== ""
  return {
    job: row.job,
    run: isSeen ? row.run : null,
    session: row.scope ? labelOf(access, row.scope) : null,
    agent: row.agent === "" ? null : row.agent,
    sequence: row.sequence,
    started: timeOf(row.started_ms),
    ended: timeOf(row.ended_ms),
    durationMs: row.duration_ms ?? (row.ended_ms !== null && row.started_ms !== null ? Math.max(0, row.ended_ms - row.started_ms) : null),
    status: row.end_sequence === null ? "incomplete" : row.failed === 1 ? "failed" : "ok",
    error: row.failed === 1 && row.end_sequence !== null ? errorOf(access, row.end_sequence) : null,
    toolCalls: isSeen ? row.tool_calls : null,
    messagesSent: isSeen ? row.messages : null,
    modelCalls: Math.max(row.model_calls, calls),
    costNanos: String(nanos),
  }
}

class UsedCalls {
  readonly #ofRun: ReturnType<SqliteDatabase["prepare"]>
  readonly #ofJob: ReturnType<SqliteDatabase["prepare"]>
  readonly #nowMs: number

  constructor(views: SqliteDatabase, nowMs: number) {
    const sums = "SELECT count(*) AS calls, coalesce(sum(coalesce(computed, reported, 0)), 0) AS nanos FROM usage_calls WHERE at_ms >= ? AND at_ms < ?"
    this.#ofRun = views.prepare(`${sums} AND run = ?`)
    this.#ofJob = views.prepare(`${sums} AND cell IN (SELECT id FROM usage_cells WHERE job = ?)`)
    this.#nowMs = nowMs
  }

  of({ run, job, started_ms: startedMs, ended_ms: endedMs }: Stored): { readonly calls: number; readonly nanos: number } {
    if (startedMs === null) return { calls: 0, nanos: 0 }
    const toMs = (endedMs ?? this.#nowMs) + afterMs
    const found = run === "" ? this.#ofJob.get(startedMs, endedMs ?? toMs, job) : this.#ofRun.get(startedMs, toMs, run)
    return found as { readonly calls: number; readonly nanos: number }
  }
}

/** The session's name while its scope has a key; afterwards its scope's id, which names nobody. */
export function labelOf(access: LedgerAccess, scopeId: Buffer): string {
  const scope = access.scopes?.byId(scopeId)
  return typeof scope === "object" && scope.session !== "" ? scope.session : scopeId.toString("hex")
}

function errorOf(access: LedgerAccess, sequence: number): string | null {
  const entry = access.reader.entry(sequence)
  const { text } = entry ? contentOf(access, entry) : {}
  const error = stringOf(objectOf(text === undefined ? undefined : JSON.parse(text))["error"])
  return error === undefined ? null : error.slice(0, mostErrorCharacters)
}

function timeOf(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString()
}
