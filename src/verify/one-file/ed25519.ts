/** Ed25519 where there is no Node, by WebCrypto: stands in the place of `verify/ed25519.ts` in the one-file verifiers. Answers are settled later (`questions.ts`). */
import { answerTo, isSigned, type Way } from "./questions.ts"

const way: Way = { format: "raw", key: "Ed25519", verify: "Ed25519" }
const keyBytes = 32
const signatureBytes = 64

/** Returns a function that says whether the key, 32 bytes, signed these bytes, or what is assumed of it. */
export function ed25519Checker({ publicKey }: { readonly publicKey: Uint8Array }): (bytes: Uint8Array, signature: Uint8Array) => boolean {
  const key = Uint8Array.from(publicKey)
  return (bytes, signature) => key.length === keyBytes && signature.length === signatureBytes && answerTo(way, key, bytes, signature)
}

/** Whether WebCrypto knows Ed25519 here: Chromium from 137, Firefox from 129, Safari from 17, Node. */
export async function hasEd25519(): Promise<boolean> {
  // RFC 8032, 7.1, test 1: a browser that has the name and gives the wrong answer is as good as none.
  const bytes = (hex: string) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
  const publicKey = bytes("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
  const signature = bytes("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b")
  try {
    return await isSigned({ way, publicKey, bytes: new Uint8Array(0), signature })
  } catch {
    return false
  }
}
