/** The files of a ledger: one directory, and the note that stands outside it. */
import { existsSync } from "node:fs"
import { join } from "node:path"
import { Fault } from "../base/fault.ts"

export const journalName = "journal.db"
export const viewsName = "views.db"
export const lockName = "writer.lock.sqlite"
/** There while a journal without what was removed takes the place of the one that has it. */
export const pruneName = "prune.json"

export type LedgerFiles = {
  readonly directory: string
  readonly journal: string
  readonly views: string
  readonly scopes: string
  readonly keys: string
  readonly lock: string
  /** Held while an import runs: two of them would both find the same rows new. */
  readonly importLock: string
  /** Held for as long as a collector runs. */
  readonly collectLock: string
  /** Held while a backup is made: two of them would replace each other's keys. */
  readonly backupLock: string
  /** Held while all data is sealed anew. */
  readonly rekeyLock: string
  /** There while a journal without what was closed takes the place of the one before. */
  readonly pruning: string
  /** There while anything may refuse a spend: what a gateway reads that cannot reach the writer. */
  readonly doors: string
  /** The last stored checkpoint, outside the directory, so that a directory put back from a backup shows. */
  readonly headNote: string
}

export function ledgerFiles(directory: string, headNote: string): LedgerFiles {
  return {
    directory,
    journal: join(directory, journalName),
    views: join(directory, viewsName),
    scopes: join(directory, "scopes.db"),
    keys: join(directory, "keys.json"),
    lock: join(directory, lockName),
    importLock: join(directory, "import.lock.sqlite"),
    collectLock: join(directory, "collect.lock.sqlite"),
    backupLock: join(directory, "backup.lock.sqlite"),
    rekeyLock: join(directory, "rekey.lock.sqlite"),
    pruning: join(directory, pruneName),
    doors: join(directory, "doors.json"),
    headNote,
  }
}

/** What a directory without keys.json is: a ledger that lost it, or none. */
export function absentKeyStore({ directory, keys, journal }: LedgerFiles): Fault {
  return existsSync(journal) ? new Fault("store.incomplete", { file: keys, other: journal }) : new Fault("store.absent", { directory })
}
