/**
 * A cap proof as a file, format 1 (docs/spec/cap-proof.md): every entry of a stretch of the journal, those that may count in a budget opened, and what they
 * add up to, signed.
 *
 *   {"capProofFormat":1,"budget":"daily","startMs":…,"endMs":…,"first":41,"before":[…],"checkpoint":"…","verifierKey":"…"}
 *   U0xFMQ…                                    an entry that can count nowhere: its header
 *   U0xFMQ… mH3c… {"id":"hold.placed:…",…}     one that may: header, salt of its facts, facts
 *   {"entries":2,"after":[…],"statement":"…"}
 *
 * Entries stand as they are hashed, not as JSON in JSON: a hundred thousand of them are read in a second. Files come from anybody: nothing here throws.
 */
import { nestsTooDeep, objectOf } from "../base/json.ts"
import { base64url, bytesOfBase64url } from "./base64url.ts"
import { cosignedNotes, type CosignedNote } from "./cosigned-note.ts"
import type { AmountsJson, BudgetRule } from "./facts/ledger.ts"
import { noteTexts } from "./hand-over.ts"
import { saltBytes } from "./commitment.ts"

export const capProofFormat = 1
export const capStatementHead = "sovereign-ledger cap statement v1"

/** What no proof from a journal can say, in every statement. */
export const notProved =
  "What passed no door of the ledger is not in its journal, so not in this proof: calls that no hook of the host sees, and what was spent elsewhere with the same credentials."

/** Entries whose facts are shown, all of them: each may count in a budget, or say which budget it is about, or which key signs. */
const shown: readonly string[] = ["journal.opened", "signer.replaced"]
const timed: readonly string[] = [
  "budget.set",
  "budget.opened",
  "budget.removed",
  "budget.frozen",
  "budget.unfrozen",
  "hold.placed",
  "hold.settled",
  "hold.released",
  "hold.expired",
  "transfer.posted",
  "extension.asked",
  "extension.granted",
]
/** A proof has as many of them as there were calls: they are read as JSON, and not written again to compare. Nothing of them stands in the statement as a text. */
const often = new Set(["hold.placed", "hold.settled", "hold.released", "hold.expired", "transfer.posted"])
const timedTypes = new Set(timed)
const shownTypes = new Set([...shown, ...timed])

export function isShown(type: string): boolean {
  return shownTypes.has(type)
}

/** Those of them that have ledger time. */
export function isTimed(type: string): boolean {
  return timedTypes.has(type)
}

export function isOften(type: string): boolean {
  return often.has(type)
}

/** A period of a budget, by its bounds in ledger time; without an end it is that of a `lifetime`. */
export type CapPeriod = { readonly startMs: number; readonly endMs?: number }

/** How often, and how much of each unit; a minus where corrections gave back. */
export type CapSum = { readonly postings: number; readonly amounts: AmountsJson }
export type CapMoment = { readonly sequence: number; readonly type: string; readonly unit: string; readonly by: string }

/** One run of a budget's counters: from an opening to the next one, or to the removal of the budget. */
export type CapCount = {
  readonly from: number
  /** The entry that ended it; null while it goes on. */
  readonly to: number | null
  readonly carried: AmountsJson
  /** The rule at its beginning, then each change; `above` is by how much a change put the limit below what was spent and held. */
  readonly rules: readonly { readonly sequence: number; readonly rule: BudgetRule; readonly above?: AmountsJson }[]
  /** The most that was held and spent at once, and the entry that first made it so. */
  readonly peak: { readonly [unit: string]: { readonly sequence: number; readonly amount: string } }
  readonly spent: AmountsJson
  readonly held: AmountsJson
  /** What of its holds extensions bear: in none of the other figures. */
  readonly drawn: { readonly spent: AmountsJson; readonly held: AmountsJson }
  readonly grades: { readonly exact: CapSum; readonly bound: CapSum; readonly counted: CapSum }
  readonly corrected: CapSum
  readonly holds: { readonly placed: number; readonly settled: number; readonly released: number; readonly expired: number; readonly open: number }
  /** Entries that took held and spent above the limit of their moment; the first hundred. */
  readonly exceeded: readonly CapMoment[]
  readonly timesExceeded: number
  readonly worst: { readonly [unit: string]: { readonly sequence: number; readonly by: string } }
}

/** More for one run, from which holds of the period drew: how much was asked for, which entry granted it, and what was spent of it. */
export type CapExtension = {
  readonly extension: string
  readonly asked: number
  readonly granted: number | null
  readonly amounts: AmountsJson
  readonly spent: AmountsJson
}

export type CapFreeze = { readonly sequence: number; readonly type: string; readonly reason: string }

/** What the entries add up to: who verifies computes it again. */
export type CapResult = {
  readonly first: number
  readonly last: number
  /** No entry of the ledger stands at or after the period's end: it is proved up to `last`. */
  readonly running: boolean
  readonly counts: readonly CapCount[]
  readonly freezes: readonly CapFreeze[]
  readonly extensions: readonly CapExtension[]
}

export type CapHead = CapPeriod & {
  readonly budget: string
  readonly first: number
  /** Roots of the complete subtrees over the entries before `first`, the largest first. */
  readonly before: readonly Buffer[]
  readonly checkpoint: string
  readonly verifierKey: string
  readonly handOvers?: readonly string[]
  readonly cosigned?: readonly CosignedNote[]
}

export type CapEnd = {
  readonly entries: number
  /** The way from the tree up to the last entry to that of the checkpoint (RFC 6962, 2.1.2). */
  readonly after: readonly Buffer[]
  readonly statement: string
}

export function capHeadText(head: CapHead): string {
  const { budget, startMs, endMs, first, before, checkpoint, verifierKey, handOvers, cosigned } = head
  const bounds = { startMs, ...(endMs === undefined ? {} : { endMs }) }
  const more = { ...(handOvers === undefined ? {} : { handOvers }), ...(cosigned === undefined ? {} : { cosigned }) }
  return JSON.stringify({ capProofFormat, budget, ...bounds, first, before: before.map(base64url), checkpoint, verifierKey, ...more })
}

export function capEndText({ entries, after, statement }: CapEnd): string {
  return JSON.stringify({ entries, after: after.map(base64url), statement })
}

/** Salted facts are salt and text. */
export function capEntryText(header: Buffer, saltedFacts: Buffer | undefined): string {
  const facts = saltedFacts ? ` ${saltedFacts.toString("base64url", 0, saltBytes)} ${saltedFacts.toString("utf8", saltBytes)}` : ""
  return header.toString("base64url") + facts
}

export type CapEntry = { readonly header: Buffer; readonly saltedFacts?: Buffer | undefined }

const space = 0x20
const notOfUrls = /[+/]/

/** Undefined unless it is a line as `capEntryText` writes it; the header itself is for who walks. */
export function parseCapEntry(line: Buffer): CapEntry | undefined {
  const headerEnd = line.indexOf(space)
  const header = bytesSpelled(line.toString("latin1", 0, headerEnd < 0 ? line.length : headerEnd))
  if (!header || headerEnd < 0) return header && { header }
  const saltEnd = line.indexOf(space, headerEnd + 1)
  const salt = saltEnd < 0 ? undefined : bytesOfBase64url(line.toString("latin1", headerEnd + 1, saltEnd))
  return salt?.length === saltBytes ? { header, saltedFacts: Buffer.concat([salt, line.subarray(saltEnd + 1)]) } : undefined
}

/** As `bytesOfBase64url`, which writes all of it again to compare: here only what stands at the end can be written in two ways. */
function bytesSpelled(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64url")
  const over = text.length % 4
  if (over === 1 || bytes.length !== Math.floor((text.length * 3) / 4) || notOfUrls.test(text)) return undefined
  return over === 0 || bytes.toString("base64url", bytes.length + 1 - over) === text.slice(-over) ? bytes : undefined
}

/** `unreadable`: no proof of this format, so there is nothing to judge. `wrong`: one, and not as a proof is written. */
export type ParsedCapHead = { readonly head: CapHead } | { readonly unreadable: string } | { readonly wrong: string }

export function parseCapHead(text: string): ParsedCapHead {
  const fields = objectIn(text)
  if (!fields) return { unreadable: "its first line is not JSON" }
  if (fields["capProofFormat"] !== capProofFormat) return { unreadable: `it is no cap proof of format ${capProofFormat}` }
  const { budget, startMs, endMs, first, checkpoint, verifierKey } = fields
  const [before, handOvers, cosigned] = [hashesOf(fields["before"]), noteTexts(fields["handOvers"]), cosignedNotes(fields["cosigned"])]
  const isWhole = isBudgetName(budget) && isCount(startMs) && (endMs === undefined || isCount(endMs)) && isCount(first) && before
  if (!isWhole || !isText(checkpoint) || !isText(verifierKey) || ![...(handOvers ?? []), ...(cosigned ?? []).flatMap(textsOf)].every(isText))
    return { wrong: "a member of its first line is missing or not in its one encoding" }
  const head: CapHead = {
    budget,
    startMs,
    ...(endMs === undefined ? {} : { endMs }),
    first,
    before,
    checkpoint,
    verifierKey,
    ...(handOvers ? { handOvers } : {}),
    ...(cosigned ? { cosigned } : {}),
  }
  return capHeadText(head) === text ? { head } : { wrong: "its first line is not written as a cap proof writes it" }
}

export function parseCapEnd(text: string): CapEnd | undefined {
  const fields = objectIn(text)
  const after = hashesOf(fields?.["after"])
  const { entries, statement } = fields ?? {}
  if (!after || !isCount(entries) || !isText(statement)) return undefined
  return capEndText({ entries, after, statement }) === text ? { entries, after, statement } : undefined
}

/** The text a statement is signed over: no checkpoint has such a first line, nor JSON where its size stands. */
export function capStatementLine(generatedAt: string, head: Pick<CapHead, "budget" | "startMs" | "endMs">, origin: string, result: CapResult): string {
  const { budget, startMs, endMs } = head
  const bounds = { startMs, ...(endMs === undefined ? {} : { endMs }) }
  return `${capStatementHead}\n${JSON.stringify({ schemaVersion: 1, generatedAt, origin, budget, ...bounds, ...result, notProved })}`
}

/** Of a name that stands twice, the last value. */
export function objectIn(text: string): Readonly<Record<string, unknown>> | undefined {
  if (nestsTooDeep(text)) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" && value !== null && !Array.isArray(value) ? objectOf(value) : undefined
  } catch {
    // No JSON, or nested deeper than anybody's stack: no line of a proof either way.
    return undefined
  }
}

function hashesOf(value: unknown): readonly Buffer[] | undefined {
  if (!Array.isArray(value)) return undefined
  const hashes = value.map(bytesOfBase64url)
  return hashes.every((hash) => hash !== undefined) ? hashes : undefined
}

/** A lone surrogate has no bytes, so two texts that differ in one would have one signature. */
function isText(value: unknown): value is string {
  return typeof value === "string" && value.isWellFormed()
}

function textsOf({ note, consistency }: CosignedNote): readonly string[] {
  return [note, ...consistency]
}

function isBudgetName(value: unknown): value is string {
  return typeof value === "string" && /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(value)
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0
}
