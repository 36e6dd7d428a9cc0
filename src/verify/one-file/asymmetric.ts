/** RSA and ECDSA where there is no Node, by WebCrypto: stands in the place of `verify/asymmetric.ts` in the one-file verifiers. Answers are settled later (`questions.ts`). */
import { sha256, sha384, sha512 } from "@noble/hashes/sha2.js"
import type { HashName } from "../../format/time-stamp.ts"
import type { PublicKey, Signing } from "../public-key.ts"
import { answerTo, type Way } from "./questions.ts"

const names: { readonly [H in HashName]: string } = { sha256: "SHA-256", sha384: "SHA-384", sha512: "SHA-512" }
const hashes = { sha256, sha384, sha512 }

export function isSignedBy({ spki, curve }: PublicKey, signing: Signing, bytes: Uint8Array, signature: Uint8Array): boolean {
  return answerTo(wayOf(signing, curve), spki, bytes, signature)
}

function wayOf({ kind, hash: name, saltBytes }: Signing, curve: PublicKey["curve"]): Way {
  const hash = names[name]
  if (curve !== undefined) return { format: "spki", key: { name: "ECDSA", namedCurve: curve }, verify: { name: "ECDSA", hash } }
  if (kind === "pss") return { format: "spki", key: { name: "RSA-PSS", hash }, verify: { name: "RSA-PSS", saltLength: saltBytes } }
  return { format: "spki", key: { name: "RSASSA-PKCS1-v1_5", hash }, verify: "RSASSA-PKCS1-v1_5" }
}

export function digestOf(hash: HashName, bytes: Uint8Array): Buffer {
  return Buffer.from(hashes[hash](bytes))
}
