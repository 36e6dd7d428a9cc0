/** `bundle.sig`: a compact JWS (RFC 7515) over the hash of a bundle's manifest, with the members it has and no others. */
import { stringOf } from "../../base/json.ts"
import { bytesOfBase64url } from "../../format/base64url.ts"
import { strictText } from "../../format/peac/strict-json.ts"

export type BundleSignature = { readonly kid: string; readonly contentHash: string; readonly signingInput: Buffer; readonly signature: Buffer }

export const bundleSignatureType = "peac-bundle-sig+jwt"
const mostBytes = 64 * 1024

/** Undefined when it is none. */
export function parseBundleSignature(bytes: Buffer): BundleSignature | undefined {
  if (bytes.length > mostBytes) return undefined
  const parts = bytes.toString("latin1").replace(/\n$/, "").split(".")
  const [header, payload, signature] = parts.map(bytesOfBase64url)
  if (parts.length !== 3 || !header || !payload || signature?.length !== 64) return undefined
  const [told, said] = [strictText(header), strictText(payload)]
  if ("problem" in told || "problem" in said) return undefined
  const { typ, alg, kid, ...others } = told.value
  const { content_hash: hash, ...besides } = said.value
  const contentHash = stringOf(hash)
  // What is said besides (crit, b64, jwk) another reader may go by: RFC 7515, 4.1.11.
  if (typ !== bundleSignatureType || alg !== "EdDSA" || Object.keys(others).length > 0 || Object.keys(besides).length > 0) return undefined
  if (typeof kid !== "string" || kid === "" || contentHash === undefined) return undefined
  return { kid, contentHash, signingInput: Buffer.from(`${parts[0]}.${parts[1]}`, "latin1"), signature }
}
