/**
 * Verifies a proof with nothing but its text and a public key: no ledger, no network. The text is taken as attacker-controlled, and nothing it holds
 * throws: what cannot be judged is *unverifiable*, everything else that does not fit is *invalid*.
 */
import type { JsonObject } from "../base/json.ts"
import type { SignedCheckpoint } from "../format/checkpoint.ts"
import { idHash } from "../format/commitment.ts"
import { isConsistent } from "../format/consistency.ts"
import { leafHash, parseHeader, type Header } from "../format/header.ts"
import type { MapProof } from "../format/map-proof.ts"
import { rootFromInclusion } from "../format/merkle.ts"
import { parseProof, type ConsistencyProof, type InclusionProof, type Proof, type ProofKeys } from "../format/proof.ts"
import { commitmentProblems, oneSpelling, textProblems } from "./entry-texts.ts"
import { chainOfNotes, followedWords, trustedChain, type KeyChain, type Trusted } from "./key-chain.ts"
import type { Verdict } from "./verdict.ts"

/** The entry a proof is about: what its header says, and what was disclosed beside it. */
export type ProvenEntry = {
  readonly sequence: number
  readonly type: string
  readonly createdAt: string
  readonly leafHash: string
  readonly id: string | null
  readonly facts: JsonObject | null
  readonly content: JsonObject | null
}

export type ProvenCheckpoint = {
  readonly origin: string
  readonly size: number
  readonly root: string
  /** Names on the note beside the journal's own. Not checked: their keys are not in the proof. */
  readonly otherSigners: readonly string[]
}

export type ProofReport = {
  readonly verdict: Verdict
  readonly proves: Proof["proves"] | MapProof["proves"] | null
  /** What holds when the verdict is valid, as a sentence. */
  readonly statement: string
  readonly entry: ProvenEntry | null
  readonly checkpoints: readonly ProvenCheckpoint[]
  readonly signedBy: string | null
  readonly problems: readonly string[]
  readonly notes: readonly string[]
}

/** @param trusted the key the reader trusts, told by another way than the proof; without it nothing can be called valid. */
export function verifyProof(text: string, trusted: Trusted): ProofReport {
  const parsed = parseProof(text)
  if ("unreadable" in parsed) return { ...nothing, notes: [`This is no proof that can be checked: ${parsed.unreadable}.`] }
  if ("wrong" in parsed) return { ...nothing, verdict: "invalid", problems: [parsed.wrong] }
  return new ProofCheck(parsed.proof, trusted).report()
}

/** Of a text in which nothing could be checked. */
export const nothing: ProofReport = {
  verdict: "unverifiable",
  proves: null,
  statement: "",
  entry: null,
  checkpoints: [],
  signedBy: null,
  problems: [],
  notes: [],
}

class ProofCheck {
  readonly #proof: Proof
  readonly #trusted: Trusted
  readonly #problems: string[] = []
  readonly #checkpoints: SignedCheckpoint[] = []
  #chain: KeyChain | undefined

  constructor(proof: Proof, trusted: Trusted) {
    this.#proof = proof
    this.#trusted = trusted
  }

  report(): ProofReport {
    const proof = this.#proof
    this.#chain = this.#judge(proof)
    const notes: string[] = []
    if (!this.#trusted.key)
      notes.push(`Signed by ${proof.verifierKey}. Nobody vouched for this key: ask the operator for it by another way and pass it with --key.`)
    else if (this.#chain) notes.push(...followedWords(this.#chain, this.#trusted.key, proof.verifierKey))
    const found = proof.proves === "inclusion" ? this.#inclusion(proof, notes) : this.#consistency(proof)
    return {
      verdict: this.#problems.length > 0 ? "invalid" : this.#trusted.key ? "valid" : "unverifiable",
      proves: proof.proves,
      statement: found.statement,
      entry: found.entry ?? null,
      checkpoints: this.#checkpoints.map((checkpoint) => ({
        origin: checkpoint.origin,
        size: checkpoint.size,
        root: checkpoint.root.toString("base64"),
        otherSigners: checkpoint.signatures.map(({ name }) => name).filter((name) => name !== checkpoint.origin),
      })),
      signedBy: proof.verifierKey,
      problems: this.#problems,
      notes,
    }
  }

  /** The key chain the proof tells, as far as the trusted key and what was told besides vouch for it. */
  #judge({ handOvers = [], verifierKey }: ProofKeys): KeyChain | undefined {
    const read = chainOfNotes(handOvers, verifierKey)
    if (!read) this.#problems.push("the verifier key in it is not one")
    if (read?.fault) this.#problems.push(`its ${read.fault.why}`)
    if (!read || read.fault) return undefined
    if (read.chain.last !== verifierKey) this.#problems.push(`its hand-overs lead to another key than the one it names, ${verifierKey}`)
    const judge = trustedChain(read.chain, this.#trusted)
    if (typeof judge === "string") this.#problems.push(judge)
    return typeof judge === "string" ? undefined : judge
  }

  #checkpoint(note: string, what: string): SignedCheckpoint | undefined {
    const checked = this.#chain?.check(note)
    if (checked?.ok === false) this.#problems.push(`${what} cannot be trusted: ${checked.why}`)
    if (!checked?.ok) return undefined
    this.#checkpoints.push(checked.checkpoint)
    return checked.checkpoint
  }

  #inclusion(proof: InclusionProof, notes: string[]): Found {
    const checkpoint = this.#checkpoint(proof.checkpoint, "the checkpoint")
    const header = headerOf(proof.header)
    if (!header) this.#problems.push("the header is not well formed")
    if (!header || !checkpoint) return { statement: "" }
    const leaf = leafHash(proof.header)
    if (!rootFromInclusion(leaf, header.sequence, checkpoint.size, proof.path)?.equals(checkpoint.root))
      this.#problems.push("the entry is not in the tree the checkpoint was signed over")
    this.#problems.push(...commitmentProblems(header, proof), ...textProblems(header, proof, checkpoint), ...idProblems(header, proof))
    const entry = entryOf(header, leaf, proof)
    if (!proof.saltedFacts) notes.push("The facts are not disclosed: the header commits to them by a salted hash.")
    return {
      entry,
      statement: `Entry #${header.sequence}, ${header.type}, recorded ${entry.createdAt}, is one of the first ${checkpoint.size} entries of ${checkpoint.origin}.`,
    }
  }

  #consistency(proof: ConsistencyProof): Found {
    const [older, newer] = [this.#checkpoint(proof.older, "the older checkpoint"), this.#checkpoint(proof.newer, "the newer checkpoint")]
    if (!older || !newer) return { statement: "" }
    if (!isConsistent(older.size, newer.size, older.root, newer.root, proof.path))
      this.#problems.push("the newer checkpoint is not a continuation of the older one")
    return {
      statement: `The first ${older.size} of the ${newer.size} entries of ${newer.origin} are the ones the older checkpoint was signed over: nothing of them was changed, removed or reordered.`,
    }
  }
}

type Found = { readonly statement: string; readonly entry?: ProvenEntry }

function entryOf(header: Header, leaf: Buffer, { id, saltedFacts, saltedContent }: InclusionProof): ProvenEntry {
  const facts = saltedFacts && (oneSpelling(saltedFacts) as JsonObject | undefined)
  const content = saltedContent && (oneSpelling(saltedContent) as JsonObject | undefined)
  return {
    sequence: header.sequence,
    type: header.type,
    createdAt: new Date(header.timeMs).toISOString(),
    leafHash: leaf.toString("hex"),
    id: id?.text ?? (typeof facts?.["id"] === "string" ? facts["id"] : null),
    facts: facts ?? null,
    content: content ?? null,
  }
}

function idProblems(header: Header, { id, saltedFacts }: InclusionProof): string[] {
  if (!id) return []
  if (!idHash(id.salt, id.text).equals(header.idHash)) return ["the id is not the one that was recorded"]
  const told = saltedFacts && oneSpelling(saltedFacts)?.["id"]
  return typeof told === "string" && told.toWellFormed() !== id.text ? ["the id is not that of the facts"] : []
}

function headerOf(bytes: Buffer): Header | undefined {
  try {
    return parseHeader(bytes)
  } catch {
    // Its parser speaks of files; here a wrong header is a finding, whatever is wrong with it.
    return undefined
  }
}
