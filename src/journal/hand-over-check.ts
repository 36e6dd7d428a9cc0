/**
 * The hand-overs of a store under verification: under which key a checkpoint must be signed, whether every hand-over that is walked is in the chain
 * and every one in the chain is walked, over which tree each was signed, and whether keys.json holds the last key.
 */
import { Fault } from "../base/fault.ts"
import { parseVerifierKey } from "../format/checkpoint.ts"
import { handOverType, type HandOver } from "../format/hand-over.ts"
import { headerOffset } from "../format/header.ts"
import { KeyChain } from "../verify/key-chain.ts"
import type { NoteCheck } from "../verify/signature.ts"
import type { Problems } from "../verify/verdict.ts"
import { readKeyStore, type KeyStoreJson, type OpenKeys } from "../vault/key-store.ts"
import { readKeyChain } from "./hand-overs.ts"
import { keysOutOfStep } from "./keys-in-step.ts"
import type { JournalReader } from "./reader.ts"

const typeBytes = Buffer.from(handOverType)

export class HandOverCheck {
  readonly #problems: Problems
  readonly #chain: KeyChain
  /** In the journal's list and not walked yet. */
  readonly #due: Set<number>
  readonly #bySequence: ReadonlyMap<number, HandOver>

  /** Asked within the snapshot that is walked. */
  constructor(directory: string, keys: OpenKeys, reader: JournalReader, problems: Problems) {
    this.#problems = problems
    const size = reader.size()
    const { chain, listed, problems: found } = readKeyChain(reader, size)
    if (size > 0) for (const { sequence, what } of found) problems.note(sequence, sequence, what)
    this.#due = new Set(listed)
    this.#chain = chain ?? new KeyChain(keys.store.verifierKey, parseVerifierKey(keys.store.verifierKey))
    this.#bySequence = new Map(this.#chain.handOvers.map((handOver) => [handOver.size, handOver]))
    const why = keysOutOfStep(keys.store, reader, this.#chain) && outOfStepNow(directory, keys.store, reader, this.#chain)
    if (why !== undefined) problems.note(0, Math.max(0, size - 1), why)
    else if (!tellsAs(keys.store, this.#chain)) problems.note(0, Math.max(0, size - 1), "keys.json tells other hand-overs of the signing key than the journal")
  }

  /** The key that signs now. */
  get signedBy(): string {
    return this.#chain.last
  }

  /** For people who may know an earlier key. */
  get words(): readonly string[] {
    const { words, last } = this.#chain
    return words === undefined ? [] : [`${words}; ${last} signs now.`]
  }

  checkNote(note: string): NoteCheck {
    return this.#chain.check(note)
  }

  /** Asked for each entry before it becomes a leaf: `root` is that of the tree so far. */
  before(sequence: number, header: Buffer, root: () => Buffer): void {
    if (!isHandOver(header)) return
    const handOver = this.#bySequence.get(sequence)
    if (!this.#due.delete(sequence)) this.#problems.note(sequence, sequence, "a hand-over of the signing key is not in the journal's list of them")
    else if (handOver && !handOver.root.equals(root()))
      this.#problems.note(sequence, sequence, "the hand-over of the signing key was signed over other entries than those before it")
  }

  /** Asked when all entries of the range were walked. */
  finish(from = 0, to = Number.MAX_SAFE_INTEGER): void {
    for (const sequence of this.#due) {
      if (sequence >= from && sequence <= to) this.#problems.note(sequence, sequence, "the journal lists a hand-over of the signing key where there is none")
    }
  }
}

/** A hand-over or a rotation between the two readings of keys.json and journal is no finding: the chain then leads on from the key that was read first. */
function outOfStepNow(directory: string, before: KeyStoreJson, reader: JournalReader, chain: KeyChain): string | undefined {
  const why = keysOutOfStep(before, reader, chain)
  if (![before.verifierKey, before.pending?.verifierKey].some((key) => key !== undefined && chain.has(key))) return why
  try {
    return keysOutOfStep(readKeyStore(directory), reader, chain) && why
  } catch (error) {
    // What cannot be read again has said enough the first time.
    if (error instanceof Fault) return why
    throw error
  }
}

/** keys.json has copies of the hand-overs that led to its key. */
function tellsAs({ handOvers = [], verifierKey }: KeyStoreJson, { keys, notes }: KeyChain): boolean {
  const led = notes.slice(0, keys.indexOf(verifierKey))
  return led.length === handOvers.length && led.every((note, index) => note === handOvers[index])
}

function isHandOver(header: Buffer): boolean {
  return header.length === headerOffset.type + typeBytes.length && header.compare(typeBytes, 0, typeBytes.length, headerOffset.type) === 0
}
