/** Money at a glance: what each budget has left, how many holds are open, what is frozen. */
import type { AccountName } from "../format/facts/ledger.ts"
import { openedBy } from "../ledger/open-due.ts"
import { allowanceSummary, budgetSummaries, type AllowanceSummary, type BudgetSummary } from "../ledger/summary.ts"
import type { LedgerState } from "../ledger/state.ts"
import { budgetForecasts, soonestGone, type SoonestGone } from "./forecast.ts"
import type { LedgerAccess } from "./ledger-access.ts"
import { cutsNow, type CutOff } from "./breakers.ts"
import { ledgerNow } from "./budgets.ts"

export type Frozen = { readonly what: "ledger" | "budget" | "account"; readonly name: AccountName | string; readonly reason: string }

export type Money = {
  readonly budgets: readonly BudgetSummary[]
  readonly allowances: readonly AllowanceSummary[]
  readonly openHolds: number
  readonly frozen: readonly Frozen[]
  /** The budget that is gone first, by its forecast. */
  readonly soonest: SoonestGone | null
  /** What breakers have cut off, the latest first. */
  readonly cuts: readonly CutOff[]
}

export const noMoney: Money = { budgets: [], allowances: [], openHolds: 0, frozen: [], soonest: null, cuts: [] }

export function moneyNow(access: LedgerAccess, nowMs: number, known: LedgerState = ledgerNow(access)): Money {
  const state = openedBy(known, nowMs)
  const { budgets, allowances, holds, accounts, frozen, breakers } = state
  const named = (what: Frozen["what"], all: Iterable<readonly [string, { readonly frozen: string | undefined }]>) =>
    [...all].flatMap(([name, { frozen: reason }]) => (reason === undefined ? [] : [{ what, name, reason }]))
  return {
    budgets: budgetSummaries(state, nowMs).toSorted((a, b) => (a.rule.name < b.rule.name ? -1 : 1)),
    allowances: [...allowances.values()].map((one) => allowanceSummary(state, one)).toSorted((a, b) => (a.rule.name < b.rule.name ? -1 : 1)),
    openHolds: holds.size,
    cuts: cutsNow(breakers, nowMs).filter(({ mode }) => mode === "block"),
    frozen: [
      ...(frozen === undefined ? [] : [{ what: "ledger" as const, name: "all", reason: frozen }]),
      ...named("budget", budgets),
      ...named("account", accounts),
    ],
    soonest: soonestGone(budgetForecasts(access, nowMs, state), nowMs),
  }
}
