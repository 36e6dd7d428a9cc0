/** Public keys that sign records: JWK of Ed25519 (RFC 8037), their thumbprints (RFC 7638), sets of them, and which were revoked when. */
import { objectOf, stringOf } from "../../base/json.ts"
import { base64url, bytesOfBase64url } from "../base64url.ts"
import { sha256 } from "../sha256.ts"
import { isIssuer, type Parsed } from "./record.ts"
import { parseRevoked, worse, type Revocation, type Revocations } from "./revocation.ts"
import { strictObject } from "./strict-json.ts"

export type RecordKey = {
  readonly kid: string
  /** 32 bytes. */
  readonly publicKey: Buffer
  readonly revoked: Revocation | undefined
  /** Names of the files in which whoever reads got it, beside other keys of the same issuer. */
  readonly sets: readonly string[]
}

/** What `peac-issuer.json` says of an issuer's keys; the keys themselves stand in the JWKS that it names. */
export type IssuerPin = { readonly issuer: string; readonly revoked: Revocations }

const mostKeys = 1_000
const noKeyOfRecords = "a key is no Ed25519 key (kty OKP, crv Ed25519, x of 32 bytes)"

/** RFC 7638, over the members that make an Ed25519 key what it is. */
export function thumbprint(x: string): string {
  return base64url(sha256(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`))
}

/** `ignored`: how many keys beside them are of another kind or use. */
export type ParsedKeys = { readonly value: readonly RecordKey[]; readonly ignored: number } | { readonly problem: string }

/**
 * One JWK, or a set of them (`keys`) with those that were revoked (`revoked_keys`). A key without a `kid` goes by its thumbprint. Of a set those that are of another
 * kind are left out (RFC 7517, section 5); one with nothing that signs records is refused.
 */
export function parseKeys(text: string): ParsedKeys {
  const parsed = strictObject(text)
  if ("problem" in parsed) return parsed
  const { keys, revoked_keys: revokedKeys } = parsed.value
  const list = Array.isArray(keys) ? (keys as readonly unknown[]) : [parsed.value]
  if (list.length === 0 || list.length > mostKeys) return { problem: `it has ${list.length} keys` }
  const revoked = parseRevoked(revokedKeys)
  if (typeof revoked === "string") return { problem: revoked }
  const found = new Map<string, RecordKey>()
  for (const told of list) {
    const jwk = objectOf(told)
    const secret = ["d", "k"].find((member) => jwk[member] !== undefined)
    if (secret !== undefined) return { problem: `a secret key (${secret}) is in it, and whoever has the file can sign by it: use the public keys alone` }
    if (isOther(jwk)) continue
    const key = keyOf(jwk, revoked)
    if (!key) return { problem: noKeyOfRecords }
    if (found.has(key.kid)) return { problem: `two keys are called ${key.kid}` }
    found.set(key.kid, key)
  }
  const all = [...found.values()]
  if (all.length === 0) return { problem: `${noKeyOfRecords}, and there is no other` }
  const set = sha256(
    all
      .map(({ kid, publicKey }) => `${publicKey.toString("hex")} ${kid}`)
      .toSorted()
      .join("\n"),
  ).toString("hex")
  return { value: all.map((key) => ({ ...key, sets: [set] })), ignored: list.length - all.length }
}

/** Of `peac-issuer.json`, as an issuer publishes it. */
export function parseIssuer(text: string): Parsed<IssuerPin> {
  const parsed = strictObject(text)
  if ("problem" in parsed) return parsed
  const { version, issuer, jwks_uri: uri, revoked_keys: revokedKeys } = parsed.value
  const told = typeof issuer === "string" ? issuer : ""
  if (typeof version !== "string" || !version.startsWith("peac-issuer/") || !isIssuer(told)) return { problem: "it is no peac-issuer.json" }
  if (typeof uri !== "string" || !uri.startsWith("https://") || !URL.canParse(uri)) return { problem: "it names no JWKS at an https address (jwks_uri)" }
  const revoked = parseRevoked(revokedKeys)
  return typeof revoked === "string" ? { problem: revoked } : { value: { issuer: told, revoked } }
}

/** The same keys, less good by what is said of them besides. */
export function withRevocations(keys: readonly RecordKey[], revoked: Revocations): readonly RecordKey[] {
  return keys.map((key) => {
    const besides = revoked.get(key.kid)
    return besides ? { ...key, revoked: worse(besides, key.revoked) } : key
  })
}

/** A key for something else: it says so itself. */
function isOther({ kty, crv, alg, use }: Readonly<Record<string, unknown>>): boolean {
  if (typeof kty !== "string") return false
  return kty !== "OKP" || (typeof crv === "string" && crv !== "Ed25519") || (typeof use === "string" && use !== "sig") || !isEdDsa(alg)
}

function isEdDsa(alg: unknown): boolean {
  return typeof alg !== "string" || alg === "EdDSA" || alg === "Ed25519"
}

/** For people, of the keys in their file. */
export function ignoredWords(ignored: number): readonly string[] {
  if (ignored === 0) return []
  return [
    `${ignored === 1 ? "1 other key" : `${ignored} other keys`} among those given ${ignored === 1 ? "is" : "are"} of a kind that signs no receipts, and ignored.`,
  ]
}

function keyOf({ kty, crv, x, kid, alg, use }: Readonly<Record<string, unknown>>, revoked: Revocations): RecordKey | undefined {
  const publicKey = bytesOfBase64url(x)
  if (kty !== "OKP" || crv !== "Ed25519" || publicKey?.length !== 32 || typeof x !== "string") return undefined
  if ((alg !== undefined && alg !== "EdDSA" && alg !== "Ed25519") || (use !== undefined && use !== "sig")) return undefined
  const name = stringOf(kid) ?? thumbprint(x)
  return { kid: name, publicKey, revoked: revoked.get(name), sets: [] }
}
