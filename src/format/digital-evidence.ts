/**
 * Fingerprints of Digital Evidence (https://github.com/Constellation-Labs/digital-evidence-sdk): what is signed and submitted for a document, the hash it is found
 * by, and the record that stands here of it. The signature is `SECP256K1_RFC8785_V1`; the document is a signed checkpoint.
 */
import { canonicalJson } from "../base/canonical-json.ts"
import { objectOf, stringOf, type JsonObject } from "../base/json.ts"
import { sha256 } from "./sha256.ts"

export type Fingerprint = {
  readonly orgId: string
  readonly tenantId: string
  readonly eventId: string
  /** The signer's public key, 128 hex digits without the byte before it. */
  readonly signerId: string
  readonly documentId: string
  /** SHA-256 of the document, hex. */
  readonly documentRef: string
  readonly timestamp: string
  readonly version: number
}

export type Submission = {
  readonly attestation: {
    readonly content: Fingerprint
    readonly proofs: readonly { readonly id: string; readonly signature: string; readonly algorithm: "SECP256K1_RFC8785_V1" }[]
  }
}

/** What the network shows of a fingerprint, as far as it is compared. */
export type FoundFingerprint = Pick<Fingerprint, "eventId" | "documentId" | "documentRef"> & { readonly hash: string; readonly createdAt: string }

/** SHA-256 of the fingerprint as canonical JSON (RFC 8785), hex. */
export function fingerprintHash(value: Fingerprint): string {
  return sha256(canonicalJson(value as unknown as JsonObject)).toString("hex")
}

export function documentRefOf(note: string): string {
  return sha256(note).toString("hex")
}

/** Undefined when it is not the answer to a look-up. */
export function parseFound(value: unknown): FoundFingerprint | undefined {
  const fields = objectOf(value)
  const [eventId, documentId, documentRef, hash, createdAt] = (["eventId", "documentId", "documentRef", "hash", "createdAt"] as const).map((name) =>
    stringOf(fields[name]),
  )
  if (eventId === undefined || documentId === undefined || documentRef === undefined || hash === undefined || createdAt === undefined) return undefined
  return Number.isSafeInteger(Date.parse(createdAt)) ? { eventId, documentId, documentRef, hash, createdAt } : undefined
}

/** Whether what the network shows is what was submitted, value by value. */
export function isSame(found: FoundFingerprint, content: Fingerprint): boolean {
  const { eventId, documentId, documentRef } = content
  return found.hash === fingerprintHash(content) && found.eventId === eventId && found.documentId === documentId && found.documentRef === documentRef
}

/** The bytes that stand here as proof: what was submitted, and what was shown for it. */
export function evidenceRecord(submission: Submission, found: FoundFingerprint): Buffer {
  return Buffer.from(canonicalJson({ found, submission } as unknown as JsonObject))
}

/** What is wrong with such a record of a checkpoint; anybody may have written it. */
export function evidenceFault(record: Buffer, told: { readonly note: string; readonly reference: string; readonly atMs: number }): string | undefined {
  let value: unknown
  try {
    value = JSON.parse(record.toString("utf8"))
  } catch {
    return "its record is not JSON"
  }
  const { submission, found: shown } = objectOf(value)
  const found = parseFound(shown)
  const content = objectOf(objectOf(objectOf(submission)["attestation"])["content"]) as unknown as Fingerprint
  if (!found || evidenceRecord(submission as Submission, found).compare(record) !== 0) return "its record is not well formed"
  if (content.documentRef !== documentRefOf(told.note)) return "its record is about something else"
  if (!isSame(found, content) || found.hash !== told.reference) return "what the network showed is not what was submitted"
  return Date.parse(found.createdAt) === told.atMs ? undefined : "its record tells another time"
}
