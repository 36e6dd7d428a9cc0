/** Ed25519 (RFC 8032), asked of Node. The one import of it in `verify/`: the one-file verifiers have another in its place (`one-file/ed25519.ts`). */
import { createPublicKey, verify } from "node:crypto"

const spkiPrefix = Buffer.from("302a300506032b6570032100", "hex")

/** Returns a function that says whether the key, 32 bytes, signed these bytes. */
export function ed25519Checker({ publicKey: raw }: { readonly publicKey: Uint8Array }): (bytes: Uint8Array, signature: Uint8Array) => boolean {
  const publicKey = createPublicKey({ key: Buffer.concat([spkiPrefix, raw]), format: "der", type: "spki" })
  return (bytes, signature) => verify(null, bytes, publicKey, signature)
}
