/** Who writes the data anew is the only one to do so, and at the end the only one to write the ledger at all. */
import { Fault } from "../../base/fault.ts"
import type { LedgerFiles } from "../../journal/files.ts"
import { tryLock, waitForLock } from "../../vault/lock.ts"

const lockWithinMs = 20_000
const lockEveryMs = 10

/** @throws {Fault} `rekey.running` when another command is at it. */
export async function aloneAtData<T>({ rekeyLock, directory }: LedgerFiles, work: () => Promise<T>): Promise<T> {
  const lock = tryLock(rekeyLock)
  if (!lock) throw new Fault("rekey.running", { directory })
  try {
    return await work()
  } finally {
    lock.release()
  }
}

/**
 * Under the writer's lock, once a running writer has let go of it. `stoodStillMs` answers for how long it has by now.
 * @throws {Fault} `store.locked`
 */
export async function standStill<T>({ lock: path, directory }: LedgerFiles, letGo: () => Promise<void>, work: (stoodStillMs: () => number) => T): Promise<T> {
  await letGo()
  const beganMs = performance.now()
  const lock = await waitForLock(path, lockWithinMs, lockEveryMs)
  if (!lock) throw new Fault("store.locked", { directory })
  try {
    return work(() => Math.round(performance.now() - beganMs))
  } finally {
    lock.release()
  }
}
