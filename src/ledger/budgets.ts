/**
 * Budgets in force: what each has spent and holds in its period, which of them match a spend, what is left now and when there is more.
 *
 * Counters are added to, never recounted. A spend belongs to the period in which it was held: a settlement that comes after that period is over counts in
 * no later one. A rolling span is counted in sixtieths; a spend leaves it together with the last instant of its sixtieth, so never too early.
 */
import { namePattern } from "../base/glob.ts"
import { add, amountsOf, emptyTally, stated, type Amounts, type Tally } from "./amounts.ts"
import { dimensions, limitWith, type Dimension } from "./budget-rule.ts"
import { FoundBudgets } from "./found-budgets.ts"
import type { BudgetRule, Spend } from "../format/facts/ledger.ts"
import { boundsAt, type Bounds } from "./periods.ts"
import { units, type Unit } from "./units.ts"

type Slice = { readonly startMs: number; readonly spent: Tally }
export type Condition = { readonly dimension: Dimension; readonly pattern: string; readonly exact: boolean; readonly matches: (name: string) => boolean }

export type Budget = {
  rule: BudgetRule
  limited: readonly Unit[]
  conditions: readonly Condition[]
  /** Names this period among all periods of all budgets; a hold remembers it. */
  serial: number
  startMs: number
  /** Infinity when the period does not end. */
  endMs: number
  carried: Amounts
  /** The limit with what was carried. */
  room: Amounts
  spent: Tally
  held: Tally
  /** Of a rolling span, oldest first; they add up to `spent`. */
  slices: Slice[]
  frozen: string | undefined
}

/** A budget as it stands at an instant. */
export type Standing = { readonly room: Amounts; readonly spent: Tally; readonly held: Tally; readonly opens?: Bounds & { readonly carried: Amounts } }

export type BudgetIndex = {
  readonly keyed: readonly { readonly dimension: Dimension; readonly byName: ReadonlyMap<string, readonly Budget[]> }[]
  readonly patterned: readonly Budget[]
  /** What was found before, by all names of a spend: rules change seldom, and agents spend for the same again and again. */
  readonly found: FoundBudgets
}

const slicesOfSpan = 60
const nothing: Tally = Object.freeze(emptyTally())

export function newBudget(rule: BudgetRule, { startMs, endMs = Infinity }: Bounds, serial: number): Budget {
  const base = { serial, startMs, endMs, carried: {}, room: {}, spent: emptyTally(), held: emptyTally(), slices: [], frozen: undefined }
  const budget: Budget = { ...base, rule, limited: [], conditions: [] }
  setRule(budget, rule)
  return budget
}

export function setRule(budget: Budget, rule: BudgetRule): void {
  const limit = amountsOf(rule.limit)
  const conditions = conditionsOf(rule.match)
  Object.assign(budget, { rule, conditions, limited: stated(limit), room: limitWith(limit, budget.carried) } satisfies Partial<Budget>)
}

export function conditionsOf(match: BudgetRule["match"]): readonly Condition[] {
  return dimensions.flatMap((dimension): Condition[] => {
    const pattern = match[dimension]
    return pattern === undefined ? [] : [{ dimension, exact: !pattern.includes("*"), ...namePattern(pattern) }]
  })
}

/** Found by an exact name where a budget has one, so that budgets of other agents, models or tools are not looked at. */
export function indexOf(budgets: Iterable<Budget>): BudgetIndex {
  const keyed = new Map<Dimension, Map<string, Budget[]>>()
  const patterned: Budget[] = []
  for (const budget of budgets) {
    const key = budget.conditions.find(({ exact }) => exact)
    if (!key) {
      patterned.push(budget)
      continue
    }
    const byName = keyed.get(key.dimension) ?? new Map<string, Budget[]>()
    byName.set(key.pattern, [...(byName.get(key.pattern) ?? []), budget])
    keyed.set(key.dimension, byName)
  }
  return { keyed: [...keyed].map(([dimension, byName]) => ({ dimension, byName })), patterned, found: new FoundBudgets() }
}

export function matching(index: BudgetIndex, spend: Spend): readonly Budget[] {
  return index.found.of(spend, () => lookedFor(index, spend))
}

function lookedFor(index: BudgetIndex, spend: Spend): readonly Budget[] {
  const found: Budget[] = []
  for (const { dimension, byName } of index.keyed) {
    for (const name of namesOf(spend, dimension)) {
      const candidates = byName.get(name)
      if (candidates) for (const budget of candidates) if (matches(budget, spend)) found.push(budget)
    }
  }
  for (const budget of index.patterned) if (matches(budget, spend)) found.push(budget)
  return found
}

export function matches({ conditions }: Pick<Budget, "conditions">, spend: Spend): boolean {
  for (const { dimension, matches: fits } of conditions) if (!namesOf(spend, dimension).some((name) => fits(name))) return false
  return true
}

/** A subagent's spending is that of the agent it works for, too. */
function namesOf(spend: Spend, dimension: Dimension): readonly string[] {
  const name = spend[dimension]
  const { payer } = spend
  if (dimension !== "agent" || payer === undefined || payer === name) return name === undefined ? [] : [name]
  return name === undefined ? [payer] : [name, payer]
}

/** Reads only: a period that is over is told as the one that would open. */
export function standingAt(budget: Budget, atMs: number): Standing {
  if (atMs >= budget.endMs) return opening(budget, atMs)
  const gone = goneBy(budget, atMs)
  if (gone === 0) return budget
  const spent = emptyTally()
  for (const slice of budget.slices.slice(gone)) add(spent, slice.spent)
  return { room: budget.room, spent, held: budget.held }
}

/** What is left of a unit; never below nothing. Undefined when the budget does not limit it. */
export function leftOf({ room, spent, held }: Standing, unit: Unit): bigint | undefined {
  const limit = room[unit]
  if (limit === undefined) return undefined
  const left = limit - spent[unit] - held[unit]
  return left > 0n ? left : 0n
}

/** When more becomes available by the passing of time; undefined when nothing does. */
export function resetsAtMs(budget: Budget, atMs: number): number | undefined {
  const { period } = budget.rule
  if (period.per === "lifetime") return undefined
  if (period.per !== "rolling") return atMs < budget.endMs ? budget.endMs : boundsAt(period, atMs).endMs
  const oldest = budget.slices[goneBy(budget, atMs)]
  return oldest ? oldest.startMs + sliceMs(period.spanMs) + period.spanMs : undefined
}

/** The counters move on to the instant: slices that have left a rolling span are dropped. */
export function age(budget: Budget, atMs: number): void {
  const gone = goneBy(budget, atMs)
  if (gone === 0) return
  budget.slices.splice(0, gone)
  budget.spent = emptyTally()
  for (const slice of budget.slices) add(budget.spent, slice.spent)
}

/** Adds to what was spent, at the instant it belongs to; below nothing it does not go. */
export function count(budget: Budget, amounts: Amounts, at: { readonly spentAtMs: number; readonly nowMs: number }): void {
  if (budget.rule.period.per !== "rolling") {
    addFloored(budget.spent, amounts)
    return
  }
  const { spanMs } = budget.rule.period
  const width = sliceMs(spanMs)
  const startMs = Math.floor(at.spentAtMs / width) * width
  if (startMs + width + spanMs > at.nowMs) add(budget.spent, addFloored(sliceAt(budget, startMs).spent, amounts))
}

/** How a new rule's counters begin: what was spent stays, whatever the kind of period. */
export function respread(budget: Budget, atMs: number): void {
  const { period } = budget.rule
  const width = period.per === "rolling" ? sliceMs(period.spanMs) : 0
  budget.slices = width > 0 ? [{ startMs: Math.floor(atMs / width) * width, spent: { ...budget.spent } }] : []
}

function opening(budget: Budget, atMs: number): Standing {
  const bounds = boundsAt(budget.rule.period, atMs)
  const limit = amountsOf(budget.rule.limit)
  const carried: { -readonly [U in Unit]?: bigint } = {}
  if (budget.rule.rollover) {
    for (const unit of budget.limited) {
      const most = limit[unit] ?? 0n
      // A period nothing was spent in leaves one whole limit; so does a longer pause.
      const left = bounds.startMs === budget.endMs ? (leftOf(budget, unit) ?? 0n) : most
      carried[unit] = left < most ? left : most
    }
  }
  return { room: limitWith(limit, carried), spent: nothing, held: nothing, opens: { ...bounds, carried } }
}

function goneBy({ rule, slices }: Budget, atMs: number): number {
  if (rule.period.per !== "rolling") return 0
  const ageMs = sliceMs(rule.period.spanMs) + rule.period.spanMs
  let gone = 0
  for (let slice = slices[0]; slice && slice.startMs + ageMs <= atMs; slice = slices[gone]) gone++
  return gone
}

function sliceMs(spanMs: number): number {
  return Math.ceil(spanMs / slicesOfSpan)
}

/** Settlements do not come in the order in which their holds were placed. */
function sliceAt({ slices }: Budget, startMs: number): Slice {
  let place = slices.length
  while (place > 0 && (slices[place - 1]?.startMs ?? 0) > startMs) place--
  const there = slices[place - 1]
  if (there?.startMs === startMs) return there
  const made = { startMs, spent: emptyTally() }
  slices.splice(place, 0, made)
  return made
}

/** What was added: less than asked for when the floor was reached. */
function addFloored(tally: Tally, amounts: Amounts): Amounts {
  const added: { [U in Unit]?: bigint } = {}
  for (const unit of units) {
    const amount = amounts[unit]
    if (amount === undefined) continue
    const before = tally[unit]
    const next = before + amount
    tally[unit] = next > 0n ? next : 0n
    added[unit] = tally[unit] - before
  }
  return added
}
