/** What witnesses say, in words that somebody who has never heard of them understands. */
import type { WitnessWord } from "../../operations/ask-witness.ts"
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

/** The heading and the sentence for what a witness answered. */
export function witnessWords(word: WitnessWord): { readonly heading: string; readonly sentence: string } {
  switch (word.state) {
    case "agrees":
      return { heading: "AGREES", sentence: `it has seen ${entryWords(word.size)} of this ledger, and nothing that contradicts them` }
    case "is ahead":
      return {
        heading: "ROLLED BACK",
        sentence: `it knows a longer ledger: it has cosigned ${entryWords(word.seenSize)}, and the last checkpoint here covers ${entryWords(word.size)}; the directory was put back from an older copy, or cut`,
      }
    case "saw another history":
      return {
        heading: "FORKED",
        sentence: `what it cosigned of the first ${entryWords(word.seenSize)} is not what stands here: a copy of this ledger went on elsewhere, or its past was rewritten`,
      }
    case "does not know this ledger":
      return { heading: "UNKNOWN THERE", sentence: "it does not watch this ledger yet: sovereign-ledger witness add on its machine" }
    case "does not trust its key":
      return {
        heading: "KEY NOT TRUSTED THERE",
        sentence: "it watches this ledger under another key: sovereign-ledger witness add --replace on its machine, after a hand-over of the signing key",
      }
    case "answers wrongly":
      return { heading: "NO GOOD ANSWER", sentence: plain(word.problem) }
    case "could not be asked":
      return { heading: "NOT ASKED", sentence: plain(word.problem) }
  }
}

function entryWords(size: number): string {
  return countWords(size, "entry", "entries")
}
