/** What an issuer publishes of its keys: a JWKS (RFC 7517, RFC 8037), and `peac-issuer.json`, which says where that is. */
import { base64url } from "../base64url.ts"
import { parseVerifierKey } from "../checkpoint.ts"
import { thumbprint } from "./keys.ts"
import type { RevokedKey } from "./revocation.ts"

export type PublicJwk = { readonly kty: "OKP"; readonly crv: "Ed25519"; readonly x: string; readonly kid: string; readonly alg: "EdDSA"; readonly use: "sig" }

export type KeySet = { readonly keys: readonly PublicJwk[]; readonly revoked_keys?: readonly RevokedKey[] }

export type IssuerDocument = {
  readonly version: "peac-issuer/0.1"
  readonly issuer: string
  readonly jwks_uri: string
  readonly revoked_keys?: readonly RevokedKey[]
}

/** Below `https://<issuer>`. */
export const jwksPath = "/.well-known/jwks.json"
export const issuerPath = "/.well-known/peac-issuer.json"

/** @param verifierKeys of a ledger, the one that signs now last. */
export function keySet(verifierKeys: readonly string[], revoked: readonly RevokedKey[]): KeySet {
  return { keys: verifierKeys.map((text) => jwkOf(parseVerifierKey(text).publicKey)), ...revokedMember(revoked) }
}

function revokedMember(revoked: readonly RevokedKey[] = []): Pick<KeySet, "revoked_keys"> {
  return revoked.length === 0 ? {} : { revoked_keys: revoked }
}

export function jwkOf(publicKey: Uint8Array): PublicJwk {
  const x = base64url(publicKey)
  return { kty: "OKP", crv: "Ed25519", x, kid: thumbprint(x), alg: "EdDSA", use: "sig" }
}

/** @param issuer a bare https origin; undefined when it is none. */
export function issuerDocument(issuer: string, { revoked_keys: revoked }: KeySet): IssuerDocument | undefined {
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined
  if (url?.protocol !== "https:" || url.origin !== issuer) return undefined
  return { version: "peac-issuer/0.1", issuer, jwks_uri: `${issuer}${jwksPath}`, ...revokedMember(revoked) }
}

/** As it is written to a file, and answered over HTTP. */
export function publishedText(body: KeySet | IssuerDocument): string {
  return `${JSON.stringify(body, null, 2)}\n`
}
