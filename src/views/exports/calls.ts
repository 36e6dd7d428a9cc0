/**
 * Model calls for other programs, page by page from the projection `usage`: as many as there are, in the memory of one page. Asked without a time they come in the
 * order in which the ledger recorded them, else in the order of time. Docs: docs/spec/usage.md.
 */
import type { Call } from "../../projections/usage-calls.ts"
import type { CellColumn } from "../../projections/usage-schema.ts"
import type { SqliteDatabase, SqliteStatement } from "../../vault/database.ts"
import type { LedgerAccess } from "../ledger-access.ts"

export type CallCell = { readonly id: number } & { readonly [C in CellColumn]: string }
/** `scope`: hexadecimal scope id, which stands for the session's key; `label`: the key itself, where it was asked for and is still known. */
export type CallSession = { readonly id: number; readonly scope: string; readonly sender: string; readonly parent: string; readonly label: string }
/** Nano-dollars per million tokens of each class. */
export type CallRates = {
  readonly id: number
  readonly input: number
  readonly cache_read: number
  readonly cache_write: number
  readonly cache_write_1h: number
  readonly output: number
}

/** What was not told is null, or the empty text. Times are milliseconds, money nano-dollars. */
export type ExportedCall = Omit<Call, "cell" | "sender" | "parent" | "rates"> & {
  readonly sequence: number
  readonly cell: CallCell
  readonly session: CallSession
  readonly rates: CallRates | undefined
}

export type CallQuestion = {
  /** Half open, milliseconds. */
  readonly fromMs?: number | undefined
  readonly toMs?: number | undefined
  readonly agent?: string | undefined
  readonly session?: string | undefined
  /** In the order of time, whatever is asked. */
  readonly byTime?: boolean
  /** Sessions by their own names, while their keys are there. */
  readonly labels?: boolean
}

/** Small enough to be gone before it would count as old. */
const pageRows = 500
/** Rows may be forged: what no calendar with years of four digits has is told as the last month of it. */
const latestMs = Date.UTC(9999, 10, 30)
/** Sessions that are remembered, so that a page need not look them up. */
const mostSessions = 5_000

const columns = `id, row, sequence, at_ms, cell, session, stop, run, response, latency_ms, input, output, cache_read, cache_write, cache_write_1h, reasoning,
  reported, computed, rate, imported`

type Raw = readonly [
  id: number,
  row: string,
  sequence: number,
  atMs: number,
  cell: number,
  session: number,
  stop: string,
  run: string,
  response: string,
  latencyMs: number | null,
  input: number,
  output: number,
  cacheRead: number,
  cacheWrite: number,
  cacheWrite1h: number,
  reasoning: number,
  reported: number | null,
  computed: number | null,
  rate: number | null,
  imported: number,
]

const byTime = `
  SELECT ${columns} FROM usage_calls INDEXED BY usage_calls_by_time WHERE (at_ms, id) > (?, ?) AND at_ms < ? AND id <= ? ORDER BY at_ms, id LIMIT ${pageRows}`
const byPlace = `SELECT ${columns} FROM usage_calls NOT INDEXED WHERE id > ? AND id <= ? ORDER BY id LIMIT ${pageRows}`

/** Pages of calls, all of those that were on record when the first was asked for. */
export function* callPages(access: LedgerAccess, question: CallQuestion): Generator<readonly ExportedCall[]> {
  const statements = new Statements()
  const names = new CallNames(access, question, statements)
  const last = access.ask((views) => views.prepare("SELECT coalesce(max(id), 0) FROM usage_calls").pluck().get() as number)
  const isTimed = question.byTime === true || question.fromMs !== undefined || question.toMs !== undefined
  const toMs = question.toMs ?? Number.MAX_SAFE_INTEGER
  let [afterMs, afterId] = isTimed ? [(question.fromMs ?? 0) - 1, Number.MAX_SAFE_INTEGER] : [0, 0]
  for (;;) {
    const page = access.ask((views) => {
      const places = isTimed ? [afterMs, afterId, toMs, last] : [afterId, last]
      const found = statements.of(views, isTimed ? byTime : byPlace, true).all(...places) as Raw[]
      return { found, calls: names.callsOf(views, found) }
    })
    const end = page.found.at(-1)
    if (end === undefined) return
    ;[afterId, , , afterMs] = end
    yield page.calls
    if (page.found.length < pageRows) return
  }
}

/** Statements of one connection, for as long as it is the one that is asked: what was prepared is let go of late. */
class Statements {
  #views: SqliteDatabase | undefined
  readonly #prepared = new Map<string, SqliteStatement>()

  of(views: SqliteDatabase, sql: string, raw = false): SqliteStatement {
    if (this.#views !== views) this.#prepared.clear()
    this.#views = views
    let statement = this.#prepared.get(sql)
    if (statement === undefined) {
      statement = raw ? views.prepare(sql).raw() : views.prepare(sql)
      this.#prepared.set(sql, statement)
    }
    return statement
  }
}

/** How many calls there are at most, for who shows how far he is. */
export function callCount(access: LedgerAccess): number {
  return access.ask((views) => views.prepare("SELECT count(*) FROM usage_calls").pluck().get() as number)
}

class CallNames {
  readonly #access: LedgerAccess
  readonly #statements: Statements
  readonly #question: CallQuestion
  readonly #cells = new Map<number, CallCell | undefined>()
  readonly #sessions = new Map<number, CallSession | undefined>()
  readonly #rates = new Map<number, CallRates | undefined>()
  readonly #scopes: ReadonlySet<string> | undefined

  constructor(access: LedgerAccess, question: CallQuestion, statements: Statements) {
    this.#access = access
    this.#statements = statements
    this.#question = question
    this.#scopes = question.session === undefined ? undefined : new Set(access.scopes?.idsOfSession(question.session).map((id) => id.toString("hex")) ?? [])
  }

  callsOf(views: SqliteDatabase, found: readonly Raw[]): readonly ExportedCall[] {
    const calls: ExportedCall[] = []
    for (const raw of found) {
      const cell = this.#named(this.#cells, raw[4], () => this.#cell(views, raw[4]))
      if (cell === undefined) continue
      const session = this.#named(this.#sessions, raw[5], () => this.#session(views, raw[5]))
      if (session === undefined) continue
      calls.push({
        row: raw[1],
        sequence: raw[2],
        atMs: Math.min(raw[3], latestMs),
        cell,
        session,
        stop: raw[6],
        run: raw[7],
        response: raw[8],
        latencyMs: raw[9],
        input: raw[10],
        output: raw[11],
        cacheRead: raw[12],
        cacheWrite: raw[13],
        cacheWrite1h: raw[14],
        reasoning: raw[15],
        reported: raw[16],
        computed: raw[17],
        rates: raw[18] === null ? undefined : this.#named(this.#rates, raw[18], () => this.#row<CallRates>(views, "usage_rates", raw[18])),
        imported: raw[19] === 1,
      })
    }
    return calls
  }

  /** Undefined for what the question leaves out. */
  #cell(views: SqliteDatabase, id: number): CallCell | undefined {
    const cell = this.#row<CallCell>(views, "usage_cells", id)
    return this.#question.agent === undefined || cell?.agent === this.#question.agent ? cell : undefined
  }

  #session(views: SqliteDatabase, id: number): CallSession | undefined {
    const found = this.#row<Omit<CallSession, "label">>(views, "usage_sessions", id)
    if (found === undefined || (this.#scopes && !this.#scopes.has(found.scope))) return undefined
    const scope = this.#question.labels === true ? this.#access.scopes?.byId(Buffer.from(found.scope, "hex")) : undefined
    return { ...found, label: typeof scope === "object" ? scope.session : "" }
  }

  #named<T>(known: Map<number, T | undefined>, id: number, find: () => T | undefined): T | undefined {
    if (known.has(id)) return known.get(id)
    const found = find()
    if (known.size >= mostSessions) known.clear()
    known.set(id, found)
    return found
  }

  #row<T>(views: SqliteDatabase, table: string, id: number | null): T | undefined {
    return this.#statements.of(views, `SELECT * FROM ${table} WHERE id = ?`).get(id) as T | undefined
  }
}
