/** Removes the oldest whole backups of a ledger. What is not known to be one, or has something of somebody else's in it, is left. */
import { readdirSync, renameSync } from "node:fs"
import { join } from "node:path"
import { Fault, problemOf } from "../../base/fault.ts"
import { syncDirectory } from "../../vault/durable-file.ts"
import { backupsIn, leavingName, manifestName, parseBackupName, removeTree } from "./backup-names.ts"
import { backedUp, readManifest } from "./manifest.ts"

/** Names, the oldest first: of those that were removed, and those that would have been. */
export type Kept = { readonly removed: readonly string[]; readonly left: readonly string[] }

const known: ReadonlySet<string> = new Set([manifestName, ...backedUp, "journal.db-wal", "journal.db-shm"])

/** `made` is the one that was made last; it stays, whatever the clocks said when the others were. */
export function keepNewest(directory: string, made: string, most: number): Kept {
  const storeId = parseBackupName(made)?.storeId ?? ""
  const others = backupsIn(directory).filter(({ name, storeId: of }) => of === storeId && name !== made && isWhole(join(directory, name), storeId))
  const beyond = others.slice(0, Math.max(0, others.length + 1 - most)).map(({ name }) => name)
  const removed = beyond.filter((name) => readdirSync(join(directory, name)).every((file) => known.has(file)))
  for (const name of removed) remove(directory, name)
  return { removed, left: beyond.filter((name) => !removed.includes(name)) }
}

function isWhole(backup: string, storeId: string): boolean {
  try {
    return readManifest(backup).storeId === storeId
  } catch (error) {
    if (error instanceof Fault) return false // it is not counted, nor removed: somebody may want to look at it
    throw error
  }
}

/** Out of its name first: what has one is whole. */
function remove(directory: string, name: string): void {
  const leaving = join(directory, leavingName(name))
  try {
    renameSync(join(directory, name), leaving)
    syncDirectory(directory)
  } catch (error) {
    throw new Fault("store.write-failed", { file: join(directory, name), problem: problemOf(error) }, error)
  }
  removeTree(leaving)
}
