/**
 * What of a journal goes by a retention: entries before one place, and contents of some categories before others. Nothing goes that stands under a legal hold:
 * the oldest entry under one ends what can be removed, and its contents stay. The place is moved back to the beginning of a tile of the tree, so that no
 * leaf hash that somebody may ask for was only in an entry.
 */
import { stringOf } from "../../base/json.ts"
import { categoryOf, type Category } from "../../format/event.ts"
import { headerOffset, readUint64 } from "../../format/header.ts"
import { closedType, closingOf, isKept } from "../../journal/closing.ts"
import type { Removal } from "../../journal/copy-journal.ts"
import { firstFrom } from "../../journal/first-from.ts"
import { factsOf, type JournalReader } from "../../journal/reader.ts"
import { tileWidth } from "../../journal/tiles.ts"
import { recordsPerChunk } from "../../vault/content-seal.ts"
import { legalHolds, openScopes } from "../../vault/erasures.ts"
import type { ScopeStore } from "../../vault/scopes.ts"
import { isOf } from "../erase/find-scopes.ts"
import { dayMs, type Retention } from "../../policy/retention.ts"

export type PrunePlan = {
  /** Entries before this one go; what it was, when none does. */
  readonly upTo: number
  readonly contents: ReadonlyMap<Category, number>
  readonly removedEntries: number
  readonly removedContents: number
  readonly reason: "age" | "size"
  /** The oldest entry under a legal hold, where it keeps others from going. */
  readonly heldAt: number | null
  readonly removal: Removal
  /** What has to verify before anything goes: that which goes, and the entry whose balances are carried on again. Sequences, inclusive. */
  readonly evidence: readonly { readonly from: number; readonly to: number }[]
}

export type PlanQuestion = {
  readonly reader: JournalReader
  readonly scopes: ScopeStore
  readonly retention: Retention
  /** To when it is counted how old something is. */
  readonly ageMs: number
  /** Of all of the ledger's files. */
  readonly bytes: number
}

/** So much of the most is left after a removal, so that the next one is not due at once. */
const leftOfMost = 0.8

/** Undefined when there is nothing to remove. */
export function planPrune(question: PlanQuestion): PrunePlan | undefined {
  const { reader, scopes, retention, ageMs } = question
  const closing = closingOf(reader)
  const first = closing?.upTo ?? 0
  const held = heldScopes(scopes)
  const byAge = retention.days === 0 ? first : firstFrom(reader, ageMs - retention.days * dayMs)
  const bySize = placeBySize(question, first)
  const wanted = Math.max(first, byAge, bySize)
  const heldAt = held.size === 0 ? undefined : firstOf(reader, first, wanted, held)
  const upTo = Math.max(first, toTile(Math.min(heldAt ?? wanted, wanted, reader.size())))
  const contents = new Map(closing?.contents)
  for (const [category, days] of retention.contentDays) {
    contents.set(category, Math.max(contents.get(category) ?? 0, firstFrom(reader, ageMs - days * dayMs)))
  }
  const gone = goneContents(question, { from: first, upTo, before: closing?.contents ?? new Map(), contents, held })
  const { kept, gone: removedEntries } = upTo === first ? { kept: keptNow(reader, first), gone: 0 } : keptBelow(reader, upTo)
  if (removedEntries === 0 && gone.contents === 0) return undefined
  const reason = bySize > byAge ? "size" : "age"
  return {
    upTo,
    contents,
    removedEntries,
    removedContents: gone.contents,
    reason,
    heldAt: heldAt !== undefined && heldAt < wanted ? heldAt : null,
    removal: { upTo, kept, idsFrom: closing?.ids || first === 0 ? first : undefined, firstChunk: gone.firstChunk, chunks: gone.chunks, contents: gone.places },
    evidence: [
      ...(closing ? [{ from: closing.sequence, to: closing.sequence }] : []),
      ...(upTo > first ? [{ from: first, to: upTo - 1 }] : []),
      ...(gone.contents > 0 ? [{ from: gone.from, to: gone.to }] : []),
    ],
  }
}

export function toTile(sequence: number): number {
  return sequence - (sequence % tileWidth)
}

/**
 * Entries that stay below `upTo`: those without which nobody could say which key signs, and the last words of what must not become untrue by growing old: that the
 * plugin of somebody's gateway is switched off, and how far receipts are.
 */
function keptBelow(reader: JournalReader, upTo: number): { readonly kept: readonly number[]; readonly gone: number } {
  const kept: number[] = []
  const off = new Map<string, number>()
  const receipts = new Map<string, number>()
  let there = 0
  for (const [sequence, header, , place] of reader.rawHeaders(0)) {
    if (sequence >= upTo) break
    there++
    const type = typeIn(header)
    if (isKept(type, sequence)) kept.push(sequence)
    else if (type === "guard.disabled" && place === null) off.set(userOf(reader, sequence), sequence)
    else if (type.startsWith("receipt")) receipts.set(type === "receipt.issued" ? "last" : "rule", sequence)
    else if (type === "gateway.started") off.delete(userOf(reader, sequence))
  }
  const all = [...kept, ...off.values(), ...receipts.values()].toSorted((a, b) => a - b)
  return { kept: all, gone: there - all.length }
}

function keptNow(reader: JournalReader, first: number): readonly number[] {
  const kept: number[] = []
  for (const [sequence] of reader.rawHeaders(0)) {
    if (sequence >= first) break
    kept.push(sequence)
  }
  return kept
}

function userOf(reader: JournalReader, sequence: number): string {
  const entry = reader.entry(sequence)
  return (entry && stringOf(factsOf(entry)["user"])) ?? ""
}

/** Which holds stand, to be compared: none may come while a removal is under way. */
export function standingHolds(scopes: ScopeStore): string {
  return legalHolds(scopes)
    .filter(({ state }) => state !== "lifted")
    .map(({ id }) => id)
    .toSorted()
    .join()
}

/** Ids of scopes, as hex, whose contents must not go. */
function heldScopes(scopes: ScopeStore): ReadonlySet<string> {
  const holds = legalHolds(scopes).filter(({ state }) => state !== "lifted")
  if (holds.length === 0) return new Set()
  return new Set(openScopes(scopes).flatMap((scope) => (holds.some(({ who }) => isOf(who, scope)) ? [scope.id.toString("hex")] : [])))
}

function firstOf(reader: JournalReader, from: number, to: number, scopes: ReadonlySet<string>): number | undefined {
  for (const [sequence, header] of reader.rawHeaders(from)) {
    if (sequence >= to) return undefined
    if (scopes.has(scopeIn(header))) return sequence
  }
  return undefined
}

/** Entries before which place take the files below the most they may have, by what entries and contents take of the journal. */
function placeBySize({ reader, retention, bytes }: PlanQuestion, first: number): number {
  if (retention.maxBytes === 0 || bytes <= retention.maxBytes) return first
  const share = 1 - (retention.maxBytes * leftOfMost) / bytes
  const goes = reader.tables.storedBytes() * share
  let sum = 0
  let chunk = -1
  for (const [sequence, header, facts, place] of reader.rawEntries(first, Number.MAX_SAFE_INTEGER)) {
    sum += header.length + facts.length
    const number = place === null ? chunk : Math.floor(place / recordsPerChunk)
    if (number > chunk) sum += reader.tables.chunkBytes(number)
    chunk = Math.max(chunk, number)
    if (sum >= goes) return Math.ceil((sequence + 1) / tileWidth) * tileWidth
  }
  return reader.size()
}

type Bounds = {
  readonly from: number
  readonly upTo: number
  readonly before: ReadonlyMap<Category, number>
  readonly contents: ReadonlyMap<Category, number>
  readonly held: ReadonlySet<string>
}

type Gone = {
  readonly contents: number
  /** Between which entries they are. */
  readonly from: number
  readonly to: number
  readonly firstChunk: number
  readonly chunks: ReadonlySet<number>
  readonly places: readonly number[]
}

/** The contents that go though their entries stay, and those that share chunks with some that stay. */
function goneContents({ reader, scopes }: PlanQuestion, { from, upTo, before, contents, held }: Bounds): Gone {
  const last = Math.max(upTo, ...contents.values())
  const boundaryMs = timeOf(reader.headerAt(upTo))
  let firstChunk = Number.MAX_SAFE_INTEGER
  const ofGone: number[] = []
  const stays = new Set<number>()
  const places: number[] = []
  let [lowest, highest] = [last, 0]
  for (const [sequence, header, , place] of reader.rawHeaders(from)) {
    const isBoundary = timeOf(header) === boundaryMs
    // The contents of one commit share chunks, and all of a commit has one time; after it come later chunks only.
    if (sequence >= last && !isBoundary && firstChunk < Number.MAX_SAFE_INTEGER) break
    if (place === null) continue
    const chunk = Math.floor(place / recordsPerChunk)
    if (sequence < upTo) {
      if (isBoundary) ofGone.push(place)
      continue
    }
    firstChunk = Math.min(firstChunk, chunk)
    if (isBoundary) stays.add(chunk)
    if (!goesBy(contents, before, header, sequence) || held.has(scopeIn(header)) || isErased(scopes, header, chunk)) continue
    places.push(place)
    lowest = Math.min(lowest, sequence)
    highest = sequence
  }
  if (firstChunk === Number.MAX_SAFE_INTEGER) firstChunk = (reader.tables.lastKey("chunks", "number") ?? -1) + 1
  const shared = ofGone.filter((place) => place >= firstChunk * recordsPerChunk)
  const chunks = new Set(shared.map((place) => Math.floor(place / recordsPerChunk)).filter((chunk) => !stays.has(chunk)))
  return { contents: places.length, from: lowest, to: highest, firstChunk, chunks, places: [...shared, ...places] }
}

/** What nobody can open stays what it is. */
function isErased(scopes: ScopeStore, header: Buffer, chunk: number): boolean {
  const scope = scopes.byId(scopeIdOf(header))
  return typeof scope !== "object" || scope.keyOf(chunk) === "erased"
}

function timeOf(header: Buffer | undefined): number | undefined {
  return header && readUint64(header, headerOffset.time)
}

function goesBy(contents: ReadonlyMap<Category, number>, before: ReadonlyMap<Category, number>, header: Buffer, sequence: number): boolean {
  const category = categoryOf(typeIn(header)) as Category
  // What an earlier removal went by is looked at again: a hold may have been lifted since.
  return sequence < Math.max(contents.get(category) ?? 0, before.get(category) ?? 0)
}

function typeIn(header: Buffer): string {
  return header.toString("latin1", headerOffset.type)
}

function scopeIdOf(header: Buffer): Buffer {
  return header.subarray(headerOffset.scopeId, headerOffset.factsHash)
}

function scopeIn(header: Buffer): string {
  return scopeIdOf(header).toString("hex")
}

/** Whether something was removed, or was to be, within that time: a removal is on record before it takes place. */
export function wasClosedSince(reader: JournalReader, timeMs: number, nowMs: number): boolean {
  for (const [, header] of reader.rawHeaders(firstFrom(reader, timeMs))) {
    // What a clock that was wrong wrote in a time to come is not lately.
    if (typeIn(header) === closedType && (timeOf(header) ?? 0) <= nowMs + dayMs) return true
  }
  return false
}
