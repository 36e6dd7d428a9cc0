/**
 * The note outside the directory, compared with the journal. A note that the journal cannot have grown from means that the ledger was put back from a
 * copy, or exchanged: it is the evidence of that, and is never written over.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { parseVerifierKey } from "../format/checkpoint.ts"
import { rangeRoot } from "../format/merkle.ts"
import { noteChecker } from "../verify/signature.ts"
import { readKeyChain } from "./hand-overs.ts"
import type { JournalReader } from "./reader.ts"

export type HeadNoteState = "agrees" | "missing" | "ahead of the journal" | "of another history" | "not signed by this ledger" | "unreadable"

/** The checkpoint is that of a note this ledger signed. */
export type HeadNote = { readonly state: HeadNoteState; readonly size?: number; readonly root?: Buffer }

export function headNoteState(path: string, verifierKey: string, reader: JournalReader): HeadNoteState {
  return headNote(path, verifierKey, reader).state
}

/** `verifierKey` is that of keys.json: a note of a time that this journal has lost is signed by it, and by no key the journal knows. */
export function headNote(path: string, verifierKey: string, reader: JournalReader): HeadNote {
  if (!existsSync(path)) return { state: "missing" }
  let text: string
  try {
    text = readFileSync(path, "utf8")
  } catch {
    // Whoever asks for the state of the note is told that there is none to be had.
    return { state: "unreadable" }
  }
  const entries = reader.size()
  const ours = noteChecker(parseVerifierKey(verifierKey))(text)
  const { chain } = readKeyChain(reader, entries)
  const checked = chain?.check(text) ?? ours
  const found = checked.ok ? checked : ours
  if (!found.ok) return { state: "not signed by this ledger" }
  const { size, root } = found.checkpoint
  if (size > entries) return { state: "ahead of the journal", size, root }
  if (!checked.ok) return { state: "not signed by this ledger" }
  return { state: rangeRoot(reader.subtrees(entries), 0, size).equals(root) ? "agrees" : "of another history", size, root }
}

/** Whether a new checkpoint may take the note's place. */
export function mayReplace(state: HeadNoteState): boolean {
  return state === "agrees" || state === "missing"
}

const keptMark = ".kept-"

/** Where a note that is evidence goes when the operator has accepted what it tells. */
export function keptNotePath(path: string, name: string): string {
  return `${path}${keptMark}${name}`
}

/** Notes that were set aside. */
export function keptNotePaths(path: string): readonly string[] {
  try {
    const names = readdirSync(dirname(path)).filter((name) => name.startsWith(`${basename(path)}${keptMark}`))
    return names.sort().map((name) => join(dirname(path), name))
  } catch {
    return [] // a directory that cannot be listed shows none
  }
}
