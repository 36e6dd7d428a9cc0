/**
 * Every movement that was posted, the holds and the rules of budgets, as tables that SQL can ask. One row a movement and unit: its two sides are made
 * where they are asked for (`entryViews`). Facts without the shape of a movement leave no row; `reconcile` lists those.
 */
import { countOf, objectOf, stringOf } from "../base/json.ts"
import type { SqliteDatabase, SqliteStatement } from "../vault/database.ts"
import { stated } from "../ledger/amounts.ts"
import { movementsIn, namesIn, totalOf, type CountedMovement } from "./posting-facts.ts"
import { Consumption, consumptionSchema, consumptionTables, spendNames } from "./consumption.ts"
import { openPostings } from "./postings-opening.ts"
import type { Projection } from "./projection.ts"

type Facts = Readonly<Record<string, unknown>>
type Entry = { readonly sequence: number; readonly atMs: number; readonly facts: Facts }

const spendColumns = [...spendNames, "budgets"]
const spendPlaces = spendColumns.map(() => "?").join(", ")
const spendSchema = spendColumns.map((name) => `${name} TEXT`).join(", ")

export const postings: Projection = {
  name: "postings",
  version: 4,
  begin: openPostings,
  tables: ["posting_amounts", "posted_entries", "posted_holds", "held_amounts", "posted_budgets", ...consumptionTables],
  schema: `
    CREATE TABLE posting_amounts(sequence INTEGER NOT NULL, part INTEGER NOT NULL, unit TEXT NOT NULL, debit TEXT NOT NULL, credit TEXT NOT NULL,
      amount INTEGER NOT NULL, PRIMARY KEY(sequence, part, unit)) STRICT, WITHOUT ROWID;
    CREATE TABLE posted_entries(sequence INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, kind TEXT NOT NULL, transfer TEXT, placed INTEGER, hold TEXT,
      reason TEXT, corrects TEXT, grade TEXT, late INTEGER NOT NULL, over INTEGER NOT NULL, ${spendSchema}) STRICT;
    CREATE INDEX posted_entries_by_time ON posted_entries(at_ms);
    CREATE TABLE posted_holds(placed INTEGER PRIMARY KEY, hold TEXT NOT NULL, attempt INTEGER NOT NULL, at_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL,
      state TEXT NOT NULL, consumed_ms INTEGER, closed INTEGER, closed_ms INTEGER, reason TEXT, held TEXT NOT NULL, ${spendSchema}) STRICT;
    CREATE INDEX posted_holds_by_id ON posted_holds(hold);
    CREATE TABLE held_amounts(placed INTEGER NOT NULL, part INTEGER NOT NULL, unit TEXT NOT NULL, account TEXT NOT NULL, amount INTEGER NOT NULL,
      PRIMARY KEY(placed, part, unit)) STRICT, WITHOUT ROWID;
    CREATE TABLE posted_budgets(name TEXT PRIMARY KEY, sequence INTEGER NOT NULL, rule TEXT NOT NULL, start_ms INTEGER NOT NULL, end_ms INTEGER,
      carried TEXT NOT NULL, frozen TEXT) STRICT, WITHOUT ROWID;
    ${consumptionSchema}`,
  prepare: (database) => {
    const rows = rowsOf(database)
    const apply: Readonly<Record<string, (entry: Entry) => void>> = {
      "transfer.posted": (entry) => postTransfer(rows, entry),
      "hold.placed": (entry) => placeHold(rows, entry),
      "hold.consumed": ({ atMs, facts }) => rows.consume.run(atMs, rows.placeOf(facts)),
      "hold.settled": (entry) => settleHold(rows, entry),
      "hold.released": (entry) => closeHold(rows, entry, "released"),
      "hold.expired": (entry) => closeHold(rows, entry, "expired"),
      "budget.set": ({ sequence, facts }) => setBudget(rows, sequence, facts),
      "budget.removed": ({ facts }) => rows.removeBudget.run(text(facts["budget"])),
      "budget.opened": ({ facts }) => {
        const bounds = [countOf(facts["startMs"]) ?? 0, countOf(facts["endMs"]) ?? null] as const
        rows.openBudget.run(...bounds, JSON.stringify(objectOf(facts["carried"])), text(facts["budget"]))
      },
      "budget.frozen": ({ facts }) => rows.freezeBudget.run(text(facts["reason"]), text(facts["budget"])),
      "budget.unfrozen": ({ facts }) => rows.freezeBudget.run(null, text(facts["budget"])),
    }
    return {
      apply: ({ sequence, header, facts }) => {
        if (!Object.hasOwn(apply, header.type)) return
        apply[header.type]?.({ sequence, atMs: countOf(facts()["atMs"]) ?? header.timeMs, facts: facts() })
      },
      finish: () => rows.consumption.write(),
    }
  },
}

type Rows = Readonly<
  Record<"amount" | "posted" | "place" | "held" | "consume" | "close" | "letGo" | "setBudget" | "removeBudget" | "openBudget" | "freezeBudget", SqliteStatement>
> & { readonly placeOf: (facts: Facts) => number | null; readonly consumption: Consumption }

function rowsOf(database: SqliteDatabase): Rows {
  const last = database.prepare("SELECT placed FROM posted_holds WHERE hold = ? AND attempt = ? ORDER BY placed DESC LIMIT 1").pluck()
  return {
    consumption: new Consumption(database),
    amount: database.prepare("INSERT INTO posting_amounts(sequence, part, unit, debit, credit, amount) VALUES (?, ?, ?, ?, ?, ?)"),
    posted: database.prepare(`
      INSERT INTO posted_entries(sequence, at_ms, kind, transfer, placed, hold, reason, corrects, grade, late, over,
        ${spendColumns.join(", ")}) VALUES (${"?, ".repeat(11)}${spendPlaces})`),
    place: database.prepare(`
      INSERT INTO posted_holds(placed, hold, attempt, at_ms, expires_ms, state, held,
        ${spendColumns.join(", ")}) VALUES (?, ?, ?, ?, ?, 'open', ?, ${spendPlaces})`),
    held: database.prepare("INSERT INTO held_amounts(placed, part, unit, account, amount) VALUES (?, ?, ?, ?, ?)"),
    consume: database.prepare("UPDATE posted_holds SET consumed_ms = ? WHERE placed = ?"),
    close: database.prepare("UPDATE posted_holds SET state = ?, closed = ?, closed_ms = ?, reason = ? WHERE placed = ?"),
    letGo: database.prepare("DELETE FROM held_amounts WHERE placed = ?"),
    setBudget: database.prepare(`
      INSERT INTO posted_budgets(name, sequence, rule, start_ms, end_ms, carried) VALUES (?, ?, ?, ?, ?, '{}')
      ON CONFLICT(name) DO UPDATE SET sequence = excluded.sequence, rule = excluded.rule, start_ms = excluded.start_ms, end_ms = excluded.end_ms,
        carried = iif(excluded.rule ->> '$.rollover', carried, '{}')`),
    removeBudget: database.prepare("DELETE FROM posted_budgets WHERE name = ?"),
    openBudget: database.prepare("UPDATE posted_budgets SET start_ms = ?, end_ms = ?, carried = ? WHERE name = ?"),
    freezeBudget: database.prepare("UPDATE posted_budgets SET frozen = ? WHERE name = ?"),
    placeOf: (facts) => {
      const attempt = countOf(facts["attempt"])
      return attempt === undefined ? null : ((last.get(text(facts["hold"]), attempt) as number | undefined) ?? null)
    },
  }
}

function postTransfer(rows: Rows, { sequence, atMs, facts }: Entry): void {
  const movements = movementsIn(facts["movements"])
  if (!movements) return
  const [kind, transfer, reason, corrects, grade] = ["kind", "transfer", "reason", "corrects", "grade"].map((name) => text(facts[name]))
  const spent = spendOf(facts["spend"], facts["budgets"])
  rows.posted.run(sequence, atMs, kind ?? "", transfer ?? null, null, null, reason ?? null, corrects ?? null, grade ?? null, 0, 0, ...spent)
  post(rows, sequence, movements)
  rows.consumption.add(atMs, spent, movements)
}

function settleHold(rows: Rows, entry: Entry): void {
  const { sequence, atMs, facts } = entry
  const movements = movementsIn(facts["movements"])
  const placed = rows.placeOf(facts)
  closeHold(rows, entry, "settled")
  if (!movements) return
  const marks = [facts["late"] === true ? 1 : 0, facts["over"] === undefined ? 0 : 1]
  // What it was for stands with the hold.
  rows.posted.run(sequence, atMs, "hold", null, placed, text(facts["hold"]), null, null, text(facts["grade"]), ...marks, ...spendOf(undefined, undefined))
  post(rows, sequence, movements)
  rows.consumption.addOfHold(atMs, placed, movements)
}

function post(rows: Rows, sequence: number, movements: readonly CountedMovement[]): void {
  movements.forEach(({ debit, credit, amounts }, part) => {
    for (const unit of stated(amounts)) rows.amount.run(sequence, part, unit, debit, credit, amounts[unit] ?? 0n)
  })
}

function placeHold(rows: Rows, { sequence, atMs, facts }: Entry): void {
  const hold = stringOf(facts["hold"])
  const attempt = countOf(facts["attempt"])
  const movements = movementsIn(facts["movements"])
  if (hold === undefined || attempt === undefined || !movements) return
  const total = Object.fromEntries(Object.entries(totalOf(movements)).flatMap(([unit, amount]) => (amount === 0n ? [] : [[unit, String(amount)]])))
  rows.place.run(sequence, hold, attempt, atMs, countOf(facts["expiresAtMs"]) ?? atMs, JSON.stringify(total), ...spendOf(facts["spend"], facts["budgets"]))
  movements.forEach(({ credit, amounts }, part) => {
    for (const unit of stated(amounts)) rows.held.run(sequence, part, unit, credit, amounts[unit] ?? 0n)
  })
}

function closeHold(rows: Rows, { sequence, atMs, facts }: Entry, state: string): void {
  const placed = rows.placeOf(facts)
  rows.letGo.run(placed)
  rows.close.run(state, sequence, atMs, text(facts["reason"]), placed)
}

function setBudget(rows: Rows, sequence: number, facts: Facts): void {
  const name = stringOf(objectOf(facts["rule"])["name"])
  if (name === undefined) return
  rows.setBudget.run(name, sequence, JSON.stringify(facts["rule"]), countOf(facts["startMs"]) ?? 0, countOf(facts["endMs"]) ?? null)
}

function spendOf(spend: unknown, budgets: unknown): readonly (string | null)[] {
  const told = objectOf(spend)
  const names = namesIn(budgets)
  return [...spendNames.map((dimension) => text(told[dimension])), names.length === 0 ? null : names.join(",")]
}

function text(value: unknown): string | null {
  return stringOf(value) ?? null
}
