/** Which keys a file of a ledger names as that ledger's, and how what signed it is told. */
import { verifierKeyText } from "../../format/checkpoint.ts"
import { exactVerifierKey, parseHandOver } from "../../format/hand-over.ts"
import type { Finding } from "./evidence.ts"
import { trustedFor, type Pins } from "./pins.ts"
import type { Trusted } from "../key-chain.ts"

type Named = { readonly verifierKey?: unknown; readonly handOvers?: unknown }

/** The key to judge it by. */
export function trustedOf(pins: Pins, { verifierKey, handOvers }: Named): Trusted {
  const notes = Array.isArray(handOvers) ? handOvers.filter((note) => typeof note === "string") : []
  const named = notes.flatMap((note) => {
    const read = parseHandOver(note)
    return read ? [read.previousKey, read.nextKey] : []
  })
  const last = typeof verifierKey === "string" ? verifierKey : ""
  return trustedFor(pins, [last, ...named], exactVerifierKey(last)?.name ?? "")
}

/** Pinned when the key that signed is the reader's, or follows from it by hand-overs that both keys signed. */
export function keyOfLedger(signedBy: string | null, { key }: Trusted, isGood: boolean, signed: string): Finding["keys"] {
  if (signedBy === null) return []
  const own = key && verifierKeyText(key.name, key.publicKey)
  const follows = own !== undefined && own !== signedBy && isGood
  return [{ key: signedBy, isPinned: own === signedBy || follows, signed: follows ? `${signed}; it follows from the pinned key ${own}` : signed }]
}

export const noKey = "Nothing is wrong with this file, but nobody vouched for the key that signed it: no key of this ledger is pinned."
export const noWitness = "Nothing is wrong with this file, but a pinned witness has not seen it."
