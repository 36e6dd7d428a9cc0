/** The baseline of appends: a store with the journal's two large tables, the same driver, cipher and settings, and nothing else; or without the cipher. */
import { randomBytes } from "node:crypto"
import { openDatabase, type SqliteDatabase, type SqliteStatement } from "../src/vault/database.ts"
import { openDatabase as openPlainDatabase } from "./plain-database.ts"

export type StoredRows = {
  readonly entries: readonly [number, Buffer, Buffer, number | null][]
  readonly chunks: readonly [number, Buffer, Buffer][]
}

/** The writer's rule for its write-ahead log, src/operations/upkeep.ts. */
const logBytesAtMost = 4_000_000
const pagesOfCommitBytes = 12_000
const rowBytes = 1_000

export class RawStore {
  readonly #database: SqliteDatabase
  readonly #entry: SqliteStatement
  readonly #chunk: SqliteStatement
  readonly #begin: SqliteStatement
  readonly #commit: SqliteStatement
  readonly #single: SqliteStatement
  readonly #row = randomBytes(700)
  #logBytes = 0

  constructor(path: string, { plain = false }: { readonly plain?: boolean } = {}) {
    const database = (plain ? openPlainDatabase : openDatabase)(path, { key: randomBytes(32) })
    for (const pragma of ["page_size = 4096", "journal_mode = WAL", "synchronous = FULL", "wal_autocheckpoint = 0", "cache_size = -8000"]) {
      database.pragma(pragma)
    }
    database.exec(`
      CREATE TABLE entries(sequence INTEGER PRIMARY KEY, header BLOB NOT NULL, facts BLOB NOT NULL, place INTEGER) STRICT;
      CREATE TABLE chunks(number INTEGER PRIMARY KEY, scope_id BLOB NOT NULL, sealed BLOB NOT NULL) STRICT;
      CREATE TABLE single(number INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;`)
    this.#database = database
    this.#entry = database.prepare("INSERT INTO entries(sequence, header, facts, place) VALUES (?, ?, ?, ?)")
    this.#chunk = database.prepare("INSERT INTO chunks(number, scope_id, sealed) VALUES (?, ?, ?)")
    this.#single = database.prepare("INSERT INTO single(bytes) VALUES (?)")
    this.#begin = database.prepare("BEGIN IMMEDIATE")
    this.#commit = database.prepare("COMMIT")
  }

  insert({ entries, chunks }: StoredRows): void {
    this.#begin.run()
    for (const [sequence, header, facts, place] of entries) this.#entry.run(sequence, header, facts, place)
    for (const [number, scopeId, sealed] of chunks) this.#chunk.run(number, scopeId, sealed)
    this.#commit.run()
    this.#logBytes += entries.length * rowBytes + pagesOfCommitBytes
    if (this.#logBytes > logBytesAtMost) this.moveLog()
  }

  /** The least that is durable: one row of 700 B in a commit of its own. `beforeCommit` runs inside the transaction. */
  commitOneRow(beforeCommit?: () => void): void {
    this.#begin.run()
    this.#single.run(this.#row)
    beforeCommit?.()
    this.#commit.run()
  }

  moveLog(): void {
    this.#database.pragma("wal_checkpoint(PASSIVE)")
    this.#logBytes = 0
  }

  close(): void {
    this.#database.close()
  }
}
