/**
 * Allowances: set, changed, removed, and opened when their period is over. What moves is tried on a copy of the accounts it touches, by the events
 * themselves, so that what one allowance gives back is there for the next.
 *
 * Where several are over at once, what is taken back comes first, from the leaves to the roots, and what is handed out then goes from the roots to the leaves:
 * a pool has back what its agents left before it gives back what it left itself, and has its own quota before it hands theirs out.
 */
import { canonicalJson } from "../base/canonical-json.ts"
import { assert } from "../base/fault.ts"
import type { AccountName, AllowanceRule, LedgerEvent } from "../format/facts/ledger.ts"
import { circleOf, copyOfAllowance, depthsOf, dueAllowances, heldOf, isStill, type Allowance } from "./allowances.ts"
import { amountsJson, amountsOf, type Amounts, type AmountsJson } from "./amounts.ts"
import type { CommandOf } from "./commands.ts"
import type { Decision } from "./decision.ts"
import { evolve } from "./evolve.ts"
import { boundsAt } from "./periods.ts"
import { greater, isAboveNothing, lesser, ofEach } from "./quantities.ts"
import { availableOf, copyOfAccount, emptyState, type Account, type LedgerState } from "./state.ts"

/** A change takes back and hands out at once what it makes less or more of the period that runs; it never hands out anew what was out. */
export function decideAllowance(state: LedgerState, { rule }: CommandOf<"set-allowance">, atMs: number): Decision {
  const before = state.allowances.get(rule.name)
  if (before && canonicalJson(before.rule) === canonicalJson(rule)) return { events: [], repeated: true }
  const circle = circleOf(state, rule)
  if (circle) return { refused: { why: "allowance-cycle", path: circle } }
  const trial = new Trial(state, [rule.to, rule.from], atMs)
  const quota = amountsOf(rule.amounts)
  const returned = before ? trial.takeBack(before, isElsewhere(before.rule, rule) ? everything : above(before, quota)) : {}
  const handed = ofEach((unit) => (before ? trial.allowance(before).handed[unit] : 0n))
  const { startMs, endMs } = before && isSamePeriod(before.rule, rule) ? before : calendarBounds(rule, atMs)
  const grant = trial.grantFrom(rule.from, (unit) => greater((quota[unit] ?? 0n) - (handed[unit] ?? 0n), 0n))
  const facts = { atMs, rule, startMs, endMs, handed: amountsJson(handed), ...(before ? {} : { created: true as const }) }
  trial.add({ type: "allowance.set", facts: { ...facts, ...told({ ...grant, returned }) } })
  trial.grant(rule, startMs, grant.granted)
  return { events: trial.events }
}

/** What is left goes back; what is held stays with the account, and is nobody's allowance any more. */
export function decideAllowanceRemoval(state: LedgerState, { allowance: name }: CommandOf<"remove-allowance">, atMs: number): Decision {
  const allowance = state.allowances.get(name)
  if (!allowance) return { refused: { why: "allowance-unknown", allowance: name } }
  const trial = new Trial(state, [], atMs)
  const returned = trial.takeBack(allowance, everything)
  trial.add({ type: "allowance.removed", facts: { atMs, allowance: name, ...stated("returned", returned) } })
  return { events: trial.events }
}

export function decideOpenings(state: LedgerState, atMs: number): Decision {
  const due = dueAllowances(state, atMs)
  if (due.length === 0) return { events: [] }
  const depth = depthsOf(state)
  const trial = new Trial(state, [], atMs)
  const rootsFirst = due.toSorted((a, b) => depth(a.rule.to) - depth(b.rule.to) || a.endMs - b.endMs || (a.rule.name < b.rule.name ? -1 : 1))
  const isOver = ({ endMs }: Allowance) => endMs <= atMs
  // Of one account in the order in which it is held of them: what ends soonest first.
  const leavesFirst = rootsFirst.filter(isOver).sort((a, b) => depth(b.rule.to) - depth(a.rule.to))
  const returned = new Map(leavesFirst.map((one) => [one, trial.takeBack(one, one.rule.rollover ? aboveQuota(one) : everything)]))
  for (const one of rootsFirst) trial.open(one, returned.get(one))
  return { events: trial.events }
}

type Take = (unit: keyof Amounts, left: bigint) => bigint

const everything: Take = (_unit, left) => left

/** Of what rolls over, one quota stays. */
function aboveQuota({ amounts }: Allowance): Take {
  return (unit, left) => left - (amounts[unit] ?? 0n)
}

/** What is out above a lower quota. */
function above({ handed }: Allowance, quota: Amounts): Take {
  return (unit, left) => lesser(left, handed[unit] - (quota[unit] ?? 0n))
}

type Grant = { readonly granted: Amounts; readonly short: Amounts; readonly waits: boolean }

/** The events so far, and the accounts and allowances as they stand after them. */
class Trial {
  readonly events: LedgerEvent[] = []
  readonly #state: LedgerState
  readonly #atMs: number

  constructor(state: LedgerState, more: readonly AccountName[], atMs: number) {
    this.#atMs = atMs
    this.#state = copyOf(state, more)
  }

  add(event: LedgerEvent): void {
    this.events.push(event)
    evolve(this.#state, event)
  }

  allowance({ rule }: Pick<Allowance, "rule">): Allowance {
    const found = this.#state.allowances.get(rule.name)
    assert(found, `${rule.name} is among the allowances`)
    return found
  }

  /** What goes back where it came from: at most what is left and not held. */
  takeBack(known: Allowance, take: Take): Amounts {
    const one = this.allowance(known)
    const { rule, left, startMs } = one
    const amounts = ofEach((unit) => lesser(take(unit, left[unit]), left[unit] - heldOf(this.#state, one, unit)))
    if (isAboveNothing(amounts)) this.#move(rule, startMs, { kind: "return", debit: rule.from, credit: rule.to, amounts })
    return amounts
  }

  /** As much as is there, of what is wanted. */
  grantFrom(from: AccountName, wanted: (unit: keyof Amounts) => bigint): Grant {
    const most = ofEach(wanted)
    const waits = isAboveNothing(most) && isStill(this.#state, from)
    if (waits) return { granted: {}, short: {}, waits }
    const granted = ofEach((unit) => lesser(most[unit] ?? 0n, greater(availableOf(this.#state, from, unit) ?? most[unit] ?? 0n, 0n)))
    return { granted, short: ofEach((unit) => (most[unit] ?? 0n) - (granted[unit] ?? 0n)), waits }
  }

  grant(rule: AllowanceRule, startMs: number, amounts: Amounts): void {
    if (isAboveNothing(amounts)) this.#move(rule, startMs, { kind: "allocation", debit: rule.to, credit: rule.from, amounts })
  }

  /** The period that runs now; of those that were missed, only the last rolls over. */
  open(known: Allowance, returned: Amounts = {}): void {
    const { rule, amounts: quota, left, handed: out, ...one } = this.allowance(known)
    const isOver = one.endMs <= this.#atMs
    const { startMs, endMs } = isOver ? calendarBounds(rule, this.#atMs) : one
    const times = rule.rollover && isOver && startMs !== one.endMs ? 2n : 1n
    const wanted = (unit: keyof Amounts): bigint => {
      const each = quota[unit] ?? 0n
      const room = (rule.rollover ? 2n * each : each) - left[unit]
      return greater(lesser(isOver ? times * each : each - out[unit], room), 0n)
    }
    const before = ofEach((unit) => (isOver ? (quota[unit] ?? 0n) - wanted(unit) : out[unit]))
    const grant = this.grantFrom(rule.from, wanted)
    this.grant(rule, startMs, grant.granted)
    const handed = ofEach((unit) => lesser((before[unit] ?? 0n) + (grant.granted[unit] ?? 0n), quota[unit] ?? 0n))
    this.add({
      type: "allowance.opened",
      facts: { atMs: this.#atMs, allowance: rule.name, startMs, endMs, handed: amountsJson(handed), ...told({ ...grant, returned }) },
    })
  }

  #move({ name }: AllowanceRule, startMs: number, { kind, debit, credit, amounts }: Moved): void {
    const way = kind === "return" ? "back" : "given"
    const transfer = `allowance:${name}@${startMs}/${this.#state.serial}:${way}`
    this.add({
      type: "transfer.posted",
      facts: { atMs: this.#atMs, transfer, kind, movements: [{ debit, credit, amounts: amountsJson(amounts) }], allowance: name },
    })
  }
}

type Moved = { readonly kind: "allocation" | "return"; readonly debit: AccountName; readonly credit: AccountName; readonly amounts: Amounts }

/** The accounts that allowances touch and the allowances, to try on what would move. */
function copyOf(state: LedgerState, more: readonly AccountName[]): LedgerState {
  const names = new Set([...more, ...[...state.allowances.values()].flatMap(({ rule }) => [rule.to, rule.from])])
  const accounts = new Map<AccountName, Account>()
  for (const name of names) {
    const found = state.accounts.get(name)
    if (found) accounts.set(name, copyOfAccount(found))
  }
  const allowances = new Map([...state.allowances].map(([name, one]) => [name, copyOfAllowance(one)]))
  const copies = (list: readonly Allowance[]) => list.flatMap(({ rule }) => allowances.get(rule.name) ?? [])
  const feeders = new Map([...state.feeders].map(([account, list]) => [account, copies(list)]))
  const { lastMs, serial, frozen } = state
  return { ...emptyState(), lastMs, serial, frozen, accounts, allowances, feeders }
}

function calendarBounds({ period }: AllowanceRule, atMs: number): { readonly startMs: number; readonly endMs: number } {
  const { startMs, endMs } = boundsAt(period, atMs)
  assert(endMs !== undefined, "a period of a calendar ends")
  return { startMs, endMs }
}

function isElsewhere(before: AllowanceRule, rule: AllowanceRule): boolean {
  return before.from !== rule.from || before.to !== rule.to
}

function isSamePeriod(before: AllowanceRule, rule: AllowanceRule): boolean {
  return before.period.per === rule.period.per && before.period.zone === rule.period.zone
}

type Told = { readonly granted?: AmountsJson; readonly returned?: AmountsJson; readonly short?: AmountsJson; readonly waits?: true }

function told({ granted, returned, short, waits }: Grant & { readonly returned: Amounts }): Told {
  return { ...stated("granted", granted), ...stated("returned", returned), ...stated("short", short), ...(waits ? { waits } : {}) }
}

function stated<N extends string>(name: N, amounts: Amounts): { readonly [K in N]?: AmountsJson } {
  return (isAboveNothing(amounts) ? { [name]: amountsJson(amounts) } : {}) as { readonly [K in N]?: AmountsJson }
}
