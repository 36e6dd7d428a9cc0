/** Small secrets sealed under a key: AES-256-GCM, random 12-byte nonce, `nonce | ciphertext | tag`, bound to a label. */
import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, type KeyObject } from "node:crypto"
import { freshNonce, nonceBytes } from "./nonce.ts"

const tagBytes = 16

export function subkey(key: Uint8Array, purpose: string): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync("sha256", key, Buffer.alloc(0), `sovereign-ledger/${purpose}/1`, 32)))
}

export function seal(key: KeyObject, plain: Uint8Array, label: Uint8Array): Buffer {
  const nonce = freshNonce()
  const cipher = createCipheriv("aes-256-gcm", key, nonce)
  cipher.setAAD(label)
  const body = cipher.update(plain)
  cipher.final()
  return Buffer.concat([nonce, body, cipher.getAuthTag()])
}

/** The plain bytes, or undefined when the key, the label or the sealed bytes are not the ones that belong together. */
export function unseal(key: KeyObject, sealed: Uint8Array, label: Uint8Array): Buffer | undefined {
  if (sealed.length < nonceBytes + tagBytes) return undefined
  const end = sealed.length - tagBytes
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, nonceBytes), { authTagLength: tagBytes })
  decipher.setAAD(label)
  decipher.setAuthTag(sealed.subarray(end))
  const body = decipher.update(sealed.subarray(nonceBytes, end))
  try {
    decipher.final()
  } catch {
    // The tag does not fit: that is the answer, not an accident.
    return undefined
  }
  return body
}
