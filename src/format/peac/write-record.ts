/**
 * PEAC records, written: what a spool entry says as claims of Wire 0.2, and claims as a compact JWS. Members stand in one order, so that the same words give the
 * same bytes.
 */
import type { Json, JsonObject } from "../../base/json.ts"
import { base64url } from "../base64url.ts"
import { agentActionGroup, interactionGroup, recordType } from "./record.ts"
import type { PayloadDigest } from "./payload-digest.ts"
import type { SpoolEntry } from "./spool.ts"

/** What was observed, of the registered types of records. */
export const observedKinds = ["invoked", "denied", "approved", "delegated", "cancelled", "timed-out"] as const
export type Observed = (typeof observedKinds)[number]

/** How a payload stands behind its digest: as it was, or without its secrets. */
export type Redaction = "hash_only" | "redacted"

export type RecordParts = {
  readonly observed: Observed
  readonly iss: string
  /** Seconds since 1970. */
  readonly iat: number
  readonly jti: string
  readonly agentRef: string
  readonly actionRef: string
  readonly entry: SpoolEntry
  readonly redactions: { readonly input?: Redaction; readonly output?: Redaction }
  /** The run: all of its records name it. */
  readonly workflow?: string
  /** What the record's own ledger says of it. */
  readonly ledger?: JsonObject
}

export const spoolAnchor = "org.peacprotocol/spool-anchor@0.1"
export const correlationGroup = "org.peacprotocol/correlation"
/** Where the action stands in the journal, and what was held for it: docs/spec/records.md. */
export const ledgerGroup = "org.sovereign-ledger/entry"

export function recordClaims(parts: RecordParts): JsonObject {
  const { observed, iss, iat, jti, agentRef, actionRef, entry, workflow, ledger } = parts
  const event = `agent-action-${observed}-observed`
  const { action } = entry
  const extensions: Fields = {
    [agentActionGroup]: {
      event_kind: event,
      agent_ref: agentRef,
      action_ref: actionRef,
      observed_at: entry.captured_at,
      upstream_artifact_digest: `sha256:${entry.entry_digest}`,
    },
    [interactionGroup]: interaction(parts),
  }
  if (workflow !== undefined) extensions[correlationGroup] = { workflow_id: workflow }
  if (ledger !== undefined) extensions[ledgerGroup] = ledger
  return {
    peac_version: "0.2",
    kind: "evidence",
    type: `org.peacprotocol/${event}`,
    iss,
    iat,
    jti,
    sub: action.id,
    pillars: ["attribution"],
    occurred_at: action.completed_at,
    extensions,
  }
}

/** Members are written one after the other: in the order in which they stand, and in half of the time that spreads take. */
type Fields = Record<string, Json>

function interaction({ entry, redactions }: RecordParts): JsonObject {
  const { action, input_digest: input, output_digest: output } = entry
  const { status, error_code: errorCode } = action
  const told: Fields = { interaction_id: action.id, kind: action.kind, executor: { platform: action.platform } }
  if (action.tool_name !== undefined) told["tool"] = { name: action.tool_name }
  if (input !== undefined) told["input"] = { digest: written(input), redaction: redactions.input ?? "hash_only" }
  if (output !== undefined) told["output"] = { digest: written(output), redaction: redactions.output ?? "hash_only" }
  told["started_at"] = action.started_at
  told["completed_at"] = action.completed_at
  if (action.duration_ms !== undefined) told["duration_ms"] = action.duration_ms
  told["result"] = errorCode === undefined ? { status } : { status, error_code: errorCode }
  if (action.policy !== undefined) told["policy"] = { ...action.policy }
  told["extensions"] = { [spoolAnchor]: { spool_head_digest: entry.entry_digest, sequence: entry.sequence, anchored_at: entry.captured_at } }
  return told
}

function written({ alg, value, bytes }: PayloadDigest): JsonObject {
  return { alg, value, bytes }
}

/** The first part of what is signed of each record of one key. @param kid names it. */
export function recordHeader(kid: string): string {
  return base64url(Buffer.from(JSON.stringify({ typ: recordType, alg: "EdDSA", kid })))
}

/** What is signed of a record. @param claims as JSON in UTF-8. */
export function signingInput(claims: Uint8Array, header: string): string {
  return `${header}.${base64url(claims)}`
}

/** A compact JWS (RFC 7515). @param input as `signingInput` gives it. @param signature Ed25519 over its bytes. */
export function signedRecord(input: string, signature: Uint8Array): string {
  return `${input}.${base64url(signature)}`
}
