/**
 * views.db: the tables of all projections, each with the sequence it has reached. Whoever finds it behind may bring it forward: one
 * transaction reads the cursor, applies entries and moves the cursor, so that the writer and a command may do it at the same time.
 * Nothing here is evidence. A file that does not fit is thrown away and built again.
 */
import { existsSync, rmSync } from "node:fs"
import { databaseFault, openDatabase, openMemoryDatabase, type SqliteDatabase } from "../vault/database.ts"
import { Fault } from "../base/fault.ts"
import { factsOf, type JournalReader } from "../journal/reader.ts"
import type { Projection, ProjectedEntry } from "./projection.ts"
import { projections } from "./projection-list.ts"

const cursorSchema = "CREATE TABLE IF NOT EXISTS cursors(name TEXT PRIMARY KEY, version INTEGER NOT NULL, next INTEGER NOT NULL) STRICT, WITHOUT ROWID"

export type CatchUpOptions = {
  /** Most entries applied in one transaction, so that nobody waits long. */
  readonly sliceEntries: number
  readonly onProgress?: ((done: number, total: number) => void) | undefined
}

export class ViewStore {
  readonly database: SqliteDatabase
  readonly #rows: readonly Projection[]

  constructor(database: SqliteDatabase, rows: readonly Projection[] = projections) {
    this.database = database
    this.#rows = rows
    database.exec(cursorSchema)
  }

  /** Opens views.db for writing, or makes it; a file that cannot be opened is replaced. */
  static open(path: string, key: Uint8Array): ViewStore {
    try {
      return ViewStore.#openFile(path, key)
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== "store.damaged") throw error
      for (const suffix of ["", "-wal", "-shm"]) rmSync(path + suffix, { force: true })
      return ViewStore.#openFile(path, key)
    }
  }

  /** Tables in memory, for a directory that cannot be written. */
  static inMemory(): ViewStore {
    return new ViewStore(openMemoryDatabase())
  }

  static #openFile(path: string, key: Uint8Array): ViewStore {
    const fresh = !existsSync(path)
    const database = openDatabase(path, { key, busyTimeoutMs: 10_000 })
    try {
      if (fresh) database.pragma("page_size = 4096")
      database.pragma("journal_mode = WAL")
      database.pragma("synchronous = NORMAL")
      return new ViewStore(database)
    } catch (error) {
      database.close()
      throw databaseFault(path, error)
    }
  }

  /** Sequence up to which every projection has been applied (exclusive). */
  reached(): number {
    const rows = this.database.prepare("SELECT name, version, next FROM cursors").all() as { name: string; version: number; next: number }[]
    const cursors = this.#rows.map((row) => rows.find((cursor) => cursor.name === row.name && cursor.version === row.version)?.next ?? 0)
    return Math.min(...cursors)
  }

  /** Applies entries until the projections have reached the journal's size at the call. */
  catchUp(reader: JournalReader, options: CatchUpOptions): void {
    const total = reader.size()
    while (this.applySlice(reader, total, options.sliceEntries)) options.onProgress?.(this.reached(), total)
  }

  /** Applies one slice; false when nothing was left to do. */
  applySlice(reader: JournalReader, total: number, sliceEntries: number): boolean {
    this.database.exec("BEGIN IMMEDIATE")
    try {
      this.#rebuildChanged()
      const from = this.reached()
      const to = Math.min(total, from + sliceEntries)
      if (from > total) this.#dropAll() // the journal is shorter than what was projected: the tables are of another journal
      else if (from < to) this.#applyRange(reader, from, to)
      this.database.exec("COMMIT")
      return from > total || to < total
    } catch (error) {
      this.database.exec("ROLLBACK")
      throw error
    }
  }

  #applyRange(reader: JournalReader, from: number, to: number): void {
    const cursors = this.#rows.map((row) => ({ apply: row.prepare(this.database), next: this.#cursor(row.name) }))
    for (const stored of reader.entries(from, to - 1)) {
      let parsed: ReturnType<typeof factsOf> | undefined
      const entry: ProjectedEntry = { sequence: stored.sequence, header: stored.header, facts: () => (parsed ??= factsOf(stored)) }
      for (const cursor of cursors) if (stored.sequence >= cursor.next) cursor.apply(entry)
    }
    const move = this.database.prepare("UPDATE cursors SET next = max(next, ?) WHERE name = ?")
    for (const row of this.#rows) move.run(to, row.name)
  }

  #cursor(name: string): number {
    return this.database.prepare("SELECT next FROM cursors WHERE name = ?").pluck().get(name) as number
  }

  #rebuildChanged(): void {
    const read = this.database.prepare("SELECT version FROM cursors WHERE name = ?").pluck()
    for (const row of this.#rows) if (read.get(row.name) !== row.version) this.#create(row)
  }

  #dropAll(): void {
    for (const row of this.#rows) this.#create(row)
  }

  #create(row: Projection): void {
    for (const table of row.tables) this.database.exec(`DROP TABLE IF EXISTS ${table}`)
    this.database.exec(row.schema)
    this.database
      .prepare("INSERT INTO cursors(name, version, next) VALUES (?, ?, 0) ON CONFLICT(name) DO UPDATE SET version = excluded.version, next = 0")
      .run(row.name, row.version)
  }

  close(): void {
    this.database.close()
  }
}
