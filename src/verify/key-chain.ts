/**
 * Which key signs which sizes of a journal: from the key that `journal.opened` names through every hand-over. A checkpoint is good under the key in
 * force at its size, and under no other one: so a key that has given its place away, and is stolen later, signs nothing any more.
 *
 * Each hand-over is signed by both of its keys. Who pinned any key of a chain, by whatever way, can therefore trust all of it, in both directions.
 */
import { assert } from "../base/fault.ts"
import { parseSignedCheckpoint, verifierKeyText, type VerifierKey } from "../format/checkpoint.ts"
import { exactVerifierKey, handOverNote, parseHandOver, statementText, type HandOver } from "../format/hand-over.ts"
import { ed25519Checker } from "./ed25519.ts"
import { noteChecker, type NoteCheck } from "./signature.ts"

const namedMost = 10

type Link = {
  readonly text: string
  readonly key: VerifierKey
  readonly check: (note: string) => NoteCheck
  /** The largest size it signs. */
  until: number
}

export class KeyChain {
  readonly handOvers: HandOver[] = []
  readonly #links: Link[] = []
  /** Key ids, as hex. */
  readonly #ids = new Set<string>()

  constructor(firstKey: string, key: VerifierKey) {
    this.#add(firstKey, key)
  }

  get origin(): string {
    return this.#last.key.name
  }

  /** Verifier keys in the order in which they signed. */
  get keys(): readonly string[] {
    return this.#links.map(({ text }) => text)
  }

  /** The key that signs now. */
  get last(): string {
    return this.#last.text
  }

  /** The hand-overs as signed notes. */
  get notes(): readonly string[] {
    return this.handOvers.map(handOverNote)
  }

  /** For people: where the key was handed over; undefined when it never was. */
  get words(): string | undefined {
    const places = this.handOvers.map(({ size }) => `#${size}`)
    if (places.length === 0) return undefined
    const where = places.length > namedMost ? `${places.length} times, last at ${places.at(-1)}` : `at ${places.join(", ")}`
    return `The signing key was handed over ${where}, each time signed by the old key and the new one`
  }

  has(key: string): boolean {
    return this.#links.some(({ text }) => text === key)
  }

  /** The key that signs checkpoints of this size. */
  keyAt(size: number): string {
    return this.#inForce(size).text
  }

  /**
   * Takes the next hand-over, or answers why it does not continue the chain.
   * Whether its root is that of the tree is not known here: that is for who has the entries.
   */
  follow(handOver: HandOver): string | undefined {
    const next = exactVerifierKey(handOver.nextKey)
    const fault = this.#faultOf(handOver, next)
    if (fault !== undefined || !next) return fault ?? "it names no key"
    this.#last.until = handOver.size
    this.handOvers.push(handOver)
    this.#add(handOver.nextKey, next)
    return undefined
  }

  /** As `noteChecker`, under the key in force at the note's size; a note under another key of the chain is told apart from a stranger's. */
  check(note: string): NoteCheck {
    const parsed = parseSignedCheckpoint(note)
    const size = parsed?.size ?? 0
    const inForce = this.#inForce(size)
    const result = inForce.check(note)
    if (result.ok) return result
    const other = this.#links.find((link) => link !== inForce && link.check(note).ok)
    return other ? { ok: false, why: this.#outOfTurn(other, size) } : result
  }

  #outOfTurn({ text, until }: Link, size: number): string {
    if (size > until) return `it is signed by ${text}, which handed over at entry #${until} and signs nothing larger than ${until}`
    const since = this.handOvers.find(({ nextKey }) => nextKey === text)?.size ?? 0
    return `it is signed by ${text}, which took over at entry #${since} and signs nothing smaller than ${since + 1}`
  }

  #faultOf(handOver: HandOver, next: VerifierKey | undefined): string | undefined {
    const { origin, size, previousKey, nextKey } = handOver
    const last = this.#last
    if (origin !== this.origin) return `it is of another ledger, ${origin}`
    if (previousKey !== last.text) return `it is a hand-over by ${previousKey}, while ${last.text} signs`
    if (size <= (this.handOvers.at(-1)?.size ?? 0)) return "it does not come after the hand-over before it"
    if (!next || this.#ids.has(next.keyHash.toString("hex"))) return `it is a hand-over to ${nextKey}, which has signed before`
    const statement = Buffer.from(statementText(handOver))
    if (!ed25519Checker(last.key)(statement, handOver.previousSignature)) return "the key that hands over has not signed it"
    if (!ed25519Checker(next)(statement, handOver.nextSignature)) return "the key that takes over has not signed it"
    return undefined
  }

  #add(text: string, key: VerifierKey): void {
    this.#ids.add(key.keyHash.toString("hex"))
    this.#links.push({ text, key, check: noteChecker(key), until: Number.MAX_SAFE_INTEGER })
  }

  get #last(): Link {
    const link = this.#links.at(-1)
    assert(link, "a chain begins with a key")
    return link
  }

  #inForce(size: number): Link {
    const link = this.#links.find(({ until }) => size <= until)
    assert(link, "the last key signs every size")
    return link
  }
}

export type ReadChain = {
  readonly chain: KeyChain
  /** The first one that does not continue the chain, which ends before it. */
  readonly fault?: { readonly size: number; readonly why: string }
}

/** The chain that a list of notes tells, from the first key on; of `alone` when there are none. Undefined when not even the first key is one. */
export function chainOfNotes(notes: readonly string[], alone: string): ReadChain | undefined {
  const handOvers = notes.map(parseHandOver)
  const firstKey = handOvers[0]?.previousKey ?? alone
  const first = exactVerifierKey(firstKey)
  if (!first) return undefined
  const chain = new KeyChain(firstKey, first)
  for (const [index, handOver] of handOvers.entries()) {
    const why = handOver ? chain.follow(handOver) : "it is not a well-formed signed statement"
    if (why !== undefined) return { chain, fault: { size: handOver?.size ?? 0, why: `hand-over ${index + 1} is not good: ${why}` } }
  }
  return { chain }
}

/** What the reader of a file trusts: a key, and hand-overs of its ledger that were told by another way than the file. */
export type Trusted = { readonly key: VerifierKey | undefined; readonly handOvers?: readonly string[] | undefined }

/**
 * The chain to judge a file by, whose own hand-overs make `chain`: that one, or what was told as far as it goes on from there. The trusted key is in it.
 * In words, why there is none.
 */
export function trustedChain(chain: KeyChain, { key, handOvers = [] }: Trusted): KeyChain | string {
  if (!key) return chain
  const stranger = `it is signed by another key, ${chain.last}`
  const told = handOvers.length === 0 ? undefined : toldChain(key, handOvers)
  if (!told) return chain.has(verifierKeyText(key.name, key.publicKey)) ? chain : stranger
  const from = chain.keys.indexOf(told.keys[0] ?? "")
  if (from < 0) return stranger
  const own = chain.notes.slice(from)
  const [shorter, longer] = own.length < told.notes.length ? [own, told.notes] : [told.notes, own]
  const joined = longer === own ? { chain } : chainOfNotes([...chain.notes.slice(0, from), ...longer], chain.last)
  const agree = shorter.every((note, index) => note === longer[index])
  return agree && joined && !("fault" in joined) ? joined.chain : "it tells other hand-overs of the signing key than its ledger does"
}

/** The chain of hand-overs that were told by another way; undefined when they are not good, or the trusted key is none of theirs. */
export function toldChain(key: VerifierKey, handOvers: readonly string[]): KeyChain | undefined {
  const given = verifierKeyText(key.name, key.publicKey)
  const read = chainOfNotes(handOvers, given)
  return read && !read.fault && read.chain.has(given) ? read.chain : undefined
}

/** For people whose key is not the one that signed: how theirs leads to it. */
export function followedWords(chain: KeyChain, key: VerifierKey | undefined, signing: string): readonly string[] {
  const given = key ? verifierKeyText(key.name, key.publicKey) : signing
  if (given === signing) return []
  const { handOvers } = chain
  const [older, newer] = chain.keys.indexOf(given) < chain.keys.indexOf(signing) ? [given, signing] : [signing, given]
  const at = handOvers.find(({ previousKey }) => previousKey === older)?.size ?? 0
  if (older === given) return [`Your key ${given} handed over at #${at}; from there the chain leads to ${newer}, which signs now.`]
  return [`It is signed by ${signing}, which signed until it handed over at #${at}; from there the chain leads to your key ${given}.`]
}
