/** Which entries are there: newest first, filtered by type, category, session and sequence; and one entry whole. */
import { Fault } from "../base/fault.ts"
import type { Json, JsonObject } from "../base/json.ts"
import { categoryOf, eventTypeNamed, eventTypes } from "../format/event.ts"
import { closingOf, removedFault } from "../journal/closing.ts"
import { factsOf, saltedTextOf, type StoredEntry } from "../journal/reader.ts"
import { describe } from "../format/describe.ts"
import { hasContent } from "../verify/chain.ts"
import type { LedgerAccess } from "./ledger-access.ts"

export type EventFilter = {
  readonly type?: string | undefined
  readonly category?: string | undefined
  /** Only categories that matter to security: security, config, system. */
  readonly securityOnly?: boolean | undefined
  readonly session?: string | undefined
  /** Sequences, inclusive. */
  readonly from?: number | undefined
  readonly to?: number | undefined
}

export type EventView = {
  readonly sequence: number
  readonly id: string
  readonly type: string
  readonly category: string
  readonly createdAt: string
  readonly sessionId: string | null
  readonly sender: string | null
  readonly description: string
  readonly facts: JsonObject
  /** First 500 characters of the content on one line; null when there is none, or it is erased. */
  readonly preview: string | null
}

export type EventWhole = EventView & {
  readonly hash: string
  readonly previousHash: string
  readonly scopeId: string
  readonly content: Json
  readonly contentState: "open" | "none" | "erased" | "unreadable" | "removed"
}

const securityCategories: readonly string[] = ["security", "config", "system"]
const previewCharacters = 500

/** Sequences that pass the filter, newest first, from the projections' indexes. */
export function filteredSequences(access: LedgerAccess, filter: EventFilter, order: "ASC" | "DESC"): readonly number[] {
  const { where, parameters } = conditions(access, filter)
  const statement = `SELECT sequence FROM timeline ${where} ORDER BY sequence ${order}`
  return access.ask((views) =>
    views
      .prepare(statement)
      .pluck()
      .all(...parameters),
  ) as number[]
}

export function isFiltered(filter: EventFilter): boolean {
  return filter.type !== undefined || filter.category !== undefined || filter.session !== undefined || filter.securityOnly === true
}

export function listEvents(
  access: LedgerAccess,
  filter: EventFilter,
  limit: number,
  offset: number,
): { readonly events: readonly EventView[]; readonly total: number } {
  const { where, parameters } = conditions(access, filter)
  const { total, sequences } = access.ask((views) => ({
    total: views
      .prepare(`SELECT count(*) FROM timeline ${where}`)
      .pluck()
      .get(...parameters) as number,
    sequences: views
      .prepare(`SELECT sequence FROM timeline ${where} ORDER BY sequence DESC LIMIT ? OFFSET ?`)
      .pluck()
      .all(...parameters, limit, offset) as number[],
  }))
  const events = sequences.flatMap((sequence) => {
    const entry = access.reader.entry(sequence)
    return entry ? [eventView(access, entry)] : []
  })
  return { events, total }
}

/** How many that pass a filter are newer than an entry. */
export function newerThan(access: LedgerAccess, filter: EventFilter, sequence: number): number {
  const { where, parameters } = conditions(access, { ...filter, from: Math.max(filter.from ?? 0, sequence + 1) })
  return access.ask((views) =>
    views
      .prepare(`SELECT count(*) FROM timeline ${where}`)
      .pluck()
      .get(...parameters),
  ) as number
}

/**
 * The entry that an operator means by its sequence number or its id.
 * @throws {Fault} `event.unknown`; `retention.removed` when it was there once
 */
export function entryNamed(access: LedgerAccess, wanted: string): StoredEntry {
  const sequence = /^#?\d+$/.test(wanted) ? Number(wanted.replace("#", "")) : sequenceOfId(access, wanted)
  const entry = sequence === undefined ? undefined : access.reader.entry(sequence)
  if (entry) return entry
  const closing = closingOf(access.reader)
  throw closing && sequence !== undefined && sequence < closing.upTo ? removedFault(closing) : new Fault("event.unknown", { wanted })
}

/** @throws {Fault} as `entryNamed` */
export function showEvent(access: LedgerAccess, wanted: string): EventWhole {
  const entry = entryNamed(access, wanted)
  const { state, text } = contentOf(access, entry)
  return {
    ...eventView(access, entry),
    hash: access.reader.leafHash(entry.sequence).toString("hex"),
    previousHash: entry.header.previousHash.toString("hex"),
    scopeId: entry.header.scopeId.toString("hex"),
    content: text === undefined ? null : (JSON.parse(text) as Json),
    contentState: state,
  }
}

export function eventView(access: LedgerAccess, entry: StoredEntry): EventView {
  const facts = factsOf(entry)
  const scope = access.scopes?.byId(entry.header.scopeId)
  const { text } = contentOf(access, entry)
  return {
    sequence: entry.sequence,
    id: facts.id,
    type: entry.header.type,
    category: categoryOf(entry.header.type),
    createdAt: new Date(entry.header.timeMs).toISOString(),
    sessionId: typeof scope === "object" && scope.session !== "" ? scope.session : null,
    sender: typeof scope === "object" && scope.sender !== "" ? scope.sender : null,
    description: describe(entry.header.type, facts),
    facts,
    preview: text === undefined ? null : preview(text),
  }
}

export function contentOf(
  access: LedgerAccess,
  entry: StoredEntry,
): { readonly state: EventWhole["contentState"]; readonly text?: string; readonly salted?: Buffer } {
  if (entry.place === null) return { state: hasContent(entry.headerBytes) ? "removed" : "none" }
  if (!access.scopes) return { state: "unreadable" }
  const content = access.reader.content(entry, access.scopes)
  if (typeof content === "string") return { state: content === "none" ? "none" : content }
  return { state: "open", text: saltedTextOf(content), salted: content }
}

/** Ids carry no order, so this walks from the newest entry back; the sequence is the quick way in. */
function sequenceOfId(access: LedgerAccess, id: string): number | undefined {
  const sliceEntries = 4_096
  const first = closingOf(access.reader)?.upTo ?? 0
  for (let to = access.reader.size() - 1; to >= first; to -= sliceEntries) {
    const slice = [...access.reader.entries(Math.max(first, to - sliceEntries + 1), to)].reverse()
    const found = slice.find((entry) => factsOf(entry).id === id)
    if (found) return found.sequence
  }
  return undefined
}

function preview(contentText: string): string {
  const values = Object.values(JSON.parse(contentText) as Record<string, unknown>)
  const words = values.map((value) => (typeof value === "string" ? value : JSON.stringify(value))).join(" · ")
  return words.replace(/\s+/g, " ").slice(0, previewCharacters)
}

function conditions(access: LedgerAccess, filter: EventFilter): { readonly where: string; readonly parameters: (number | string)[] } {
  const clauses: string[] = []
  const parameters: (number | string)[] = []
  if (filter.type !== undefined) {
    clauses.push("type = (SELECT number FROM types WHERE type = ?)")
    parameters.push(eventTypeNamed(filter.type) ?? filter.type)
  }
  const wanted = filter.securityOnly ? securityCategories : filter.category === undefined ? [] : [filter.category]
  if (wanted.length > 0) {
    const types = Object.entries(eventTypes).flatMap(([type, row]) => (wanted.includes(row.category) ? [type] : []))
    clauses.push(`type IN (SELECT number FROM types WHERE type IN (${types.map(() => "?").join(", ")}))`)
    parameters.push(...types)
  }
  if (filter.session !== undefined) {
    const ids = access.scopes?.idsOfSession(filter.session) ?? []
    clauses.push(`scope IN (SELECT number FROM scope_numbers WHERE scope_id IN (${ids.map((id) => `x'${id.toString("hex")}'`).join(", ")}))`)
  }
  if (filter.from !== undefined) {
    clauses.push("sequence >= ?")
    parameters.push(filter.from)
  }
  if (filter.to !== undefined) {
    clauses.push("sequence <= ?")
    parameters.push(filter.to)
  }
  return { where: clauses.length === 0 ? "" : `WHERE ${clauses.join(" AND ")}`, parameters }
}
