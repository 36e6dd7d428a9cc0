/**
 * What happened in each quarter of an hour, by type, and what tools did: what a report of any day of any zone is added up from, since clocks of zones are whole quarters
 * apart. An event counts when it happened, not when it was recorded: history that was imported stands in its own days.
 */
import { countOf, numberOf, objectOf, stringOf } from "../base/json.ts"
import { categoryOf, type FactsJson } from "../format/event.ts"
import { numberAt, type UsageColumn } from "../format/facts/history.ts"
import type { SqliteDatabase } from "../vault/database.ts"
import type { Projection, ProjectedEntry } from "./projection.ts"
import { RollUp } from "./roll-up.ts"
import { importedCount } from "./usage-calls.ts"
import { quarterMs } from "./usage-schema.ts"

export const toolColumns = ["invoked", "failed", "denied"] as const
export type ToolColumn = (typeof toolColumns)[number]

export const happened: Projection = {
  name: "happened",
  version: 1,
  tables: ["happened_quarters", "tool_quarters"],
  schema: `
    CREATE TABLE happened_quarters(quarter INTEGER NOT NULL, type TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY(quarter, type)) STRICT, WITHOUT ROWID;
    CREATE TABLE tool_quarters(quarter INTEGER NOT NULL, tool TEXT NOT NULL, ${toolColumns.map((column) => `${column} INTEGER NOT NULL`).join(", ")},
      PRIMARY KEY(quarter, tool)) STRICT, WITHOUT ROWID;
    CREATE INDEX tool_quarters_by_tool ON tool_quarters(tool, quarter);`,
  prepare: (database) => {
    const work = new HappenedWork(database)
    return { apply: (entry) => work.apply(entry), finish: () => work.finish() }
  },
}

class HappenedWork {
  readonly #types: RollUp<"count">
  readonly #tools: RollUp<ToolColumn>

  constructor(database: SqliteDatabase) {
    this.#types = new RollUp(database, "happened_quarters", ["quarter", "type"], ["count"])
    this.#tools = new RollUp(database, "tool_quarters", ["quarter", "tool"], toolColumns)
  }

  apply(entry: ProjectedEntry): void {
    const { type } = entry.header
    if (type === "usage.imported") return this.#imported(entry.facts())
    const quarter = Math.floor(happenedMs(entry) / quarterMs)
    this.#types.add([quarter, type], { count: 1 })
    const sums = toolSums(type, entry)
    if (sums) this.#tools.add([quarter, stringOf(entry.facts()["tool"]) ?? "unknown"], sums)
  }

  finish(): void {
    this.#types.write()
    this.#tools.write()
  }

  /** One entry has the calls of many hours. */
  #imported(facts: FactsJson): void {
    const atMs = objectOf(facts["rows"])["atMs"] as UsageColumn | undefined
    const count = importedCount(facts)
    if (atMs === undefined) return
    for (let row = 0; row < count; row++) {
      const ms = numberOf(numberAt(atMs, row)) ?? 0
      this.#types.add([Math.floor(ms / quarterMs), "usage.reported"], { count: 1 })
    }
  }
}

/** A clock of the host's that is further ahead of the writer's than this is not believed. */
const mostAheadMs = 3_600_000

/** When it happened, as far as the host said; what the ledger records of itself happens when it is recorded. */
export function happenedMs({ header, facts }: Pick<ProjectedEntry, "header" | "facts">): number {
  const category = categoryOf(header.type)
  if (category === "spend" || category === "system") return header.timeMs
  const atMs = countOf(facts()["atMs"])
  return atMs === undefined || atMs > header.timeMs + mostAheadMs ? header.timeMs : atMs
}

function toolSums(type: string, { facts }: ProjectedEntry): Record<ToolColumn, number> | undefined {
  if (type === "tool.invoked") return { invoked: 1, failed: 0, denied: 0 }
  if (type === "tool.denied") return { invoked: 0, failed: 0, denied: 1 }
  return type === "tool.returned" && facts()["failed"] === true ? { invoked: 0, failed: 1, denied: 0 } : undefined
}
