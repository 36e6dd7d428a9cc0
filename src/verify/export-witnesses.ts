/**
 * What witnesses have seen of an export: checkpoints they cosigned, each with the way from its tree to the one of the export's checkpoint. So a cosignature
 * counts for every entry before it, whoever signed the notes. The file is attacker-controlled.
 */
import { parseSignedCheckpoint, signatureLineOf, type SignedCheckpoint } from "../format/checkpoint.ts"
import { isConsistent } from "../format/consistency.ts"
import { cosignatureOf } from "../format/cosignature.ts"
import type { CosignedNote } from "../format/cosigned-note.ts"
import { witnessId } from "../format/witness.ts"
import type { WitnessTally } from "./witness-tally.ts"

export function tallyExport(cosigned: readonly CosignedNote[], whole: SignedCheckpoint, tally: WitnessTally, note: (what: string) => void): void {
  let before = 0
  for (const one of cosigned) {
    const seen = parseSignedCheckpoint(one.note)
    const why = seen ? faultOf(seen, one, whole, before) : "it is not a well-formed signed checkpoint"
    if (why !== undefined) note(`a checkpoint that witnesses cosigned cannot be trusted: ${why}`)
    before = seen?.size ?? before
    if (seen && why === undefined) takeLines(seen, tally, note)
  }
}

function faultOf({ origin, size, root }: SignedCheckpoint, { consistency }: CosignedNote, whole: SignedCheckpoint, before: number): string | undefined {
  if (origin !== whole.origin) return `it is of another log, ${origin}`
  if (size <= before || size > whole.size) return `its size, ${size}, is not between the one before it and that of the export`
  const proof = consistency.map((text) => Buffer.from(text, "base64url"))
  const isSpelled = proof.every((hash, index) => hash.toString("base64url") === consistency[index])
  if (!isSpelled || !isConsistent(size, whole.size, root, whole.root, proof)) return `its tree of ${size} entries is not the beginning of the export's`
  return undefined
}

function takeLines(seen: SignedCheckpoint, tally: WitnessTally, note: (what: string) => void): void {
  const lines = seen.signatures.filter((line) => cosignatureOf(line) !== undefined)
  if (lines.length === 0) note(`nobody cosigned the checkpoint of ${seen.size} entries that stands among those of witnesses`)
  for (const line of lines) {
    const why = tally.take(witnessId(line), signatureLineOf(line).trimEnd(), seen)
    if (why !== undefined) note(`the cosignature of ${witnessId(line)} on ${seen.size} entries ${why}`)
  }
}
