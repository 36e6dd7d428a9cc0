/** Checks of cosignature lines (docs/spec/witness.md) against the pinned key of a witness. Lines and notes may come from anybody: nothing here throws. */
import type { VerifierKey } from "../format/checkpoint.ts"
import { cosignedBytes, parseCosignature } from "../format/cosignature.ts"
import { ed25519Checker } from "./ed25519.ts"

export type CosignatureCheck = { readonly ok: true; readonly timeS: number } | { readonly ok: false; readonly why: string }

/** Returns a function that checks lines (without line feed) by one witness, on the text of a checkpoint. */
export function cosignatureChecker(key: VerifierKey): (line: string, checkpointText: string) => CosignatureCheck {
  const isSigned = ed25519Checker(key)
  return (line, checkpointText) => {
    const cosignature = parseCosignature(line)
    if (!cosignature) return { ok: false, why: "it is not a well-formed cosignature" }
    const { name, keyHash, timeS, signature } = cosignature
    if (name !== key.name || !keyHash.equals(key.keyHash)) return { ok: false, why: "it is by another key" }
    if (!isSigned(cosignedBytes(timeS, checkpointText), signature)) return { ok: false, why: "its signature is wrong" }
    return { ok: true, timeS }
  }
}
