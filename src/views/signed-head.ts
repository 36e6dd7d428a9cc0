/**
 * Who may sign what this journal says: the key in force at its size. Keys were read before the journal; a hand-over between the two is seen, and they
 * are read again.
 */
import { Fault } from "../base/fault.ts"
import { signerOf, storedKeyChain } from "../journal/hand-overs.ts"
import type { KeyChain } from "../verify/key-chain.ts"
import type { Signer } from "../vault/signer.ts"
import type { LedgerAccess } from "./ledger-access.ts"

export type SignedHead = { readonly size: number; readonly signer: Signer; readonly chain: KeyChain }

/** Two hand-overs within one look are a matter of milliseconds. */
const looksMost = 3

/** @throws {Fault} `key.out-of-step` when keys.json has no key that may sign this journal. */
export function signedHead(access: LedgerAccess): SignedHead {
  for (let look = 1; ; look++) {
    const head = headAt(access, access.reader.size())
    if (typeof head !== "string") return head
    if (look === looksMost) throw new Fault("key.out-of-step", { problem: head })
  }
}

/** As `signedHead`, of a size that was read before. */
export function signedHeadAt(access: LedgerAccess, size: number): SignedHead {
  const head = headAt(access, size)
  if (typeof head === "string") throw new Fault("key.out-of-step", { problem: head })
  return head
}

function headAt(access: LedgerAccess, size: number): SignedHead | string {
  const chain = storedKeyChain(access.reader, access.files.journal, size)
  const signer = signerOf(access.keys, chain.last) ?? signerOf(access.reopenKeys(), chain.last)
  return signer ? { size, signer, chain } : `${size} entries are signed by ${chain.last}, and keys.json has another key`
}
