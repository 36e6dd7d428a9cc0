/** What the ledger stands at, as plain JSON: for whoever asks the writer instead of the files. Amounts are decimal strings of the unit. */
import { heldOf, type Allowance } from "./allowances.ts"
import { grantedNow, type ExtensionSummary } from "./extension-summary.ts"
import type { AccountName, AllowanceRule, AmountsJson, BudgetRule, WindowUse } from "../format/facts/ledger.ts"
import { leftOf, resetsAtMs, standingAt, type Budget } from "./budgets.ts"
import { stepsNow, type StepStanding } from "./downgrades.ts"
import { availableOf, balanceOf, isBounded, type LedgerState } from "./state.ts"
import { isContra } from "./accounts.ts"
import { units, type Unit } from "./units.ts"
import { windowsOf, type Windows } from "./windows.ts"

export type AccountSummary = {
  readonly account: AccountName
  /** Debits less credits. */
  readonly balance: AmountsJson
  readonly held: AmountsJson
  /** What allocations and transfers brought, less what allowances took back; absent for units the account was never allotted. */
  readonly allotted: AmountsJson
  /** What went out, corrections taken off; nothing on an account that stands for the other side. */
  readonly spent: AmountsJson
  /** What is left to hold; absent for units the account was never allotted, which only budgets bound. */
  readonly available: AmountsJson
  /** What feeds it, in the order in which it is consumed. */
  readonly allowances?: readonly AllowanceSummary[]
  readonly frozen?: string
}

export type AllowanceSummary = {
  readonly rule: AllowanceRule
  /** What of it is in the account, and what of that is held. */
  readonly left: AmountsJson
  readonly held: AmountsJson
  readonly startMs: number
  readonly resetsAtMs: number
  /** It is handed out when what is frozen moves again. */
  readonly waits?: true
}

export type BudgetSummary = {
  readonly rule: BudgetRule
  readonly limit: AmountsJson
  readonly spent: AmountsJson
  readonly held: AmountsJson
  readonly left: AmountsJson
  readonly resetsAtMs?: number
  /** Of what the rule's window limits: how far each is used, as far as it was told. */
  readonly windows?: readonly Pick<WindowUse, "label" | "usedMillipercent" | "resetsAtMs">[]
  readonly frozen?: string
  /** What some run may spend beyond it: in none of the figures above. */
  readonly extended?: readonly ExtensionSummary[]
  /** Which models runs use while it runs low, the furthest step last; absent where there are none. */
  readonly downgrades?: readonly StepStanding[]
}

export function accountSummary(state: LedgerState, account: AccountName): AccountSummary {
  const found = state.accounts.get(account)
  const touched = units.filter((unit) => found && (found.debits[unit] > 0n || found.credits[unit] > 0n || found.held[unit] > 0n))
  const own = isContra(account) ? [] : touched
  const allotted = (unit: Unit): bigint => (found ? found.allotted[unit] - found.returned[unit] : 0n)
  const bounded = isContra(account) || !found ? [] : units.filter((unit) => isBounded(found, unit))
  const feeders = state.feeders.get(account)
  return {
    account,
    balance: amounts(touched, (unit) => balanceOf(state, account, unit)),
    held: amounts(touched, (unit) => found?.held[unit] ?? 0n),
    allotted: amounts(bounded, allotted),
    spent: amounts(own, (unit) => allotted(unit) - balanceOf(state, account, unit)),
    available: amounts(bounded, (unit) => availableOf(state, account, unit) ?? 0n),
    ...(feeders === undefined ? {} : { allowances: feeders.map((one) => allowanceSummary(state, one)) }),
    ...(found?.frozen === undefined ? {} : { frozen: found.frozen }),
  }
}

export function allowanceSummary(state: LedgerState, allowance: Allowance): AllowanceSummary {
  const { rule, left, startMs, endMs, waits } = allowance
  const fed = units.filter((unit) => allowance.amounts[unit] !== undefined || left[unit] > 0n)
  return {
    rule,
    left: amounts(fed, (unit) => left[unit]),
    held: amounts(fed, (unit) => heldOf(state, allowance, unit)),
    startMs,
    resetsAtMs: endMs,
    ...(waits ? { waits } : {}),
  }
}

export function budgetSummaries(state: LedgerState, atMs: number): readonly BudgetSummary[] {
  const granted = grantedNow(state, atMs)
  const { windows } = state
  return [...state.budgets.values()].map((budget) => budgetSummary(budget, atMs, { granted, windows, steps: stepsNow(state.downgrades, budget, atMs) }))
}

type Beside = { readonly windows?: Windows; readonly granted?: readonly ExtensionSummary[]; readonly steps?: readonly StepStanding[] }

export function budgetSummary(budget: Budget, atMs: number, { granted = [], steps = [], windows = new Map() }: Beside = {}): BudgetSummary {
  const standing = standingAt(budget, atMs)
  const resetMs = resetsAtMs(budget, atMs)
  const extended = granted.filter((extension) => extension.extends.some(({ of }) => of === budget.rule.name))
  return {
    rule: budget.rule,
    limit: amounts(budget.limited, (unit) => standing.room[unit] ?? 0n),
    spent: amounts(budget.limited, (unit) => standing.spent[unit]),
    held: amounts(budget.limited, (unit) => standing.held[unit]),
    left: amounts(budget.limited, (unit) => leftOf(standing, unit) ?? 0n),
    ...(resetMs === undefined ? {} : { resetsAtMs: resetMs }),
    ...(budget.rule.window === undefined ? {} : { windows: windowsOf(budget.rule, windows, atMs).map(usedOf) }),
    ...(budget.frozen === undefined ? {} : { frozen: budget.frozen }),
    ...(extended.length === 0 ? {} : { extended }),
    ...(steps.length === 0 ? {} : { downgrades: steps }),
  }
}

function usedOf({ label, usedMillipercent, resetsAtMs }: WindowUse): NonNullable<BudgetSummary["windows"]>[number] {
  return { label, usedMillipercent, ...(resetsAtMs === undefined ? {} : { resetsAtMs }) }
}

function amounts(list: readonly Unit[], of: (unit: Unit) => bigint): AmountsJson {
  return Object.fromEntries(list.map((unit) => [unit, of(unit).toString()]))
}
