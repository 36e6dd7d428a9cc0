/** A ledger's state as JSON and back: a start that need not replay everything. What it holds is all of the state, and nothing that can be made from it. */
import { amountsJson, amountsOf, emptyTally, add, type Amounts, type AmountsJson, type Tally } from "./amounts.ts"
import type { AccountName } from "./accounts.ts"
import { limitWith } from "./budget-rule.ts"
import { indexOf, newBudget, type Budget } from "./budgets.ts"
import type { Basis, BudgetRule, Credential, LedgerEventFacts, MovementJson } from "../format/facts/ledger.ts"
import { emptyState, type Account, type ClosedHold, type Hold, type LedgerState } from "./state.ts"

const version = 1

type AccountJson = {
  readonly name: AccountName
  readonly debits: AmountsJson
  readonly credits: AmountsJson
  readonly held: AmountsJson
  readonly allotted: AmountsJson
  readonly frozen?: string
}
type HoldJson = Omit<Hold, "movements" | "total" | "consumedAtMs" | "basis"> & {
  readonly consumedAtMs?: number
  readonly basis?: Basis
  readonly movements: readonly MovementJson[]
  readonly total: AmountsJson
}
type ClosedJson = { readonly id: string } & (
  | Exclude<ClosedHold, { outcome: "expired" }>
  | { readonly outcome: "expired"; readonly attempt: number; readonly hold: HoldJson }
)
type BudgetJson = {
  readonly rule: BudgetRule
  readonly serial: number
  readonly startMs: number
  readonly endMs?: number
  readonly carried: AmountsJson
  readonly spent: AmountsJson
  readonly held: AmountsJson
  readonly slices: readonly { readonly startMs: number; readonly spent: AmountsJson }[]
  readonly frozen?: string
}

export type LedgerSnapshot = {
  readonly version: number
  readonly lastMs: number
  readonly serial: number
  readonly frozen?: string
  readonly credential?: Credential
  readonly accounts: readonly AccountJson[]
  readonly holds: readonly HoldJson[]
  readonly closed: readonly ClosedJson[]
  readonly posted: readonly LedgerEventFacts["transfer.posted"][]
  readonly charged: readonly (readonly [usage: string, countedIn: string])[]
  readonly budgets: readonly BudgetJson[]
}

export function snapshotOf(state: LedgerState): LedgerSnapshot {
  return {
    version,
    lastMs: state.lastMs,
    serial: state.serial,
    ...frozenJson(state),
    ...(state.credential === undefined ? {} : { credential: state.credential }),
    accounts: [...state.accounts].map(([name, account]) => accountJson(name, account)),
    holds: [...state.holds.values()].map(holdJson),
    closed: [...state.closed].map(([id, closed]) => ({ id, ...(closed.outcome === "expired" ? { ...closed, hold: holdJson(closed.hold) } : closed) })),
    posted: [...state.posted.values()],
    charged: [...state.charged],
    budgets: [...state.budgets.values()].map(budgetJson),
  }
}

/** Undefined when another version wrote it: then the events are replayed from the beginning. */
export function stateFrom(snapshot: LedgerSnapshot): LedgerState | undefined {
  if (snapshot.version !== version) return undefined
  const state = emptyState()
  state.lastMs = snapshot.lastMs
  state.serial = snapshot.serial
  state.frozen = snapshot.frozen
  state.credential = snapshot.credential
  for (const { name, debits, credits, held, allotted, frozen } of snapshot.accounts) {
    state.accounts.set(name, { debits: tallyOf(debits), credits: tallyOf(credits), held: tallyOf(held), allotted: tallyOf(allotted), frozen })
  }
  for (const hold of snapshot.holds) state.holds.set(hold.id, holdOf(hold))
  for (const { id, ...closed } of snapshot.closed) state.closed.set(id, closed.outcome === "expired" ? { ...closed, hold: holdOf(closed.hold) } : closed)
  for (const facts of snapshot.posted) state.posted.set(facts.transfer, facts)
  for (const [usage, countedIn] of snapshot.charged) state.charged.set(usage, countedIn)
  for (const budget of snapshot.budgets) state.budgets.set(budget.rule.name, budgetOf(budget))
  state.index = indexOf(state.budgets.values())
  return state
}

function accountJson(name: AccountName, account: Account): AccountJson {
  const { debits, credits, held, allotted } = account
  return { name, debits: tallyJson(debits), credits: tallyJson(credits), held: tallyJson(held), allotted: tallyJson(allotted), ...frozenJson(account) }
}

function holdJson(hold: Hold): HoldJson {
  const movements = hold.movements.map(({ debit, credit, amounts }) => ({ debit, credit, amounts: amountsJson(amounts) }))
  const { consumedAtMs, basis, ...rest } = hold
  const more = { ...(consumedAtMs === undefined ? {} : { consumedAtMs }), ...(basis === undefined ? {} : { basis }) }
  return { ...rest, ...more, movements, total: amountsJson(hold.total) }
}

function holdOf(json: HoldJson): Hold {
  const movements = json.movements.map(({ debit, credit, amounts }) => ({ debit, credit, amounts: amountsOf(amounts) }))
  return { ...json, consumedAtMs: json.consumedAtMs, basis: json.basis, movements, total: amountsOf(json.total) }
}

function budgetJson(budget: Budget): BudgetJson {
  const { rule, serial, startMs, endMs, carried, spent, held, slices } = budget
  return {
    rule,
    serial,
    startMs,
    ...(endMs === Infinity ? {} : { endMs }),
    carried: amountsJson(carried),
    spent: tallyJson(spent),
    held: tallyJson(held),
    slices: slices.map((slice) => ({ startMs: slice.startMs, spent: tallyJson(slice.spent) })),
    ...frozenJson(budget),
  }
}

function budgetOf(json: BudgetJson): Budget {
  const budget = newBudget(json.rule, json, json.serial)
  const carried = amountsOf(json.carried)
  const slices = json.slices.map((slice) => ({ startMs: slice.startMs, spent: tallyOf(slice.spent) }))
  const room = limitWith(amountsOf(json.rule.limit), carried)
  return Object.assign(budget, { carried, room, spent: tallyOf(json.spent), held: tallyOf(json.held), slices, frozen: json.frozen })
}

function frozenJson({ frozen }: { readonly frozen: string | undefined }): { readonly frozen?: string } {
  return frozen === undefined ? {} : { frozen }
}

function tallyJson(tally: Tally): AmountsJson {
  return amountsJson(tally satisfies Amounts)
}

function tallyOf(json: AmountsJson): Tally {
  const tally = emptyTally()
  add(tally, amountsOf(json))
  return tally
}
