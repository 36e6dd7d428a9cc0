/** Whether a writer could write: is there room, and may it. */
import { accessSync, constants, statfsSync } from "node:fs"
import { Fault, type FaultJson } from "../base/fault.ts"

/** A few commits: with less, a writer that records now will not for long, and one that starts may not get ready. */
const leastLeftBytes = 65_536

/** Too little room for a writer to go on; null where there is enough, or nothing can be written anyway. */
export function spaceProblem(directory: string): FaultJson | null {
  if (!isWritable(directory)) return null // a copy to look at; media that are made once are always full
  const { bavail, bsize } = statfsSync(directory)
  const leftBytes = bavail * bsize
  return leftBytes < leastLeftBytes ? new Fault("store.no-space", { directory, leftBytes }).toJSON() : null
}

export function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    // Which is what was asked.
    return false
  }
}
