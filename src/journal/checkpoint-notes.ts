/** The checkpoints a verification leads to: those stored in the journal, the note outside the directory, notes that somebody kept elsewhere. */
import { existsSync, readFileSync } from "node:fs"
import { basename } from "node:path"
import { Fault, problemOf } from "../base/fault.ts"
import type { NoteCheck } from "../verify/signature.ts"
import type { Problems } from "../verify/verdict.ts"
import type { LedgerFiles } from "./files.ts"
import type { StoredCheckpoint } from "./reader.ts"

/** A checkpoint with a good signature, and where it stands. */
export type CheckedNote = { readonly size: number; readonly root: Buffer; readonly where: string; readonly kept: "stored" | "outside" | "elsewhere" }

/** A note somebody brings along. */
export type KeptNote = { readonly text: string; readonly where: string }

export type NoteQuestion = {
  /** Whether a note is good under the key in force at its size. */
  readonly check: (note: string) => NoteCheck
  readonly stored: readonly StoredCheckpoint[]
  readonly headNote: string | undefined
  readonly headNoteName: string
  readonly kept: readonly KeptNote[]
}

/** The note outside as it stands; undefined when there is none. */
export function readHeadNote({ headNote }: LedgerFiles): string | undefined {
  if (!existsSync(headNote)) return undefined
  try {
    return readFileSync(headNote, "utf8")
  } catch (error) {
    throw new Fault("store.unreadable", { file: headNote, problem: problemOf(error) }, error)
  }
}

export function headNoteName({ headNote }: LedgerFiles): string {
  return `the note ${basename(headNote)}`
}

/** Those that can be trusted, by size; of the others the problems are noted. */
export function checkedNotes(question: NoteQuestion, problems: Problems): CheckedNote[] {
  const notes: CheckedNote[] = []
  const take = (text: string, where: string, kept: CheckedNote["kept"], filedUnder?: number) => {
    const checked = question.check(text)
    if (!checked.ok) problems.note(0, Math.max(0, (filedUnder ?? 1) - 1), `${where} cannot be trusted: ${checked.why}`)
    else if (filedUnder !== undefined && checked.checkpoint.size !== filedUnder) problems.note(0, filedUnder, `${where} is filed under another size`)
    else if (checked.checkpoint.size > 0) notes.push({ size: checked.checkpoint.size, root: checked.checkpoint.root, where, kept })
  }
  for (const stored of question.stored) take(stored.note, `the checkpoint of size ${stored.size}`, "stored", stored.size)
  if (question.headNote !== undefined) take(question.headNote, question.headNoteName, "outside")
  for (const { text, where } of question.kept) take(text, where, "elsewhere")
  return notes.sort((a, b) => a.size - b.size)
}

export function noHeadNote({ headNote }: LedgerFiles): string {
  return `There is no ${basename(headNote)} to compare with: a ledger put back from a backup would not show.`
}

export function goneWords(note: CheckedNote): string {
  return `the journal has no checkpoint of size ${note.size}, but ${note.where} is one`
}

export function uncoveredWords(from: number, to: number): string {
  return `No checkpoint covers ${from === to ? `#${from}` : `#${from} to #${to}`} yet: the chain alone holds what came last.`
}

/** Words for a checkpoint that is larger than the journal, and for one over other entries. */
export function cutWords(note: CheckedNote, entries: number): string {
  return `${note.where} covers ${note.size} entries, but the journal ends at ${entries}: it was cut or rolled back`
}

export function forkWords(note: CheckedNote): string {
  return `${note.where} was signed over other entries: the journal was rewritten, or is a fork`
}
