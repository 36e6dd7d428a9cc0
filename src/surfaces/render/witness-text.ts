/** What witnesses say, in words that somebody who has never heard of them understands. */
import type { WitnessSeen } from "../../verify/verdict.ts"
import { countWords, plain } from "./words.ts"

/** A witness as it is called in sentences: its name, without its key's hash. */
export function witnessName(id: string): string {
  return plain(id.replace(/\+[0-9a-f]{8}$/, ""))
}

/** What stands in the store. */
export function witnessSeenWords({ witness, cosignatures, upTo, at, checked }: WitnessSeen): string {
  const name = witnessName(witness)
  if (cosignatures === 0) return `witness ${name} has seen nothing of this ledger`
  const unchecked = checked ? "" : "; not checked, its key is not pinned (--witness KEY)"
  return `witness ${name} has seen ${countWords(upTo, "entry", "entries")}, the last on ${at ?? "?"} (${countWords(cosignatures, "cosignature")}${unchecked})`
}
