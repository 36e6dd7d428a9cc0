/** Ed25519 (RFC 8032) checks against a pinned verifier key: of checkpoint notes, and of anything else that such a key signs. */
import { createPublicKey, verify } from "node:crypto"
import { parseSignedCheckpoint, signatureBy, type SignedCheckpoint, type VerifierKey } from "../format/checkpoint.ts"

const spkiPrefix = Buffer.from("302a300506032b6570032100", "hex")

export type NoteCheck = { readonly ok: true; readonly checkpoint: SignedCheckpoint } | { readonly ok: false; readonly why: string }

/** Returns a function that checks notes against one key; the origin must be the key's name. */
export function noteChecker(key: VerifierKey): (note: string) => NoteCheck {
  const isSigned = ed25519Checker(key)
  return (note) => {
    const checkpoint = parseSignedCheckpoint(note)
    if (!checkpoint) return { ok: false, why: "it is not a well-formed signed checkpoint" }
    if (checkpoint.origin !== key.name) return { ok: false, why: `it is of another log, ${checkpoint.origin}` }
    const signature = signatureBy(checkpoint, key)
    if (!signature) return { ok: false, why: "it is not signed by the pinned key" }
    if (!isSigned(Buffer.from(checkpoint.text), signature.signature)) return { ok: false, why: "its signature is wrong" }
    return { ok: true, checkpoint }
  }
}

/** Returns a function that says whether the key signed these bytes. */
export function ed25519Checker({ publicKey: raw }: VerifierKey): (bytes: Uint8Array, signature: Uint8Array) => boolean {
  const publicKey = createPublicKey({ key: Buffer.concat([spkiPrefix, raw]), format: "der", type: "spki" })
  return (bytes, signature) => verify(null, bytes, publicKey, signature)
}
