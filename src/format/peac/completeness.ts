/**
 * What a bundle of the ledger's own receipts says of itself, as a file that its manifest lists: which receipts there were to be in it, and that these are they.
 *
 *   {version, log, selection, numbers: {first, last}, sequences: {first, last}, count, root, before, head, checkpoint, handOvers}
 *
 * `numbers` are places in the spool, `sequences` those of the actions in the journal; `root` is the RFC 6962 tree over the hashes of the records in order of their
 * numbers; `before` and `head` are the digests of the spool's entry before the first and of the last. A `selection` is what was asked for, and null when it was everything
 * in between. `checkpoint` is the latest signed one of the journal that they stand in, as a note; `handOvers` lead from the key of the first record to the one that signs the
 * bundle, as notes.
 */
import { canonicalJson } from "../../base/canonical-json.ts"
import { countOf, objectOf, stringOf, type JsonObject } from "../../base/json.ts"
import { largestPowerBelow, nodeHash } from "../merkle.ts"
import { hashBytes, sha256 } from "../sha256.ts"

export const completenessName = "completeness.json"
export const completenessVersion = "sovereign-ledger/completeness/1"

/** More than a signing key gives its place away in ten years of every day. */
const mostHandOvers = 4_000

export type Completeness = {
  readonly log: string
  readonly selection: JsonObject | null
  readonly numbers: { readonly first: number; readonly last: number }
  readonly sequences: { readonly first: number; readonly last: number }
  readonly count: number
  /** `sha256:` and hex. */
  readonly root: string
  /** Null where the one before the first is gone. */
  readonly before: string | null
  readonly head: string
  readonly checkpoint: string | null
  readonly handOvers: readonly string[]
}

export function completenessText(told: Completeness): string {
  return canonicalJson({ version: completenessVersion, ...told })
}

/** Undefined when it is none that is known. */
export function parseCompleteness(told: Readonly<Record<string, unknown>>): Completeness | undefined {
  const [numbers, sequences] = [rangeOf(told["numbers"]), rangeOf(told["sequences"])]
  const [log, root, head] = [told["log"], told["root"], told["head"]].map(stringOf)
  const before = told["before"] === null ? null : stringOf(told["before"])
  const [count, selection, checkpoint] = [countOf(told["count"]), told["selection"], told["checkpoint"]]
  if (told["version"] !== completenessVersion || !numbers || !sequences || count === undefined) return undefined
  if (log === undefined || root === undefined || before === undefined || head === undefined) return undefined
  if (selection !== null && objectOf(selection) !== selection) return undefined
  if (checkpoint !== null && typeof checkpoint !== "string") return undefined
  const handOvers = told["handOvers"]
  if (!Array.isArray(handOvers) || handOvers.length > mostHandOvers || !handOvers.every((note) => typeof note === "string")) return undefined
  return { log, selection: selection as JsonObject | null, numbers, sequences, count, root, before, head, checkpoint, handOvers }
}

function rangeOf(told: unknown): { readonly first: number; readonly last: number } | undefined {
  const { first, last } = objectOf(told)
  const [from, to] = [countOf(first), countOf(last)]
  return from === undefined || to === undefined || from > to ? undefined : { first: from, last: to }
}

/** The RFC 6962 tree over texts `sha256:…`, in the order they are given; that of nothing is the hash of nothing. */
export function rootOverHashes(hashes: readonly string[]): string {
  const leaves = hashes.map((hash) => sha256(Buffer.concat([Buffer.from([0]), Buffer.from(hash.replace(/^sha256:/, ""), "hex")])))
  return `sha256:${(leaves.length === 0 ? sha256("") : rootOver(leaves, 0, leaves.length)).toString("hex")}`
}

function rootOver(leaves: readonly Buffer[], from: number, to: number): Buffer {
  if (to - from === 1) return leaves[from] ?? Buffer.alloc(hashBytes)
  const middle = from + largestPowerBelow(to - from)
  return nodeHash(rootOver(leaves, from, middle), rootOver(leaves, middle, to))
}
