/** SHA-256 where there is no Node: stands in the place of `format/sha256.ts` in the one-file verifiers. Of the package @noble/hashes, since the browser's own cannot be waited for here. */
import { sha256 as digestOf } from "@noble/hashes/sha2.js"

export const hashBytes = 32

const utf8 = new TextEncoder()

export function sha256Into(target: Buffer, offset: number, data: Uint8Array): void {
  target.set(digestOf(data), offset)
}

export function sha256(data: Uint8Array | string): Buffer {
  return Buffer.from(digestOf(typeof data === "string" ? utf8.encode(data) : data))
}

export function sha256Hex(data: Uint8Array | string): string {
  return sha256(data).toString("hex")
}

export function sha256Base64url(text: string): string {
  return sha256(text).toString("base64url")
}
