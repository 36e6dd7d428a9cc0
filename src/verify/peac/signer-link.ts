/**
 * Whether the key that signed a bundle may speak for who issued the records in it: that none was left out is not for the key of another issuer to say, pinned or not.
 * In a ledger's own bundle it is the records' key, or one that hand-overs of that ledger lead to from it (docs/spec/journal.md); in another one also a key of the same
 * JWKS, as the reader pinned it.
 */
import type { RecordKey } from "../../format/peac/keys.ts"
import { verifierKeyText } from "../../format/checkpoint.ts"
import { chainOfNotes, type KeyChain } from "../key-chain.ts"

export type OfLedger = { readonly log: string; readonly handOvers: readonly string[] }

export type Links = (signer: RecordKey, key: RecordKey) => boolean

/** @param ledger whose bundle it says it is. A sentence on what is wrong with its hand-overs. */
export function linksOf(ledger: OfLedger | undefined): Links | { readonly problem: string } {
  if (!ledger) return (signer, key) => isSame(signer, key) || key.sets.some((set) => signer.sets.includes(set))
  const chain = ledger.handOvers.length === 0 ? undefined : chainOf(ledger)
  if (typeof chain === "string") return { problem: chain }
  const place = ({ publicKey }: RecordKey) => chain?.keys.indexOf(verifierKeyText(ledger.log, publicKey)) ?? -1
  // Not the other way: a key that gave its place away says nothing of what came after.
  return (signer, key) => isSame(signer, key) || (place(key) >= 0 && place(key) <= place(signer))
}

/** Asks of the signatures in hand-overs what `linksOf` will ask. */
export function askOfHandOvers(handOvers: readonly string[]): void {
  chainOfNotes(handOvers, "")
}

function chainOf({ log, handOvers }: OfLedger): KeyChain | string {
  const read = chainOfNotes(handOvers, "")
  if (!read || read.fault) return `its hand-overs of the signing key are not good${read?.fault ? `: ${read.fault.why}` : ""}`
  return read.chain.origin === log ? read.chain : `its hand-overs are those of another ledger, ${read.chain.origin}`
}

function isSame(one: RecordKey, other: RecordKey): boolean {
  return one.publicKey.equals(other.publicKey)
}
