/** Storing a checkpoint and what witnesses say of it: in the journal first, then in the note outside the directory, so that the note is never ahead. */
import { writeDurably } from "../vault/durable-file.ts"
import type { LedgerFiles } from "../journal/files.ts"
import { headNoteState, mayReplace } from "../journal/head-note.ts"
import type { Journal } from "../journal/journal.ts"
import { JournalReader } from "../journal/reader.ts"
import type { StoredCosignature } from "../journal/stored-cosignatures.ts"
import type { OpenKeys } from "../vault/key-store.ts"

/** Signs and stores the head; nothing to do when it is stored already. Returns the note. `writesNote` is false while the note outside is evidence. */
export function storeCheckpoint(journal: Journal, lastStoredSize: number, nowMs: number, writesNote = true): { readonly note: string; readonly size: number } {
  const { note, checkpoint } = journal.checkpoint()
  if (checkpoint.size !== lastStoredSize) {
    journal.storeCheckpoint(checkpoint.size, note, nowMs)
    if (writesNote) writeDurably(journal.files.headNote, note)
  }
  return { note, size: checkpoint.size }
}

/** False while the note outside is evidence: of a ledger that was put back, or of another one. */
export function mayWriteNote(files: LedgerFiles, keys: OpenKeys): boolean {
  return JournalReader.ask(files, keys, (reader) => mayReplace(headNoteState(files.headNote, keys.store.verifierKey, reader)))
}

/** Keeps a cosignature. The note outside carries those of the checkpoint it holds; `reader` is one of the same journal. */
export function storeCosignature(journal: Journal, reader: JournalReader, cosignature: StoredCosignature, writesNote = true): void {
  journal.storeCosignature(cosignature)
  const head = reader.latestCheckpoint()
  if (!writesNote || head?.size !== cosignature.size) return
  const lines = reader.cosignatures.last().filter(({ size }) => size === head.size)
  writeDurably(journal.files.headNote, head.note + lines.map(({ line }) => `${line}\n`).join(""))
}
