/** Signatures and hashes under X.509 certificates, by Node. The one-file verifiers ask WebCrypto in its place (`one-file/asymmetric.ts`). */
import { constants, createHash, createPublicKey, verify } from "node:crypto"
import type { HashName } from "../format/time-stamp.ts"
import type { PublicKey, Signing } from "./public-key.ts"

/** @param signature of ECDSA as r and s beside each other, each as long as the curve's numbers (IEEE P1363). A key that cannot be read has signed nothing. */
export function isSignedBy({ spki }: PublicKey, { kind, hash, saltBytes }: Signing, bytes: Uint8Array, signature: Uint8Array): boolean {
  const { RSA_PKCS1_PADDING, RSA_PKCS1_PSS_PADDING } = constants
  const ways = {
    rsa: { padding: RSA_PKCS1_PADDING },
    pss: { padding: RSA_PKCS1_PSS_PADDING, saltLength: saltBytes },
    ec: { dsaEncoding: "ieee-p1363" as const },
  }
  try {
    const key = createPublicKey({ key: spki, format: "der", type: "spki" })
    return verify(hash, bytes, { key, ...ways[kind] }, signature)
  } catch {
    // OpenSSL's word that this is no such key, or no such signature.
    return false
  }
}

export function digestOf(hash: HashName, bytes: Uint8Array): Buffer {
  return createHash(hash).update(bytes).digest()
}
