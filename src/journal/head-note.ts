/**
 * The note outside the directory, compared with the journal. A note that the journal cannot have grown from means that the ledger was put back from a
 * copy, or exchanged: it is the evidence of that, and is never written over.
 */
import { existsSync, readFileSync } from "node:fs"
import { parseVerifierKey } from "../format/checkpoint.ts"
import { rangeRoot } from "../format/merkle.ts"
import { noteChecker } from "../verify/signature.ts"
import type { JournalReader } from "./reader.ts"

export type HeadNoteState = "agrees" | "missing" | "ahead of the journal" | "of another history" | "not signed by this ledger" | "unreadable"

export function headNoteState(path: string, verifierKey: string, reader: JournalReader): HeadNoteState {
  if (!existsSync(path)) return "missing"
  let text: string
  try {
    text = readFileSync(path, "utf8")
  } catch {
    // Whoever asks for the state of the note is told that there is none to be had.
    return "unreadable"
  }
  const checked = noteChecker(parseVerifierKey(verifierKey))(text)
  if (!checked.ok) return "not signed by this ledger"
  const { size, root } = checked.checkpoint
  const entries = reader.size()
  if (size > entries) return "ahead of the journal"
  return rangeRoot(reader.subtrees(entries), 0, size).equals(root) ? "agrees" : "of another history"
}

/** Whether a new checkpoint may take the note's place. */
export function mayReplace(state: HeadNoteState): boolean {
  return state === "agrees" || state === "missing"
}
