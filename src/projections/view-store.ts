/**
 * views.db: the tables of all projections, each with the sequence it has reached. Whoever finds it behind may bring it forward: one
 * transaction reads the cursor, applies entries and moves the cursor, so that the writer and a command may do it at the same time.
 * Nothing here is evidence. A file that does not fit is thrown away and built again.
 */
import { existsSync, rmSync } from "node:fs"
import { Fault, problemOf } from "../base/fault.ts"
import { closingOf, type Closing } from "../journal/closing.ts"
import { viewsName } from "../journal/files.ts"
import { factsOf, type JournalReader } from "../journal/reader.ts"
import { databaseFault, isDriverError, openDatabase, openMemoryDatabase, type SqliteDatabase } from "../vault/database.ts"
import type { Applying, Projection, ProjectedEntry } from "./projection.ts"
import { projections } from "./projection-list.ts"

/**
 * How far each projection has come: entries before `next` are applied, and `leaf` is the hash of the last of them. `closed_by` is the entry by which some before
 * were gone already, -1 for none: what is gone since is taken out by building again.
 */
const positionSchema = `CREATE TABLE IF NOT EXISTS places(name TEXT PRIMARY KEY, version INTEGER NOT NULL, closed_by INTEGER NOT NULL, next INTEGER NOT NULL,
  leaf BLOB NOT NULL) STRICT, WITHOUT ROWID; DROP TABLE IF EXISTS positions`
const nothing = Buffer.alloc(0)
/** What a slice takes of an entry's facts, on average: an entry may stand for hundreds of rows. */
const entryBytes = 1_000

export type CatchUpOptions = {
  /** Most entries applied in one transaction, so that nobody waits long; ten times as many where much is left. */
  readonly sliceEntries: number
  readonly onProgress?: ((done: number, total: number) => void) | undefined
  /** Where no more are left than these, nothing is applied: who asks adds them by himself. */
  readonly mayLack?: number | undefined
}

type Open = { readonly database: SqliteDatabase; readonly startOver?: () => SqliteDatabase }

export class ViewStore {
  readonly #rows: readonly Projection[]
  readonly #startOver: (() => SqliteDatabase) | undefined
  #database: SqliteDatabase
  #coming: Closing | undefined

  constructor(open: Open, rows: readonly Projection[] = projections) {
    this.#database = open.database
    this.#startOver = open.startOver
    this.#rows = rows
    this.#database.exec(positionSchema)
  }

  /** Opens views.db for writing, or makes it; a file that is damaged, now or later, is thrown away and made again. */
  static open(path: string, key: Uint8Array, rows: readonly Projection[] = projections): ViewStore {
    const startOver = () => {
      removeFile(path)
      return openFile(path, key)
    }
    try {
      return new ViewStore({ database: openFile(path, key), startOver }, rows)
    } catch (error) {
      if (!isDamage(error)) throw error
      return new ViewStore({ database: startOver(), startOver }, rows)
    }
  }

  /** Tables in memory, for a directory that cannot be written. */
  static inMemory(rows: readonly Projection[] = projections): ViewStore {
    return new ViewStore({ database: openMemoryDatabase() }, rows)
  }

  /** The tables, to ask. Changes when a damaged file is thrown away. */
  get database(): SqliteDatabase {
    return this.#database
  }

  /** Throws a damaged file away, so that everything is built again; false when the error does not mean damage, or nothing can be done. */
  recover(error: unknown): boolean {
    if (!this.#startOver || !isDamage(error)) return false
    this.#database.close()
    this.#database = this.#startOver()
    this.#database.exec(positionSchema)
    return true
  }

  /** Sequence up to which every projection has been applied (exclusive). */
  reached(): number {
    const rows = this.#database.prepare("SELECT name, version, next FROM places").all() as { name: string; version: number; next: number }[]
    return Math.min(...this.#rows.map((row) => rows.find((found) => found.name === row.name && found.version === row.version)?.next ?? 0))
  }

  /** How far one has come, where its tables fit the journal; 0 where they do not. */
  appliedOf(row: Projection, reader: JournalReader): number {
    return this.#fits(row, reader, { total: reader.size(), closedBy: reader.closedBy() ?? -1 }) ? this.#next(row.name) : 0
  }

  /** Of a journal that is to take another one's place: what it will say is gone from it is not in it yet, nor is its place known. */
  willStandOver(closing: Closing): void {
    this.#coming = closing
  }

  /** `closedBy` is the place of the entry that says what is gone. */
  standOver(closedBy: number): void {
    this.#coming = undefined
    this.#database.prepare("UPDATE places SET closed_by = ?").run(closedBy)
  }

  /** How many of the first `total` entries are not applied; all of them where the tables do not fit the journal. */
  behind(reader: JournalReader, total: number): number {
    const standing = { total, closedBy: reader.closedBy() ?? -1 }
    return this.#rows.every((row) => this.#fits(row, reader, standing)) ? total - this.reached() : Infinity
  }

  /** Applies entries until the projections have reached the journal's size at the call. */
  catchUp(reader: JournalReader, options: CatchUpOptions): void {
    const total = reader.size()
    if (options.mayLack !== undefined && this.behind(reader, total) <= options.mayLack) return
    while (this.applySlice(reader, total, options.sliceEntries, true)) options.onProgress?.(this.reached(), total)
  }

  /** Applies one slice, one of up to ten times as many entries where it may and much is left; false when nothing was left to do. */
  applySlice(reader: JournalReader, total: number, sliceEntries: number, mayGrow = false): boolean {
    try {
      return this.#applySlice(reader, total, sliceEntries, mayGrow)
    } catch (error) {
      if (!this.recover(error)) throw error
      return true
    }
  }

  #applySlice(reader: JournalReader, total: number, least: number, mayGrow: boolean): boolean {
    this.#database.exec("BEGIN IMMEDIATE")
    try {
      const standing = { total, closedBy: reader.closedBy() ?? -1 }
      for (const row of this.#rows) if (!this.#fits(row, reader, standing)) this.#create(row, standing, reader)
      const from = this.reached()
      const sliceEntries = mayGrow ? grown(least, total - from) : least
      const most = Math.min(total, from + sliceEntries)
      const to = from < most ? this.#applyRange(reader, from, most, sliceEntries * entryBytes) : most
      this.#database.exec("COMMIT")
      return to < total
    } catch (error) {
      this.#rollBack()
      throw error
    }
  }

  /** Whether the tables are of this version and of this journal: a journal that was put back from a copy may have other entries at the same places. */
  #fits(row: Projection, reader: JournalReader, { total, closedBy }: Standing): boolean {
    const found = this.#database.prepare("SELECT version, closed_by, next, leaf FROM places WHERE name = ?").get(row.name) as Position | undefined
    if (found?.version !== row.version || found.closed_by !== closedBy) return false
    if (found.next === 0) return true
    return found.next <= total && reader.leafHash(found.next - 1).equals(found.leaf)
  }

  /** Applies entries until `most`, or until so many bytes of facts were applied; answers up to where. */
  #applyRange(reader: JournalReader, from: number, most: number, sliceBytes: number): number {
    let [to, bytes, isCut] = [from, 0, false]
    const places = this.#rows.map((row) => ({ ...applying(row.prepare(this.#database)), next: this.#next(row.name) }))
    for (const stored of reader.entries(from, most - 1)) {
      let parsed: ReturnType<typeof factsOf> | undefined
      const entry: ProjectedEntry = { ...stored, facts: () => (parsed ??= factsOf(stored)) }
      for (const place of places) if (stored.sequence >= place.next) place.apply(entry)
      to = stored.sequence + 1
      bytes += stored.saltedFacts.length
      isCut = bytes > sliceBytes
      if (isCut) break
    }
    if (!isCut) to = most // the rest, where there is any, is gone
    for (const { finish } of places) finish()
    const move = this.#database.prepare("UPDATE places SET next = ?, leaf = ? WHERE name = ? AND next < ?")
    const leaf = reader.leafHash(to - 1)
    for (const row of this.#rows) move.run(to, leaf, row.name, to)
    return to
  }

  #next(name: string): number {
    return this.#database.prepare("SELECT next FROM places WHERE name = ?").pluck().get(name) as number
  }

  #create(row: Projection, { closedBy }: Standing, reader: JournalReader): void {
    for (const table of row.tables) this.#database.exec(`DROP TABLE IF EXISTS ${table}`)
    this.#database.exec(row.schema)
    this.#database
      .prepare("INSERT OR REPLACE INTO places(name, version, closed_by, next, leaf) VALUES (?, ?, ?, 0, ?)")
      .run(row.name, row.version, closedBy, nothing)
    const closing = row.begin && (this.#coming ?? closingOf(reader))
    if (closing && closing.upTo > 0) row.begin?.(this.#database, closing, reader)
  }

  /** A transaction that failed on a damaged file may be gone already; what is thrown is why it failed. */
  #rollBack(): void {
    try {
      if (this.#database.inTransaction) this.#database.exec("ROLLBACK")
    } catch (error) {
      if (!isDriverError(error)) throw error
    }
  }

  close(): void {
    this.#database.close()
  }
}

/** A slice ends with its pages on the disk. Of an import's hundreds of thousands of entries, every slice touches most pages of a table whose keys are hashes. */
function grown(sliceEntries: number, left: number): number {
  return Math.max(sliceEntries, Math.min(sliceEntries * 10, Math.ceil(left / 8)))
}

function applying(prepared: ReturnType<Projection["prepare"]>): Applying {
  return typeof prepared === "function" ? { apply: prepared, finish: () => {} } : prepared
}

type Position = { readonly version: number; readonly closed_by: number; readonly next: number; readonly leaf: Buffer }
type Standing = { readonly total: number; readonly closedBy: number }

/** Whether an error is of this file, as against one of the journal, which arrives as a fault that names the journal. */
export function isOfViews(error: unknown): boolean {
  return error instanceof Fault ? error.message.includes(viewsName) : isDriverError(error)
}

function isDamage(error: unknown): boolean {
  return isOfViews(error) && databaseFault(viewsName, error).code === "store.damaged"
}

function openFile(path: string, key: Uint8Array): SqliteDatabase {
  const fresh = !existsSync(path)
  const database = openDatabase(path, { key, busyTimeoutMs: 10_000 })
  try {
    if (fresh) database.pragma("page_size = 4096")
    database.pragma("journal_mode = WAL")
    database.pragma("synchronous = NORMAL")
    return database
  } catch (error) {
    database.close()
    throw databaseFault(path, error)
  }
}

function removeFile(path: string): void {
  try {
    for (const suffix of ["", "-wal", "-shm"]) rmSync(path + suffix, { force: true })
  } catch (error) {
    throw new Fault("store.write-failed", { file: path, problem: problemOf(error) }, error)
  }
}
