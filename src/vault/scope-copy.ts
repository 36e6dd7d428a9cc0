/**
 * A copy of scopes.db that holds the rows and nothing else: written anew, row by row, so that no free page and no gap within a page keeps a key that was
 * destroyed, as a copy of the file's bytes could.
 */
import { chmodSync, closeSync, fsyncSync, openSync } from "node:fs"
import { Fault, problemOf } from "../base/fault.ts"
import { databaseFault, openDatabase, type SqliteDatabase } from "./database.ts"
import { scopesFormat } from "./scopes-schema.ts"

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

// A key is of a later day than all of its scope that were destroyed: the newest of those says how far the erasing went.
const erased = "SELECT s.scope_id, s.salt IS NULL, (SELECT max(day) FROM scope_keys k WHERE k.scope_id = s.scope_id AND k.key IS NULL) FROM scopes s"
/** Of before keys had days: a scope had one, and was erased with it. */
const erasedInFormat1 = "SELECT scope_id, key IS NULL, NULL FROM scopes"

/**
 * What an older file knows that a newer one does not, in words: rows are never removed, and a key that was destroyed does not come back. Undefined where it
 * knows nothing more, or is damaged and says nothing.
 */
export function lostSince(older: string, newer: string, key: Uint8Array): string | undefined {
  let before: SqliteDatabase
  try {
    before = openDatabase(older, { key, readonly: true })
  } catch (error) {
    if (error instanceof Fault && error.code === "store.damaged") return undefined
    throw error
  }
  const now = openDatabase(newer, { key, readonly: true })
  try {
    const destroyedOf = before.prepare((before.pragma("user_version", { simple: true }) as number) < scopesFormat ? erasedInFormat1 : erased).raw()
    const found = now.prepare("SELECT salt IS NULL FROM scopes WHERE scope_id = ?").pluck()
    const isBack = now.prepare("SELECT 1 FROM scope_keys WHERE scope_id = ? AND key IS NOT NULL AND day <= ? LIMIT 1").pluck()
    let [missing, back] = [0, 0]
    for (const [id, wasErased, lastDestroyed] of destroyedOf.iterate() as IterableIterator<[Buffer, 0 | 1, number | null]>) {
      const is = found.get(id)
      if (is === undefined) missing++
      else if ((wasErased === 1 && is === 0) || (lastDestroyed !== null && isBack.get(id, lastDestroyed) !== undefined)) back++
    }
    if (back > 0) return `${back} that were destroyed are there again`
    return missing > 0 ? `${missing} of its keys are missing here` : undefined
  } catch (error) {
    const fault = databaseFault(older, error)
    if (fault.code === "store.damaged") return undefined
    throw fault
  } finally {
    before.close()
    now.close()
  }
}

function faultOf(error: unknown, path: string, target: string): Fault {
  const code = error instanceof Error && "code" in error ? String(error.code) : ""
  const isOfSource = /^SQLITE_(?:CORRUPT|NOTADB|BUSY|IOERR_(?:READ|DATA|SHORT_READ))/.test(code)
  return isOfSource ? databaseFault(path, error) : new Fault("store.write-failed", { file: target, problem: problemOf(error) }, error)
}
