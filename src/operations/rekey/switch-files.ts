/**
 * The moment in which the files that were written anew become the ledger's. From the state `switching` of rekey.json on there is only forwards: whoever opens
 * the ledger for writing puts each file in its place, then the keys, and removes the state. Every step may be done twice.
 */
import { existsSync, renameSync, rmSync } from "node:fs"
import { Fault, problemOf } from "../../base/fault.ts"
import { journalName, type LedgerFiles } from "../../journal/files.ts"
import { adoptDataKeys, readDataKeys, removeDataKeys } from "../../vault/data-keys.ts"
import { syncDirectory } from "../../vault/durable-file.ts"
import type { OpenKeys } from "../../vault/key-store.ts"
import { pageKeysOf } from "../../vault/key-wrapping.ts"

export type SwitchStep = "switching" | "journal.db" | "scopes.db" | "views.db" | "adopted"

/** Where a file is written anew. */
export function nextOf(path: string): string {
  return `${path}.next`
}

/** True when there was something to do; the keys have to be read again then. */
export function settleSwitch(files: LedgerFiles, keys: OpenKeys, reached: (step: SwitchStep) => void = () => {}): boolean {
  const next = readDataKeys(files.directory, keys)
  if (next?.state !== "switching") return false
  try {
    replace(files.journal)
    reached("journal.db")
    replace(files.scopes)
    reached("scopes.db")
    // Whether it was copied or not: under the old key nobody opens it any more.
    if (!replace(files.views) && readableByOldKeysOnly(keys, next.page)) removeDatabase(files.views)
    reached("views.db")
    syncDirectory(files.directory)
  } catch (error) {
    throw error instanceof Fault ? error : new Fault("store.write-failed", { file: files.directory, problem: problemOf(error) }, error)
  }
  adoptDataKeys(files.directory, keys, next, { name: journalName, path: files.journal })
  reached("adopted")
  removeDataKeys(files.directory)
  return true
}

/** What was begun and is given up. */
export function removeNextFiles(files: LedgerFiles): void {
  for (const path of [files.journal, files.scopes, files.views]) removeDatabase(nextOf(path))
}

/** False when there is none to put in its place, or it stands there already. */
export function replace(path: string): boolean {
  if (!existsSync(nextOf(path))) return false
  // Its log belongs to the file that goes: what stands in it was carried over.
  for (const suffix of ["-wal", "-shm", "-journal"]) rmSync(path + suffix, { force: true })
  renameSync(nextOf(path), path)
  return true
}

function readableByOldKeysOnly({ viewsKey }: OpenKeys, nextPage: Buffer): boolean {
  return !pageKeysOf(nextPage).viewsKey.equals(viewsKey)
}

function removeDatabase(path: string): void {
  for (const suffix of ["", "-wal", "-shm", "-journal"]) rmSync(path + suffix, { force: true })
}
