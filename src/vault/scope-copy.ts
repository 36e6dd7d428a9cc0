/**
 * A copy of scopes.db that holds the rows and nothing else: written anew, row by row, so that no free page and no gap within a page keeps a key that was
 * destroyed, as a copy of the file's bytes could.
 */
import { chmodSync, closeSync, fsyncSync, openSync } from "node:fs"
import { Fault, problemOf } from "../base/fault.ts"
import { databaseFault, openDatabase } from "./database.ts"

/**
 * Beside a running writer, too, which waits for it with the next new scope: a fifth of a second for a hundred thousand of them.
 * @param target is not there yet; it is durable afterwards, under the same key.
 * @throws {Fault} `store.unreadable` or `store.damaged` of the source, `store.write-failed` of the target.
 */
export function copyScopes(path: string, key: Uint8Array, target: string): void {
  const database = openDatabase(path, { key, readonly: true })
  try {
    database.prepare("VACUUM INTO ?").run(target)
    chmodSync(target, 0o600)
    const file = openSync(target, "r+")
    try {
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
  } catch (error) {
    throw faultOf(error, path, target)
  } finally {
    database.close()
  }
}

function faultOf(error: unknown, path: string, target: string): Fault {
  const code = error instanceof Error && "code" in error ? String(error.code) : ""
  const isOfSource = /^SQLITE_(?:CORRUPT|NOTADB|BUSY|IOERR_(?:READ|DATA|SHORT_READ))/.test(code)
  return isOfSource ? databaseFault(path, error) : new Fault("store.write-failed", { file: target, problem: problemOf(error) }, error)
}
