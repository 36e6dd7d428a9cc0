/** One session from its beginning to its end: what happened in order, what its tools and calls took, what it sent to whom, and whether all of it leads to the signed root. */
import { countOf, stringOf, type JsonObject } from "../../base/json.ts"
import { describe } from "../../format/describe.ts"
import { categoryOf } from "../../format/event.ts"
import type { LedgerAccess } from "../ledger-access.ts"
import { hashOf, isSaying, scopesOfSession, sequencesOf, sessionEntry, type SessionEntry } from "./session-entries.ts"
import { proveEntries, type SessionProofs } from "./session-proofs.ts"
import { sentIn, spentIn, toolsIn, type SessionModel, type SessionSend, type SessionTool } from "./session-sums.ts"

export type SessionQuestion = {
  readonly session: string
  readonly raw: boolean
  /** The last so many events; undefined for all, up to the most there may be. */
  readonly limit: number | undefined
  readonly includeMetadata: boolean
}

export type TimelineEntry = {
  /** One, or several with the same words. */
  readonly sequences: readonly number[]
  readonly count: number
  readonly at: string
  readonly types: readonly string[]
  readonly category: string
  readonly description: string
  readonly run: string | null
  /** Words of a message, a prompt or an answer, cut after 500 characters. */
  readonly preview: string | null
  /** Figures of the one axis that pages show: what it was, what it took, what it cost, how it ended. */
  readonly tool?: string
  readonly model?: string
  readonly durationMs?: number
  readonly costNanos?: string
  readonly outcome?: string
  /** Of each event, where metadata were asked for. */
  readonly metadata?: readonly JsonObject[]
}

export type SessionReport = {
  readonly session: string
  readonly settings: { readonly raw: boolean; readonly limit: number | null; readonly includeMetadata: boolean }
  readonly start: string | null
  readonly end: string | null
  readonly durationMs: number
  readonly job: string | null
  readonly events: { readonly total: number; readonly shown: number; readonly truncated: boolean }
  readonly timeline: readonly TimelineEntry[]
  readonly tools: readonly SessionTool[]
  readonly models: readonly SessionModel[]
  readonly outbound: readonly SessionSend[]
  readonly integrity: SessionProofs & { readonly events: number; readonly first: number | null; readonly last: number | null }
}

export const mostSessionEvents = 50_000
const previewCharacters = 500

export function sessionReport(access: LedgerAccess, { session, raw, limit, includeMetadata }: SessionQuestion): SessionReport {
  const scopes = scopesOfSession(access, session)
  const { total, sequences } = sequencesOf(access, scopes, limit ?? mostSessionEvents)
  const entries = sequences.flatMap((sequence) => sessionEntry(access, sequence) ?? [])
  const ordered = entries.toSorted((a, b) => a.atMs - b.atMs || a.entry.sequence - b.entry.sequence)
  const [startMs, endMs] = [ordered[0]?.atMs, ordered.at(-1)?.atMs]
  const stored = entries.map(({ entry }) => entry)
  return {
    session,
    settings: { raw, limit: limit ?? null, includeMetadata },
    start: timeOf(startMs),
    end: timeOf(endMs),
    durationMs: (endMs ?? 0) - (startMs ?? 0),
    job: entries.map(({ facts }) => stringOf(facts["job"])).find(Boolean) ?? null,
    events: { total, shown: entries.length, truncated: total > entries.length },
    timeline: timelineOf(ordered, { raw, includeMetadata }),
    tools: toolsIn(ordered),
    models: spentIn(access, scopes),
    outbound: sentIn(ordered),
    integrity: { events: stored.length, first: sequences[0] ?? null, last: sequences.at(-1) ?? null, ...proveEntries(access, stored) },
  }
}

function timelineOf(entries: readonly SessionEntry[], { raw, includeMetadata }: Pick<SessionQuestion, "raw" | "includeMetadata">): readonly TimelineEntry[] {
  const groups: SessionEntry[][] = []
  let said: { readonly hash: string; readonly group: SessionEntry[]; recipient: string | undefined } | undefined
  for (const entry of entries) {
    const { words, recipient } = entry
    const hash = !raw && isSaying(entry.entry.header.type) && words !== undefined ? hashOf(words) : undefined
    // An answer is of nobody in particular yet.
    if (hash !== undefined && said?.hash === hash && (recipient === undefined || said.recipient === undefined || recipient === said.recipient)) {
      said.group.push(entry)
      said.recipient ??= recipient
      continue
    }
    const group = [entry]
    groups.push(group)
    if (hash !== undefined) said = { hash, group, recipient }
  }
  return groups.map((group) => told(group, includeMetadata))
}

function told(group: readonly SessionEntry[], includeMetadata: boolean): TimelineEntry {
  const [first] = group
  if (!first) throw new Error("a group has an entry")
  const { entry, facts, atMs, words } = first
  const last = group.at(-1) ?? first
  return {
    sequences: group.map((one) => one.entry.sequence),
    count: group.length,
    at: new Date(atMs).toISOString(),
    types: [...new Set(group.map((one) => one.entry.header.type))],
    category: categoryOf(entry.header.type),
    description: describe(last.entry.header.type, last.facts),
    run: stringOf(facts["run"]) ?? null,
    preview: words === undefined ? null : words.replace(/\s+/g, " ").slice(0, previewCharacters),
    ...figuresOf(first),
    ...(last === first ? {} : figuresOf(last)),
    ...(includeMetadata ? { metadata: group.map((one) => one.facts) } : {}),
  }
}

function figuresOf({ entry, facts }: SessionEntry): Partial<TimelineEntry> {
  const { type } = entry.header
  const [provider, model] = [stringOf(facts["provider"]), stringOf(facts["model"])]
  const nanos = stringOf(facts["computedNanos"]) ?? stringOf(facts["reportedNanos"])
  const durationMs = countOf(facts["durationMs"]) ?? countOf(facts["latencyMs"])
  const tool = stringOf(facts["tool"])
  const outcome = outcomeOf(type, facts)
  return {
    ...(tool === undefined ? {} : { tool }),
    ...(model === undefined ? {} : { model: `${provider ?? "unknown"}/${model}` }),
    ...(durationMs === undefined ? {} : { durationMs }),
    ...(nanos === undefined ? {} : { costNanos: nanos }),
    ...(outcome === undefined ? {} : { outcome }),
  }
}

function outcomeOf(type: string, facts: JsonObject): string | undefined {
  if (type === "tool.denied" || facts["verdict"] === "deny") return "denied"
  if (type === "spend.refused" || type === "call.stopped") return "refused"
  if (facts["failed"] === true || facts["success"] === false) return "failed"
  if (facts["verdict"] === "allow") return "allowed"
  return facts["success"] === true || facts["failed"] === false ? "ok" : undefined
}

function timeOf(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString()
}
