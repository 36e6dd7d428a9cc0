/** A ledger's state held against a replay of its journal, with a snapshot and without, and against a recount that knows nothing of either. */
import assert from "node:assert/strict"
import type { LedgerEvent } from "../../../src/format/facts/ledger.ts"
import type { JournalReader } from "../../../src/journal/reader.ts"
import { snapshotText } from "../../../src/ledger/snapshot.ts"
import { balanceOf, type LedgerState } from "../../../src/ledger/state.ts"
import { units } from "../../../src/ledger/units.ts"
import { ledgerState } from "../../../src/projections/ledger-state.ts"
import type { SqliteDatabase } from "../../../src/vault/database.ts"
import { recountedBalance, recountedBudget, recountedHeld } from "../../ledger/naive-ledger.ts"

export function assertReplays(state: LedgerState, reader: JournalReader, views: SqliteDatabase): void {
  const now = linesOf(state)
  assert.deepEqual(linesOf(ledgerState(reader, undefined)), now, "replayed from the beginning")
  assert.deepEqual(linesOf(ledgerState(reader, views)), now, "replayed from the snapshot there may be")
}

/** All of a state; the order of an object's fields, which a journal does not keep, is no part of it. */
export function linesOf(state: LedgerState): readonly unknown[] {
  return snapshotText(state)
    .split("\n")
    .map((line) => JSON.parse(line) as unknown)
}

/** Budgets for a lifetime only: the recount knows no periods that follow from a clock. */
export function assertCounts(state: LedgerState, events: readonly LedgerEvent[]): void {
  for (const unit of units) {
    let all = 0n
    for (const [name, account] of state.accounts) {
      const balance = balanceOf(state, name, unit)
      assert.equal(balance, recountedBalance(events, name, unit), `${name} ${unit}`)
      assert.equal(account.held[unit], recountedHeld(events, name, unit), `held of ${name} ${unit}`)
      all += balance
    }
    assert.equal(all, 0n, `all accounts together, ${unit}`)
    for (const { rule, spent, held } of state.budgets.values()) {
      if (rule.period.per !== "lifetime") continue
      const recounted = recountedBudget(events, rule.name, unit)
      assert.equal(held[unit], recounted.held, `held in ${rule.name} ${unit}`)
      assert.equal(spent[unit], recounted.spent - givenBack(events, rule.name, unit), `spent in ${rule.name} ${unit}`)
    }
  }
}

/** The recount adds every movement; a correction that goes back from a counter account has to be taken off twice. */
function givenBack(events: readonly LedgerEvent[], name: string, unit: (typeof units)[number]): bigint {
  const set = events.findIndex((event) => event.type === "budget.set" && event.facts.rule.name === name)
  return events
    .slice(Math.max(set, 0))
    .flatMap((event) => (event.type === "transfer.posted" && event.facts.budgets?.includes(name) ? event.facts.movements : []))
    .filter(({ credit }) => credit.startsWith("spent:"))
    .reduce((sum, { amounts }) => sum + 2n * BigInt(amounts[unit] ?? 0), 0n)
}
