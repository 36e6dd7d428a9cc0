/**
 * Texts and arguments that `redactPromptText` or `redactToolArgs` keep out of the record: their hashes, the salt, and whether a text is the one.
 * A hash is HMAC-SHA-256, under the scope's redaction salt, of the value's canonical JSON (RFC 8785), taken after secrets were taken out.
 */
import { createHmac } from "node:crypto"
import { canonicalJson } from "../base/canonical-json.ts"
import { Fault } from "../base/fault.ts"
import { objectOf, type Json } from "../base/json.ts"
import { factsOf } from "../journal/reader.ts"
import { contentOf, entryNamed } from "./event-list.ts"
import type { LedgerAccess } from "./ledger-access.ts"

export type HiddenFields = {
  readonly sequence: number
  readonly id: string
  /** 64 hex digits: of this event's scope (session and sender), and of no other. */
  readonly salt: string
  readonly fields: readonly { readonly field: string; readonly hash: string }[]
}

/** @throws {Fault} `redaction.nothing-hidden` when the event hides nothing, or its content is erased. */
export function hiddenFields(access: LedgerAccess, event: string): HiddenFields {
  const entry = entryNamed(access, event)
  const scope = access.scopes?.byId(entry.header.scopeId)
  const { text } = contentOf(access, entry)
  const fields = Object.entries(objectOf(text === undefined ? undefined : JSON.parse(text))).flatMap(([field, value]) => {
    const { hash, ...others } = objectOf(value)
    return typeof hash === "string" && /^[0-9a-f]{64}$/.test(hash) && Object.keys(others).length === 0 ? [{ field, hash }] : []
  })
  if (typeof scope !== "object" || fields.length === 0) throw new Fault("redaction.nothing-hidden", { event: String(entry.sequence) })
  return { sequence: entry.sequence, id: factsOf(entry).id, salt: scope.redactionSalt.toString("hex"), fields }
}

/** The fields whose hidden value is one of these. */
export function fieldsHiding(hidden: HiddenFields, values: readonly Json[]): readonly string[] {
  const hashes = new Set(values.map((value) => hashUnder(hidden.salt, value)))
  return hidden.fields.filter(({ hash }) => hashes.has(hash)).map(({ field }) => field)
}

function hashUnder(salt: string, value: Json): string {
  return createHmac("sha256", Buffer.from(salt, "hex")).update(canonicalJson(value)).digest("hex")
}
