/**
 * The operator's credential: asked for by every command that lets somebody spend more. On record stands a keyed hash of an argon2id hash, under the
 * ledger's own pseudonym key: an export does not let anybody guess at it.
 */
import { randomBytes, timingSafeEqual } from "node:crypto"
import type { Credential } from "../../format/facts/ledger.ts"
import { stretch } from "../../vault/master-key.ts"
import type { ScopeStore } from "../../vault/scopes.ts"

type Keyed = Pick<ScopeStore, "pseudonym">

export const shortestCredential = 8
/** About 30 ms: it is asked for by a person, and checked on the writer's thread. */
const stretching = { name: "argon2id", memoryKib: 19_456, passes: 2, parallelism: 1 } as const

export function credentialOf(text: string, scopes: Keyed): Credential {
  const salt = randomBytes(16).toString("base64")
  return { salt, verifier: verifierOf(text, salt, scopes) }
}

export function fits(text: string, { salt, verifier }: Credential, scopes: Keyed): boolean {
  const [found, wanted] = [Buffer.from(verifierOf(text, salt, scopes)), Buffer.from(verifier)]
  return found.length === wanted.length && timingSafeEqual(found, wanted)
}

function verifierOf(text: string, salt: string, scopes: Keyed): string {
  return scopes.pseudonym(`credential:${stretch(text, { ...stretching, salt }).toString("hex")}`)
}
