/** The journal's tables as such: for those who look at what no walk over entries touches, past damage, or ask how much there is. */
import { databaseFault, isDriverError, type SqliteDatabase } from "../vault/database.ts"
import { idTiles } from "./tiles.ts"
import { scanTable, type Scanned, type TableQuestion } from "./table-scan.ts"

export class StoredTables {
  readonly #database: SqliteDatabase
  readonly #file: string

  constructor(database: SqliteDatabase, file: string) {
    this.#database = database
    this.#file = file
  }

  /** A table past its damage, for whoever explains what is left of it. */
  scan(question: TableQuestion): IterableIterator<Scanned> {
    return scanTable(this.#database, question)
  }

  /** The largest key of a table, or its smallest; undefined when it has none. */
  lastKey(table: TableQuestion["table"], key: string, end: "max" | "min" = "max"): number | undefined {
    return this.#guard(() => this.#database.prepare(`SELECT ${end}(${key}) FROM ${table}`).pluck().get() as number | null) ?? undefined
  }

  /** Rows of a table, every one of them read. */
  countOf(table: TableQuestion["table"]): number {
    return this.#guard(() => this.#database.prepare(`SELECT * FROM ${table}`).all().length)
  }

  /** Rows of a table, their keys read. */
  keysIn(table: TableQuestion["table"], key: string): number {
    return this.#guard(() => this.#database.prepare(`SELECT count(${key}) FROM ${table}`).pluck().get() as number)
  }

  /** Bytes of entries and sealed contents, as rows; pages take a little more. */
  storedBytes(): number {
    const sum = (expression: string, table: string) => this.#database.prepare(`SELECT coalesce(sum(${expression}), 0) FROM ${table}`).pluck().get() as number
    return this.#guard(() => sum("length(header) + length(facts)", "entries") + sum("length(sealed)", "chunks"))
  }

  chunkBytes(number: number): number {
    return this.#guard(() => this.#database.prepare("SELECT length(sealed) FROM chunks WHERE number = ?").pluck().get(number) as number | undefined) ?? 0
  }

  /** Id hashes of 256 entries that were removed. */
  idTile(index: number): Buffer | undefined {
    return this.#guard(
      () =>
        this.#database
          .prepare("SELECT hashes FROM tiles WHERE tile = ?")
          .pluck()
          .get(idTiles + index) as Buffer | undefined,
    )
  }

  /** How many such tiles there are, and the number of the last one; -1 for none. */
  idTileBounds(): { readonly count: number; readonly last: number } {
    const row = this.#guard(() => this.#database.prepare("SELECT count(*), max(tile) FROM tiles WHERE tile >= ?").raw().get(idTiles)) as [number, number | null]
    return { count: row[0], last: row[1] === null ? -1 : row[1] - idTiles }
  }

  /** Reads what no walk over entries touches, so that damage there shows too; answers the names in `meta` and in the schema. */
  touchSmall(): { readonly meta: readonly string[]; readonly schema: readonly string[] } {
    const namesIn = (table: string) => (this.#database.prepare(`SELECT * FROM ${table}`).all() as { name: string }[]).map(({ name }) => name)
    return this.#guard(() => ({ senders: namesIn("senders").length, meta: namesIn("meta"), schema: namesIn("sqlite_schema") }))
  }

  #guard<T>(read: () => T): T {
    try {
      return read()
    } catch (error) {
      throw isDriverError(error) ? databaseFault(this.#file, error) : error
    }
  }
}
