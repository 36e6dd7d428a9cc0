/**
 * Removing what a retention does not keep. The journal is written anew beside the one that is there, without what goes, while the ledger is used; then the writer
 * lets go for a moment, the entry that closes what is gone is recorded, and the new file takes the place of the old one. What goes is verified before.
 *
 *   planned     what goes is known, verified, and the balances after it are counted
 *   copied      journal.db.next and views.db.next are as good as up to date
 *   let go      no writer has the ledger
 *   entered     `journal.closed` is on record, and a checkpoint over it is stored
 *   switching   everything is carried over and durable: from here on there is only forwards (`pruned-files.ts`)
 *
 * Cut off before `switching`, everything is still there, and the next one begins anew.
 */
import { Fault } from "../../base/fault.ts"
import type { LedgerFiles } from "../../journal/files.ts"
import { isRekeying } from "../../vault/data-keys.ts"
import type { SecretPlaces } from "../../vault/master-key.ts"
import { refuseWithoutRoom } from "../backup/copy-file.ts"
import { mayWriteNote, storeCheckpoint } from "../checkpoint.ts"
import { openKeys } from "../create-key.ts"
import { entryOf } from "../entry-of.ts"
import { openLedger, type OpenOptions } from "../open-ledger.ts"
import { removeNextFiles } from "../rekey/switch-files.ts"
import { aloneAtData, standStill } from "../rekey/stand-still.ts"
import { PruneWork } from "./prune-work.ts"
import { beginPruned, isPruning, settlePruned, type PrunedStep } from "./pruned-files.ts"
import type { Retention } from "../../policy/retention.ts"

export type PruneStep = "planned" | "copying" | "copied" | "let go" | "entered" | "finished" | PrunedStep

export type PruneOptions = OpenOptions & {
  readonly retention: Retention
  /** Now, in ledger time. How old something is goes by the earlier of the two: a clock that is set ahead makes nothing old, nor does one that stands in 1970. */
  readonly ledgerMs: number
  /** Says what would go, and changes nothing. */
  readonly dryRun: boolean
  /** Has a running writer let go of the ledger; answers at once where none runs. */
  readonly letGo: () => Promise<void>
  readonly onProgress?: ((done: number, total: number) => void) | undefined
  /** Called when a step is done, and in every piece of the copying: a test ends the process there. */
  readonly reached?: ((step: PruneStep) => void) | undefined
}

export type Pruned = {
  readonly removedEntries: number
  readonly removedContents: number
  /** Entries before this one are gone, now or before. */
  readonly upTo: number
  /** The entry that closes them; null when nothing was removed. */
  readonly closedBy: number | null
  /** The oldest entry under a legal hold, where it kept others from going. */
  readonly heldAt: number | null
  readonly bytesBefore: number
  readonly bytesAfter: number
  readonly stoodStillMs: number
}

/** @throws {Fault} `retention.not-now`, `retention.not-valid`, `rekey.running`, `backup.no-room`, `store.locked`; nothing is removed then. */
export function prune(files: LedgerFiles, places: SecretPlaces, options: PruneOptions): Promise<Pruned> {
  return aloneAtData(files, () => removed(files, places, options))
}

async function removed(files: LedgerFiles, places: SecretPlaces, options: PruneOptions): Promise<Pruned> {
  const { keys } = openKeys(files, places)
  const { storeId } = keys.store
  if (isRekeying(files.directory)) throw new Fault("retention.not-now", { directory: files.directory, problem: "all data is being sealed anew" })
  // What another one left in the middle of its last step, where no writer has completed it.
  if (isPruning(files)) await standStill(files, options.letGo, () => settlePruned(files, storeId))
  if (!options.dryRun) removeNextFiles(files)
  const work = new PruneWork(files, keys, options)
  try {
    if (!work.plan || options.dryRun) return work.told(null, 0)
    work.verify()
    options.reached?.("planned")
    refuseWithoutRoom([{ directory: files.directory, bytes: work.bytesBefore }])
    await work.copy()
    options.reached?.("copied")
    return await standStill(files, options.letGo, (stoodStillMs) => {
      options.reached?.("let go")
      work.refuseNewHolds()
      const closedBy = enter(files, places, work, options)
      options.reached?.("entered")
      work.finish(closedBy)
      options.reached?.("finished")
      beginPruned(files, storeId)
      options.reached?.("switching")
      settlePruned(files, storeId, options.reached)
      return work.told(closedBy, stoodStillMs())
    })
  } finally {
    work.close()
  }
}

/** Records what is closed, with a checkpoint over it, in the journal that has everything. */
function enter(files: LedgerFiles, places: SecretPlaces, work: PruneWork, options: PruneOptions): number {
  const ledger = openLedger(files, places, options)
  try {
    const { size } = ledger.journal
    const entry = entryOf({ type: "journal.closed", id: `journal.closed:${size}`, facts: work.facts() }, ledger.scopes, options.nowMs)
    ledger.journal.append([entry], options.nowMs)
    storeCheckpoint(ledger.journal, 0, options.nowMs, mayWriteNote(files, ledger.keys))
    return size
  } finally {
    ledger.close()
  }
}
