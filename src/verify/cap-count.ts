/** One run of a budget's counters, counted again from the postings: what is held and spent, the most of it, and every entry that took it above the limit. */
import type { CapCount, CapMoment, CapSum } from "../format/cap-proof.ts"
import type { BudgetRule } from "../format/facts/ledger.ts"
import { addFloored, addTo, amountsIn, amountsJsonOf, capUnits, type CapAmounts, type CapUnit } from "./cap-amounts.ts"

export type Grade = "exact" | "bound" | "counted"
/** An entry that counts. */
export type Counted = { readonly sequence: number; readonly type: string }

/** What a hold keeps of the budget itself, and what an extension bears of it. */
export type Held = { readonly own: CapAmounts; readonly drawn: CapAmounts }

type Sum = { postings: number; readonly amounts: CapAmounts }

const listedMoments = 100

export class RunningCount {
  readonly from: number
  to: number | null = null
  /** The period that was asked for is one it had at some time. */
  isAsked = false
  open = 0
  #carried: CapAmounts
  #room: CapAmounts = new Map()
  readonly #rules: CapCount["rules"][number][] = []
  readonly #spent: CapAmounts = new Map()
  readonly #held: CapAmounts = new Map()
  readonly #drawn = { spent: new Map() as CapAmounts, held: new Map() as CapAmounts }
  readonly #peak = new Map<CapUnit, { readonly sequence: number; readonly amount: bigint }>()
  readonly #grades: { readonly [G in Grade]: Sum } = { exact: newSum(), bound: newSum(), counted: newSum() }
  readonly #corrected = newSum()
  readonly #holds = { placed: 0, settled: 0, released: 0, expired: 0 }
  readonly #exceeded: CapMoment[] = []
  readonly #worst = new Map<CapUnit, { readonly sequence: number; readonly by: bigint }>()
  #timesExceeded = 0
  /** What it began with, for people. */
  readonly #carriedFirst: CapAmounts

  constructor(from: number, carried: CapAmounts) {
    this.from = from
    this.#carried = carried
    this.#carriedFirst = carried
  }

  /** Takes a rule into force; answers what is wrong with it. */
  rule(sequence: number, rule: BudgetRule): string | undefined {
    const limit = amountsIn(rule.limit)
    if (!limit) return "the rule of the budget has no limit that can be read"
    const isFirst = this.#rules.length === 0
    if (rule.rollover !== true && !isFirst) this.#carried = new Map()
    this.#room = new Map([...limit].map(([unit, most]) => [unit, most + (this.#carried.get(unit) ?? 0n)]))
    const above: CapAmounts = new Map()
    for (const [unit, room] of this.#room) if (this.#used(unit) > room) above.set(unit, this.#used(unit) - room)
    this.#rules.push({ sequence, rule, ...(above.size === 0 ? {} : { above: amountsJsonOf(above) }) })
    const carries = [...this.#carried].every(([unit, amount]) => rule.rollover === true && amount <= (limit.get(unit) ?? 0n))
    if (isFirst && !carries) return "more is carried over than one limit, or by a budget that carries nothing over"
    return rule.period.per === "rolling" ? "a rolling span has no beginning that it could be counted from" : undefined
  }

  place(at: Counted, { own, drawn }: Held): void {
    this.#holds.placed++
    this.open++
    addTo(this.#held, own, 1n)
    addTo(this.#drawn.held, drawn, 1n)
    this.#look(at, own)
  }

  /** What was held is free; what became of it is told apart. */
  end(how: "settled" | "released" | "expired", { own, drawn }: Held): void {
    this.#holds[how]++
    this.open--
    addTo(this.#held, own, -1n)
    addTo(this.#drawn.held, drawn, -1n)
  }

  /** A settlement: `held` is what its hold kept until now, of a late one nothing. */
  settle(at: Counted, held: Held | undefined, posted: { readonly actual: CapAmounts; readonly drawn: CapAmounts; readonly grade: Grade }): void {
    const { drawn, grade } = posted
    const actual = less(posted.actual, drawn)
    addTo(this.#drawn.spent, drawn, 1n)
    if (held) this.end("settled", held)
    const sum = this.#grades[grade]
    sum.postings++
    addTo(sum.amounts, actual, 1n)
    addFloored(this.#spent, actual)
    const more = new Map(actual)
    if (held) addTo(more, held.own, -1n)
    this.#look(at, more)
  }

  /** A spend without a hold, or a correction. */
  post(at: Counted, consumed: CapAmounts, isCorrection: boolean): void {
    const sum = isCorrection ? this.#corrected : this.#grades.counted
    sum.postings++
    addTo(sum.amounts, consumed, 1n)
    addFloored(this.#spent, consumed)
    this.#look(at, consumed)
  }

  get result(): CapCount {
    const { exact, bound, counted } = this.#grades
    return {
      from: this.from,
      to: this.to,
      carried: amountsJsonOf(this.#carriedFirst),
      rules: this.#rules,
      peak: byUnit(this.#peak, ({ sequence, amount }) => ({ sequence, amount: String(amount) })),
      spent: amountsJsonOf(this.#spent),
      held: amountsJsonOf(this.#held),
      drawn: { spent: amountsJsonOf(this.#drawn.spent), held: amountsJsonOf(this.#drawn.held) },
      grades: { exact: sumJson(exact), bound: sumJson(bound), counted: sumJson(counted) },
      corrected: sumJson(this.#corrected),
      holds: { ...this.#holds, open: this.open },
      exceeded: this.#exceeded,
      timesExceeded: this.#timesExceeded,
      worst: byUnit(this.#worst, ({ sequence, by }) => ({ sequence, by: String(by) })),
    }
  }

  #used(unit: CapUnit): bigint {
    return (this.#spent.get(unit) ?? 0n) + (this.#held.get(unit) ?? 0n)
  }

  /** After an entry: only one that adds to a unit can take it above its limit, or to its peak. */
  #look({ sequence, type }: Counted, more: CapAmounts): void {
    for (const unit of capUnits) {
      const room = this.#room.get(unit)
      if (room === undefined || (more.get(unit) ?? 0n) <= 0n) continue
      const used = this.#used(unit)
      if (used > (this.#peak.get(unit)?.amount ?? 0n)) this.#peak.set(unit, { sequence, amount: used })
      if (used <= room) continue
      const by = used - room
      this.#timesExceeded++
      if (this.#exceeded.length < listedMoments) this.#exceeded.push({ sequence, type, unit, by: String(by) })
      if (by > (this.#worst.get(unit)?.by ?? 0n)) this.#worst.set(unit, { sequence, by })
    }
  }
}

/** What is left of the one without the other. */
export function less(amounts: CapAmounts, other: CapAmounts): CapAmounts {
  if (other.size === 0) return amounts
  const rest: CapAmounts = new Map(amounts)
  addTo(rest, other, -1n)
  return rest
}

function newSum(): Sum {
  return { postings: 0, amounts: new Map() }
}

function sumJson({ postings, amounts }: Sum): CapSum {
  return { postings, amounts: amountsJsonOf(amounts) }
}

function byUnit<V, J>(values: ReadonlyMap<CapUnit, V>, json: (value: V) => J): { readonly [unit: string]: J } {
  return Object.fromEntries(
    capUnits.flatMap((unit) => {
      const value = values.get(unit)
      return value === undefined ? [] : [[unit, json(value)]]
    }),
  )
}
