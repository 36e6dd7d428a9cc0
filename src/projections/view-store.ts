/**
 * views.db: the tables of all projections, each with the sequence it has reached. Whoever finds it behind may bring it forward: one
 * transaction reads the cursor, applies entries and moves the cursor, so that the writer and a command may do it at the same time.
 * Nothing here is evidence. A file that does not fit is thrown away and built again.
 */
import { existsSync, rmSync } from "node:fs"
import { Fault, problemOf } from "../base/fault.ts"
import { viewsName } from "../journal/files.ts"
import { factsOf, type JournalReader } from "../journal/reader.ts"
import { databaseFault, isDriverError, openDatabase, openMemoryDatabase, type SqliteDatabase } from "../vault/database.ts"
import type { Applying, Projection, ProjectedEntry } from "./projection.ts"
import { projections } from "./projection-list.ts"

/** How far each projection has come: entries before `next` are applied, and `leaf` is the hash of the last of them. */
const positionSchema =
  "CREATE TABLE IF NOT EXISTS positions(name TEXT PRIMARY KEY, version INTEGER NOT NULL, next INTEGER NOT NULL, leaf BLOB NOT NULL) STRICT, WITHOUT ROWID"
const nothing = Buffer.alloc(0)
/** What a slice takes of an entry's facts, on average: an entry may stand for hundreds of rows. */
const entryBytes = 1_000

export type CatchUpOptions = {
  /** Most entries applied in one transaction, so that nobody waits long; ten times as many where much is left. */
  readonly sliceEntries: number
  readonly onProgress?: ((done: number, total: number) => void) | undefined
}

type Open = { readonly database: SqliteDatabase; readonly startOver?: () => SqliteDatabase }

export class ViewStore {
  readonly #rows: readonly Projection[]
  readonly #startOver: (() => SqliteDatabase) | undefined
  #database: SqliteDatabase

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
    const rows = this.#database.prepare("SELECT name, version, next FROM positions").all() as { name: string; version: number; next: number }[]
    return Math.min(...this.#rows.map((row) => rows.find((found) => found.name === row.name && found.version === row.version)?.next ?? 0))
  }

  /** Applies entries until the projections have reached the journal's size at the call. */
  catchUp(reader: JournalReader, options: CatchUpOptions): void {
    const total = reader.size()
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
      for (const row of this.#rows) if (!this.#fits(row, reader, total)) this.#create(row)
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
  #fits(row: Projection, reader: JournalReader, total: number): boolean {
    const found = this.#database.prepare("SELECT version, next, leaf FROM positions WHERE name = ?").get(row.name) as Position | undefined
    if (found?.version !== row.version) return false
    if (found.next === 0) return true
    return found.next <= total && reader.leafHash(found.next - 1).equals(found.leaf)
  }

  /** Applies entries until `most`, or until so many bytes of facts were applied; answers up to where. */
  #applyRange(reader: JournalReader, from: number, most: number, sliceBytes: number): number {
    let [to, bytes] = [from, 0]
    const places = this.#rows.map((row) => ({ ...applying(row.prepare(this.#database)), next: this.#next(row.name) }))
    for (const stored of reader.entries(from, most - 1)) {
      let parsed: ReturnType<typeof factsOf> | undefined
      const entry: ProjectedEntry = { sequence: stored.sequence, header: stored.header, facts: () => (parsed ??= factsOf(stored)) }
      for (const place of places) if (stored.sequence >= place.next) place.apply(entry)
      to = stored.sequence + 1
      bytes += stored.saltedFacts.length
      if (bytes > sliceBytes) break
    }
    for (const { finish } of places) finish()
    const move = this.#database.prepare("UPDATE positions SET next = ?, leaf = ? WHERE name = ? AND next < ?")
    const leaf = reader.leafHash(to - 1)
    for (const row of this.#rows) move.run(to, leaf, row.name, to)
    return to
  }

  #next(name: string): number {
    return this.#database.prepare("SELECT next FROM positions WHERE name = ?").pluck().get(name) as number
  }

  #create(row: Projection): void {
    for (const table of row.tables) this.#database.exec(`DROP TABLE IF EXISTS ${table}`)
    this.#database.exec(row.schema)
    this.#database.prepare("INSERT OR REPLACE INTO positions(name, version, next, leaf) VALUES (?, ?, 0, ?)").run(row.name, row.version, nothing)
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

type Position = { readonly version: number; readonly next: number; readonly leaf: Buffer }

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
