/** `src/vault/database.ts` with the one difference that pages are not sealed: the baseline of what sealing them costs (`page-journal.ts`). */
import Database from "better-sqlite3-multiple-ciphers"
import type { DatabaseOptions, SqliteDatabase } from "../src/vault/database.ts"

export * from "../src/vault/database.ts"

export function openDatabase(path: string, options: DatabaseOptions): SqliteDatabase {
  const { readonly = false, existing = false, alone = false, busyTimeoutMs = 5_000 } = options
  const database = new Database(path, { readonly, fileMustExist: readonly || existing, timeout: busyTimeoutMs })
  if (alone) database.pragma("locking_mode = EXCLUSIVE")
  database.pragma("schema_version")
  return database
}
