/**
 * The signing key gives its place to another one. Four durable steps; a crash before the second is undone, one after it completed, by the next writer
 * before it appends anything (`settle-hand-over.ts`):
 *
 *   pending     keys.json: the new key beside the old one
 *   entered     journal.db: the entry signed by both, and the checkpoint over it signed by both, in one commit
 *   noted       the note outside the directory
 *   promoted    keys.json: the new key in the old one's place, whose seed is gone
 */
import { assert, Fault } from "../base/fault.ts"
import { factsOfHandOver, handOverNote, statementText, type HandOver } from "../format/hand-over.ts"
import type { LedgerFiles } from "../journal/files.ts"
import { storedKeyChain } from "../journal/hand-overs.ts"
import { headNoteState, mayReplace } from "../journal/head-note.ts"
import { tryLock } from "../vault/lock.ts"
import { JournalReader } from "../journal/reader.ts"
import { writeDurably } from "../vault/durable-file.ts"
import { isRekeying } from "../vault/data-keys.ts"
import { openSuccessor, parseSuccessor, readKeyStore, type Successor } from "../vault/key-store.ts"
import type { SecretPlaces } from "../vault/master-key.ts"
import type { Signer } from "../vault/signer.ts"
import { addPending, makeSuccessor, promotePending } from "../vault/successor.ts"
import { entryOf } from "./entry-of.ts"
import { openLedger, type OpenLedger, type OpenOptions } from "./open-ledger.ts"

export type HandOverStep = "begun" | "pending" | "entered" | "noted" | "promoted"

export type HandOverOptions = {
  readonly nowMs: number
  /** False while the note outside is evidence. */
  readonly writesNote: boolean
  /** Called when a step is done: a test ends the process there. */
  readonly reached?: ((step: HandOverStep) => void) | undefined
}

export type HandedOver = {
  readonly origin: string
  /** Sequence of the entry, which is the size of the tree before it. */
  readonly sequence: number
  readonly size: number
  readonly previousKey: string
  readonly nextKey: string
  /** The hand-over as a note signed by both keys: for who must learn of it. */
  readonly handOver: string
  /** The checkpoint over the entry, signed by both keys. */
  readonly checkpoint: string
}

/** A hand-over that both keys have signed, over the journal as it is. */
export type PreparedHandOver = { readonly successor: Successor; readonly next: Signer; readonly handOver: HandOver }

/**
 * Makes a hand-over to a successor as somebody asks for it. Nothing is written; nothing may wait for a commit, nor be appended before `handOverKey`.
 * @throws {Fault} `key.not-successor` unless it was made with this ledger's master key, for the key that signs now, and has not signed before.
 */
export function prepareHandOver({ files, keys, journal }: OpenLedger, value: unknown): PreparedHandOver {
  const refuse = (problem: string) => new Fault("key.not-successor", { directory: files.directory, problem })
  if (readKeyStore(files.directory).next) throw refuse("another master key is being put in place; complete that first (vault rotate)")
  if (isRekeying(files.directory)) throw refuse("the ledger's data is being sealed anew; complete that first (vault rekey)")
  const successor = parseSuccessor(value)
  const next = successor && openSuccessor(keys.store, keys.wrapping, successor)
  if (!successor || !next) throw refuse("it was not made with the ledger's master key, to take the place of the key that signs now")
  const statement = { ...journal.checkpoint().checkpoint, previousKey: keys.signer.verifierKey, nextKey: next.verifierKey }
  const signed = statementText(statement)
  const handOver: HandOver = { ...statement, previousSignature: keys.signer.sign(signed), nextSignature: next.sign(signed) }
  // An entry that continues no chain would end the ledger: it is held against the chain first.
  const fault = JournalReader.ask(files, keys, (reader) => storedKeyChain(reader, files.journal).follow(handOver))
  if (fault !== undefined) throw refuse(fault)
  return { successor, next, handOver }
}

/** After an error the ledger is spent, as after any failed write. */
export function handOverKey(ledger: OpenLedger, prepared: PreparedHandOver, { nowMs, writesNote, reached }: HandOverOptions): HandedOver {
  const { journal, files } = ledger
  const { successor, next, handOver } = prepared
  const { origin, size: sequence, previousKey, nextKey } = handOver
  assert(sequence === journal.size, "a hand-over of another time than now")
  reached?.("begun")
  const keys = addPending(files.directory, ledger.keys, successor)
  reached?.("pending")
  let note = ""
  const entry = entryOf({ type: "signer.replaced", id: `signer.replaced:${sequence}`, facts: factsOfHandOver(handOver) }, ledger.scopes, nowMs)
  journal.appendHandOver(entry, nowMs, (checkpoint) => (note = next.note(checkpoint, keys.signer)))
  reached?.("entered")
  if (writesNote) writeDurably(files.headNote, note)
  reached?.("noted")
  ledger.adopt(promotePending(files.directory, keys, handOverNote(handOver)))
  reached?.("promoted")
  return { origin, sequence, size: journal.size, previousKey, nextKey, handOver: handOverNote(handOver), checkpoint: note }
}

/**
 * As `handOverKey`, where no writer runs.
 * @throws {Fault} `store.locked` when one does.
 */
export function handOverAlone(files: LedgerFiles, places: SecretPlaces, options: OpenOptions): HandedOver {
  const lock = tryLock(files.lock)
  if (!lock) throw new Fault("store.locked", { directory: files.directory })
  try {
    const ledger = openLedger(files, places, options)
    try {
      const writesNote = JournalReader.ask(files, ledger.keys, (reader) => mayReplace(headNoteState(files.headNote, ledger.keys.store.verifierKey, reader)))
      return handOverKey(ledger, prepareHandOver(ledger, makeSuccessor(ledger.keys)), { nowMs: options.nowMs, writesNote })
    } finally {
      ledger.close()
    }
  } finally {
    lock.release()
  }
}
