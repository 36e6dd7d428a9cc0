/**
 * The keys of an export: from the one its journal began with, through the hand-overs in its last line, to the one that signed its checkpoint. The reader
 * trusts one of them, whichever. The file is attacker-controlled; so may be the hand-overs that somebody told besides.
 */
import type { JsonObject } from "../base/json.ts"
import type { SignedCheckpoint } from "../format/checkpoint.ts"
import type { ExportEnd } from "../format/export-row.ts"
import { handOverNote, handOverOfFacts, handOverType, type HandOver } from "../format/hand-over.ts"
import { chainOfNotes, followedWords, trustedChain, type KeyChain, type Trusted } from "./key-chain.ts"
import type { NoteCheck } from "./signature.ts"

type KeyFields = Pick<ExportEnd, "checkpoint" | "verifierKey" | "handOvers">

export class ExportKeys {
  readonly #chain: KeyChain | undefined
  readonly #due: Map<number, HandOver>
  #judge: KeyChain | undefined
  /** Sentences for people: which key signed, and how it follows from theirs. */
  readonly words: readonly string[]

  constructor(end: KeyFields, checkpoint: SignedCheckpoint, trusted: Trusted, note: (what: string) => void) {
    const read = chainOfNotes(end.handOvers ?? [], end.verifierKey)
    if (!read) note("the verifier key in the last line is not one")
    if (read?.fault) note(`the file's ${read.fault.why}`)
    this.#chain = read?.chain
    this.#due = new Map(read?.chain.handOvers.map((handOver) => [handOver.size, handOver]))
    this.words = read ? this.#checked(end, checkpoint, trusted, read.chain, note) : []
  }

  /** What is wrong with an entry that speaks of keys; undefined for all others. */
  faultOfEntry(sequence: number, type: string, facts: JsonObject): string | undefined {
    if (!this.#chain) return undefined
    if (sequence === 0 && facts["verifierKey"] !== this.#chain.keys[0]) return "entry 0 names another key than the first one of the file"
    if (type !== handOverType) return undefined
    const [told, listed] = [handOverOfFacts(this.#chain.origin, facts), this.#due.get(sequence)]
    this.#due.delete(sequence)
    return told && listed && handOverNote(told) === handOverNote(listed) ? undefined : "the hand-over of the signing key is not one of those in the last line"
  }

  /** As `faultOfEntry`, before the entry becomes a leaf of a tree that is whole up to it. */
  faultOfRoot(sequence: number, root: () => Buffer): string | undefined {
    const listed = this.#due.get(sequence)
    return listed && !listed.root.equals(root()) ? "the hand-over of the signing key was signed over other entries than those before it" : undefined
  }

  /** Whether a note is signed by the key that was in force for it. */
  checkNote(note: string): NoteCheck {
    return this.#judge?.check(note) ?? { ok: false, why: "the keys of the file cannot be believed" }
  }

  /** Sequences of hand-overs that no entry has told of. */
  get missing(): readonly number[] {
    return [...this.#due.keys()]
  }

  #checked(end: KeyFields, checkpoint: SignedCheckpoint, trusted: Trusted, chain: KeyChain, note: (what: string) => void): readonly string[] {
    if (chain.last !== end.verifierKey) note(`the hand-overs in the last line lead to another key than the one it names, ${end.verifierKey}`)
    for (const { size } of chain.handOvers) if (size >= checkpoint.size) note(`the hand-over at entry #${size} is not one of the checkpoint's entries`)
    const judge = trustedChain(chain, trusted)
    if (typeof judge === "string") note(`the file cannot be trusted: ${judge}`)
    this.#judge = typeof judge === "string" ? chain : judge
    const checked = this.#judge.check(end.checkpoint)
    if (!checked.ok) note(`the checkpoint cannot be trusted: ${checked.why}`)
    return [...(chain.words === undefined ? [] : [`${chain.words}.`]), ...(typeof judge === "string" ? [] : followedWords(judge, trusted.key, end.verifierKey))]
  }
}
