/** Ends the writer of a ledger in order: what it has is on disk, and its last checkpoint is signed. */
import { setTimeout as sleep } from "node:timers/promises"
import { Fault } from "../../../base/fault.ts"
import { numberOf, objectOf } from "../../../base/json.ts"
import { tryLock } from "../../../vault/lock.ts"
import { askWriter } from "../../socket/writer-link.ts"
import type { CommandContext } from "../command.ts"
import { ownLinkOf } from "../ledger-order.ts"
import { runningWriter } from "../running-writer.ts"

const withinMs = 20_000
const lookEveryMs = 100

/** Its process id; null where none ran. @throws {Fault} `uninstall.writer-stays` */
export async function endWriter(context: CommandContext): Promise<number | null> {
  const pid = numberOf(objectOf(await runningWriter(context.socket))["pid"])
  if (pid === undefined) return null
  await askWriter({ ...ownLinkOf(context), program: undefined }, "stop")
  for (let waitedMs = 0; waitedMs < withinMs; waitedMs += lookEveryMs) {
    if ((await runningWriter(context.socket)) === null && isFree(context.files.lock)) return pid
    await sleep(lookEveryMs)
  }
  throw new Fault("uninstall.writer-stays", { pid })
}

/** It answers nobody any more while it stores its last checkpoint. */
function isFree(lockFile: string): boolean {
  const lock = tryLock(lockFile)
  lock?.release()
  return lock !== undefined
}
