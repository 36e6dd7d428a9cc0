/**
 * PEAC records, Wire 0.2: a signed statement about one interaction, as a compact JWS (RFC 7515) of type `interaction-record+jwt`
 * (https://www.peacprotocol.org, package @peac/schema). What stands here are its bytes and which claims are well formed; who signed it is asked elsewhere.
 */
import { objectOf } from "../../base/json.ts"
import { remembered } from "../../base/remembered.ts"
import { bytesOfBase64url } from "../base64url.ts"
import { partProblem } from "./claim-parts.ts"
import { evidenceProblem } from "./evidence.ts"
import { isTime } from "./rfc3339.ts"
import { strictText } from "./strict-json.ts"

export const recordType = "interaction-record+jwt"
export const agentActionGroup = "org.peacprotocol/agent-action"
export const interactionGroup = "org.peacprotocol/interaction"

export type PeacRecord = {
  readonly kid: string
  readonly iss: string
  /** Seconds since 1970. */
  readonly iat: number
  readonly jti: string
  readonly type: string
  readonly sub: string | undefined
  readonly claims: Readonly<Record<string, unknown>>
  readonly signingInput: Buffer
  readonly signature: Buffer
}

export type Parsed<T> = { readonly value: T } | { readonly problem: string }

/** Of one record; claims of all extension groups together come to at most 256 KiB. */
const mostRecordBytes = 512 * 1024
const mostGroupBytes = 64 * 1024
const mostExtensionBytes = 256 * 1024
const mostTypeLength = 256
const latestSeconds = 253_402_300_799
const uuidV7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
/** A name below somebody's domain, or a URI. */
const typeShape = /^[a-z][a-z0-9+.-]*:\/\/\S+$|^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*\/[a-zA-Z0-9][a-zA-Z0-9._-]*$/
const groupShape = /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*\/[a-z0-9][a-z0-9_-]*$/
const isType = remembered((text) => typeShape.test(text))
const isGroup = remembered((text) => groupShape.test(text))
const did = /^did:[a-z0-9]+:[A-Za-z0-9._:%-]+$/

const members: ReadonlySet<string> = new Set([
  ...[
    "peac_version",
    "kind",
    "type",
    "iss",
    "iat",
    "jti",
    "sub",
    "pillars",
    "actor",
    "policy",
    "representation",
    "occurred_at",
    "purpose_declared",
    "extensions",
  ],
])
const pillars: ReadonlySet<string> = new Set([
  ...["access", "attribution", "commerce", "compliance", "consent", "identity", "privacy", "provenance", "purpose", "safety"],
])

export function parseRecord(jws: string): Parsed<PeacRecord> {
  if (jws.length > mostRecordBytes) return { problem: `it is longer than ${mostRecordBytes} bytes` }
  const parts = jws.split(".")
  const [headerBytes, claimBytes, signature] = parts.map(bytesOfBase64url)
  if (parts.length !== 3 || !headerBytes || !claimBytes || signature?.length !== 64) return { problem: "it is no compact JWS of an Ed25519 signature" }
  const [header, claims] = [strictText(headerBytes), strictText(claimBytes, { surrogates: true })]
  if ("problem" in header) return { problem: `its header: ${header.problem}` }
  if ("problem" in claims) return { problem: `its claims: ${claims.problem}` }
  const { typ, alg, kid, ...others } = header.value
  if (typ !== recordType || alg !== "EdDSA") return { problem: `its header is not of type ${recordType}, signed by EdDSA` }
  if (typeof kid !== "string" || kid === "" || kid.length > 256) return { problem: "its header names no key" }
  if (Object.keys(others).length > 0) return { problem: `its header has ${Object.keys(others)[0]}, which it cannot have` }
  const problem = claimProblem(claims.value, claimBytes.length)
  if (problem !== undefined) return { problem }
  const { iss, iat, jti, type, sub } = claims.value as { iss: string; iat: number; jti: string; type: string; sub?: string }
  const signingInput = Buffer.from(`${parts[0]}.${parts[1]}`, "latin1")
  return { value: { kid, iss, iat, jti, type, sub, claims: claims.value, signingInput, signature } }
}

/** What is wrong with the claims of a record; undefined when nothing is. @param sizeBytes of their text, where that is known. */
export function claimProblem(claims: Readonly<Record<string, unknown>>, sizeBytes = Number.POSITIVE_INFINITY): string | undefined {
  const unknown = Object.keys(claims).find((name) => !members.has(name))
  if (unknown !== undefined) return `it claims ${unknown}, which a record cannot`
  const { peac_version: version, kind, type, iss, iat, jti, occurred_at: occurredAt } = claims
  if (version !== "0.2" || kind !== "evidence") return "it is no evidence of Wire 0.2"
  if (typeof type !== "string" || type.length > mostTypeLength || !isType(type)) return "its type is no type of a record"
  if (typeof iss !== "string" || !isIssuer(iss)) return "its issuer is neither a bare https origin nor a DID"
  if (typeof iat !== "number" || !Number.isSafeInteger(iat) || iat < 0 || iat > latestSeconds) return "its time of issue is no whole number of seconds"
  if (typeof jti !== "string" || !uuidV7.test(jti)) return "its id is no UUID of version 7 in small letters"
  if (occurredAt !== undefined && !isTime(occurredAt)) return "when it occurred is no time of RFC 3339"
  if (claims["pillars"] !== undefined && !arePillars(claims["pillars"])) return "its pillars are none, or not in order"
  return partProblem(claims) ?? extensionProblem(type, claims["extensions"], sizeBytes)
}

function arePillars(told: unknown): boolean {
  if (!Array.isArray(told) || told.length === 0) return false
  const names = told as readonly unknown[]
  return names.every((one, at) => typeof one === "string" && pillars.has(one) && (at === 0 || String(names[at - 1]) < one))
}

function extensionProblem(type: string, extensions: unknown, sizeBytes: number): string | undefined {
  const groups = objectOf(extensions)
  if (extensions !== undefined && extensions !== groups) return "its extensions are no object"
  let total = 0
  for (const [name, group] of Object.entries(groups)) {
    if (!isGroup(name)) return `it has the extension ${name.slice(0, 80)}, which no record can have`
    if (sizeBytes <= mostGroupBytes) continue // none of them can be larger than all
    const bytes = Buffer.byteLength(JSON.stringify(group) ?? "")
    total += bytes
    if (bytes > mostGroupBytes) return `its extension ${name} is larger than ${mostGroupBytes} bytes`
  }
  if (total > mostExtensionBytes) return `its extensions are larger than ${mostExtensionBytes} bytes`
  const action = actionOf(type)
  const told = objectOf(groups[agentActionGroup])
  if (action !== undefined && told["event_kind"] !== action) return `its ${agentActionGroup} does not say ${action}`
  const evidence = groups[interactionGroup]
  return evidence === undefined ? undefined : evidenceProblem(evidence)
}

/** The name of an agent's action among the registered types; undefined for another type. */
function actionOf(type: string): string | undefined {
  return /^org\.peacprotocol\/(agent-action-[a-z-]+-observed)$/.exec(type)?.[1]
}

export const isIssuer = remembered((iss) => {
  if (did.test(iss)) return true
  try {
    const url = new URL(iss)
    return url.protocol === "https:" && url.origin === iss
  } catch {
    return false
  }
})
