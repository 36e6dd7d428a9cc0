/** Checkpoints of a ledger: those it has stored, the newest there is, and notes from elsewhere held against it. */
import { Fault } from "../base/fault.ts"
import { parseSignedCheckpoint, type SignedCheckpoint } from "../format/checkpoint.ts"
import { cosignatureOf, parseCosignature } from "../format/cosignature.ts"
import { witnessId } from "../format/witness.ts"
import { rangeRoot } from "../format/merkle.ts"
import type { LedgerAccess } from "./ledger-access.ts"

/** A note whose signature is good, of this ledger, and its text. */
export type Note = { readonly text: string; readonly checkpoint: SignedCheckpoint }

/** The newest checkpoint: just signed, or the last stored one. */
export type Head = Note & { readonly storedMs: number | null }

export type CheckpointView = {
  readonly origin: string
  readonly size: number
  readonly root: string
  /** Null for one that was signed on demand. */
  readonly storedAt: string | null
  readonly signer: string
  /** Other names on the note, such as witnesses. */
  readonly cosigners: readonly string[]
  /** What stands on it as cosignatures of witnesses; whether they are good is what verify says. */
  readonly cosignatures: readonly { readonly witness: string; readonly at: string }[]
  readonly note: string
}

/**
 * The head: what a running writer has just signed, else the last stored checkpoint.
 * @throws {Fault} `checkpoint.unknown` when nothing is recorded yet; `checkpoint.foreign` when the note cannot be believed.
 */
export function headCheckpoint(access: LedgerAccess, justSigned: string | undefined): Head {
  if (justSigned !== undefined) return { ...cosigned(access, believed(access, justSigned, "What the writer signed")), storedMs: null }
  const stored = access.reader.latestCheckpoint()
  if (!stored) throw new Fault("checkpoint.unknown", { size: "1 or more" })
  return asHead(access, stored)
}

/** @throws {Fault} `checkpoint.unknown`, `checkpoint.foreign` */
export function storedCheckpoint(access: LedgerAccess, size: number): Head {
  const stored = access.reader.checkpoint(size)
  if (!stored) throw new Fault("checkpoint.unknown", { size })
  return asHead(access, stored)
}

/**
 * The newest checkpoint that a witness has cosigned.
 * @throws {Fault} `checkpoint.not-cosigned` when there is none.
 */
export function cosignedCheckpoint(access: LedgerAccess): Head {
  const size = Math.max(0, ...access.reader.cosignatures.last().map((one) => one.size))
  if (size === 0) throw new Fault("checkpoint.not-cosigned")
  return storedCheckpoint(access, size)
}

/** The notes that each witness has cosigned last, of those up to a size, smaller ones first, as they stand: what can be read of a damaged journal too. */
export function cosignedNotesUpTo(access: LedgerAccess, most: number): readonly { readonly size: number; readonly note: string }[] {
  const sizes = new Set(access.reader.cosignatures.last(most).map(({ size }) => size))
  return [...sizes]
    .sort((a, b) => a - b)
    .flatMap((size) => {
      const stored = access.reader.checkpoint(size)
      const note = stored && stored.note + linesUnder(access, size)
      return note !== undefined && parseSignedCheckpoint(note) ? { size, note } : []
    })
}

/**
 * A note that was kept elsewhere, held against the ledger: good for its key, and over the entries that stand here.
 * @throws {Fault} `checkpoint.foreign`
 */
export function outsideNote(access: LedgerAccess, text: string, where: string): Note {
  const note = believed(access, text, where)
  const { size, root } = note.checkpoint
  const entries = access.reader.size()
  if (size > entries) throw new Fault("checkpoint.foreign", { checkpoint: where, problem: `it covers ${size} entries, and the journal ends at ${entries}` })
  if (!rangeRoot(access.reader.subtrees(size), 0, size).equals(root))
    throw new Fault("checkpoint.foreign", { checkpoint: where, problem: "it was signed over other entries" })
  return note
}

/** The last `most` stored checkpoints, newest first, as they stand: whether they are good is what verify says. */
export function listCheckpoints(access: LedgerAccess, most: number): { readonly checkpoints: readonly CheckpointView[]; readonly total: number } {
  const { checkpoints, total } = access.reader.latestCheckpoints(most)
  return { checkpoints: checkpoints.flatMap((stored) => viewOf(stored.note + linesUnder(access, stored.size), stored.storedMs) ?? []), total }
}

export function viewOf(note: string, storedMs: number | null): CheckpointView | undefined {
  const parsed = parseSignedCheckpoint(note)
  if (!parsed) return undefined
  const { origin, size, root, signatures } = parsed
  const cosigners = signatures.map(({ name }) => name).filter((name) => name !== origin)
  const cosignatures = signatures.flatMap((line) => cosignatureOf(line) ?? []).map((one) => ({ witness: witnessId(one), at: isoOf(one.timeS) }))
  const storedAt = storedMs === null ? null : new Date(storedMs).toISOString()
  return { origin, size, root: root.toString("base64"), storedAt, signer: origin, cosigners, cosignatures, note }
}

type StoredNote = { readonly size: number; readonly note: string; readonly storedMs: number }

function asHead(access: LedgerAccess, { size, note, storedMs }: StoredNote): Head {
  return { ...cosigned(access, believed(access, note, `The checkpoint of size ${size}`)), storedMs }
}

/** The note with the lines that witnesses gave for it: those of this ledger at this size, so for this text. */
function cosigned(access: LedgerAccess, { text, checkpoint }: Note): Note {
  const parsed = parseSignedCheckpoint(text + linesUnder(access, checkpoint.size))
  return parsed ? { text: text + linesUnder(access, checkpoint.size), checkpoint: parsed } : { text, checkpoint }
}

function linesUnder({ reader }: LedgerAccess, size: number): string {
  const lines = reader.cosignatures.under(size).filter(({ line }) => parseCosignature(line) !== undefined)
  return lines.map(({ line }) => `${line}\n`).join("")
}

function isoOf(timeS: number): string {
  return new Date(timeS * 1000).toISOString()
}

function believed(access: LedgerAccess, text: string, where: string): Note {
  const checked = access.keyChain().check(text)
  if (!checked.ok) throw new Fault("checkpoint.foreign", { checkpoint: where, problem: checked.why })
  return { text, checkpoint: checked.checkpoint }
}
