/** A checkpoint over all there is, where no writer runs that could be asked for one. */
import type { LedgerFiles } from "../../journal/files.ts"
import { headNoteState, mayReplace } from "../../journal/head-note.ts"
import { JournalReader } from "../../journal/reader.ts"
import { tryLock } from "../../vault/lock.ts"
import type { SecretPlaces } from "../../vault/master-key.ts"
import { storeCheckpoint } from "../checkpoint.ts"
import { openLedger } from "../open-ledger.ts"

/** Nothing is done where somebody has the lock after all: the last stored one serves, and the chain covers what came since. */
export function storeCheckpointAlone(files: LedgerFiles, places: SecretPlaces, { nowMs, version }: { readonly nowMs: number; readonly version: string }): void {
  const lock = tryLock(files.lock)
  if (!lock) return
  try {
    const ledger = openLedger(files, places, { nowMs, version })
    try {
      const known = JournalReader.ask(files, ledger.keys, (reader) => ({
        stored: reader.latestCheckpoint()?.size ?? 0,
        isOurs: mayReplace(headNoteState(files.headNote, ledger.keys.store.verifierKey, reader)),
      }))
      storeCheckpoint(ledger.journal, known.stored, nowMs, known.isOurs)
    } finally {
      ledger.close()
    }
  } finally {
    lock.release()
  }
}
