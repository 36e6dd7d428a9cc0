/**
 * The cosignatures a store keeps, held against its checkpoints and the pinned keys of witnesses (docs/spec/witness.md). What a witness gave stands in the
 * journal before it stands in the note outside, so a line of the note that the journal does not have was taken out of it.
 */
import { checkpointText } from "../format/checkpoint.ts"
import { parseCosignature } from "../format/cosignature.ts"
import type { Problems } from "../verify/verdict.ts"
import type { WitnessTally } from "../verify/witness-tally.ts"
import type { CheckedNote } from "./checkpoint-notes.ts"
import type { StoredCosignature } from "./stored-cosignatures.ts"

export type CosignatureQuestion = {
  readonly origin: string
  readonly cosignatures: Iterable<StoredCosignature>
  /** The good ones that are stored; others may be among them. */
  readonly checkpoints: readonly CheckedNote[]
  readonly headNote: string | undefined
}

export function checkCosignatures(question: CosignatureQuestion, tally: WitnessTally, problems: Problems): void {
  const { origin, cosignatures, checkpoints, headNote } = question
  const texts = new Map(checkpoints.filter(({ kept }) => kept === "stored").map(({ size, root }) => [size, checkpointText({ origin, size, root })]))
  const outside = new Set(headNote?.split("\n").filter((line) => parseCosignature(line) !== undefined))
  for (const { witness, size, line } of cosignatures) {
    outside.delete(line)
    const text = texts.get(size)
    const why = text === undefined ? "stands under no checkpoint" : tally.take(witness, line, { size, text })
    if (why !== undefined) problems.note(0, Math.max(0, size - 1), `the cosignature of ${witness} on ${size} entries ${why}`)
  }
  for (const line of outside) problems.note(0, 0, `the journal does not have a cosignature by ${parseCosignature(line)?.name} that the note outside carries`)
}
