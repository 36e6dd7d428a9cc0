/** Reads a table past its damage: rows that can be read, and between them the keys that are lost with a page that cannot. */
import { isDriverError, type SqliteDatabase, type SqliteStatement } from "../vault/database.ts"

export type TableQuestion = {
  readonly table: "entries" | "chunks" | "tiles" | "checkpoints" | "senders" | "meta"
  readonly key: string
  /** Besides the key, which comes first. */
  readonly columns: string
  /** Keys, inclusive: how far damage is looked past. */
  readonly from: number
  readonly to: number
}

export type Scanned = { readonly row: readonly unknown[] } | { readonly lost: { readonly from: number; readonly to: number } }

const rowsAtOnce = 256
/** Keys tried one by one behind a page that cannot be read: enough for every row that one page of the tree leads to. */
const probesMost = 2_000_000

/** Rows in the order of their whole-number keys. */
export function* scanTable(database: SqliteDatabase, { table, key, columns, from, to }: TableQuestion): IterableIterator<Scanned> {
  const selected = `SELECT ${key}${columns === "" ? "" : `, ${columns}`} FROM ${table} WHERE ${key}`
  const some = database.prepare(`${selected} >= ? AND ${key} <= ? ORDER BY ${key} LIMIT ?`).raw()
  const one = database.prepare(`${selected} = ?`).raw()
  let limit = rowsAtOnce
  for (let next = from; next <= to;) {
    const rows = readable(() => some.all(next, to, limit) as unknown[][])
    if (rows === undefined && limit > 1) {
      limit = 1
    } else if (rows === undefined) {
      const found = nextReadable(one, next, to)
      yield { lost: { from: next, to: found === undefined ? to : found - 1 } }
      if (found === undefined) return
      next = found
    } else {
      for (const row of rows) yield { row }
      const last = rows.at(-1)
      if (!last) return
      next = Number(last[0]) + 1
      limit = Math.min(rowsAtOnce, limit * 4)
    }
  }
}

function nextReadable(one: SqliteStatement, from: number, to: number): number | undefined {
  for (let key = from; key <= Math.min(to, from + probesMost); key++) if (readable(() => one.get(key)) !== undefined) return key
  return undefined
}

/** What a statement answers; undefined when a page it needs cannot be read. */
function readable<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (!isDriverError(error)) throw error
    return undefined
  }
}
