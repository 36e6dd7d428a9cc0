/** Cosignatures that stand below a checkpoint. */
import { signatureLineOf, type SignedCheckpoint } from "../../format/checkpoint.ts"
import { cosignatureOf } from "../../format/cosignature.ts"
import { witnessId } from "../../format/witness.ts"
import type { WitnessTally } from "../witness-tally.ts"

/** Counts them; answers what is wrong with those of pinned witnesses. */
export function tallyNote(checkpoint: SignedCheckpoint, tally: WitnessTally): readonly string[] {
  return checkpoint.signatures.flatMap((line) => {
    if (line.name === checkpoint.origin || cosignatureOf(line) === undefined) return []
    const why = tally.take(witnessId(line), signatureLineOf(line).trimEnd(), checkpoint)
    return why === undefined ? [] : [`the cosignature of ${witnessId(line)} on ${checkpoint.size} entries ${why}`]
  })
}
