/**
 * The digest of a payload as PEAC records and spool entries carry it: SHA-256 over its canonical JSON (RFC 8785), as lower-case hex, and the bytes the payload had.
 * Of what is longer than a mebibyte only the beginning is hashed, and `alg` says so; what was cut when it was captured can have no digest of the whole.
 */
import { canonicalJson } from "../../base/canonical-json.ts"
import type { Json } from "../../base/json.ts"
import { sha256Hex } from "../sha256.ts"

export type DigestAlgorithm = "sha-256" | "sha-256:trunc-64k" | "sha-256:trunc-1m"

export type PayloadDigest = { readonly alg: DigestAlgorithm; readonly value: string; readonly bytes: number }

const shortBytes = 64 * 1024
const longBytes = 1024 * 1024

/** @param lostBytes what was left out of it when it was captured, at least; 0 when it is whole. */
export function payloadDigest(kept: Json, lostBytes: number, hash: (bytes: Uint8Array) => string = sha256Hex): PayloadDigest {
  const bytes = Buffer.from(canonicalJson(kept))
  if (lostBytes > 0) return { alg: "sha-256:trunc-64k", bytes: bytes.length + lostBytes, value: hash(bytes.subarray(0, shortBytes)) }
  if (bytes.length > longBytes) return { alg: "sha-256:trunc-1m", bytes: bytes.length, value: hash(bytes.subarray(0, longBytes)) }
  return { alg: "sha-256", bytes: bytes.length, value: hash(bytes) }
}
