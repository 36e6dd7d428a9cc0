/**
 * Copies the write-ahead log of a journal into its file, from beside the connection that commits. Reads no entry and writes none.
 *
 * The log is begun anew by the first commit that finds every page of it copied and nobody reading in it. While commits come, a copy made beside
 * them never has the last pages: the one who commits copies those in between two commits, and the long part of the work is done by then.
 */
import { openDatabase, type SqliteDatabase } from "../vault/database.ts"
import type { PageKeys } from "../vault/key-store.ts"
import type { LedgerFiles } from "./files.ts"

export class LogCopier {
  readonly #database: SqliteDatabase

  constructor(files: LedgerFiles, keys: PageKeys) {
    this.#database = openDatabase(files.journal, { key: keys.journalKey, existing: true })
    this.#database.pragma("synchronous = FULL") // what is copied may be overwritten in the log, so it has to be on the disk
    this.#database.pragma("wal_autocheckpoint = 0")
  }

  /** Twice: the second time what came during the first, so that little is left. */
  copy(): void {
    for (let time = 0; time < 2; time++) this.#database.pragma("wal_checkpoint(PASSIVE)")
  }

  close(): void {
    this.#database.close()
  }
}
