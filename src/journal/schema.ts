/**
 * journal.db, format 1. Rows are only ever added; nothing is updated but the fixed-size partial tiles and the senders' counters,
 * and nothing is deleted, so the file has no free pages for a flipped bit to hide in.
 */
import { randomBytes } from "node:crypto"
import { statSync } from "node:fs"
import { Fault } from "../base/fault.ts"
import { idSaltBytes } from "../format/commitment.ts"
import { databaseFault, openDatabase, readFileSalt, type SqliteDatabase } from "../vault/database.ts"
import { pinFileSalt, type PageKeys } from "../vault/key-store.ts"
import { journalName, type LedgerFiles } from "./files.ts"

export const journalFormat = 1
/** "SLj1": tells our file from any other SQLite file. */
const applicationId = 0x534c6a31
export const pageBytes = 4096

export const tableNames: ReadonlySet<string> = new Set(["entries", "chunks", "tiles", "checkpoints", "cosignatures", "senders", "meta"])

/** The name in `meta` that says where a hand-over of the signing key is, so that nobody has to walk all entries to know which key signs. */
export function handOverName(sequence: number | ""): string {
  return `hand-over ${sequence}`
}

type JournalOptions = { readonly readonly: boolean; readonly alone?: boolean }

export function openJournalDatabase(files: LedgerFiles, keys: PageKeys, options: JournalOptions): SqliteDatabase {
  refuseLostFile(files, keys, options.readonly)
  const database = openDatabase(files.journal, { key: keys.journalKey, ...accessOf(options) })
  try {
    if (options.readonly && options.alone) database.pragma("query_only = ON")
    if (!options.readonly) {
      database.pragma(`page_size = ${pageBytes}`)
      database.pragma("journal_mode = WAL")
      database.pragma("synchronous = FULL")
      database.pragma("wal_autocheckpoint = 0") // the writer checkpoints by itself, between commits
      database.pragma("cache_size = -8000")
      if (database.pragma("user_version", { simple: true }) === 0 && isEmpty(database)) createSchema(database)
      if (!keys.store.fileSalts[journalName]) {
        database.pragma("wal_checkpoint(TRUNCATE)") // the first page, and with it the salt, reaches the file
        pinFileSalt(files.directory, journalName, readFileSalt(files.journal))
      }
    }
    checkFormat(database, files.journal)
    return database
  } catch (error) {
    database.close()
    throw databaseFault(files.journal, error)
  }
}

/** A connection that may not write leaves what it made for others beside the file: one that is alone may, and does not. */
function accessOf({ readonly, alone = false }: JournalOptions): { readonly readonly: boolean; readonly existing: boolean; readonly alone: boolean } {
  return { readonly: readonly && !alone, existing: readonly, alone }
}

/** A journal that was begun has its first page in the file; SQLite would take a shorter file for a new, empty database. */
function refuseLostFile(files: LedgerFiles, keys: PageKeys, readonly: boolean): void {
  const sizeBytes = statSync(files.journal, { throwIfNoEntry: false })?.size
  const begun = keys.store.fileSalts[journalName] !== undefined
  if (begun && sizeBytes === undefined) throw new Fault("store.incomplete", { file: files.journal, other: files.keys })
  if (begun && sizeBytes !== undefined && sizeBytes < pageBytes) {
    throw new Fault("store.damaged", { file: files.journal, problem: `it was begun, and has ${sizeBytes} bytes left` })
  }
  if (readonly && !sizeBytes) throw new Fault("store.absent", { directory: files.directory })
}

function isEmpty(database: SqliteDatabase): boolean {
  return database.prepare("SELECT count(*) FROM sqlite_schema").pluck().get() === 0
}

function checkFormat(database: SqliteDatabase, file: string): void {
  const id = database.pragma("application_id", { simple: true })
  const format = database.pragma("user_version", { simple: true }) as number
  if (id !== applicationId) throw new Fault("store.damaged", { file, problem: "it is not a journal of this product" })
  if (format > journalFormat) throw new Fault("store.newer-format", { file, found: format, known: journalFormat })
}

export function createSchema(database: SqliteDatabase): void {
  database.exec("BEGIN IMMEDIATE")
  database.exec(`
    CREATE TABLE entries(
      sequence INTEGER PRIMARY KEY,
      header BLOB NOT NULL,  -- the exact bytes of the leaf
      facts BLOB NOT NULL,   -- salt, 16 bytes, then JSON
      place INTEGER          -- where the content is: chunk x 1024 + record; NULL when there is none
    ) STRICT;
    CREATE TABLE chunks(number INTEGER PRIMARY KEY, scope_id BLOB NOT NULL, sealed BLOB NOT NULL) STRICT;
    CREATE TABLE tiles(
      tile INTEGER PRIMARY KEY,  -- level x 2^44 + index; level counts steps of 8 in the tree
      hashes BLOB NOT NULL       -- 256 hashes; the last tile of an upper level is padded with zeros
    ) STRICT;
    CREATE TABLE checkpoints(size INTEGER PRIMARY KEY, note TEXT NOT NULL, stored_ms INTEGER NOT NULL) STRICT;
    CREATE TABLE cosignatures(
      witness TEXT NOT NULL,  -- its name and key hash
      size INTEGER NOT NULL,  -- of the checkpoint it stands under
      line TEXT NOT NULL,     -- the signature line, without its line feed
      PRIMARY KEY(witness, size)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE senders(sender BLOB PRIMARY KEY, number INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE meta(name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
  `)
  database.prepare("INSERT INTO meta(name, value) VALUES ('id salt', ?)").run(randomBytes(idSaltBytes))
  database.pragma(`application_id = ${applicationId}`)
  database.pragma(`user_version = ${journalFormat}`)
  database.exec("COMMIT")
}
