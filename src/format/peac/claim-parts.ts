/** Claims of a record that are objects or texts of their own: who acted, by which policy, what was served (package @peac/schema, Wire 0.2). */
import { objectOf } from "../../base/json.ts"

type Fields = Readonly<Record<string, unknown>>

const hash = /^sha256:[0-9a-f]{64}$/
const proofs: ReadonlySet<string> = new Set([
  ...["ed25519-cert-chain", "eat-passport", "eat-background-check", "sigstore-oidc", "did", "spiffe", "x509-pki", "custom"],
])
const mediaType = /^[a-zA-Z0-9][a-zA-Z0-9!#$&^_.+-]{0,126}\/[a-zA-Z0-9][a-zA-Z0-9!#$&^_.+-]{0,126}(?:; ?[a-zA-Z0-9-]+=[a-zA-Z0-9."_-]+)*$/
const mostUrl = 2_048
const mostLabel = 256

/** What is wrong with one of them; undefined when nothing is. */
export function partProblem({ sub, actor, policy, representation, purpose_declared: purpose }: Fields): string | undefined {
  if (sub !== undefined && !isText(sub, mostUrl)) return "its subject is no text"
  if (purpose !== undefined && !isText(purpose, mostLabel)) return "its purpose is no text"
  if (actor !== undefined && !isActor(objectOf(actor))) return "its actor is none"
  if (policy !== undefined && !isPolicy(objectOf(policy))) return "its policy is none"
  if (representation !== undefined && !isRepresentation(representation)) return "its representation is none"
  return undefined
}

function isActor({ id, proof_type: proof, proof_ref: ref, origin, intent_hash: intent, ...others }: Fields): boolean {
  if (!isText(id, mostLabel) || typeof proof !== "string" || !proofs.has(proof) || !isText(origin, mostUrl) || !isOrigin(origin)) return false
  if (ref !== undefined && !isText(ref, mostUrl)) return false
  return (intent === undefined || isHash(intent)) && Object.keys(others).length === 0
}

function isPolicy({ digest, uri, version }: Fields): boolean {
  if (!isHash(digest)) return false
  if (uri !== undefined && !(isText(uri, mostUrl) && isHttps(uri))) return false
  return version === undefined || (typeof version === "string" && version.length <= mostLabel)
}

function isRepresentation(told: unknown): boolean {
  const { content_hash: content, content_type: type, content_length: length, ...others } = objectOf(told)
  if (objectOf(told) !== told || Object.keys(others).length > 0) return false
  const isLength = length === undefined || (typeof length === "number" && Number.isSafeInteger(length) && length >= 0)
  return isLength && (content === undefined || isHash(content)) && (type === undefined || (isText(type, mostLabel) && mediaType.test(type)))
}

function isText(value: unknown, most: number): value is string {
  return typeof value === "string" && value !== "" && value.length <= most
}

function isHash(value: unknown): boolean {
  return typeof value === "string" && hash.test(value)
}

function isOrigin(text: string): boolean {
  try {
    return new URL(text).origin === text
  } catch {
    return false
  }
}

function isHttps(text: string): boolean {
  try {
    return new URL(text).protocol === "https:" && text.startsWith("https://")
  } catch {
    return false
  }
}
