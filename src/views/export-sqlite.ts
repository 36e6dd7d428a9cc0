/** The views as tables of a plain SQLite file, all of one moment; `about` says of which, with a signed checkpoint. Rows pass through one at a time. */
import { rangeRoot } from "../format/merkle.ts"
import { postings } from "../projections/postings.ts"
import type { SqlView } from "../projections/sql-view.ts"
import { sqlViews } from "../projections/sql-views.ts"
import { databaseFault, openPlainDatabase, type SqliteDatabase } from "../vault/database.ts"
import type { LedgerAccess } from "./ledger-access.ts"
import { signedHeadAt } from "./signed-head.ts"
import { makeViews } from "./sql.ts"

export type SqliteExport = { readonly rows: number; readonly size: number }

const progressEvery = 5_000

/** `path` is a file that is there and empty. */
export function exportSqlite(access: LedgerAccess, path: string, generatedAt: string, onProgress?: (rows: number) => void): SqliteExport {
  return access.ask((views) => {
    makeViews(views)
    const out = openPlainDatabase(path)
    views.exec("BEGIN")
    try {
      out.pragma("journal_mode = OFF")
      out.exec("BEGIN")
      let rows = 0
      for (const view of sqlViews) {
        for (const row of copied(views, out, path, view)) if ((rows += row) % progressEvery === 0) onProgress?.(rows)
      }
      const size = views.prepare("SELECT next FROM places WHERE name = ?").pluck().get(postings.name) as number
      writing(path, () => {
        writeAbout(out, { generatedAt, entries: String(size), checkpoint: checkpointOf(access, size), ...notes })
        out.exec("COMMIT")
      })
      return { rows, size }
    } finally {
      views.exec("ROLLBACK")
      out.close()
    }
  })
}

const notes = {
  format: "sovereign-ledger sqlite export 1",
  encrypted: "no",
  columns: "docs/spec/ledger.md and docs/spec/usage.md, Views for SQL",
}

/** One for each row. */
function* copied(views: SqliteDatabase, out: SqliteDatabase, path: string, { name, columns, select }: SqlView): Generator<1> {
  const places = columns.split(",").map(() => "?")
  const insert = writing(path, () => {
    out.exec(`CREATE TABLE ${name}(${columns}) STRICT`)
    return out.prepare(`INSERT INTO ${name} VALUES (${places.join(", ")})`)
  })
  for (const row of views.prepare(select).raw().safeIntegers().iterate() as IterableIterator<readonly (string | number | bigint | null)[]>) {
    writing(path, () => insert.run(...row))
    yield 1
  }
}

function checkpointOf(access: LedgerAccess, size: number): string {
  const { signer, chain } = signedHeadAt(access, size)
  return signer.note({ origin: chain.origin, size, root: rangeRoot(access.reader.subtrees(size), 0, size) })
}

function writeAbout(out: SqliteDatabase, about: Readonly<Record<string, string>>): void {
  out.exec("CREATE TABLE about(name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT")
  const insert = out.prepare("INSERT INTO about(name, value) VALUES (?, ?)")
  for (const [name, value] of Object.entries(about)) insert.run(name, value)
}

/** What goes wrong with the new file is told of it, not of the ledger's own. */
function writing<T>(path: string, write: () => T): T {
  try {
    return write()
  } catch (error) {
    throw databaseFault(path, error)
  }
}
