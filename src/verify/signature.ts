/** Checks of signed checkpoints against a pinned verifier key. */
import { parseSignedCheckpoint, signatureBy, type SignedCheckpoint, type VerifierKey } from "../format/checkpoint.ts"
import { ed25519Checker } from "./ed25519.ts"

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
