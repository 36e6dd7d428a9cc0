/** Storing a checkpoint: in the journal first, then as the note outside the directory, so that the note is never ahead of the journal. */
import { writeDurably } from "../vault/durable-file.ts"
import type { Journal } from "../journal/journal.ts"

/** Signs and stores the head; nothing to do when it is stored already. Returns the note. `writesNote` is false while the note outside is evidence. */
export function storeCheckpoint(journal: Journal, lastStoredSize: number, nowMs: number, writesNote = true): { readonly note: string; readonly size: number } {
  const { note, checkpoint } = journal.checkpoint()
  if (checkpoint.size !== lastStoredSize) {
    journal.storeCheckpoint(checkpoint.size, note, nowMs)
    if (writesNote) writeDurably(journal.files.headNote, note)
  }
  return { note, size: checkpoint.size }
}
