/** Where a socket may stand, and what not everybody may ask by one. */
import { statSync } from "node:fs"
import { Fault } from "../../base/fault.ts"
import type { ControlAction } from "./protocol.ts"

/**
 * Whoever comes in by the socket of a group may not read the ledger: what goes, he cannot know. Nor does he end a writer that is not his: it has another version
 * when its operator gives it one and starts it again, and a gateway that is told of such a socket neither starts writers nor asks them to leave. Everything else
 * that is not for him takes a key he has not.
 */
export const notForTheGroup: ReadonlySet<ControlAction> = new Set<ControlAction>(["erase", "revoke-key", "stop", "hand-over"])

/** A directory others can write in would let them put a socket in our place. */
export function refuseSharedDirectory(directory: string, socketMode: number): void {
  const { mode, uid } = statSync(directory)
  const foreign = process.getuid !== undefined && uid !== process.getuid()
  if (foreign || (mode & 0o022 && socketMode === 0o600)) {
    throw new Fault("store.write-failed", { file: directory, problem: "other users can write in the directory of the socket" })
  }
}
