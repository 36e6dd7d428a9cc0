/**
 * The key chain as the journal tells it: the key that entry 0 names, and the hand-overs that its list of them leads to. Costs as much as there are
 * hand-overs, at any size of the journal. Whether the list has all of them is for `verify`, which walks every entry.
 */
import { Fault } from "../base/fault.ts"
import type { JsonObject } from "../base/json.ts"
import { factsHash, saltBytes } from "../format/commitment.ts"
import { exactVerifierKey, factsIn, handOverOfFacts, handOverType } from "../format/hand-over.ts"
import { parseHeader, type Header } from "../format/header.ts"
import { rangeRoot } from "../format/merkle.ts"
import { KeyChain } from "../verify/key-chain.ts"
import type { KeyStoreJson, OpenKeys } from "../vault/key-store.ts"
import type { Signer } from "../vault/signer.ts"
import { saltedTextOf, type JournalReader } from "./reader.ts"

export type ChainProblem = { readonly sequence: number; readonly what: string }

export type StoredChain = {
  /** Up to the first problem; undefined when not even entry 0 names a key. */
  readonly chain: KeyChain | undefined
  /** The sequences that the journal's list has. */
  readonly listed: readonly number[]
  readonly problems: readonly ChainProblem[]
}

/** The chain over the first `size` entries, signatures checked; roots are for who has the tree. */
export function readKeyChain(reader: JournalReader, size: number): StoredChain {
  const listed = reader.noted("hand-over").filter((sequence) => sequence < size)
  const opened = factsAt(reader, 0, "journal.opened")
  const key = exactVerifierKey(opened?.["verifierKey"])
  if (!opened || !key || key.name !== opened["origin"]) {
    return { chain: undefined, listed, problems: [{ sequence: 0, what: "entry 0 is no journal.opened that names the key of its journal" }] }
  }
  const chain = new KeyChain(String(opened["verifierKey"]), key)
  for (const sequence of listed) {
    const why = follow(chain, sequence, factsAt(reader, sequence, handOverType))
    if (why !== undefined) return { chain, listed, problems: [{ sequence, what: `the hand-over of the signing key is not good: ${why}` }] }
  }
  return { chain, listed, problems: [] }
}

/**
 * As `readKeyChain`, for those who go on only with a chain that is good in every way.
 * @throws {Fault} `store.damaged`
 */
export function storedKeyChain(reader: JournalReader, file: string, size = reader.size()): KeyChain {
  const { chain, problems } = readKeyChain(reader, size)
  const refuse = (problem: string): never => {
    throw new Fault("store.damaged", { file, problem })
  }
  if (!chain || problems[0]) return refuse(problems[0]?.what ?? "it has no key chain")
  const subtrees = reader.subtrees(size)
  const elsewhere = chain.handOvers.find((handOver) => !rangeRoot(subtrees, 0, handOver.size).equals(handOver.root))
  if (elsewhere) refuse(`the hand-over at entry #${elsewhere.size} was signed over other entries`)
  return chain
}

/** The signer of a verifier key, if these keys have it. */
export function signerOf(keys: OpenKeys, verifierKey: string): Signer | undefined {
  return [keys.signer, keys.pending].find((signer) => signer?.verifierKey === verifierKey)
}

/** Whether keys.json is of the time of the journal; in words if it is not. `chain` is the journal's. */
export function outOfStep(store: KeyStoreJson, chain: KeyChain): string | undefined {
  const { verifierKey, pending } = store
  if (chain.last === verifierKey || chain.last === pending?.verifierKey) return undefined
  const until = chain.handOvers.find(({ previousKey }) => previousKey === verifierKey)?.size
  if (until !== undefined) return `keys.json is of a time before the hand-over at entry #${until}: its key ${verifierKey} has signed nothing since`
  if (store.handOvers?.some((note) => note.includes(`\n${chain.last}\n`)))
    return `the journal is of a time before the hand-over to the key of keys.json, ${verifierKey}`
  return `the key of keys.json, ${verifierKey}, is none of this journal's, whose entries are signed by ${chain.last}`
}

function follow(chain: KeyChain, sequence: number, facts: JsonObject | undefined): string | undefined {
  if (!facts) return "the entry is none, though the journal lists it as one"
  const handOver = handOverOfFacts(chain.origin, facts)
  if (!handOver) return "its facts are not a well-formed signed statement"
  if (handOver.size !== sequence) return `its statement is of entry #${handOver.size}`
  return chain.follow(handOver)
}

/** Facts of an entry of that type, when they are those its header commits to. */
function factsAt(reader: JournalReader, sequence: number, type: string): JsonObject | undefined {
  const row = reader.rawEntry(sequence)
  if (!row) return undefined
  const [, headerBytes, saltedFacts] = row
  const header = headerOf(headerBytes)
  const text = saltedTextOf(saltedFacts)
  if (header?.type !== type || header.sequence !== sequence) return undefined
  return factsHash(saltedFacts.subarray(0, saltBytes), text).equals(header.factsHash) ? factsIn(text) : undefined
}

function headerOf(bytes: Buffer): Header | undefined {
  try {
    return parseHeader(bytes)
  } catch {
    // What is wrong with it is a finding of the walk over all entries; here the entry tells nothing.
    return undefined
  }
}
