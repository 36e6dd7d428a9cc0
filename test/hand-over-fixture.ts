/** Signing keys with known seeds, and hand-overs between them: what somebody can write who has these keys and no others. */
import type { HandOver, HandOverStatement } from "../src/format/hand-over.ts"
import { statementText } from "../src/format/hand-over.ts"
import { sha256 } from "../src/format/sha256.ts"
import { Signer } from "../src/vault/signer.ts"

export const origin = "sovereign-ledger/0123456789abcdef"

export function signerOfSeed(seed: number, name = origin): Signer {
  return new Signer(name, Buffer.alloc(32, seed))
}

/** A root that is as good as any where nobody has the tree. */
export const someRoot = sha256("some tree")

export type Signing = {
  /** Who signs in the place of the key that hands over, or that takes over. */
  readonly previous?: Signer
  readonly next?: Signer
}

/** Signed by both keys, unless somebody else is named for it. */
export function signedHandOver(previous: Signer, next: Signer, changes: Partial<HandOverStatement> = {}, signing: Signing = {}): HandOver {
  const statement = { origin: previous.name, size: 10, root: someRoot, previousKey: previous.verifierKey, nextKey: next.verifierKey, ...changes }
  const text = statementText(statement)
  return { ...statement, previousSignature: (signing.previous ?? previous).sign(text), nextSignature: (signing.next ?? next).sign(text) }
}
