/** The witnesses of a ledger, one row each: what they have cosigned, as far as it stands in the journal, and what the running writer says of them. */
import { countOf, objectOf, stringOf, type Json } from "../base/json.ts"
import { parseCosignature } from "../format/cosignature.ts"
import type { StoredCosignature } from "../journal/stored-cosignatures.ts"

export type WitnessRow = {
  readonly witness: string
  /** The size it has cosigned, as far as its cosignature stands here; and when, by its clock. */
  readonly seenSize: number
  readonly seenAt: string | null
  /** What the running writer last heard of it; null without a writer, or when it is asked no more. */
  readonly state: string | null
  readonly toldSize: number | null
  readonly problem: string | null
}

export function witnessRows(kept: readonly StoredCosignature[], writer: Json): readonly WitnessRow[] {
  const told = objectOf(writer)["witnesses"]
  const asked = Array.isArray(told) ? told.map(objectOf) : []
  const names = new Set([...kept.map(({ witness }) => witness), ...asked.flatMap(({ witness }) => stringOf(witness) ?? [])])
  return [...names].map((witness) => {
    const row = kept.find((one) => one.witness === witness)
    const timeS = row && parseCosignature(row.line)?.timeS
    const word = asked.find((one) => one["witness"] === witness)
    return {
      witness,
      seenSize: row?.size ?? 0,
      seenAt: timeS === undefined ? null : new Date(timeS * 1000).toISOString(),
      state: stringOf(word?.["state"]) ?? null,
      toldSize: countOf(word?.["toldSize"]) ?? null,
      problem: stringOf(word?.["problem"]) ?? null,
    }
  })
}
