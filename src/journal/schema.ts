/**
 * journal.db, format 1. Rows are only ever added; nothing is updated but the fixed-size partial tiles and the senders' counters,
 * and nothing is deleted, so the file has no free pages for a flipped bit to hide in.
 */
import { randomBytes } from "node:crypto"
import { statSync } from "node:fs"
import { Fault } from "../base/fault.ts"
import { countOf } from "../base/json.ts"
import { idSaltBytes } from "../format/commitment.ts"
import { databaseFault, openDatabase, readFileSalt, type SqliteDatabase } from "../vault/database.ts"
import { pinFileSalt } from "../vault/key-store-steps.ts"
import { keyStoreFormat } from "../vault/key-wrapping.ts"
import type { OpenKeys, PageKeys } from "../vault/key-store.ts"
import { noteName } from "./entry-notes.ts"
import { explained } from "./file-salt.ts"
import { journalName, type LedgerFiles } from "./files.ts"

export const journalFormat = 1
/** "SLj1": tells our file from any other SQLite file. */
const applicationId = 0x534c6a31
export const pageBytes = 4096

export const tableNames: ReadonlySet<string> = new Set(["entries", "chunks", "tiles", "checkpoints", "cosignatures", "senders", "meta"])

/** The name in `meta` of the entry that says what is gone from the file (`closing.ts`). */
export const closedName = "closed"

/** The name in `meta` of the least number that the next contents may have, as decimal text, where the last ones were removed: keys go by numbers, which only grow. */
export const nextChunkName = "next chunk"

type JournalOptions = { readonly readonly: boolean; readonly alone?: boolean }

export function openJournalDatabase(files: LedgerFiles, keys: PageKeys | OpenKeys, options: JournalOptions): SqliteDatabase {
  refuseLostFile(files, keys, options.readonly)
  const database = opened(files, keys, options)
  try {
    if (options.readonly && options.alone) database.pragma("query_only = ON")
    if (!options.readonly) {
      database.pragma(`page_size = ${pageBytes}`)
      database.pragma("journal_mode = WAL")
      database.pragma("synchronous = FULL")
      database.pragma("wal_autocheckpoint = 0") // the writer checkpoints by itself, between commits
      database.pragma("cache_size = -8000")
      if (database.pragma("user_version", { simple: true }) === 0 && isEmpty(database)) createSchema(database)
      if (!keys.store.fileSalts[journalName] && "wrapping" in keys && !hadLaterFormat(database, keys)) {
        database.pragma("wal_checkpoint(TRUNCATE)") // the first page, and with it the salt, reaches the file
        pinFileSalt(files.directory, keys, journalName, readFileSalt(files.journal))
      }
    }
    checkFormat(database, files.journal)
    return database
  } catch (error) {
    database.close()
    throw databaseFault(files.journal, error)
  }
}

function opened(files: LedgerFiles, keys: PageKeys, options: JournalOptions): SqliteDatabase {
  try {
    return openDatabase(files.journal, { key: keys.journalKey, ...accessOf(options) })
  } catch (error) {
    throw explained(error, files, keys)
  }
}

/** A keys.json of an earlier format than there was is an old copy: it is refused by who opens the ledger, and nothing is added to it before. */
function hadLaterFormat(database: SqliteDatabase, { store }: PageKeys): boolean {
  return store.format < keyStoreFormat && database.prepare("SELECT 1 FROM meta WHERE name = ?").get(noteName("keys", keyStoreFormat)) !== undefined
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
  database.prepare("INSERT INTO meta(name, value) VALUES ('id salt', ?), (?, x'')").run(randomBytes(idSaltBytes), noteName("notes", 1))
  database.pragma(`application_id = ${applicationId}`)
  database.pragma(`user_version = ${journalFormat}`)
  database.exec("COMMIT")
}

/** What the next contents of a journal are numbered with, in the database itself or in one that is attached to it. */
export function nextChunkIn(database: SqliteDatabase, name = "main"): number {
  const last = database.prepare(`SELECT max(number) FROM ${name}.chunks`).pluck().get() as number | null
  const least = database.prepare(`SELECT value FROM ${name}.meta WHERE name = ?`).pluck().get(nextChunkName) as Buffer | undefined
  return Math.max((last ?? -1) + 1, countOf(Number(least?.toString("latin1") ?? 0)) ?? 0)
}
