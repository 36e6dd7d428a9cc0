/**
 * The rows of transcripts in an agent's store. Most of a store is what was said: where only usage is wanted, rows without the word are left alone, and of
 * packed rows only those are unpacked that the host's own notes beside them (`navigation_json`) say are an agent's.
 */
import type { DatabaseSync } from "node:sqlite"
import { countOf, numberOf, objectOf, stringOf } from "../../base/json.ts"
import type { RunKind } from "../../format/event.ts"
import { RowShapes } from "../jsonl/row-shapes.ts"
import { shortRow, usageMark } from "../jsonl/short-row.ts"
import type { Part } from "../part.ts"
import type { SessionSink, Sinks } from "../sinks.ts"
import type { Unseen } from "../usage/batch.ts"
import type { SessionPlace } from "../usage/place.ts"
import { transcriptRow, type TranscriptRow } from "../usage/read-row.ts"
import { isShared } from "../usage/turns.ts"
import { placeOf } from "../session-list.ts"
import { transcriptEvents } from "./agent-tables.ts"
import { archivedRows } from "./archive-rows.ts"
import { parsedOrNothing } from "./archived-transcripts.ts"
import { rowsOf } from "./open-store.ts"
import { sessionPlaces, type StoredPlace } from "./session-places.ts"
import { tablesOf } from "./tables.ts"
import { unpackedRow } from "./unpack-rows.ts"

export type StoreTask = {
  readonly agent: string
  readonly path: string
  readonly latestMs: number
  readonly otherwiseMs: number
  /** The others read the other parts at the same time. */
  readonly part: Part
}

export type RowsFound = { rows: number; unreadable: number }

/** Of all stores: a host writes its rows in the same way. */
const shapes = new RowShapes()
/** The host's own bound of an event it compresses. */
const mostEventBytes = 4 * 2 ** 20

export function readStoreRows(database: DatabaseSync, task: StoreTask, sinks: Sinks): RowsFound {
  const reading = new StoreReading(database, task, sinks)
  reading.transcripts()
  if (task.part.index === 0) reading.archives()
  reading.end()
  return reading.found
}

class StoreReading {
  readonly found: RowsFound = { rows: 0, unreadable: 0 }
  readonly #database: DatabaseSync
  readonly #task: StoreTask
  readonly #sinks: Sinks
  readonly #tables: ReadonlySet<unknown>
  readonly #places: ReadonlyMap<string, StoredPlace>
  readonly #kinds: ReadonlyMap<string, RunKind>
  readonly #sessions = new Map<string, { readonly sink: SessionSink; readonly place: SessionPlace }>()

  constructor(database: DatabaseSync, task: StoreTask, sinks: Sinks) {
    this.#database = database
    this.#task = task
    this.#sinks = sinks
    this.#tables = tablesOf(database)
    this.#places = sessionPlaces(database, task.agent)
    this.#kinds = this.#tables.has("trajectory_runtime_events") ? runKindsIn(database) : new Map()
  }

  transcripts(): void {
    const { isDeep } = this.#sinks
    // Of sessions that channels share, messages are wanted, too: they say by which they came.
    const shared = isDeep ? [] : [...this.#places.values()].filter(isShared).map(({ sessionId }) => sessionId)
    const isCall = `instr(event_json, '"usage"') > 0 OR (event_json IS NULL AND instr(navigation_json, '"role":"assistant"') > 0)`
    const isMessage = `session_id IN (SELECT value FROM json_each(?)) AND instr(coalesce(event_json, navigation_json), '"role":"user"') > 0`
    const wanted = isDeep ? "TRUE" : shared.length === 0 ? `(${isCall})` : `(${isCall} OR (${isMessage}))`
    const rows = `SELECT session_id, ${safe("seq")}, event_json, event_zstd, ${safe("event_utf8_bytes")}, ${safe("created_at")}
      FROM ${transcriptEvents(this.#database)} WHERE ${ofPart(this.#task.part)} AND ${wanted}`
    const shown = this.#shown()
    const statement = this.#database.prepare(rows)
    // Rows as the engine gives them: there are millions, and no number in them is larger than one of ours.
    statement.setReturnArrays(true)
    for (const row of statement.iterate(...(shared.length === 0 ? [] : [JSON.stringify(shared)]))) {
      const [sessionId, seq, json, packed, sizeBytes, createdMs] = row as unknown as readonly unknown[]
      const event = eventOf({ json, packed, sizeBytes }, isDeep)
      const session = stringOf(sessionId)
      if (event === undefined || session === undefined) {
        this.found.unreadable++
        continue
      }
      const sequence = countOf(seq)
      const unseen = shown.get(session)?.has(sequence ?? -1) === false ? "branch" : ""
      this.#add(session, event, { createdMs: numberOf(createdMs), unseen, sequence })
    }
  }

  /** What the host shows of each conversation: one branch of it. Where it has not worked that out, nothing is said of it. */
  #shown(): ReadonlyMap<string, ReadonlySet<number>> {
    const shown = new Map<string, Set<number>>()
    if (this.#sinks.isDeep || !this.#tables.has("session_transcript_active_events")) return shown
    for (const row of this.#database.prepare(`SELECT session_id, ${safe("event_seq")} FROM session_transcript_active_events`).iterate()) {
      const [session, sequence] = [stringOf(row["session_id"]), countOf(row["event_seq"])]
      if (session === undefined || sequence === undefined) continue
      const known = shown.get(session)
      if (known) known.add(sequence)
      else shown.set(session, new Set([sequence]))
    }
    return shown
  }

  archives(): void {
    const [database, tables, { isDeep }] = [this.#database, this.#tables, this.#sinks]
    const unreadable = (rows: number) => (this.found.unreadable += rows)
    const rows = archivedRows({ database, tables, isDeep, storePath: this.#task.path, unreadable })
    for (const { session, event, ...place } of rows) this.#add(session, event, place)
  }

  end(): void {
    for (const { sink } of this.#sessions.values()) sink.flush()
  }

  #add(session: string, event: TranscriptRow, { createdMs, unseen = "", key, sequence }: RowPlace): void {
    const { sink, place } = this.#sessionOf(session, key)
    const run = stringOf(objectOf(event.message["__openclaw"])["runId"])
    const kind = place.kind ?? (run === undefined ? undefined : this.#kinds.get(run))
    const { otherwiseMs, latestMs } = this.#task
    const setting = { sessionId: session, otherwiseMs, latestMs, kind, unseen, ...(sequence === undefined ? {} : { sequence }) }
    if (sink.add(event, setting, createdMs)) this.found.rows++
  }

  #sessionOf(session: string, key: string | undefined) {
    const known = this.#sessions.get(session)
    if (known) return known
    const { agent } = this.#task
    const told = this.#places.get(session)
    const { begunMs = Number.NaN, ...place } = told ?? (key === undefined ? { agent, sessionId: session } : withoutTelling(agent, session, key))
    const made = { sink: this.#sinks.of(place, begunMs), place }
    this.#sessions.set(session, made)
    return made
  }
}

/** A column of whole numbers, without those no number of ours can hold: somebody else's store may have any. */
export function safe(column: string): string {
  return `CASE WHEN ${column} BETWEEN -9007199254740991 AND 9007199254740991 THEN ${column} END AS ${column}`
}

/** What a table says of a row beside the row itself. */
type RowPlace = {
  readonly createdMs?: number | undefined
  readonly unseen?: Unseen
  readonly key?: string | undefined
  readonly sequence?: number | undefined
}

export function withoutTelling(agent: string, session: string, key: string): SessionPlace & { readonly begunMs?: number } {
  return placeOf(agent, session, key, { channel: undefined, chatType: undefined, sender: undefined, parent: undefined, project: undefined })
}

/** Why each run was made, where its trajectory is still there. */
function runKindsIn(database: DatabaseSync): ReadonlyMap<string, RunKind> {
  const rows = `SELECT run_id, json_extract(event_json, '$.data.trigger') AS trigger FROM trajectory_runtime_events
    WHERE run_id IS NOT NULL AND instr(event_json, '"type":"session.started"') > 0 AND json_valid(event_json)`
  const kinds = new Map<string, RunKind>()
  for (const { run_id: run, trigger } of rowsOf(database, rows)) {
    if (typeof run === "string" && (trigger === "heartbeat" || trigger === "cron")) kinds.set(run, trigger)
  }
  return kinds
}

/** A conversation is whole in one part, because a call may be of the message before it; and no part has to know another's bounds. */
function ofPart({ index, of }: Part): string {
  return of === 1 ? "TRUE" : `coalesce(unicode(substr(session_id, -1)), 0) % ${of} = ${index}`
}

type StoredEvent = { readonly json: unknown; readonly packed: unknown; readonly sizeBytes: unknown }

/** Undefined when the row cannot be read. */
export function eventOf({ json, packed, sizeBytes }: StoredEvent, isDeep: boolean): TranscriptRow | undefined {
  if (typeof json === "string") return transcriptRow(parsedOrNothing(json))
  if (!(packed instanceof Uint8Array) || packed.length > mostEventBytes || typeof sizeBytes !== "number" || !(sizeBytes <= mostEventBytes)) return undefined
  try {
    const bytes = unpackedRow(packed, sizeBytes)
    const hit = isDeep ? -1 : bytes.indexOf(usageMark)
    const short = hit < 0 ? undefined : shortRow(bytes, 0, bytes.length, hit, shapes)
    return short ?? transcriptRow(parsedOrNothing(bytes.toString("utf8")))
  } catch {
    // Damaged: the caller counts it.
    return undefined
  }
}
