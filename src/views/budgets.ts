/** Budgets and accounts as they stand now: from the files, with or without a writer. */
import { openedBy } from "../ledger/open-due.ts"
import { accountSummary, allowanceSummary, budgetSummaries, type AccountSummary, type AllowanceSummary, type BudgetSummary } from "../ledger/summary.ts"
import type { AccountName } from "../format/facts/ledger.ts"
import type { LedgerState } from "../ledger/state.ts"
import { ledgerState } from "../projections/ledger-state.ts"
import { keptState } from "./kept-state.ts"
import type { LedgerAccess } from "./ledger-access.ts"

export type BudgetsReport = {
  readonly budgets: readonly BudgetSummary[]
  readonly frozen?: string
  /** Budgets that downgrades name and that are not there: those steps do nothing. */
  readonly downgradesWithout?: readonly string[]
}

export type AccountsReport = { readonly accounts: readonly (AccountSummary & { readonly openHolds: number })[]; readonly frozen?: string }

export function ledgerNow(access: LedgerAccess): LedgerState {
  return keptState(access, () => access.ask((views) => ledgerState(access.reader, views)))
}

export function budgetsNow(access: LedgerAccess, nowMs: number): BudgetsReport {
  const state = ledgerNow(access)
  const budgets = budgetSummaries(state, nowMs)
  return { budgets: budgets.toSorted((a, b) => (a.rule.name < b.rule.name ? -1 : 1)), ...frozenIn(state), ...withoutIn(state) }
}

/** Every account, or the one that is named: an account nobody ever used stands at nothing. */
export function accountsNow(access: LedgerAccess, nowMs: number, only?: AccountName): AccountsReport {
  const state = openedBy(ledgerNow(access), nowMs)
  const names = only === undefined ? [...state.accounts.keys()].sort() : [only]
  const holds = new Map<string, number>()
  for (const { movements } of state.holds.values()) for (const { credit } of movements) holds.set(credit, (holds.get(credit) ?? 0) + 1)
  return { accounts: names.map((name) => ({ ...accountSummary(state, name), openHolds: holds.get(name) ?? 0 })), ...frozenIn(state) }
}

export type AllowancesReport = { readonly allowances: readonly AllowanceSummary[]; readonly frozen?: string }

export function allowancesNow(access: LedgerAccess, nowMs: number): AllowancesReport {
  const state = openedBy(ledgerNow(access), nowMs)
  const allowances = [...state.allowances.values()].map((one) => allowanceSummary(state, one))
  return { allowances: allowances.sort((a, b) => (a.rule.name < b.rule.name ? -1 : 1)), ...frozenIn(state) }
}

function withoutIn({ budgets, downgrades }: LedgerState): { readonly downgradesWithout?: readonly string[] } {
  const names = new Set(downgrades.steps.map(({ budget }) => budget).filter((name) => !budgets.has(name)))
  return names.size === 0 ? {} : { downgradesWithout: [...names] }
}

function frozenIn({ frozen }: LedgerState): { readonly frozen?: string } {
  return frozen === undefined ? {} : { frozen }
}
