/** What the ledger stands at, as plain JSON: for whoever asks the writer instead of the files. Amounts are decimal strings of the unit. */
import type { AccountName, AmountsJson, BudgetRule } from "../format/facts/ledger.ts"
import { leftOf, resetsAtMs, standingAt, type Budget } from "./budgets.ts"
import { availableOf, balanceOf, type LedgerState } from "./state.ts"
import { isContra } from "./accounts.ts"
import { units, type Unit } from "./units.ts"

export type AccountSummary = {
  readonly account: AccountName
  /** Debits less credits. */
  readonly balance: AmountsJson
  readonly held: AmountsJson
  /** What allocations and transfers brought; absent for units the account was never allotted. */
  readonly allotted: AmountsJson
  /** What went out, corrections taken off; nothing on an account that stands for the other side. */
  readonly spent: AmountsJson
  /** What is left to hold; absent for units the account was never allotted, which only budgets bound. */
  readonly available: AmountsJson
  readonly frozen?: string
}

export type BudgetSummary = {
  readonly rule: BudgetRule
  readonly limit: AmountsJson
  readonly spent: AmountsJson
  readonly held: AmountsJson
  readonly left: AmountsJson
  readonly resetsAtMs?: number
  readonly frozen?: string
}

export function accountSummary(state: LedgerState, account: AccountName): AccountSummary {
  const found = state.accounts.get(account)
  const touched = units.filter((unit) => found && (found.debits[unit] > 0n || found.credits[unit] > 0n || found.held[unit] > 0n))
  const own = isContra(account) ? [] : touched
  const allotted = (unit: Unit): bigint => found?.allotted[unit] ?? 0n
  const bounded = own.filter((unit) => allotted(unit) > 0n)
  return {
    account,
    balance: amounts(touched, (unit) => balanceOf(state, account, unit)),
    held: amounts(touched, (unit) => found?.held[unit] ?? 0n),
    allotted: amounts(bounded, allotted),
    spent: amounts(own, (unit) => allotted(unit) - balanceOf(state, account, unit)),
    available: amounts(bounded, (unit) => availableOf(state, account, unit) ?? 0n),
    ...(found?.frozen === undefined ? {} : { frozen: found.frozen }),
  }
}

export function budgetSummary(budget: Budget, atMs: number): BudgetSummary {
  const standing = standingAt(budget, atMs)
  const resetMs = resetsAtMs(budget, atMs)
  return {
    rule: budget.rule,
    limit: amounts(budget.limited, (unit) => standing.room[unit] ?? 0n),
    spent: amounts(budget.limited, (unit) => standing.spent[unit]),
    held: amounts(budget.limited, (unit) => standing.held[unit]),
    left: amounts(budget.limited, (unit) => leftOf(standing, unit) ?? 0n),
    ...(resetMs === undefined ? {} : { resetsAtMs: resetMs }),
    ...(budget.frozen === undefined ? {} : { frozen: budget.frozen }),
  }
}

function amounts(list: readonly Unit[], of: (unit: Unit) => bigint): AmountsJson {
  return Object.fromEntries(list.map((unit) => [unit, of(unit).toString()]))
}
