/** Model calls and their sums: see `usage-schema.ts`. Sums of a slice are added up in memory and written once, at its end. */
import { countOf, stringOf } from "../base/json.ts"
import type { FactsJson } from "../format/event.ts"
import type { SqliteDatabase, SqliteStatement } from "../vault/database.ts"
import type { Projection, ProjectedEntry } from "./projection.ts"
import { openSeries, seriesSchema, seriesTable, StoredSeries } from "./usage-series.ts"
import { RollUp } from "./roll-up.ts"
import { importedCalls, reportedCall, sumsOf, type Call } from "./usage-calls.ts"
import { cellColumns, dayMs, quarterMs, rateColumns, sessionColumns, sumColumns, usageSchema, usageTables, type SumColumn } from "./usage-schema.ts"

export const usage: Projection = {
  name: "usage",
  version: 5,
  tables: [...usageTables, seriesTable],
  schema: usageSchema + seriesSchema,
  begin: openSeries,
  prepare: (database) => {
    const work = new UsageWork(database)
    return { apply: (entry) => work.apply(entry), finish: () => work.finish() }
  },
}

class UsageWork {
  readonly #call: SqliteStatement
  readonly #source: SqliteStatement
  readonly #run: SqliteStatement
  readonly #runOf: SqliteStatement
  readonly #cells: Names
  readonly #sessions: Names
  readonly #rates: Names
  readonly #quarters: RollUp<SumColumn>
  readonly #days: RollUp<SumColumn>
  readonly #sessionDays: RollUp<SumColumn>
  readonly #series: StoredSeries

  constructor(database: SqliteDatabase) {
    this.#call = database.prepare(`
      INSERT INTO usage_calls(row, sequence, at_ms, cell, session, stop, run, response, latency_ms, input, output, cache_read, cache_write, cache_write_1h,
        reasoning, reported, computed, rate, imported) VALUES (${"?, ".repeat(18)}?) ON CONFLICT(row) DO NOTHING`)
    this.#source = database.prepare(`
      INSERT OR REPLACE INTO usage_sources(source, kind, size_bytes, modified_ms, inode, end_byte, rows, unreadable, depth) VALUES (${"?, ".repeat(8)}?)`)
    this.#run = database.prepare(`
      INSERT INTO usage_runs(run, kind, job, channel) VALUES (?, ?, ?, '') ON CONFLICT(run) DO UPDATE SET
        kind = iif(excluded.kind = '', kind, excluded.kind), job = iif(excluded.job = '', job, excluded.job)`)
    this.#runOf = database.prepare("SELECT kind, job FROM usage_runs WHERE run = ?")
    this.#cells = new Names(database, "usage_cells", cellColumns)
    this.#sessions = new Names(database, "usage_sessions", sessionColumns)
    this.#rates = new Names(database, "usage_rates", rateColumns)
    this.#quarters = new RollUp(database, "usage_quarters", ["quarter", "cell"], sumColumns)
    this.#days = new RollUp(database, "usage_days", ["day", "cell"], sumColumns)
    this.#sessionDays = new RollUp(database, "usage_session_days", ["day", "session", "cell"], sumColumns)
    this.#series = new StoredSeries(database)
  }

  apply({ sequence, header, facts }: ProjectedEntry): void {
    const scope = () => header.scopeId.toString("hex")
    switch (header.type) {
      case "usage.reported": {
        const call = reportedCall(facts(), header.timeMs)
        if (call) this.#add(sequence, scope(), this.#withRun(call))
        return
      }
      case "usage.imported":
        for (const call of importedCalls(facts())) this.#add(sequence, scope(), call)
        return
      case "run.started":
        this.#began(facts())
        return
      case "history.read":
        this.#read(facts())
    }
  }

  finish(): void {
    this.#quarters.write()
    this.#days.write()
    this.#sessionDays.write()
    this.#series.write()
  }

  #add(sequence: number, scope: string, call: Call): void {
    const { sender, parent, cell: named } = call
    const cell = this.#cells.idOf(cellColumns.map((column) => named[column]))
    const session = this.#sessions.idOf([scope, sender, parent])
    const { row, atMs, stop, run, response, latencyMs, input, output, cacheRead, cacheWrite, cacheWrite1h, reasoning, reported, computed } = call
    const rate = call.rates.length === 0 ? null : this.#rates.idOf(call.rates)
    const counts = [latencyMs, input, output, cacheRead, cacheWrite, cacheWrite1h, reasoning, reported, computed, rate, call.imported ? 1 : 0]
    const { changes } = this.#call.run(row, sequence, atMs, cell, session, stop, run, response, ...counts)
    if (changes === 0) return
    const sums = sumsOf(call)
    this.#quarters.add([Math.floor(atMs / quarterMs), cell], sums)
    const day = Math.floor(atMs / dayMs)
    this.#days.add([day, cell], sums)
    this.#sessionDays.add([day, session, cell], sums)
    this.#series.series.add(named, atMs, sums)
  }

  /** Why a run is made is told where it begins, and not with what it used. */
  #withRun(call: Call): Call {
    const known = call.run === "" ? undefined : (this.#runOf.get(call.run) as { kind: string; job: string } | undefined)
    if (!known) return call
    return { ...call, cell: { ...call.cell, kind: call.cell.kind || known.kind, job: call.cell.job || known.job } }
  }

  #began(facts: FactsJson): void {
    const run = stringOf(facts["run"])
    const trigger = stringOf(facts["trigger"]) ?? ""
    const kind = stringOf(facts["runKind"]) ?? (trigger === "heartbeat" || trigger === "cron" ? trigger : "")
    const job = stringOf(facts["job"]) ?? ""
    if (run !== undefined && (kind !== "" || job !== "")) this.#run.run(run, kind, job)
  }

  #read(facts: FactsJson): void {
    const number = (field: string) => countOf(facts[field]) ?? 0
    const text = (field: string) => stringOf(facts[field]) ?? ""
    const sizes = [number("sizeBytes"), number("modifiedMs"), number("inode"), number("endByte"), number("rows"), number("unreadable")]
    this.#source.run(text("source"), text("kind"), ...sizes, text("depth"))
  }
}

/** Numbers for combinations of names, or of rates. */
export class Names {
  readonly #find: SqliteStatement
  readonly #insert: SqliteStatement
  readonly #known = new Map<string, number>()

  constructor(database: SqliteDatabase, table: string, columns: readonly string[]) {
    this.#find = database.prepare(`SELECT id FROM ${table} WHERE ${columns.map((column) => `${column} = ?`).join(" AND ")}`).pluck()
    this.#insert = database.prepare(`INSERT INTO ${table}(${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`)
  }

  idOf(names: readonly (string | number)[]): number {
    const key = names.join("\n")
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const id = (this.#find.get(...names) as number | undefined) ?? Number(this.#insert.run(...names).lastInsertRowid)
    this.#known.set(key, id)
    return id
  }
}
