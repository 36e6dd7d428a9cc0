/**
 * Receipts made of what is on record: from each entry that is an action of an agent a spool entry, linked to the one before, and from that a PEAC record, signed
 * by the ledger's key. Each is an event whose facts hold the record, so that an action has one as surely as the journal has it once.
 */
import { assert } from "../../base/fault.ts"
import { orderedJson } from "../../base/canonical-json.ts"
import { objectOf, stringOf, type Json, type JsonObject } from "../../base/json.ts"
import { lostBytes } from "../../capture/cut-marks.ts"
import { base64url } from "../../format/base64url.ts"
import type { NewEvent } from "../../format/event.ts"
import { headerOffset, leafHash, readUint64, type Header } from "../../format/header.ts"
import { didKey } from "../../format/peac/did-key.ts"
import { thumbprint } from "../../format/peac/keys.ts"
import { payloadDigest, type PayloadDigest } from "../../format/peac/payload-digest.ts"
import { claimProblem } from "../../format/peac/record.ts"
import { linked, type SpoolHead } from "../../format/peac/spool.ts"
import { uuidV7 } from "../../format/peac/uuid-v7.ts"
import { recordClaims, recordHeader, signedRecord, signingInput, type Redaction } from "../../format/peac/write-record.ts"
import { sha256 } from "../../format/sha256.ts"
import { factsOf, saltedTextOf, type JournalReader, type RawEntry, type StoredEntry } from "../../journal/reader.ts"
import type { ReceiptRule } from "../../policy/receipt-rule.ts"
import type { ScopeStore } from "../../vault/scopes.ts"
import type { Signer } from "../../vault/signer.ts"
import { actionTypes, observedAction, payloadIn } from "./action-of.ts"

export type IssueParts = {
  readonly reader: JournalReader
  readonly scopes: Pick<ScopeStore, "byId" | "redactionHash">
  /** Of the log. */
  readonly origin: string
}

/** How far receipts are: of entries before `next` each that is to have one has it. */
export type ReceiptCursor = { readonly next: number; readonly head: SpoolHead }

/** Of an entry what a receipt is made of; the rest of its header is not looked at. */
type ActionEntry = Omit<StoredEntry, "header"> & { readonly header: Pick<Header, "type" | "timeMs" | "scopeId"> }

/** A receipt that lacks its signature, or has it soon. */
export type ReceiptDraft = {
  readonly number: number
  /** The entry it is of. */
  readonly of: number
  readonly jti: string
  readonly input: string
  readonly signature?: Promise<Buffer>
}

export type Drafted = { readonly drafts: readonly ReceiptDraft[]; readonly cursor: ReceiptCursor }

/** Looked at in one go: a stretch without any action must not take longer than one with many. */
const mostLookedAt = 2_000
const rowsAtOnce = 64
const jtiLabel = Buffer.from("sovereign-ledger/receipt/1")

export class ReceiptIssuer {
  readonly #parts: IssueParts
  readonly #rule: ReceiptRule
  readonly #signer: Signer
  readonly #header: string
  readonly #issuer: string
  #rows: readonly RawEntry[] = []

  constructor(parts: IssueParts, rule: ReceiptRule, signer: Signer) {
    this.#parts = parts
    this.#rule = rule
    this.#signer = signer
    this.#header = recordHeader(thumbprint(base64url(signer.publicKey)))
    this.#issuer = rule.issuer ?? didKey(signer.publicKey)
  }

  /**
   * Receipts for actions from the cursor on, `most` of them, of entries before `size`. With `beside` other threads have begun to sign them: half of what a
   * receipt takes is its signature, and that of one is made while the next is written.
   */
  next(cursor: ReceiptCursor, size: number, most: number, nowMs: number, beside = false): Drafted {
    const drafts: ReceiptDraft[] = []
    let { next, head } = cursor
    const end = Math.min(size, next + mostLookedAt)
    for (; next < end && drafts.length < most; next++) {
      const entry = this.#actionAt(next)
      const draft = entry && this.#draft(entry, head, nowMs)
      if (!draft) continue
      drafts.push(beside ? { ...draft.draft, signature: this.#signer.signBeside(draft.draft.input) } : draft.draft)
      head = draft.head
    }
    return { drafts, cursor: { next, head } }
  }

  /** Signed by this thread, now. */
  signed(drafts: readonly ReceiptDraft[]): readonly NewEvent<"receipt.issued">[] {
    return drafts.map((draft) => issued(draft, this.#signer.sign(draft.input)))
  }

  /** Those after it are fetched with it, as they are asked for next: one by one they take three times as long. Entries never change. */
  #rowAt(sequence: number): RawEntry | undefined {
    const [first, last] = [this.#rows[0], this.#rows.at(-1)]
    if (!first || !last || sequence < first[0] || sequence > last[0]) this.#rows = [...this.#parts.reader.rawEntries(sequence, sequence + rowsAtOnce - 1)]
    const at = sequence - (this.#rows[0]?.[0] ?? 0)
    const row = this.#rows[at]
    return row?.[0] === sequence ? row : this.#rows.find((one) => one[0] === sequence)
  }

  #actionAt(sequence: number): ActionEntry | undefined {
    const row = this.#rowAt(sequence)
    if (!row) return undefined
    const [, headerBytes, saltedFacts, place] = row
    const type = typeIn(headerBytes)
    return actionTypes.has(type) ? { sequence, headerBytes, header: { type, ...placeInTime(headerBytes) }, saltedFacts, place } : undefined
  }

  #draft(entry: ActionEntry, head: SpoolHead, nowMs: number): { readonly draft: ReceiptDraft; readonly head: SpoolHead } | undefined {
    const facts = factsOf(entry)
    const found = observedAction({ type: entry.header.type, timeMs: entry.header.timeMs, facts })
    if (!found) return undefined
    const { input, output, redactions } = this.#digests(entry, facts, found.payloads)
    const digests = { ...(input === undefined ? {} : { input_digest: input }), ...(output === undefined ? {} : { output_digest: output }) }
    const spooled = linked(head, found.action, digests, orderedJson)
    const leaf = leafHash(entry.headerBytes)
    const jti = uuidV7(entry.header.timeMs, sha256(Buffer.concat([jtiLabel, leaf], jtiLabel.length + leaf.length)))
    const workflow = stringOf(facts["run"])
    const claims = recordClaims({
      observed: found.observed,
      iss: this.#issuer,
      iat: Math.floor(nowMs / 1_000),
      jti,
      entry: spooled,
      actionRef: found.actionRef,
      agentRef: `urn:openclaw:agent:${encodeURIComponent(stringOf(facts["agent"]) ?? "unknown")}`,
      redactions,
      ...(workflow === undefined ? {} : { workflow }),
      ledger: { log: this.#parts.origin, sequence: entry.sequence, leaf: leaf.toString("hex"), digests: this.#rule.digests, ...this.#held(entry, facts) },
    })
    const bytes = Buffer.from(JSON.stringify(claims))
    const problem = claimProblem(claims, bytes.length)
    assert(problem === undefined, `a receipt of entry #${entry.sequence} cannot be a record: ${problem}`)
    return {
      head: { sequence: spooled.sequence, digest: spooled.entry_digest },
      draft: { number: spooled.sequence, of: entry.sequence, jti, input: signingInput(bytes, this.#header) },
    }
  }

  /** Of a content that is erased, or does not open, there are none. */
  #digests(entry: ActionEntry, facts: JsonObject, names: { readonly input?: string; readonly output?: string }) {
    const content = this.#parts.reader.content(entry, this.#parts.scopes)
    const read = Buffer.isBuffer(content) ? (JSON.parse(saltedTextOf(content)) as Json) : undefined
    const of = (name: string | undefined) => {
      const payload = payloadIn(read, name)
      return payload === undefined ? undefined : this.#digest(entry, facts, payload)
    }
    const redaction = (name: string | undefined): Redaction => (isChanged(facts, payloadIn(read, name)) ? "redacted" : "hash_only")
    const redactions = { input: redaction(names.input), output: redaction(names.output) }
    return { input: of(names.input), output: of(names.output), redactions }
  }

  #digest(entry: ActionEntry, facts: JsonObject, payload: Json): PayloadDigest | undefined {
    const lost = facts["cutFromBytes"] === undefined ? 0 : lostBytes(payload)
    if (this.#rule.digests === "plain") return payloadDigest(payload, lost)
    const scope = this.#parts.scopes.byId(entry.header.scopeId)
    if (typeof scope !== "object") return undefined
    return payloadDigest(payload, lost, (bytes) => this.#parts.scopes.redactionHash(scope, bytes))
  }

  /** What was held for a tool's call is settled or given back right after the entry that tells of its end, in one commit with it. */
  #held({ sequence, header }: ActionEntry, { run, call }: JsonObject): JsonObject {
    if (!header.type.startsWith("tool.")) return {}
    const row = this.#rowAt(sequence + 1)
    const type = row && typeIn(row[1])
    if (!row || (type !== "hold.settled" && type !== "hold.released")) return {}
    const { hold = "", grade, basis, movements, reason } = factsOf({ saltedFacts: row[2] })
    const { run: ofRun, call: ofCall } = objectOf(basis)
    if (type === "hold.released") return reason === "the tool did not run" ? { hold, released: true } : {}
    if (ofCall !== call || ofRun !== run) return {}
    const [movement] = Array.isArray(movements) ? (movements as readonly Json[]) : []
    return { hold, grade: grade ?? "exact", posted: objectOf(objectOf(movement)["amounts"]) as JsonObject }
  }
}

function issued({ number, of, jti, input }: ReceiptDraft, signature: Buffer): NewEvent<"receipt.issued"> {
  const facts = { number, of, jws: signedRecord(input, signature) }
  // Written by hand: nothing in a record is ever escaped, and looking for what might be takes as long as a hash of it.
  const factsText = `{"number":${number},"of":${of},"jws":"${facts.jws}"}`
  return { type: "receipt.issued", id: `receipt.issued:${jti}`, facts, factsText }
}

/** When other threads have signed them. */
export async function signedBeside(drafts: readonly ReceiptDraft[]): Promise<readonly NewEvent<"receipt.issued">[]> {
  const signatures = await Promise.all(drafts.map(({ signature }) => signature))
  return drafts.map((draft, at) => {
    const signature = signatures[at]
    assert(signature, `receipt ${draft.number} was not given to a thread that signs`)
    return issued(draft, signature)
  })
}

/** Secrets were taken out of its content, or the payload stands as a salted hash (`redactToolArgs`). */
function isChanged(facts: JsonObject, payload: Json | undefined): boolean {
  const { hash, ...others } = objectOf(payload)
  const isHashed = typeof hash === "string" && /^[0-9a-f]{64}$/.test(hash) && Object.keys(others).length === 0
  return facts["redacted"] !== undefined || isHashed
}

function placeInTime(header: Buffer): Pick<Header, "timeMs" | "scopeId"> {
  return { timeMs: readUint64(header, headerOffset.time), scopeId: header.subarray(headerOffset.scopeId, headerOffset.factsHash) }
}

function typeIn(header: Buffer): string {
  return header.toString("latin1", headerOffset.type)
}
