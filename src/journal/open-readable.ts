/**
 * Opens journal.db for reading, beside a running writer, after it, or on a copy. Where the directory cannot be written (SQLite needs a shared-memory file beside
 * a write-ahead log) the sealed files are read from a private copy.
 */
import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs"
import { basename, join } from "node:path"
import { Fault } from "../base/fault.ts"
import type { SqliteDatabase } from "../vault/database.ts"
import type { PageKeys } from "../vault/key-store.ts"
import type { LedgerFiles } from "./files.ts"
import { openJournalDatabase } from "./schema.ts"

export type ReadableDatabase = {
  readonly database: SqliteDatabase
  /** Removes the copy, when there is one; after the database is closed. */
  readonly discard: () => void
}

/** `alone`: nobody else has the files, as those of a backup, and nothing is to be left beside them. */
export type ReadableOptions = { readonly alone?: boolean }

export function openReadable(files: LedgerFiles, keys: PageKeys, options: ReadableOptions = {}): ReadableDatabase {
  try {
    return { database: openJournalDatabase(files, keys, { readonly: true, ...options }), discard: () => {} }
  } catch (error) {
    const helped = error instanceof Fault && ["store.unreadable", "store.write-failed", "store.read-only"].includes(error.code)
    if (!helped || !existsSync(files.journal)) throw error
    return openCopy(files, keys, error)
  }
}

function openCopy(files: LedgerFiles, keys: PageKeys, reason: Fault): ReadableDatabase {
  const directory = mkdtempSync(join(process.env["TMPDIR"] ?? "/tmp", "sovereign-ledger-read-"))
  const discard = () => rmSync(directory, { recursive: true, force: true })
  try {
    for (const suffix of ["", "-wal"]) {
      if (existsSync(files.journal + suffix)) copyFileSync(files.journal + suffix, join(directory, basename(files.journal) + suffix))
    }
    const copy = { ...files, journal: join(directory, basename(files.journal)) }
    return { database: openJournalDatabase(copy, keys, { readonly: true }), discard }
  } catch {
    // The copy could not be read either; what was wrong with the original is what the operator can mend.
    discard()
    throw reason
  }
}
