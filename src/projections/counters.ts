/**
 * What happened how often, by one label of few values: sums that only grow, which is what counters are made of. Carried on where the first entries are gone.
 * Labels are words of closed lists, or are cut after so many different ones: the rest is `other`.
 */
import { countOf, stringOf, type Json } from "../base/json.ts"
import { categoryOf, type FactsJson } from "../format/event.ts"
import type { Closing } from "../journal/closing.ts"
import type { SqliteDatabase } from "../vault/database.ts"
import type { Projection } from "./projection.ts"
import { consumptionOf, movementsIn } from "./posting-facts.ts"

export const counterNames = [
  "entries",
  "toolCalls",
  "toolVerdicts",
  "outbound",
  "refusals",
  "stoppedCalls",
  "refusedChanges",
  "gaps",
  "lostEvents",
  "postedNanos",
  "settlements",
  "breakerTrips",
  "downgrades",
  "extensions",
  "receipts",
  "reachesForLedger",
] as const
export type CounterName = (typeof counterNames)[number]

export type Counter = { readonly name: CounterName; readonly label: string; readonly value: number }

type Counted = readonly [name: CounterName, label: string, by?: number]

/** Different labels of one counter. */
const mostLabels = 12
const mostLabelLetters = 60
const other = "other"

const rows: Readonly<Record<string, (facts: FactsJson) => readonly Counted[]>> = {
  "tool.invoked": ({ guarded, verdict }) => [["toolCalls", "invoked"], ...(guarded === true ? [["toolVerdicts", word(verdict)] as const] : [])],
  "tool.returned": ({ failed }) => [["toolCalls", failed === true ? "failed" : "returned"]],
  "tool.denied": () => [["toolCalls", "denied"]],
  "outbound.allowed": () => [["outbound", "allowed"]],
  "outbound.refused": ({ why }) => [["outbound", `refused: ${word(why)}`]],
  "outbound.missed": () => [["outbound", "missed"]],
  "spend.refused": ({ why }) => [["refusals", word(why)]],
  "call.stopped": () => [["stoppedCalls", ""]],
  "change.refused": ({ change }) => [["refusedChanges", word(change)]],
  "capture.gap": ({ reason, count }) => [
    ["gaps", word(reason)],
    ["lostEvents", word(reason), countOf(count) ?? 0],
  ],
  "transfer.posted": (facts) => (facts["kind"] === "spend" ? posted(facts) : []),
  "hold.settled": (facts) => [["settlements", facts["late"] === true ? "late" : facts["over"] === undefined ? "within" : "over"], ...posted(facts)],
  "breaker.tripped": ({ breaker }) => [["breakerTrips", word(breaker)]],
  "model.downgraded": () => [["downgrades", ""]],
  "extension.asked": () => [["extensions", "asked"]],
  "extension.granted": () => [["extensions", "granted"]],
  "extension.denied": () => [["extensions", "denied"]],
  "extension.expired": () => [["extensions", "expired"]],
  "receipt.issued": () => [["receipts", ""]],
  "guard.touched": ({ access }) => [["reachesForLedger", word(access)]],
}

export const counters: Projection = {
  name: "counters",
  version: 1,
  tables: ["counters", "counters_begin"],
  schema: `
    CREATE TABLE counters(name TEXT NOT NULL, label TEXT NOT NULL, value INTEGER NOT NULL, PRIMARY KEY(name, label)) STRICT, WITHOUT ROWID;
    CREATE TABLE counters_begin(sequence INTEGER NOT NULL) STRICT;`,
  begin: openCounters,
  prepare: (database) => {
    const work = new Counting(storedCounters(database))
    const write = database.prepare("INSERT OR REPLACE INTO counters(name, label, value) VALUES (?, ?, ?)")
    const first = (database.prepare("SELECT max(sequence) FROM counters_begin").pluck().get() as number | null) ?? 0
    return {
      // Of the entries that are gone some stay, and are in what was carried on.
      apply: ({ sequence, header, facts }) => {
        if (sequence >= first) work.see(header.type, facts)
      },
      finish: () => {
        for (const { name, label, value } of work.takeChanged()) write.run(name, label, value)
      },
    }
  },
}

class Counting {
  readonly #values = new Map<CounterName, Map<string, number>>()
  readonly #changed = new Map<string, Counter>()

  constructor(known: readonly Counter[]) {
    for (const { name, label, value } of known) this.#of(name).set(label, value)
  }

  see(type: string, facts: () => FactsJson): void {
    this.#add("entries", categoryOf(type), 1)
    const row = Object.hasOwn(rows, type) ? rows[type] : undefined
    for (const [name, label, by = 1] of row?.(facts()) ?? []) this.#add(name, label, by)
  }

  takeChanged(): readonly Counter[] {
    const changed = [...this.#changed.values()]
    this.#changed.clear()
    return changed
  }

  #of(name: CounterName): Map<string, number> {
    const found = this.#values.get(name) ?? new Map<string, number>()
    this.#values.set(name, found)
    return found
  }

  #add(name: CounterName, told: string, by: number): void {
    const values = this.#of(name)
    const label = values.has(told) || values.size < mostLabels ? told : other
    const value = Math.min((values.get(label) ?? 0) + by, Number.MAX_SAFE_INTEGER)
    values.set(label, value)
    this.#changed.set(`${name}\n${label}`, { name, label, value })
  }
}

export function storedCounters(views: SqliteDatabase): readonly Counter[] {
  return views.prepare("SELECT name, label, value FROM counters").all() as Counter[]
}

export function carriedCounters(counted: readonly Counter[]): Json {
  return counted.map(({ name, label, value }) => [name, label, value])
}

function openCounters(database: SqliteDatabase, { facts, upTo }: Closing): void {
  database.prepare("INSERT INTO counters_begin(sequence) VALUES (?)").run(upTo)
  const write = database.prepare("INSERT OR REPLACE INTO counters(name, label, value) VALUES (?, ?, ?)")
  const carried = facts["counters"]
  for (const row of Array.isArray(carried) ? (carried as readonly Json[]) : []) {
    const [name, label, value] = Array.isArray(row) ? (row as readonly Json[]) : []
    if (counterNames.some((known) => known === name)) write.run(stringOf(name) ?? "", typeof label === "string" ? label : "", countOf(value) ?? 0)
  }
}

/** Money that was consumed, by how well it is known; what is below nothing adds nothing. */
function posted(facts: FactsJson): readonly Counted[] {
  const nanos = Number(consumptionOf(movementsIn(facts["movements"]) ?? []).moneyNanos)
  return nanos > 0 ? [["postedNanos", word(facts["grade"] ?? "counted"), Math.min(nanos, Number.MAX_SAFE_INTEGER)]] : []
}

function word(value: Json | undefined): string {
  return (stringOf(value) ?? "unknown").slice(0, mostLabelLetters)
}
