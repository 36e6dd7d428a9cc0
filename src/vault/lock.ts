/**
 * A lock between processes: an exclusive SQLite lock on a file of its own. The kernel frees it when the process dies, so there are no stale locks.
 * The file is empty and unsealed: it never holds a byte of anything.
 */
import { closeSync, openSync, rmSync, statSync } from "node:fs"
import { Fault, problemOf } from "../base/fault.ts"
import { readOnlyFault } from "./read-only-disk.ts"
import { databaseFault, openPlainDatabase, type SqliteDatabase } from "./database.ts"

export type FileLock = { readonly release: () => void }

/** Takes the lock or answers undefined when another process has it. */
export function tryLock(path: string): FileLock | undefined {
  let database: SqliteDatabase | undefined
  try {
    database = openPlainDatabase(path)
    database.pragma("locking_mode = EXCLUSIVE")
    database.pragma("journal_mode = MEMORY") // nothing is ever written: no file beside it that an exit could leave
    database.exec("BEGIN EXCLUSIVE")
    const held = database
    return { release: () => held.close() }
  } catch (error) {
    database?.close()
    if (error instanceof Error && "code" in error && String(error.code).startsWith("SQLITE_BUSY")) return undefined
    throw error instanceof Fault ? error : databaseFault(path, error)
  }
}

/**
 * As `tryLock`, with a file that is there for as long as the lock is held, and a moment longer where its holder was killed. The one that is held is the one that
 * stands under its name: a file that somebody was just taking away, and that nobody who comes later would find, is not held for it.
 */
export function tryPassingLock(path: string): FileLock | undefined {
  for (;;) {
    const before = madeOrFound(path)
    if (before === undefined) continue // taken away in between
    let lock: FileLock | undefined
    try {
      lock = tryLock(path)
    } catch (error) {
      if (identityOf(path) === before) throw error
      continue // SQLite does not like a file that has gone under it
    }
    if (!lock) return undefined
    if (identityOf(path) !== before) {
      lock.release()
      continue
    }
    return {
      release: () => {
        rmSync(path, { force: true }) // while it is held: whoever has opened it by now sees that it is gone
        lock.release()
      },
    }
  }
}

/** Never opened where it is there: closing it would take this process's own lock on it away. */
function madeOrFound(path: string): string | undefined {
  try {
    closeSync(openSync(path, "wx", 0o600))
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) {
      throw readOnlyFault(path, error) ?? new Fault("store.write-failed", { file: path, problem: problemOf(error) }, error)
    }
  }
  return identityOf(path)
}

/** A file that was taken away never comes back: a new one has the number of an old one at most, and not its time. */
function identityOf(path: string): string | undefined {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false })
  return stats && `${stats.dev} ${stats.ino} ${stats.birthtimeNs}`
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
