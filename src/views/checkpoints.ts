/** Checkpoints of a ledger: those it has stored, the newest there is, and notes from elsewhere held against it. */
import { Fault } from "../base/fault.ts"
import { parseSignedCheckpoint, type SignedCheckpoint } from "../format/checkpoint.ts"
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
  readonly note: string
}

/**
 * The head: what a running writer has just signed, else the last stored checkpoint.
 * @throws {Fault} `checkpoint.unknown` when nothing is recorded yet; `checkpoint.foreign` when the note cannot be believed.
 */
export function headCheckpoint(access: LedgerAccess, justSigned: string | undefined): Head {
  if (justSigned !== undefined) return { ...believed(access, justSigned, "What the writer signed"), storedMs: null }
  const stored = access.reader.latestCheckpoint()
  if (!stored) throw new Fault("checkpoint.unknown", { size: "1 or more" })
  return { ...believed(access, stored.note, `The checkpoint of size ${stored.size}`), storedMs: stored.storedMs }
}

/** @throws {Fault} `checkpoint.unknown`, `checkpoint.foreign` */
export function storedCheckpoint(access: LedgerAccess, size: number): Head {
  const stored = access.reader.checkpoint(size)
  if (!stored) throw new Fault("checkpoint.unknown", { size })
  return { ...believed(access, stored.note, `The checkpoint of size ${size}`), storedMs: stored.storedMs }
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
  return { checkpoints: checkpoints.flatMap(({ note, storedMs }) => viewOf(note, storedMs) ?? []), total }
}

export function viewOf(note: string, storedMs: number | null): CheckpointView | undefined {
  const parsed = parseSignedCheckpoint(note)
  if (!parsed) return undefined
  const { origin, size, root, signatures } = parsed
  const cosigners = signatures.map(({ name }) => name).filter((name) => name !== origin)
  const storedAt = storedMs === null ? null : new Date(storedMs).toISOString()
  return { origin, size, root: root.toString("base64"), storedAt, signer: origin, cosigners, note }
}

function believed(access: LedgerAccess, text: string, where: string): Note {
  const checked = access.keyChain().check(text)
  if (!checked.ok) throw new Fault("checkpoint.foreign", { checkpoint: where, problem: checked.why })
  return { text, checkpoint: checked.checkpoint }
}
