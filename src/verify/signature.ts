/** Ed25519 (RFC 8032) checks of checkpoint notes against a pinned verifier key. */
import { createPublicKey, verify } from "node:crypto"
import { parseSignedCheckpoint, parseVerifierKey, signatureBy, type SignedCheckpoint, type VerifierKey } from "../format/checkpoint.ts"

const spkiPrefix = Buffer.from("302a300506032b6570032100", "hex")

export type NoteCheck = { readonly ok: true; readonly checkpoint: SignedCheckpoint } | { readonly ok: false; readonly why: string }

/** Returns a function that checks notes against one key; the origin must be the key's name. */
export function noteChecker(key: VerifierKey): (note: string) => NoteCheck {
  const publicKey = createPublicKey({ key: Buffer.concat([spkiPrefix, key.publicKey]), format: "der", type: "spki" })
  return (note) => {
    const checkpoint = parseSignedCheckpoint(note)
    if (!checkpoint) return { ok: false, why: "it is not a well-formed signed checkpoint" }
    if (checkpoint.origin !== key.name) return { ok: false, why: `it is of another log, ${checkpoint.origin}` }
    const signature = signatureBy(checkpoint, key)
    if (!signature) return { ok: false, why: "it is not signed by the pinned key" }
    if (!verify(null, Buffer.from(checkpoint.text), publicKey, signature.signature)) return { ok: false, why: "its signature is wrong" }
    return { ok: true, checkpoint }
  }
}

/** The verifier key that a file names; undefined when the text is not exactly one. */
export function keyNamed(text: string): VerifierKey | undefined {
  try {
    return text === text.trim() ? parseVerifierKey(text) : undefined
  } catch {
    // Its parser speaks to people who type a key; here a wrong key is a finding.
    return undefined
  }
}
