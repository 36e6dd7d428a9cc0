/**
 * A checkpoint that a third party has anchored, what it gave, and the way from its tree to a larger one of the same log: as the last line of an export carries it
 * (docs/spec/export.md). Whether any of it is good is for who verifies.
 */
import { countOf, objectOf, stringOf } from "../base/json.ts"
import type { AnchorFacts } from "./anchor.ts"

export type AnchoredNote = Pick<AnchorFacts, "kind" | "authority" | "size" | "atMs" | "reference" | "note" | "proof"> & {
  /** RFC 6962, 2.1.2; base64url. */
  readonly consistency: readonly string[]
}

/** A list of them; undefined when it is something else, or has none. */
export function anchoredNotes(value: unknown): readonly AnchoredNote[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined
  const list = value.map(anchoredNote)
  return list.every((one) => one !== undefined) ? list : undefined
}

function anchoredNote(value: unknown): AnchoredNote | undefined {
  const fields = objectOf(value)
  const { kind, consistency } = fields
  const [authority, reference, note, proof] = (["authority", "reference", "note", "proof"] as const).map((name) => stringOf(fields[name]))
  const [size, atMs] = [countOf(fields["size"]), countOf(fields["atMs"])]
  if ((kind !== "rfc3161" && kind !== "digital-evidence") || size === undefined || atMs === undefined) return undefined
  if (authority === undefined || reference === undefined || note === undefined || proof === undefined) return undefined
  if (!Array.isArray(consistency) || !consistency.every((hash) => typeof hash === "string")) return undefined
  return { kind, authority, size, atMs, reference, note, proof, consistency }
}
