/** The public keys that receipts are checked with: the ledger's own, and those that gave their places to it. */
import { keySet, type KeySet } from "../format/peac/key-set.ts"
import { revokedKeys } from "../projections/receipts.ts"
import type { LedgerAccess } from "./ledger-access.ts"

/** The one that signs now is the last. */
export function receiptKeys(access: LedgerAccess): KeySet {
  return keySet(access.keyChain().keys, access.ask(revokedKeys))
}

/** What of the receipts on record a key signed. @param kid of a key of this ledger. */
export function signedBy(access: LedgerAccess, kid: string): { readonly receipts: number; readonly lastMs: number | null } {
  const { keys, handOvers } = access.keyChain()
  const at = keySet(keys, []).keys.findIndex((key) => key.kid === kid)
  const [from, until] = [handOvers[at - 1]?.size ?? 0, handOvers[at]?.size ?? Number.MAX_SAFE_INTEGER]
  return access.ask(
    (views) =>
      views.prepare("SELECT count(*) AS receipts, max(issued_ms) AS lastMs FROM receipts WHERE sequence >= ? AND sequence < ?").get(from, until) as {
        receipts: number
        lastMs: number | null
      },
  )
}
