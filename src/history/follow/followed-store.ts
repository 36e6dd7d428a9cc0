/**
 * An agent's store, read on from the last row of its transcripts that was read: the rows behind it, what of archives came since, and of the conversations they belong to what
 * the store says of them now.
 */
import type { DatabaseSync } from "node:sqlite"
import { countOf, numberOf, objectOf, stringOf } from "../../base/json.ts"
import type { RunKind } from "../../format/event.ts"
import type { SourceRead } from "../read-source.ts"
import type { Task } from "../read-sources.ts"
import type { SessionSink } from "../sinks.ts"
import { agentStoreVersions, placedEvents } from "../stores/agent-tables.ts"
import { archivedRows, type ArchivedRow } from "../stores/archive-rows.ts"
import { readStore } from "../stores/open-store.ts"
import { sessionPlaces, type StoredPlace } from "../stores/session-places.ts"
import { eventOf, safe, withoutTelling } from "../stores/store-rows.ts"
import { tablesOf } from "../stores/tables.ts"
import type { SessionPlace } from "../usage/place.ts"
import { isShared } from "../usage/turns.ts"
import type { Outlet } from "./outlet.ts"
import { placeIn, resumedFrom, stepUntil, type StorePlace } from "./store-place.ts"

/** Of one step: what is more is read at the next time. */
const mostRows = 2_000
/** Conversations that are held between two readings: of those that wrote last. */
const mostSessions = 512
const mostRuns = 4_096

type Held = { readonly sink: SessionSink; readonly place: SessionPlace; readonly told: string }

export class FollowedStore {
  readonly #outlet: Outlet
  readonly #sessions = new Map<string, Held>()
  readonly #kinds = new Map<string, RunKind | undefined>()
  #archives: ReadonlySet<string> = new Set()
  #place: StorePlace | undefined
  isMore = false

  constructor(outlet: Outlet) {
    this.#outlet = outlet
  }

  /** Everything there is by now is read by somebody else, or was. @throws an Error with the words of what is wrong with the store */
  beginAt(path: string): void {
    this.#place = readOf(path, (database) => {
      this.#archives = archivesIn(database)
      return placeIn(database, Number.MAX_SAFE_INTEGER)
    })
  }

  /** One step. @throws the same */
  read({ source, latestMs }: Task): SourceRead {
    const { agent, path, sizeBytes, modifiedMs } = source
    const step = readOf(path, (database) => {
      const after = this.#place ? resumedFrom(database, this.#place) : 0
      const isBehind = this.#place !== undefined && after < this.#place.until
      // What was said last in each conversation is not what was said before these rows.
      if (isBehind) this.#sessions.clear()
      const known = after === 0 && isBehind ? new Set<string>() : this.#archives
      const { until, isMore } = stepUntil(database, after, mostRows)
      const reading = new StoreStep(
        { database, agent, path, latestMs, otherwiseMs: Math.floor(modifiedMs), after, until },
        this.#outlet,
        this.#sessions,
        this.#kinds,
      )
      reading.transcripts()
      if (!isMore) reading.archives(known)
      reading.end()
      return { place: placeIn(database, until), archives: isMore ? known : archivesIn(database), isMore, found: reading.found }
    })
    this.#place = step.place
    this.#archives = step.archives
    this.isMore = step.isMore
    for (const [session] of this.#sessions) if (this.#sessions.size > mostSessions) this.#sessions.delete(session)
    for (const [run] of this.#kinds) if (this.#kinds.size > mostRuns) this.#kinds.delete(run)
    return { endByte: sizeBytes, ...step.found }
  }
}

function readOf<T>(path: string, read: (database: DatabaseSync) => T): T {
  const reading = readStore(path, agentStoreVersions, read)
  if (reading.state !== "read") throw new Error("problem" in reading ? reading.problem : "it is gone")
  return reading.value
}

function archivesIn(database: DatabaseSync): ReadonlySet<string> {
  const tables = tablesOf(database)
  const named = ["session_transcript_archives", "session_transcript_cold_archives"].filter((table) => tables.has(table))
  return new Set(named.flatMap((table) => database.prepare(`SELECT archive_name AS name FROM ${table}`).all()).map(({ name }) => String(name)))
}

type Step = {
  readonly database: DatabaseSync
  readonly agent: string
  readonly path: string
  readonly latestMs: number
  readonly otherwiseMs: number
  readonly after: number
  readonly until: number
}

class StoreStep {
  readonly found = { rows: 0, unreadable: 0 }
  readonly #step: Step
  readonly #outlet: Outlet
  readonly #sessions: Map<string, Held>
  readonly #kinds: Map<string, RunKind | undefined>
  readonly #tables: ReadonlySet<unknown>
  readonly #touched = new Set<SessionSink>()
  #places: ReadonlyMap<string, StoredPlace> = new Map()

  constructor(step: Step, outlet: Outlet, sessions: Map<string, Held>, kinds: Map<string, RunKind | undefined>) {
    this.#step = step
    this.#outlet = outlet
    this.#sessions = sessions
    this.#kinds = kinds
    this.#tables = tablesOf(step.database)
  }

  transcripts(): void {
    const { database, after, until } = this.#step
    const events = placedEvents(database)
    if (events === undefined || until <= after) return
    const sessions = database.prepare(`SELECT DISTINCT session_id FROM ${events} WHERE place > ? AND place <= ?`).all(after, until)
    this.#look(sessions.map((row) => String(row["session_id"])))
    const columns = `session_id, ${safe("seq")}, event_json, event_zstd, ${safe("event_utf8_bytes")}, ${safe("created_at")}`
    const statement = database.prepare(`SELECT ${columns} FROM ${events} WHERE place > ? AND place <= ? ORDER BY place`)
    for (const { session_id: id, seq, event_json: json, event_zstd: packed, event_utf8_bytes: sizeBytes, created_at: createdMs } of statement.iterate(
      after,
      until,
    )) {
      const [session, event] = [stringOf(id), eventOf({ json, packed, sizeBytes }, true)]
      if (session === undefined || event === undefined) this.found.unreadable++
      else this.#add({ session, event, createdMs: numberOf(createdMs) }, countOf(seq))
    }
  }

  archives(known: ReadonlySet<string>): void {
    const { database, path } = this.#step
    const unreadable = (rows: number) => (this.found.unreadable += rows)
    const reading = { database, tables: this.#tables, isDeep: true, storePath: path, isWanted: (name: string) => !known.has(name), unreadable }
    for (const row of archivedRows(reading)) {
      if (!this.#places.has(row.session)) this.#look([row.session])
      this.#add(row)
    }
  }

  end(): void {
    for (const sink of this.#touched) sink.flush()
  }

  /** What the store says of conversations, as it is now. */
  #look(sessions: readonly string[]): void {
    this.#places = sessionPlaces(this.#step.database, this.#step.agent, sessions)
  }

  #add({ session, event, createdMs, unseen = "", key }: ArchivedRow, sequence?: number): void {
    const { sink, place } = this.#sessionOf(session, key)
    const run = stringOf(objectOf(event.message["__openclaw"])["runId"])
    const kind = place.kind ?? (run === undefined ? undefined : this.#kindOf(session, run))
    const { otherwiseMs, latestMs } = this.#step
    const setting = { sessionId: session, otherwiseMs, latestMs, kind, unseen, ...(sequence === undefined ? {} : { sequence }) }
    if (sink.add(event, setting, createdMs)) this.found.rows++
  }

  #sessionOf(session: string, key: string | undefined): Held {
    const { agent } = this.#step
    const told = this.#places.get(session)
    const stored = told ?? { ...(key === undefined ? { agent, sessionId: session } : withoutTelling(agent, session, key)), begunMs: Number.NaN }
    const text = JSON.stringify(stored)
    const known = this.#sessions.get(session)
    if (known?.told === text) {
      this.#touched.add(known.sink)
      return known
    }
    const { begunMs = Number.NaN, ...place } = stored
    const made = { sink: this.#outlet.sinks.of(place, begunMs), place, told: text }
    if (isShared(place)) this.#goOver(session, made.sink)
    this.#sessions.delete(session)
    this.#sessions.set(session, made)
    this.#touched.add(made.sink)
    return made
  }

  /** Messages of before say by which channel the last one came. */
  #goOver(session: string, sink: SessionSink): void {
    const { database, after } = this.#step
    const events = placedEvents(database)
    if (events === undefined || after === 0) return
    const isMessage = `instr(coalesce(event_json, navigation_json), '"role":"user"') > 0`
    const rows = database.prepare(
      `SELECT event_json, event_zstd, ${safe("event_utf8_bytes")} FROM ${events} WHERE session_id = ? AND place <= ? AND ${isMessage} ORDER BY place`,
    )
    for (const { event_json: json, event_zstd: packed, event_utf8_bytes: sizeBytes } of rows.iterate(session, after)) {
      const event = eventOf({ json, packed, sizeBytes }, true)
      if (event) sink.pass(event)
    }
  }

  /** Why a run was made, where its trajectory is there. It is written before what the run says. */
  #kindOf(session: string, run: string): RunKind | undefined {
    if (this.#kinds.has(run) || !this.#tables.has("trajectory_runtime_events")) return this.#kinds.get(run)
    const rows = this.#step.database.prepare(`SELECT json_extract(event_json, '$.data.trigger') AS cause FROM trajectory_runtime_events
      WHERE session_id = ? AND run_id = ? AND instr(event_json, '"type":"session.started"') > 0 AND json_valid(event_json)`)
    const cause = rows.get(session, run)?.["cause"]
    const kind = cause === "heartbeat" || cause === "cron" ? cause : undefined
    if (kind !== undefined || cause !== undefined) this.#kinds.set(run, kind)
    return kind
  }
}
