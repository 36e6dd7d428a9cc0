/** Events about budgets that decisions on spends bring along: a period that opens, a level that is reached, a budget that must stand still. */
import { amountsJson, stated, type Amounts } from "./amounts.ts"
import type { Budget, Standing } from "./budgets.ts"
import type { LedgerEvent } from "../format/facts/ledger.ts"

export function openedEvent(budget: Budget, opens: NonNullable<Standing["opens"]>, atMs: number): LedgerEvent {
  const { startMs, endMs, carried } = opens
  const rolledOver = stated(carried).length > 0 ? { carried: amountsJson(carried) } : {}
  const { rule } = budget
  return { type: "budget.opened", facts: { atMs, budget: rule.name, startMs, ...(endMs === undefined ? {} : { endMs }), ...rolledOver, rule } }
}

/** Levels are of what was spent; what is only held may come back. One event for each level that this spend crosses. */
export function warnings(budget: Budget, standing: Standing, added: Amounts, atMs: number): readonly LedgerEvent[] {
  const events: LedgerEvent[] = []
  for (const unit of budget.limited) {
    const amount = added[unit] ?? 0n
    if (amount === 0n) continue
    const limit = standing.room[unit] ?? 0n
    const before = standing.spent[unit]
    const after = before + amount
    for (const levelPercent of budget.rule.warnPercents) {
      const level = limit * BigInt(levelPercent)
      if (before * 100n >= level || after * 100n < level) continue
      const facts = { atMs, budget: budget.rule.name, unit, levelPercent, spent: after.toString(), limit: limit.toString() }
      events.push({ type: "budget.warned", facts })
    }
  }
  return events
}
