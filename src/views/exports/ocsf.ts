/**
 * Entries as events of OCSF, with the profile `record_integrity` (https://schema.ocsf.io/1.9.0/profiles/record_integrity): each has the SHA-256 of its canonical text (RFC 8785) without
 * the fingerprint itself, and the fingerprint of the one before, so that none can be changed, left out or put in. The last one holds the ledger's signatures: a
 * checkpoint over the journal, and a note over the last fingerprint. docs/spec/ocsf.md says how it is checked.
 */
import { canonicalJson } from "../../base/canonical-json.ts"
import type { JsonObject } from "../../base/json.ts"
import { leafHash } from "../../format/header.ts"
import { rangeRoot } from "../../format/merkle.ts"
import { sha256 } from "../../format/sha256.ts"
import { closingOf } from "../../journal/closing.ts"
import { isFiltered, type EventFilter } from "../event-list.ts"
import { chosenEntries } from "../export.ts"
import type { LedgerAccess } from "../ledger-access.ts"
import { signedHead } from "../signed-head.ts"
import { ocsfVersion } from "./ocsf-classes.ts"
import { classification, eventUid, ocsfEvent, productOf, severityOf } from "./ocsf-event.ts"

export type OcsfQuestion = EventFilter & {
  readonly limit?: number | undefined
  /** When they were recorded, half open, milliseconds. */
  readonly fromMs?: number | undefined
  readonly toMs?: number | undefined
  /** Sessions by their own names, while their keys are there. */
  readonly labels: boolean
}

export type OcsfSettings = { readonly version: string; readonly nowMs: number }

/** The first line of the note over the last fingerprint: none that a checkpoint has. */
export const ocsfNoteHead = "sovereign-ledger ocsf export v1"

/** Lines; `done` is how far in the journal they are. */
export function* ocsfLines(
  access: LedgerAccess,
  question: OcsfQuestion,
  { version, nowMs }: OcsfSettings,
): Generator<{ readonly text: string; readonly done: number }> {
  const { size, signer, chain } = signedHead(access)
  const { origin } = chain
  const events = new Attested(`${origin}/ocsf/${size}`, signer.verifierKey)
  const { fromMs = 0, toMs = Infinity, limit = Infinity } = question
  let rows = 0
  for (const entry of chosenEntries(access, question, size)) {
    const { timeMs, scopeId } = entry.header
    if (timeMs < fromMs || timeMs >= toMs) continue
    if (rows === limit) break
    const leaf = leafHash(entry.headerBytes).toString("hex")
    const scope = question.labels ? access.scopes?.byId(scopeId) : undefined
    const session = (typeof scope === "object" ? scope.session : "") || scopeId.toString("hex")
    yield { text: events.line(ocsfEvent(entry, { origin, version, session, leafHash: leaf }), leaf), done: entry.sequence }
    rows++
  }
  const isWhole = (closingOf(access.reader)?.upTo ?? 0) === 0
  const complete = isWhole && !isFiltered(question) && rows === size
  const root = rangeRoot(access.reader.subtrees(size), 0, size)
  const body = { events: rows, complete, fingerprint: events.fingerprint }
  const signed = {
    ...body,
    entries: size,
    checkpoint: signer.note({ origin, size, root }),
    note: signer.note({ origin: `${ocsfNoteHead}\n${JSON.stringify(body)}`, size, root }),
    verifier_key: signer.verifierKey,
    ...(chain.notes.length === 0 ? {} : { hand_overs: [...chain.notes] }),
  }
  const last = {
    ...classification("base", 99, "export.ended"),
    ...severityOf(1),
    time: nowMs,
    timezone_offset: 0,
    message: `end of an export of ${rows} of ${size} entries, with the ledger's signature`,
    metadata: {
      version: ocsfVersion,
      product: productOf(version),
      profiles: ["record_integrity"],
      uid: eventUid(origin, `ocsf/${size}/end`),
      event_code: "export.ended",
      log_name: origin,
      logged_time: nowMs,
      sequence: size,
    },
    unmapped: { sovereign_ledger: signed },
  }
  yield { text: events.line(last), done: size }
}

/** A chain of events, each with the fingerprint of the one before. */
class Attested {
  readonly #chain: string
  readonly #authority: string
  #previous: { readonly uid: string; readonly type_uid: number; readonly fingerprint: JsonObject } | undefined

  constructor(chain: string, authority: string) {
    this.#chain = chain
    this.#authority = authority
  }

  /** Of the last event, hexadecimal; null before the first. */
  get fingerprint(): string | null {
    return (this.#previous?.fingerprint["value"] as string | undefined) ?? null
  }

  line(event: JsonObject, uid?: string): string {
    const attestation = {
      ...(uid === undefined ? {} : { uid }),
      authority_uid: this.#authority,
      chain_uid: this.#chain,
      ...(this.#previous && { prev_event: this.#previous }),
    }
    const value = sha256(Buffer.from(canonicalJson({ ...event, attestation } as JsonObject))).toString("hex")
    const fingerprint = { algorithm_id: 3, algorithm: "SHA-256", encoding_id: 1, encoding: "Hex", value }
    this.#previous = { uid: (event["metadata"] as JsonObject)["uid"] as string, type_uid: event["type_uid"] as number, fingerprint }
    return `${canonicalJson({ ...event, attestation: { ...attestation, fingerprint } } as JsonObject)}\n`
  }
}
