/**
 * Allowances in force: what of each is in the account it feeds, and which are due. Of an account's money its allowances are consumed first, the one that ends
 * soonest before the others; what a correction gives back is theirs first as well. What came from elsewhere is never theirs.
 *
 * Of one account all its allowances together never have more than its balance: what they bring into an account that stands below nothing is consumed at once.
 */
import type { AccountName, AllowanceRule } from "../format/facts/ledger.ts"
import { amountsOf, emptyTally, type Amounts, type Tally } from "./amounts.ts"
import { isAboveNothing, lesser } from "./quantities.ts"
import type { Account, LedgerState } from "./state.ts"
import { units, type Unit } from "./units.ts"

export type Allowance = {
  rule: AllowanceRule
  amounts: Amounts
  startMs: number
  endMs: number
  /** What of it is in the account: handed out, not consumed and not taken back. */
  readonly left: Tally
  /** What was consumed of it, and not given back by a correction. */
  readonly used: Tally
  /** How much of this period's quota is out. */
  readonly handed: Tally
  /** It could not be handed out, because something is frozen. */
  waits: boolean
}

export function newAllowance(rule: AllowanceRule): Allowance {
  const counters = { left: emptyTally(), used: emptyTally(), handed: emptyTally() }
  return { rule, amounts: amountsOf(rule.amounts), startMs: 0, endMs: 0, ...counters, waits: false }
}

/** Another with the same numbers, to try something on. */
export function copyOfAllowance(of: Allowance): Allowance {
  return { ...of, left: { ...of.left }, used: { ...of.used }, handed: { ...of.handed } }
}

/** The allowances of an account, found anew: one was set, opened or removed. */
export function refeed({ allowances, feeders }: Pick<LedgerState, "allowances" | "feeders">, account: AccountName): void {
  const found = [...allowances.values()].filter(({ rule }) => rule.to === account)
  if (found.length === 0) feeders.delete(account)
  else feeders.set(account, soonestFirst(found))
}

/** A period was opened: it ends later than it did. */
export function reorder(feeders: LedgerState["feeders"], account: AccountName): void {
  const found = feeders.get(account)
  if (found && found.length > 1) feeders.set(account, soonestFirst(found))
}

/** What ends soonest is consumed first. */
function soonestFirst(allowances: readonly Allowance[]): readonly Allowance[] {
  return [...allowances].sort((a, b) => a.endMs - b.endMs || (a.rule.name < b.rule.name ? -1 : 1))
}

/** What leaves the account is its allowances' first. */
export function consume(feeders: readonly Allowance[], amounts: Amounts): void {
  for (const unit of units) {
    let rest = amounts[unit] ?? 0n
    for (const { left, used } of feeders) {
      const taken = lesser(rest, left[unit])
      left[unit] -= taken
      used[unit] += taken
      rest -= taken
    }
  }
}

/** What comes back of what was consumed is its allowances' first. */
export function giveBack(feeders: readonly Allowance[], account: Account, amounts: Amounts): void {
  for (const unit of units) {
    let rest = amounts[unit] ?? 0n
    for (const { left, used } of feeders) {
      const given = lesser(rest, used[unit])
      left[unit] += given
      used[unit] -= given
      rest -= given
    }
  }
  payDebt(feeders, account)
}

export function grant(feeders: readonly Allowance[], allowance: Allowance, account: Account, amounts: Amounts): void {
  for (const unit of units) {
    allowance.left[unit] += amounts[unit] ?? 0n
    allowance.handed[unit] += amounts[unit] ?? 0n
  }
  payDebt(feeders, account)
}

export function takeBack({ left, handed }: Allowance, amounts: Amounts): void {
  for (const unit of units) {
    left[unit] -= amounts[unit] ?? 0n
    handed[unit] -= lesser(amounts[unit] ?? 0n, handed[unit])
  }
}

function payDebt(feeders: readonly Allowance[], { debits, credits }: Account): void {
  const debt: { [U in Unit]?: bigint } = {}
  for (const unit of units) {
    const all = feeders.reduce((sum, { left }) => sum + left[unit], 0n)
    const balance = debits[unit] - credits[unit]
    const excess = all - (balance > 0n ? balance : 0n)
    if (excess > 0n) debt[unit] = excess
  }
  if (isAboveNothing(debt)) consume(feeders, debt)
}

/** What of an allowance is held in its account: the allowances of an account are held first, like they are consumed. */
export function heldOf(state: Pick<LedgerState, "feeders" | "accounts">, allowance: Allowance, unit: Unit): bigint {
  let held = state.accounts.get(allowance.rule.to)?.held[unit] ?? 0n
  for (const one of state.feeders.get(allowance.rule.to) ?? []) {
    const share = lesser(held, one.left[unit])
    if (one === allowance) return share
    held -= share
  }
  return 0n
}

export function dueAllowances(state: LedgerState, atMs: number): readonly Allowance[] {
  return [...state.allowances.values()].filter((one) => one.endMs <= atMs || (one.waits && !isStill(state, one.rule.from)))
}

/** Whether nothing is handed out of an account. */
export function isStill({ frozen, accounts }: Pick<LedgerState, "frozen" | "accounts">, from: AccountName): boolean {
  return frozen !== undefined || accounts.get(from)?.frozen !== undefined
}

/** The circle a rule would close, as the way money would go; undefined when it closes none. */
export function circleOf(state: LedgerState, rule: AllowanceRule): readonly AccountName[] | undefined {
  const seen = new Set<AccountName>()
  const back = (to: AccountName, way: readonly AccountName[]): readonly AccountName[] | undefined => {
    if (to === rule.to) return way
    seen.add(to)
    for (const { rule: one } of state.feeders.get(to) ?? []) {
      if (one.name === rule.name || seen.has(one.from)) continue
      const found = back(one.from, [one.from, ...way])
      if (found) return found
    }
    return undefined
  }
  const way = back(rule.from, [rule.from])
  return way && [...way, rule.to]
}

/** How many allowances money passes on the longest way into an account. */
export function depthsOf(state: Pick<LedgerState, "feeders">): (account: AccountName) => number {
  const known = new Map<AccountName, number>()
  const depth = (account: AccountName): number => {
    const found = known.get(account)
    if (found !== undefined) return found
    const deepest = Math.max(0, ...(state.feeders.get(account) ?? []).map(({ rule }) => depth(rule.from) + 1))
    known.set(account, deepest)
    return deepest
  }
  return depth
}
