/**
 * Keys that were revoked, as `revoked_keys` of a JWKS or of `peac-issuer.json` lists them: `{kid, revoked_at, reason}`. The reasons are those of RFC 5280 (section 5.3.1)
 * that make sense of a key that signs records.
 */
import { objectOf } from "../../base/json.ts"
import { isTime } from "./rfc3339.ts"

export const revocationReasons = ["key_compromise", "superseded", "cessation_of_operation", "privilege_withdrawn"] as const

export type RevocationReason = (typeof revocationReasons)[number]

export type RevokedKey = { readonly kid: string; readonly revoked_at: string; readonly reason: RevocationReason }

export type Revocation = {
  /** Milliseconds since 1970; what is issued from then on is not good. */
  readonly atMs: number
  /** Others may have it: of a key that was stolen, and of one of which nobody says that it was not. Whoever has it writes any time into a record. */
  readonly mayBeKnown: boolean
}

export type Revocations = ReadonlyMap<string, Revocation>

const mostRevoked = 1_000

export function isRevocationReason(reason: unknown): reason is RevocationReason {
  return (revocationReasons as readonly unknown[]).includes(reason)
}

/** @param told `revoked_keys`, as somebody wrote it; undefined lists none. A sentence on what is wrong with it otherwise. */
export function parseRevoked(told: unknown): Revocations | string {
  if (told === undefined) return new Map()
  if (!Array.isArray(told) || told.length > mostRevoked) return "its revoked_keys are no list, or a longer one than any issuer has"
  const revoked = new Map<string, Revocation>()
  for (const one of told as readonly unknown[]) {
    const { kid, revoked_at: at, reason } = objectOf(one)
    if (typeof kid !== "string" || !isTime(at)) return "a revoked key has no kid, or no time"
    const mayBeKnown = !isRevocationReason(reason) || reason === "key_compromise"
    revoked.set(kid, worse({ atMs: Date.parse(at), mayBeKnown }, revoked.get(kid)))
  }
  return revoked
}

/** A list with one more in it: of a key that it has already, the first time and the worse reason. */
export function withRevoked(list: readonly RevokedKey[], one: RevokedKey): readonly RevokedKey[] {
  const before = list.find(({ kid }) => kid === one.kid)
  if (!before) return [...list, one]
  return list.map((told) => (told === before && one.reason === "key_compromise" ? { ...told, reason: one.reason } : told))
}

/** What holds of a key of which both are said. */
export function worse(one: Revocation, other: Revocation | undefined): Revocation {
  return other ? { atMs: Math.min(one.atMs, other.atMs), mayBeKnown: one.mayBeKnown || other.mayBeKnown } : one
}
