/**
 * One question in SQL over the documented views, and over nothing else.
 *
 * Three things keep it so. The connection is set to `query_only` while it is asked. The statement is one that SQLite itself calls read-only, begins with SELECT
 * or WITH, and is alone. And the program SQLite makes of it is read before it runs (EXPLAIN): every b-tree it opens must belong to a table behind the
 * views. That is what an authorizer would be asked, which the driver does not offer; and unlike a look at names in the text it cannot be talked around,
 * for what a program does not open it cannot read. The views are asked where they stand: copying a million movements first would take seconds.
 */
import { Fault, problemOf } from "../base/fault.ts"
import { sqlTables, sqlViews } from "../projections/sql-views.ts"
import type { SqliteDatabase, SqliteStatement } from "../vault/database.ts"
import type { LedgerAccess } from "./ledger-access.ts"

export type SqlValue = string | number | null
export type SqlAnswer = {
  readonly columns: readonly string[]
  /** Integers beyond 2^53 are decimal strings, bytes are hexadecimal. */
  readonly rows: readonly (readonly SqlValue[])[]
  readonly truncated: boolean
}

/** @throws Fault sql.refused with what SQLite, or this file, has against it. */
export function askSql(access: LedgerAccess, query: string, limit: number): SqlAnswer {
  if (!isQuestion(query)) throw new Fault("sql.refused", { problem: "it does not begin with SELECT or WITH" })
  return access.ask((views) => {
    makeViews(views)
    views.pragma("query_only = ON")
    try {
      return answer(views, query, limit)
    } catch (error) {
      throw isOfQuery(error) ? new Fault("sql.refused", { problem: problemOf(error) }, error) : error
    } finally {
      views.pragma("query_only = OFF")
    }
  })
}

/** For as long as the connection. */
export function makeViews(views: SqliteDatabase): void {
  // What a sort spills would lie unsealed in a temporary file.
  views.pragma("temp_store = MEMORY")
  for (const { name, select } of sqlViews) views.exec(`CREATE TEMP VIEW IF NOT EXISTS ${name} AS ${select}`)
}

function answer(views: SqliteDatabase, query: string, limit: number): SqlAnswer {
  const statement = views.prepare(query)
  if (!statement.reader || !statement.readonly) throw new Fault("sql.refused", { problem: "it would write" })
  allow(views, views.prepare(`EXPLAIN ${query}`))
  const rows: (readonly SqlValue[])[] = []
  let truncated = false
  for (const row of statement.raw().safeIntegers().iterate() as IterableIterator<readonly unknown[]>) {
    truncated = rows.length === limit
    if (truncated) break
    rows.push(row.map(valueOf))
  }
  return { columns: statement.columns().map(({ name }) => name), rows, truncated }
}

type Step = { readonly opcode: string; readonly p2: number; readonly p3: number; readonly p4: string | null }

const onlyViews = `only the views ${sqlViews.map(({ name }) => name).join(", ")} can be asked`
/** Functions of the driver that are about its encryption, and those that reach for files. */
const barredFunction = /^(?:sqlite3mc_|load_extension|readfile|writefile|edit|fts3_tokenizer)/i

function allow(views: SqliteDatabase, program: SqliteStatement): void {
  const places = sqlTables.map(() => "?").join(", ")
  const pages = views.prepare(`SELECT rootpage FROM sqlite_schema WHERE tbl_name IN (${places})`).pluck()
  const allowed = new Set(pages.all(...sqlTables) as number[])
  for (const { opcode, p2: page, p3: database, p4 } of program.all() as Step[]) {
    if (/^(?:OpenRead|ReopenIdx)$/.test(opcode) && database === 0 && allowed.has(page)) continue
    if (/^(?:OpenRead|ReopenIdx|OpenWrite|V[A-Z]\w*)$/.test(opcode)) throw new Fault("sql.refused", { problem: onlyViews })
    if (/Func/.test(opcode) && barredFunction.test(p4 ?? "")) throw new Fault("sql.refused", { problem: `the function ${p4} is not for questions` })
  }
}

/** Leading spaces and comments aside. */
function isQuestion(query: string): boolean {
  return /^(?:\s|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*(?:select|with)\b/i.test(query)
}

/** As against one of the file, for which the tables are made again. */
function isOfQuery(error: unknown): boolean {
  if (error instanceof Fault) return false
  const code = error instanceof Error && "code" in error ? String(error.code) : ""
  return error instanceof RangeError || error instanceof TypeError || /^SQLITE_(?:ERROR|MISMATCH|TOOBIG|RANGE|NOMEM)/.test(code)
}

function valueOf(value: unknown): SqlValue {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  if (Buffer.isBuffer(value)) return value.toString("hex")
  return typeof value === "number" || typeof value === "string" ? value : null
}
