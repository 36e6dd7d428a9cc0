/**
 * What model calls used, by provider, model, agent and kind, as sums that only grow: what counters are made of. So many combinations are listed; calls of the others
 * add up in `other`. A combination that was not used for a month gives its place to a new one, and what is counted under a name never moves to another, so that no sum
 * goes down. Part of `usage`, and carried on where the first entries are gone.
 */
import { countOf, stringOf, type Json } from "../base/json.ts"
import type { Closing } from "../journal/closing.ts"
import type { SqliteDatabase, SqliteStatement } from "../vault/database.ts"
import { sumColumns, type CellColumn, type Sums } from "./usage-schema.ts"

export const seriesColumns = ["provider", "model", "agent", "kind"] as const

export const mostSeries = 36
const idleMs = 30 * 86_400_000
/** The same as `mostSum` of the roll-ups: rows may be forged. */
const mostSum = Number.MAX_SAFE_INTEGER

export const seriesTable = "usage_series"
const columns = [...seriesColumns, "last_ms", "listed", ...sumColumns]

export const seriesSchema = `
  CREATE TABLE ${seriesTable}(${seriesColumns.map((name) => `${name} TEXT NOT NULL`).join(", ")}, last_ms INTEGER NOT NULL, listed INTEGER NOT NULL,
    ${sumColumns.map((name) => `${name} INTEGER NOT NULL`).join(", ")}, PRIMARY KEY(${seriesColumns.join(", ")})) STRICT, WITHOUT ROWID;`

export type SeriesNames = { readonly [C in (typeof seriesColumns)[number]]: string }
export type Series = { readonly names: SeriesNames; lastMs: number; listed: boolean; readonly sums: Sums }

/** Of a call whose combination has no place. No provider is called so and has neither model, agent nor kind. */
export const otherNames: SeriesNames = { provider: "other", model: "", agent: "", kind: "" }

export class UsageSeries {
  readonly #known = new Map<string, Series>()
  readonly #changed = new Set<Series>()
  readonly #listed = new Set<Series>()

  constructor(series: readonly Series[] = []) {
    for (const one of series) this.#known.set(keyOf(one.names), one)
    for (const one of series) if (one.listed) this.#listed.add(one)
  }

  add(cell: { readonly [C in CellColumn]: string }, atMs: number, sums: Sums): void {
    const { provider, model, agent } = cell
    const names = { provider: provider || "unknown", model: model || "unknown", agent: agent || "unknown", kind: cell.kind || "turn" }
    const own = this.#of(names)
    if (!own?.listed && !this.#makeRoom(atMs)) return this.#count(this.#of(otherNames) ?? this.#begin(otherNames), atMs, sums)
    const series = own ?? this.#begin(names)
    series.listed = true
    this.#listed.add(series)
    this.#count(series, atMs, sums)
  }

  get all(): readonly Series[] {
    return [...this.#known.values()]
  }

  /** What changed since it was last taken. */
  takeChanged(): readonly Series[] {
    const changed = [...this.#changed]
    this.#changed.clear()
    return changed
  }

  #of(names: SeriesNames): Series | undefined {
    return this.#known.get(keyOf(names))
  }

  #begin(names: SeriesNames): Series {
    const made = { names, lastMs: 0, listed: false, sums: Object.fromEntries(sumColumns.map((name) => [name, 0])) as Sums }
    this.#known.set(keyOf(names), made)
    return made
  }

  #count(series: Series, atMs: number, sums: Sums): void {
    series.lastMs = Math.max(series.lastMs, atMs)
    for (const name of sumColumns) series.sums[name] = Math.min(series.sums[name] + sums[name], mostSum)
    this.#changed.add(series)
  }

  #makeRoom(atMs: number): boolean {
    if (this.#listed.size < mostSeries) return true
    const oldest = [...this.#listed].reduce((a, b) => (isBefore(b, a) ? b : a))
    if (oldest.lastMs > atMs - idleMs) return false
    oldest.listed = false
    this.#listed.delete(oldest)
    this.#changed.add(oldest)
    return true
  }
}

/** The same whatever order they were read in. */
function isBefore(a: Series, b: Series): boolean {
  return a.lastMs === b.lastMs ? keyOf(a.names) < keyOf(b.names) : a.lastMs < b.lastMs
}

/** The series of a projection, and their writing. */
export class StoredSeries {
  readonly series: UsageSeries
  readonly #write: SqliteStatement

  constructor(database: SqliteDatabase) {
    this.series = new UsageSeries(storedSeries(database))
    this.#write = writing(database)
  }

  write(): void {
    for (const one of this.series.takeChanged()) this.#write.run(...rowOf(one))
  }
}

export function storedSeries(views: SqliteDatabase): readonly Series[] {
  const rows = views
    .prepare(`SELECT ${columns.join(", ")} FROM ${seriesTable}`)
    .raw()
    .all() as Json[][]
  return rows.map(seriesOf)
}

/** As an entry that closes others carries them on. */
export function carriedSeries(series: readonly Series[]): Json {
  return series.map(rowOf)
}

export function openSeries(database: SqliteDatabase, closing: Closing): void {
  const write = writing(database)
  for (const one of seriesIn(closing)) write.run(...rowOf(one))
}

/** Nothing of an entry that an earlier version made. */
export function seriesIn({ facts }: Closing): readonly Series[] {
  const rows = facts["series"]
  return Array.isArray(rows) ? (rows as readonly Json[]).flatMap((row) => (Array.isArray(row) ? [seriesOf(row as Json[])] : [])) : []
}

function writing(database: SqliteDatabase): SqliteStatement {
  return database.prepare(`INSERT OR REPLACE INTO ${seriesTable}(${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`)
}

function rowOf({ names, lastMs, listed, sums }: Series): (string | number)[] {
  return [...seriesColumns.map((name) => names[name]), lastMs, listed ? 1 : 0, ...sumColumns.map((name) => sums[name])]
}

function seriesOf(row: readonly Json[]): Series {
  const after = seriesColumns.length + 2
  return {
    names: Object.fromEntries(seriesColumns.map((name, at) => [name, stringOf(row[at]) ?? ""])) as SeriesNames,
    lastMs: countOf(row[after - 2]) ?? 0,
    listed: row[after - 1] === 1,
    sums: Object.fromEntries(sumColumns.map((name, at) => [name, countOf(row[after + at]) ?? 0])) as Sums,
  }
}

function keyOf(names: SeriesNames): string {
  return seriesColumns.map((name) => names[name]).join("\n")
}
