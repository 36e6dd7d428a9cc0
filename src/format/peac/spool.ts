/**
 * What is captured of one action before a record is made of it: entries that are linked by their digests, from 1 on. The link is what a record anchors itself to,
 * so that one that is dropped, added or changed is missed by those after it.
 */
import { canonicalJson } from "../../base/canonical-json.ts"
import type { JsonObject } from "../../base/json.ts"
import { base64url } from "../base64url.ts"
import { sha256Hex } from "../sha256.ts"
import type { PayloadDigest } from "./payload-digest.ts"

export type ActionStatus = "ok" | "error" | "timeout" | "canceled"

/** Times are RFC 3339 in UTC with milliseconds. */
export type Action = {
  readonly id: string
  readonly kind: string
  readonly platform: string
  readonly started_at: string
  readonly completed_at: string
  readonly duration_ms?: number
  readonly tool_name?: string
  readonly status: ActionStatus
  readonly error_code?: string
  readonly policy?: { readonly decision: "allow" | "deny" }
}

export type SpoolEntry = {
  readonly captured_at: string
  readonly action: Action
  readonly input_digest?: PayloadDigest
  readonly output_digest?: PayloadDigest
  /** Lower-case hex. */
  readonly prev_entry_digest: string
  readonly sequence: number
  readonly entry_digest: string
}

/** Before the first entry. */
export const genesisDigest = "0".repeat(64)

/** How far a spool has come. */
export type SpoolHead = { readonly sequence: number; readonly digest: string }

export const emptySpool: SpoolHead = { sequence: 0, digest: genesisDigest }

/**
 * What was captured, as the entry after those that are there.
 * @param spelled is `orderedJson` where the members of action and digests stand in the order of their names.
 */
export function linked(
  head: SpoolHead,
  action: Action,
  digests: Pick<SpoolEntry, "input_digest" | "output_digest">,
  spelled: (value: JsonObject) => string = canonicalJson,
): SpoolEntry {
  const entry = { action, captured_at: action.completed_at, ...digests, prev_entry_digest: head.digest, sequence: head.sequence + 1 }
  return { ...entry, entry_digest: entryDigest(entry, spelled) }
}

/** Over everything of an entry but this digest itself. */
export function entryDigest(entry: Omit<SpoolEntry, "entry_digest">, spelled: (value: JsonObject) => string = canonicalJson): string {
  return sha256Hex(spelled(entry as unknown as JsonObject))
}

/** The name of an action of the host's: two texts of its own, in letters that every tool takes. */
export function actionId(run: string, call: string): string {
  return `openclaw/${encoded(run)}/${encoded(call)}`
}

/** The same as a URN. */
export function actionUrn(run: string, call: string): string {
  return `urn:openclaw:${encoded(run)}:${encoded(call)}`
}

function encoded(text: string): string {
  return base64url(Buffer.from(text))
}
