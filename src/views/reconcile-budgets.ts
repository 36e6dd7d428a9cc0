/** What budgets have spent and hold in their current period, counted again from what events say: another way than the ledger keeps it. */
import { countOf, objectOf, stringOf } from "../base/json.ts"
import { add, emptyTally, subtract, type Tally } from "../ledger/amounts.ts"
import type { Opening } from "./reconcile-opening.ts"
import { tallyIn } from "./reconcile-tally.ts"
import { withoutDrawn, type Drawn } from "./reconcile-extensions.ts"
import { units } from "../ledger/units.ts"

/** One share of a hold: the budget, and which of its periods. */
export type Share = { readonly budget: string; readonly period: number }

type Counted = {
  period: number
  held: Tally
  /** When what was spent leaves again; undefined where it stays until the period is over. */
  span: number | undefined
  /** By the instant it is counted at; one row where nothing leaves. */
  spent: Map<number, Tally>
}

const partsOfSpan = 60

export class BudgetRecount {
  readonly #budgets = new Map<string, Counted>()
  #periods = 0

  /** As balances that were carried on tell of them. A period is told apart by the number the ledger gave it; holds may be of one whose budget was removed. */
  begin({ budgets, serial: latest }: Pick<Opening, "budgets" | "serial">): void {
    this.#periods = countOf(latest) ?? 0
    for (const { rule, serial, held, spent, slices } of budgets) {
      const { name, period } = objectOf(rule)
      const told = objectOf(period)
      const budget = stringOf(name)
      if (budget === undefined) continue
      const span = told["per"] === "rolling" ? countOf(told["spanMs"]) : undefined
      const places = Array.isArray(slices) ? slices.map(objectOf) : []
      const parts =
        span === undefined ? [[0, tallyIn(spent)] as const] : places.map((slice) => [countOf(slice["startMs"]) ?? 0, tallyIn(slice["spent"])] as const)
      this.#budgets.set(budget, { period: countOf(serial) ?? 0, held: tallyIn(held), span, spent: new Map(parts) })
    }
  }

  set(rule: unknown, atMs: number): void {
    const { name, period } = objectOf(rule)
    const told = objectOf(period)
    const budget = stringOf(name)
    if (budget === undefined) return
    const span = told["per"] === "rolling" ? countOf(told["spanMs"]) : undefined
    const before = this.#budgets.get(budget)
    if (!before) this.#budgets.set(budget, { period: ++this.#periods, held: emptyTally(), span, spent: new Map() })
    else if (before.span !== span) {
      // What was spent stays, whatever the kind of period; in a span it leaves with the instant of the change.
      const spent = spentAt(before, atMs)
      Object.assign(before, { span, spent: new Map([[placeOf(span, atMs), spent]]) })
    }
  }

  remove(name: unknown): void {
    this.#budgets.delete(String(name))
  }

  open(name: unknown): void {
    const budget = this.#budgets.get(String(name))
    if (budget) Object.assign(budget, { period: ++this.#periods, held: emptyTally(), spent: new Map() })
  }

  /** `drawn`: what an extension bears of it. */
  hold(names: readonly string[], total: Tally, drawn: Drawn | undefined): readonly Share[] {
    return names.flatMap((name) => {
      const budget = this.#budgets.get(name)
      if (!budget) return []
      add(budget.held, withoutDrawn(total, drawn, name))
      return [{ budget: name, period: budget.period }]
    })
  }

  letGo(shares: readonly Share[], total: Tally, drawn: Drawn | undefined): void {
    for (const { budget: name, period } of shares) {
      const budget = this.#budgets.get(name)
      if (budget?.period === period) subtract(budget.held, withoutDrawn(total, drawn, name))
    }
  }

  /** Of what a hold came to: in the period the hold was placed in, or in none. */
  settle(shares: readonly Share[], { total, drawn }: { readonly total: Tally; readonly drawn: Drawn | undefined }, spentAtMs: number, atMs: number): void {
    for (const { budget: name, period } of shares) {
      const budget = this.#budgets.get(name)
      if (budget?.period === period) count(budget, withoutDrawn(total, drawn, name), spentAtMs, atMs)
    }
  }

  spend(names: readonly string[], consumed: Tally, spentAtMs: number, atMs: number): void {
    for (const name of names) {
      const budget = this.#budgets.get(name)
      if (budget) count(budget, consumed, spentAtMs, atMs)
    }
  }

  /** Every budget that was not removed, as it stands at an instant. */
  at(atMs: number): ReadonlyMap<string, { readonly spent: Tally; readonly held: Tally }> {
    return new Map([...this.#budgets].map(([name, budget]) => [name, { spent: spentAt(budget, atMs), held: budget.held }]))
  }
}

/** A span is counted in sixtieths, of which each leaves whole, with its last instant. */
function placeOf(span: number | undefined, atMs: number): number {
  if (span === undefined) return 0
  const width = Math.ceil(span / partsOfSpan)
  return atMs - (atMs % width)
}

function isGone({ span }: Counted, place: number, atMs: number): boolean {
  return span !== undefined && place + Math.ceil(span / partsOfSpan) + span <= atMs
}

function count(budget: Counted, amounts: Tally, spentAtMs: number, atMs: number): void {
  for (const place of budget.spent.keys()) if (isGone(budget, place, atMs)) budget.spent.delete(place)
  const place = placeOf(budget.span, spentAtMs)
  if (isGone(budget, place, atMs)) return
  const spent = budget.spent.get(place) ?? emptyTally()
  budget.spent.set(place, spent)
  for (const unit of units) {
    const next = spent[unit] + amounts[unit]
    // What is given back of an earlier period makes no room in this one below nothing spent.
    spent[unit] = next > 0n ? next : 0n
  }
}

function spentAt(budget: Counted, atMs: number): Tally {
  const total = emptyTally()
  for (const [place, spent] of budget.spent) if (!isGone(budget, place, atMs)) add(total, spent)
  return total
}
