/**
 * A lock between processes: an exclusive SQLite lock on a file of its own. The kernel frees it when the process dies, so there are no stale locks.
 * The file is empty and unsealed: it never holds a byte of anything.
 */
import { Fault } from "../base/fault.ts"
import { openPlainDatabase, type SqliteDatabase } from "./database.ts"

export type FileLock = { readonly release: () => void }

/** Takes the lock or answers undefined when another process has it. */
export function tryLock(path: string): FileLock | undefined {
  let database: SqliteDatabase | undefined
  try {
    database = openPlainDatabase(path)
    database.pragma("locking_mode = EXCLUSIVE")
    database.exec("BEGIN EXCLUSIVE")
    const held = database
    return { release: () => held.close() }
  } catch (error) {
    database?.close()
    if (error instanceof Error && "code" in error && String(error.code).startsWith("SQLITE_BUSY")) return undefined
    throw error instanceof Fault ? error : new Fault("store.write-failed", { file: path, problem: String(error) }, error)
  }
}

/** As `tryLock`, trying again until it is free or the time is over. */
export async function waitForLock(path: string, withinMs: number, everyMs: number): Promise<FileLock | undefined> {
  const untilMs = performance.now() + withinMs
  for (;;) {
    const lock = tryLock(path)
    if (lock || performance.now() > untilMs) return lock
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
}
