/** The anchors of a ledger, one row each; what they prove stands in their entries. And what was given as one and not taken. */
import { anchorDigest, parseAnchor, type AnchorKind } from "../format/anchor.ts"
import type { SqliteDatabase } from "../vault/database.ts"
import type { Projection } from "./projection.ts"

export const anchors: Projection = {
  name: "anchors",
  version: 2,
  tables: ["anchors"],
  schema: `
    CREATE TABLE anchors(sequence INTEGER PRIMARY KEY, time_ms INTEGER NOT NULL, kind TEXT, authority TEXT NOT NULL, number INTEGER, size INTEGER NOT NULL,
      at_ms INTEGER, reference TEXT, digest TEXT, paid TEXT) STRICT;
    CREATE INDEX anchors_by_authority ON anchors(authority, sequence);`,
  prepare: (database) => {
    const other = database.prepare("INSERT INTO anchors(sequence, time_ms, authority, size, paid) VALUES (?, ?, ?, 0, ?)")
    const insert = database.prepare(
      "INSERT INTO anchors(sequence, time_ms, kind, authority, number, size, at_ms, reference, digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    return ({ sequence, header, facts }) => {
      if (header.type === "anchor.rejected") other.run(sequence, header.timeMs, String(facts()["authority"]), null)
      if (header.type === "anchor.paid") other.run(sequence, header.timeMs, String(facts()["authority"]), String(facts()["amount"]))
      const anchor = header.type === "checkpoint.anchored" ? parseAnchor(facts()) : undefined
      if (!anchor) return
      const { kind, authority, number, size, atMs, reference } = anchor
      insert.run(sequence, header.timeMs, kind, authority, number, size, atMs, reference, anchorDigest(anchor))
    }
  },
}

export type AnchorRow = {
  readonly sequence: number
  readonly kind: AnchorKind
  readonly authority: string
  readonly number: number
  readonly size: number
  readonly atMs: number
  readonly recordedMs: number
  readonly reference: string
  /** What the next one calls it. */
  readonly digest: string
}

type StoredRow = Omit<AnchorRow, "atMs" | "recordedMs"> & { readonly at_ms: number; readonly time_ms: number }

/** The newest first. */
export function lastAnchors(views: SqliteDatabase, most: number): readonly AnchorRow[] {
  const rows = views.prepare("SELECT * FROM anchors WHERE number IS NOT NULL ORDER BY sequence DESC LIMIT ?").all(most) as StoredRow[]
  return rows.map(rowOf)
}

/** The newest of each authority, of those on at most so many entries. */
export function newestAnchors(views: SqliteDatabase, upTo = Number.MAX_SAFE_INTEGER): readonly AnchorRow[] {
  const rows = views
    .prepare(
      "SELECT * FROM anchors WHERE sequence IN (SELECT max(sequence) FROM anchors WHERE number IS NOT NULL AND size <= ? GROUP BY authority) ORDER BY size, sequence",
    )
    .all(upTo) as StoredRow[]
  return rows.map(rowOf)
}

export function anchorNumbered(views: SqliteDatabase, number: number): AnchorRow | undefined {
  const row = views.prepare("SELECT * FROM anchors WHERE number = ?").get(number) as StoredRow | undefined
  return row && rowOf(row)
}

/** The oldest first. */
export function anchorSequences(views: SqliteDatabase): readonly number[] {
  return views.prepare("SELECT sequence FROM anchors WHERE number IS NOT NULL ORDER BY sequence").pluck().all() as number[]
}

export function countAnchors(views: SqliteDatabase): number {
  return views.prepare("SELECT count(number) FROM anchors").pluck().get() as number
}

/** Entries from `sequence` on that are themselves of anchors: they are no news to be anchored. */
export function ownEntriesFrom(views: SqliteDatabase, sequence: number): number {
  return views.prepare("SELECT count(*) FROM anchors WHERE sequence >= ?").pluck().get(sequence) as number
}

/** How many an authority has given since a time. */
export function givenSince(views: SqliteDatabase, authority: string, sinceMs: number): number {
  const count = views.prepare("SELECT count(number) FROM anchors WHERE authority = ? AND time_ms >= ?").pluck().get(authority, sinceMs)
  return count as number
}

/** What was paid since a time, in an asset's smallest units. */
export function paidSince(views: SqliteDatabase, sinceMs: number): bigint {
  const amounts = views.prepare("SELECT paid FROM anchors WHERE paid IS NOT NULL AND time_ms >= ?").pluck().all(sinceMs) as string[]
  return amounts.reduce((sum, amount) => sum + (/^\d{1,30}$/.test(amount) ? BigInt(amount) : 0n), 0n)
}

function rowOf({ at_ms: atMs, time_ms: recordedMs, ...row }: StoredRow): AnchorRow {
  return { ...row, atMs, recordedMs }
}
