/**
 * How far the table of transcripts in an agent's store was read. New rows stand behind the last one there is (https://www.sqlite.org/autoinc.html), so that whoever finds a row
 * where he left it has read everything before it. But a host takes rows away at the end, and puts others in their places; and `VACUUM` may number all of them anew. So the last rows
 * are remembered by what they are, and some before them: reading goes on behind the last one that is still what it was.
 */
import type { DatabaseSync } from "node:sqlite"
import { sha256Base64url } from "../../format/sha256.ts"
import { placedEvents } from "../stores/agent-tables.ts"
import { versionOf } from "../stores/tables.ts"

export type StorePlace = {
  readonly schemaVersion: number
  /** The last row that was read; 0 before the first. */
  readonly until: number
  /** Of the last rows, what they are. */
  readonly last: string
  /** Some before them, the later ones first. */
  readonly anchors: readonly Anchor[]
}

type Anchor = { readonly place: number; readonly name: string }

const lastRows = 64
const anchorsBack = [64, 1_024, 16_384, 262_144]

/** @param until a row, or a place behind the last one */
export function placeIn(database: DatabaseSync, until: number): StorePlace {
  const events = placedEvents(database)
  if (events === undefined) return { schemaVersion: versionOf(database), until: 0, last: "", anchors: [] }
  const last = Math.min(until, lastPlace(database, events))
  const anchors = anchorsBack.flatMap((back) => anchorAt(database, events, last - back))
  return { schemaVersion: versionOf(database), until: last, last: lastOnes(database, events, last), anchors }
}

/** Behind which row there may be new ones; 0 where everything has to be read. */
export function resumedFrom(database: DatabaseSync, { schemaVersion, until, last, anchors }: StorePlace): number {
  const events = placedEvents(database)
  if (events === undefined || versionOf(database) !== schemaVersion) return 0
  if (lastOnes(database, events, until) === last) return until
  return anchors.find(({ place, name }) => anchorAt(database, events, place)[0]?.name === name)?.place ?? 0
}

/** The last of so many rows behind one; the row itself where there are none. */
export function stepUntil(database: DatabaseSync, after: number, mostRows: number): { readonly until: number; readonly isMore: boolean } {
  const events = placedEvents(database)
  if (events === undefined) return { until: after, isMore: false }
  const last = lastPlace(database, events)
  const row = database.prepare(`SELECT max(place) AS place FROM (SELECT place FROM ${events} WHERE place > ? ORDER BY place LIMIT ?)`).get(after, mostRows)
  const until = Number(row?.["place"] ?? after)
  return { until, isMore: until < last }
}

function lastPlace(database: DatabaseSync, events: string): number {
  return Number(database.prepare(`SELECT max(place) AS place FROM ${events}`).get()?.["place"] ?? 0)
}

function lastOnes(database: DatabaseSync, events: string, until: number): string {
  const size = "octet_length(coalesce(event_json, event_zstd))"
  const rows = database.prepare(
    `SELECT place, session_id, seq, created_at, ${size} AS size FROM ${events} WHERE place <= ? ORDER BY place DESC LIMIT ${lastRows}`,
  )
  return sha256Base64url(JSON.stringify(rows.all(until)))
}

/** The row at a place, or the last before it. */
function anchorAt(database: DatabaseSync, events: string, at: number): readonly Anchor[] {
  const row = database.prepare(`SELECT place, session_id, seq, created_at FROM ${events} WHERE place <= ? ORDER BY place DESC LIMIT 1`).get(at)
  return row === undefined ? [] : [{ place: Number(row["place"]), name: JSON.stringify(row) }]
}
