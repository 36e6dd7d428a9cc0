/**
 * The note outside the directory, compared with the journal. A note that the journal cannot have grown from means that the ledger was put back from a
 * copy, or exchanged: it is the evidence of that, and is never written over.
 */
import { existsSync, readFileSync } from "node:fs"
import { parseVerifierKey } from "../format/checkpoint.ts"
import { rangeRoot } from "../format/merkle.ts"
import { noteChecker } from "../verify/signature.ts"
import { readKeyChain } from "./hand-overs.ts"
import type { JournalReader } from "./reader.ts"

export type HeadNoteState = "agrees" | "missing" | "ahead of the journal" | "of another history" | "not signed by this ledger" | "unreadable"

/** `verifierKey` is that of keys.json: a note of a time that this journal has lost is signed by it, and by no key the journal knows. */
export function headNoteState(path: string, verifierKey: string, reader: JournalReader): HeadNoteState {
  if (!existsSync(path)) return "missing"
  let text: string
  try {
    text = readFileSync(path, "utf8")
  } catch {
    // Whoever asks for the state of the note is told that there is none to be had.
    return "unreadable"
  }
  const entries = reader.size()
  const ours = noteChecker(parseVerifierKey(verifierKey))(text)
  const { chain } = readKeyChain(reader, entries)
  const checked = chain?.check(text) ?? ours
  const found = checked.ok ? checked : ours
  if (!found.ok) return "not signed by this ledger"
  const { size, root } = found.checkpoint
  if (size > entries) return "ahead of the journal"
  if (!checked.ok) return "not signed by this ledger"
  return rangeRoot(reader.subtrees(entries), 0, size).equals(root) ? "agrees" : "of another history"
}

/** Whether a new checkpoint may take the note's place. */
export function mayReplace(state: HeadNoteState): boolean {
  return state === "agrees" || state === "missing"
}
