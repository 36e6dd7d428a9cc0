/** What postings begin with where the first entries are gone: the balances, open holds and budgets that the entry which closed them carries on. */
import { countOf, objectOf, stringOf } from "../base/json.ts"
import type { Closing } from "../journal/closing.ts"
import { units } from "../ledger/units.ts"
import type { SqliteDatabase } from "../vault/database.ts"
import { spendNames } from "./consumption.ts"
import { movementsIn, totalOf } from "./posting-facts.ts"

type Row = Readonly<Record<string, unknown>>

/** The other side of what accounts begin with; over all of them it comes to nothing. */
export const openingAccount = "opening:balances"

/** Rows stand before the first entry that is kept, holds below zero: none of them is an entry of its own any more. */
export function openPostings(database: SqliteDatabase, { facts, upTo, timeMs }: Closing): void {
  const balances = objectOf(facts["balances"])
  const rows = (name: string): readonly Row[] => (Array.isArray(balances[name]) ? (balances[name] as readonly unknown[]).map(objectOf) : [])
  const sequence = upTo - 1
  database
    .prepare("INSERT INTO posted_entries(sequence, at_ms, kind, transfer, reason, late, over) VALUES (?, ?, 'opening', ?, ?, 0, 0)")
    .run(sequence, timeMs, `opening#${upTo}`, "balances carried on")
  openAccounts(database, sequence, rows("accounts"))
  rows("holds").forEach((hold, at) => openHold(database, -1 - at, hold))
  const budget = database.prepare("INSERT INTO posted_budgets(name, sequence, rule, start_ms, end_ms, carried, frozen) VALUES (?, ?, ?, ?, ?, ?, ?)")
  for (const { rule, startMs, endMs, carried, frozen } of rows("budgets")) {
    const bounds = [countOf(startMs) ?? 0, countOf(endMs) ?? null]
    budget.run(stringOf(objectOf(rule)["name"]) ?? "", sequence, JSON.stringify(rule), ...bounds, JSON.stringify(carried ?? {}), stringOf(frozen) ?? null)
  }
}

function openAccounts(database: SqliteDatabase, sequence: number, accounts: readonly Row[]): void {
  const amount = database.prepare("INSERT INTO posting_amounts(sequence, part, unit, debit, credit, amount) VALUES (?, ?, ?, ?, ?, ?)")
  let part = 0
  for (const { name, debits, credits } of accounts) {
    const account = String(name)
    for (const unit of units) {
      const [debit, credit] = [debits, credits].map((side) => BigInt(stringOf(objectOf(side)[unit]) ?? "0"))
      if (debit) amount.run(sequence, part++, unit, account, openingAccount, debit)
      if (credit) amount.run(sequence, part++, unit, openingAccount, account, credit)
    }
  }
}

function openHold(database: SqliteDatabase, placed: number, hold: Row): void {
  const movements = movementsIn(hold["movements"]) ?? []
  const total = Object.fromEntries(Object.entries(totalOf(movements)).flatMap(([unit, sum]) => (sum === 0n ? [] : [[unit, String(sum)]])))
  const spend = objectOf(hold["spend"])
  const budgets = Array.isArray(hold["shares"]) ? hold["shares"].map((share) => String(objectOf(share)["budget"])).join(",") : ""
  const names = [...spendNames.map((name) => stringOf(spend[name]) ?? null), budgets === "" ? null : budgets]
  database
    .prepare(
      `INSERT INTO posted_holds(placed, hold, attempt, at_ms, expires_ms, state, consumed_ms, held, ${spendNames.join(", ")}, budgets)
       VALUES (?, ?, ?, ?, ?, 'open', ?, ?, ${names.map(() => "?").join(", ")})`,
    )
    .run(
      ...[placed, String(hold["id"]), countOf(hold["attempt"]) ?? 0, countOf(hold["placedAtMs"]) ?? 0, countOf(hold["expiresAtMs"]) ?? 0],
      ...[countOf(hold["consumedAtMs"]) ?? null, JSON.stringify(total), ...names],
    )
  const held = database.prepare("INSERT INTO held_amounts(placed, part, unit, account, amount) VALUES (?, ?, ?, ?, ?)")
  movements.forEach(({ credit, amounts }, part) => {
    for (const unit of units) if (amounts[unit]) held.run(placed, part, unit, credit, amounts[unit])
  })
}
