/**
 * A checkpoint that witnesses have cosigned, and the way from its tree to a larger one of the same log: as the last line of an export carries it
 * (docs/spec/export.md). Whether any of it is good is for who verifies.
 */
import { objectOf } from "../base/json.ts"

export type CosignedNote = {
  /** The signed note, the cosignatures among its lines. */
  readonly note: string
  /** RFC 6962, 2.1.2; base64url. */
  readonly consistency: readonly string[]
}

/** A list of them; undefined when it is something else, or has none. */
export function cosignedNotes(value: unknown): readonly CosignedNote[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined
  const list = value.map((one) => {
    const { note, consistency } = objectOf(one)
    return typeof note === "string" && isTexts(consistency) ? { note, consistency } : undefined
  })
  return list.every((one) => one !== undefined) ? list : undefined
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string")
}
