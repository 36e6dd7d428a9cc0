/**
 * An anchor: a third party's word, with its own time and its own signature, that it was shown a checkpoint (docs/spec/anchor.md). It stands in the journal as an
 * entry, and names the one before it by its hash, so that none can be taken out of the middle.
 */
import { countOf, stringOf } from "../base/json.ts"
import { sha256 } from "./sha256.ts"

export const anchoredType = "checkpoint.anchored"

/** `rfc3161` a time-stamp authority; `digital-evidence` the network of that name. */
export type AnchorKind = "rfc3161" | "digital-evidence"

export type AnchorFacts = {
  readonly kind: AnchorKind
  /** Who was asked, by URL. */
  readonly authority: string
  /** 1 for the first of a ledger, whoever gave it. */
  readonly number: number
  /** SHA-256 of the proof of the one before, hex; absent in the first. */
  readonly previous?: string
  /** Entries that the checkpoint covers. */
  readonly size: number
  /** The signed checkpoint that was shown. */
  readonly note: string
  /** When, by the clock of who gave it. */
  readonly atMs: number
  /** What the other side finds it by: a serial number, a transaction. */
  readonly reference: string
  /** What it gave, base64: a time-stamp token in DER, or a record in JSON. */
  readonly proof: string
}

/** Undefined for facts that are not those of an anchor: whoever wrote them, they prove nothing. */
export function parseAnchor(facts: Readonly<Record<string, unknown>>): AnchorFacts | undefined {
  const { kind, previous } = facts
  const [authority, note, reference, proof] = (["authority", "note", "reference", "proof"] as const).map((name) => stringOf(facts[name]))
  const [number, size, atMs] = (["number", "size", "atMs"] as const).map((name) => countOf(facts[name]))
  if (kind !== "rfc3161" && kind !== "digital-evidence") return undefined
  if (authority === undefined || note === undefined || reference === undefined || proof === undefined) return undefined
  if (number === undefined || number === 0 || size === undefined || atMs === undefined || !isBase64(proof)) return undefined
  if (number === 1 ? previous !== undefined : typeof previous !== "string") return undefined
  return { kind, authority, number, ...(typeof previous === "string" ? { previous } : {}), size, note, atMs, reference, proof }
}

/** What the next anchor calls this one. */
export function anchorDigest({ proof }: Pick<AnchorFacts, "proof">): string {
  return sha256(Buffer.from(proof, "base64")).toString("hex")
}

/** In its one spelling: a decoder that passes over other letters would let two texts be one proof. */
export function isBase64(text: string): boolean {
  return Buffer.from(text, "base64").toString("base64") === text
}
