/** Takes a ledger for writing: the lock, which one process has, then keys, scopes and journal. */
import { systemClocks, type Clocks } from "../base/clock.ts"
import { Fault } from "../base/fault.ts"
import { ledgerFiles } from "../journal/files.ts"
import { makePrivateDirectory } from "../vault/durable-file.ts"
import { waitForLock, type FileLock } from "../vault/lock.ts"
import type { SecretPlaces } from "../vault/master-key.ts"
import { delayer } from "./commit-delay.ts"
import { movedClocks } from "./moved-clocks.ts"
import { openLedger, type OpenLedger } from "./open-ledger.ts"
import type { WriterArguments } from "./writer-arguments.ts"

export type TakenLedger = { readonly lock: FileLock; readonly ledger: OpenLedger; readonly clocks: Clocks }

const lockWithinMs = 15_000
const lockEveryMs = 40

export async function takeLedger(args: WriterArguments, places: SecretPlaces, version: string): Promise<TakenLedger> {
  makePrivateDirectory(args.directory)
  const files = ledgerFiles(args.directory, args.headNote)
  const lock = await waitForLock(files.lock, args.lockWithinMs ?? lockWithinMs, lockEveryMs) // an older writer that hands over needs a moment to let go
  if (!lock) throw new Fault("store.locked", { directory: files.directory })
  try {
    const clocks = args.clockFile === undefined ? systemClocks() : movedClocks(args.clockFile)
    const slow = args.commitDelayMs ? { beforeCommit: delayer(args.commitDelayMs) } : {}
    return { lock, clocks, ledger: openLedger(files, places, { nowMs: clocks.wallMs(), version, ...slow }) }
  } catch (error) {
    lock.release()
    throw error
  }
}
