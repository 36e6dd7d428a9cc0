/** Ed25519 keys (RFC 8032) from 32-byte seeds, as `node:crypto` takes them. */
import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto"

export const seedBytes = 32
const pkcs8Prefix = Buffer.from("302e020100300506032b657004220420", "hex")
const spkiPrefixBytes = 12

export type SigningKey = { readonly privateKey: KeyObject; readonly publicKey: Buffer }

export function signingKeyOf(seed: Uint8Array): SigningKey {
  const privateKey = createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: "der", type: "pkcs8" })
  return { privateKey, publicKey: createPublicKey(privateKey).export({ format: "der", type: "spki" }).subarray(spkiPrefixBytes) }
}
