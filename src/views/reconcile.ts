/**
 * Is the ledger what its entries say? All entries are counted again by other code than keeps the live state, every rule is checked on the way, and the
 * live state, with and without its snapshot, is held against the count. One pass for the count, one for each state; nothing is held but accounts,
 * budgets, open holds and 20 bytes a slot for each id.
 */
import { problemOf } from "../base/fault.ts"
import { closingOf } from "../journal/closing.ts"
import { factsOf } from "../journal/reader.ts"
import { isContra } from "../ledger/accounts.ts"
import { amountWords } from "../ledger/amounts.ts"
import { standingAt } from "../ledger/budgets.ts"
import { isLedgerEvent } from "../ledger/event-types.ts"
import type { LedgerState } from "../ledger/state.ts"
import { units, type Unit } from "../ledger/units.ts"
import { keptSnapshot } from "../projections/ledger-snapshot.ts"
import { stateUpTo } from "../projections/ledger-state.ts"
import type { DriftRow } from "./reconcile-drift.ts"
import type { LedgerAccess } from "./ledger-access.ts"
import type { Progress } from "./current-views.ts"
import { openingOf } from "./reconcile-opening.ts"
import type { CountedAccount } from "./reconcile-carried.ts"
import { Recount } from "./reconcile-recount.ts"
import { checks, Violations, type Check, type Violation } from "./reconcile-violations.ts"

export type Reconciliation = {
  readonly verdict: "reconciled" | "violated"
  /** Entries of the journal, from which on they were read, and how many of those were the ledger's own. */
  readonly entries: number
  readonly from: number
  readonly ledgerEvents: number
  /** Transfers and settlements among them. */
  readonly postings: number
  readonly accounts: number
  readonly openHolds: number
  readonly budgets: number
  /** How the live state was made and compared; "none" where there is no snapshot that fits. */
  readonly snapshot: "compared" | "none"
  readonly checks: readonly { readonly check: Check; readonly rule: string; readonly violations: number }[]
  readonly violations: readonly Violation[]
  readonly totalViolations: number
  readonly drift: readonly DriftRow[]
}

export type ReconcileOptions = { readonly nowMs: number; readonly mostListed: number; readonly onProgress?: Progress }

/** A writer ends holds within seconds of their time; one that is open for longer than that was forgotten, or no writer runs. */
const forgottenAfterMs = 60_000
const progressEvery = 5_000

export function reconcile(access: LedgerAccess, options: ReconcileOptions): Reconciliation {
  const violations = new Violations(options.mostListed)
  const recount = new Recount(violations)
  const { reader } = access
  // What is there never changes, so that a size is as good as a snapshot; one that stays open for a minute would keep the log from beginning anew.
  const { size, kept } = reader.snapshot(() => ({ kept: access.glance((views) => keptSnapshot(views, reader)), size: reader.size() }))
  const closing = closingOf(reader)
  const first = closing?.upTo ?? 0
  if (closing && first > 0) recount.begin(openingOf(closing), first)
  for (const stored of reader.entries(first, size - 1)) {
    const { type } = stored.header
    if (isLedgerEvent(type)) recount.take({ sequence: stored.sequence, type, facts: factsOf(stored) })
    if (stored.sequence % progressEvery === 0) options.onProgress?.(stored.sequence, size)
  }
  leftOpen(recount, violations, options.nowMs)
  overdrawn(recount, violations)
  compareWith("the state replayed from all entries", () => stateUpTo(reader, size), recount, violations)
  if (kept) compareWith("the state that begins with the snapshot", () => stateUpTo(reader, size, kept), recount, violations)
  return {
    verdict: violations.total === 0 ? "reconciled" : "violated",
    entries: size,
    from: first,
    ledgerEvents: recount.events,
    postings: recount.postings,
    accounts: recount.accounts.size,
    openHolds: recount.open.size,
    budgets: recount.budgets.at(recount.lastMs).size,
    snapshot: kept ? "compared" : "none",
    checks: (Object.keys(checks) as Check[]).map((check) => ({ check, rule: checks[check], violations: violations.counts.get(check) ?? 0 })),
    violations: violations.listed,
    totalViolations: violations.total,
    drift: recount.drift.rows(),
  }
}

function leftOpen(recount: Recount, violations: Violations, nowMs: number): void {
  for (const [id, hold] of recount.open) {
    const pastMs = nowMs - hold.expiresAtMs
    if (pastMs > forgottenAfterMs)
      violations.add("left-open", hold.sequence, id, `It is open ${Math.floor(pastMs / 1_000)} s past its time; a running writer would have ended it.`)
  }
}

/** By double entry the same as: more was consumed and handed on than was allotted. */
function overdrawn(recount: Recount, violations: Violations): void {
  for (const [name, { debits, credits, allotted, returned, fed, below }] of recount.accounts) {
    if (isContra(name)) continue
    for (const unit of units) {
      const balance = debits[unit] - credits[unit]
      if ((allotted[unit] > 0n || fed.has(unit)) && balance < 0n)
        violations.add(
          "overdrawn",
          below.get(unit) ?? null,
          name,
          `It was allotted ${amountWords(unit, allotted[unit] - returned[unit])}, and stands ${amountWords(unit, -balance)} below nothing.`,
        )
    }
  }
}

function compareWith(what: string, make: () => LedgerState, recount: Recount, violations: Violations): void {
  let state: LedgerState
  try {
    state = make()
  } catch (error) {
    // Facts that no ledger writes may keep the state from being made at all; the entry they stand in is among the violations.
    violations.add("balance-differs", null, what, `It cannot be made: ${problemOf(error)}`)
    return
  }
  for (const name of new Set([...recount.accounts.keys(), ...state.accounts.keys()]))
    compareAccount(what, name, state.accounts.get(name), recount.accounts.get(name), violations)
  for (const id of new Set([...recount.open.keys(), ...state.holds.keys()])) {
    const [ours, theirs] = [recount.open.get(id)?.attempt, state.holds.get(id)?.attempt]
    if (ours !== theirs)
      violations.add(
        "hold-differs",
        recount.open.get(id)?.sequence ?? null,
        id,
        `By ${what} it is ${attemptWords(theirs)}; by the recount ${attemptWords(ours)}.`,
      )
  }
  const counted = recount.budgets.at(state.lastMs)
  for (const name of new Set([...counted.keys(), ...state.budgets.keys()])) {
    const live = state.budgets.get(name)
    const standing = live && (live.rule.period.per === "rolling" ? standingAt(live, state.lastMs) : live)
    for (const side of ["spent", "held"] as const) {
      differences(counted.get(name)?.[side], standing?.[side], (unit, ours, theirs) => {
        violations.add("budget-differs", null, name, `By ${what} it has ${side} ${words(unit, theirs)}; by the recount ${words(unit, ours)}.`)
      })
    }
  }
}

type Sides = Pick<CountedAccount, "debits" | "credits" | "held" | "allotted" | "returned">

function compareAccount(what: string, name: string, live: Sides | undefined, counted: Sides | undefined, violations: Violations): void {
  for (const side of ["debits", "credits", "held", "allotted", "returned"] as const) {
    differences(counted?.[side], live?.[side], (unit, ours, theirs) => {
      violations.add("balance-differs", null, name, `By ${what} its ${side} are ${words(unit, theirs)}; by the recount ${words(unit, ours)}.`)
    })
  }
}

type Counts = { readonly [U in Unit]: bigint }

function differences(ours: Counts | undefined, theirs: Counts | undefined, tell: (unit: Unit, ours: bigint, theirs: bigint) => void): void {
  for (const unit of units) {
    const [counted, live] = [ours?.[unit] ?? 0n, theirs?.[unit] ?? 0n]
    if (counted !== live) tell(unit, counted, live)
  }
}

function words(unit: Unit, amount: bigint): string {
  return amount < 0n ? `-${amountWords(unit, -amount)}` : amountWords(unit, amount)
}

function attemptWords(attempt: number | undefined): string {
  return attempt === undefined ? "not open" : `open, attempt ${attempt}`
}
