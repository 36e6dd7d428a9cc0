/**
 * Which run of a budget's counters each entry counts in, from a stretch of the journal alone (docs/spec/cap-proof.md, "Counting"). Used by who verifies a
 * cap proof, and by who makes one. Entries come in the order of the journal; facts may come from anybody.
 */
import { countOf, objectOf, stringOf } from "../base/json.ts"
import { isTimed, type CapFreeze, type CapPeriod, type CapResult } from "../format/cap-proof.ts"
import type { BudgetRule } from "../format/facts/ledger.ts"
import { amountsIn, consumedOf, movementsIn, totalOf, type CapAmounts } from "./cap-amounts.ts"
import { less, RunningCount, type Counted, type Grade, type Held } from "./cap-count.ts"
import { CapExtensions, type Drawing } from "./cap-extensions.ts"

type Facts = Readonly<Record<string, unknown>>
/** `count` is none where it is not known in which it counts; what it draws is known all the same. */
type OpenHold = { readonly count: RunningCount | undefined; readonly held: Held; readonly drawing: Drawing | undefined }

const grades: readonly string[] = ["exact", "bound", "counted"] satisfies Grade[]

export class CapTally {
  readonly #budget: string
  readonly #period: CapPeriod
  readonly #note: (sequence: number, what: string) => void
  readonly #asked: RunningCount[] = []
  readonly #open = new Map<string, OpenHold>()
  readonly #expired = new Map<string, RunningCount>()
  readonly #freezes: CapFreeze[] = []
  readonly #extensions: CapExtensions
  #now: RunningCount | undefined
  /** Whether there is such a budget is not known before an entry says it. */
  #isUnknown: boolean
  #rule: BudgetRule | undefined
  #firstMs: number | undefined
  #lastMs = 0
  readonly #first: number
  #last: number

  constructor(asked: CapPeriod & { readonly budget: string; readonly first: number }, note: (sequence: number, what: string) => void) {
    this.#budget = asked.budget
    this.#period = asked
    this.#note = note
    this.#extensions = new CapExtensions(asked.budget, note)
    this.#isUnknown = asked.first !== 0
    this.#first = asked.first
    this.#last = asked.first - 1
  }

  /** The next entry; of those that are not shown the type is enough. */
  take(sequence: number, type: string, facts: Facts | undefined): void {
    this.#last = sequence
    if (!facts || !isTimed(type)) return
    const atMs = countOf(facts["atMs"])
    if (atMs === undefined) return this.#note(sequence, "its facts have no ledger time")
    if (atMs < this.#lastMs) this.#note(sequence, "ledger time runs backwards")
    if (sequence === this.#first) this.#firstMs = atMs
    this.#lastMs = atMs
    this.#count({ sequence, type }, facts)
  }

  /** The stretch begins before the period: with the journal, or at an entry of the ledger's of an earlier instant. */
  get beginsBefore(): boolean {
    return this.#first === 0 || (this.#firstMs !== undefined && this.#firstMs < this.#period.startMs)
  }

  /** Nothing after the last entry can count in it any more, as far as can be known. */
  get isOver(): boolean {
    return this.isPassed && this.#asked.every(({ open }) => open === 0)
  }

  /** An entry of the ledger's stands at or after the end of the period. */
  get isPassed(): boolean {
    const { startMs, endMs } = this.#period
    if (endMs !== undefined) return this.#lastMs >= endMs
    return this.#lastMs > startMs && this.#asked.length > 0 && !this.#now?.isAsked
  }

  get result(): CapResult {
    return {
      first: this.#first,
      last: this.#last,
      running: !this.isPassed,
      counts: this.#asked.map(({ result }) => result),
      freezes: this.#freezes,
      extensions: this.#extensions.result,
    }
  }

  #count(at: Counted, facts: Facts): void {
    switch (at.type) {
      case "budget.set":
        return this.#set(at.sequence, facts)
      case "budget.opened":
        if (facts["budget"] === this.#budget) this.#openPeriod(at.sequence, facts)
        return
      case "budget.removed":
        if (facts["budget"] !== this.#budget) return
        this.#begin(undefined, at.sequence)
        this.#rule = undefined
        return
      case "budget.frozen":
      case "budget.unfrozen":
        if (facts["budget"] === this.#budget && this.#asked.length > 0) this.#freezes.push({ ...at, reason: stringOf(facts["reason"]) ?? "" })
        return
      case "extension.asked":
        return this.#extensions.ask(at.sequence, facts)
      case "extension.granted":
        return this.#extensions.grant(at.sequence, facts)
      case "hold.placed":
        return this.#place(at, facts)
      case "transfer.posted":
        return this.#post(at, facts)
      default:
        return this.#end(at, facts)
    }
  }

  #set(sequence: number, facts: Facts): void {
    const rule = ruleIn(facts["rule"])
    if (!rule) return this.#note(sequence, "its facts have no rule of a budget")
    if (rule.name !== this.#budget) return
    const isCreated = facts["created"] === true
    if (isCreated && this.#now) this.#note(sequence, "the budget is set for the first time, while there is one")
    if (isCreated || (!this.#now && !this.#isUnknown)) this.#begin(new RunningCount(sequence, new Map()), sequence)
    this.#rule = rule
    if (this.#now) this.#ruled(sequence, rule, facts)
    else if (this.#isAsked(facts)) this.#note(sequence, "the budget counted before the first entry, so what it had counted is not known")
  }

  #openPeriod(sequence: number, facts: Facts): void {
    const rule = facts["rule"] === undefined ? this.#rule : ruleIn(facts["rule"])
    const carried = amountsIn(facts["carried"] === undefined ? {} : facts["carried"])
    if (!rule || !carried) {
      if (this.#isAsked(facts)) this.#note(sequence, "the rule in force where the period opens is not told")
      return this.#begin(undefined, sequence, true)
    }
    this.#begin(new RunningCount(sequence, carried), sequence)
    this.#rule = rule
    this.#ruled(sequence, rule, facts)
  }

  /** Another run of the counters, or none: the one before it has ended. */
  #begin(next: RunningCount | undefined, sequence: number, isUnknown = false): void {
    if (this.#now) this.#now.to = sequence
    this.#now = next
    this.#isUnknown = isUnknown
  }

  #ruled(sequence: number, rule: BudgetRule, facts: Facts): void {
    const count = this.#now
    if (!count) return
    const problem = count.rule(sequence, rule)
    if (this.#isAsked(facts) && !count.isAsked) {
      count.isAsked = true
      this.#asked.push(count)
    }
    if (problem !== undefined && count.isAsked) this.#note(sequence, problem)
  }

  #isAsked(facts: Facts): boolean {
    return facts["startMs"] === this.#period.startMs && facts["endMs"] === this.#period.endMs
  }

  /** The count that an entry names by the budget's name; one that nobody knows yet is of an earlier period. */
  #named(at: Counted, facts: Facts): RunningCount | undefined {
    const names = facts["budgets"]
    if (!Array.isArray(names) || !names.includes(this.#budget)) return undefined
    if (!this.#now && !this.#isUnknown) this.#note(at.sequence, "it counts in the budget while there is none")
    return this.#now
  }

  #place(at: Counted, facts: Facts): void {
    if (!Array.isArray(facts["budgets"])) return this.#note(at.sequence, "its facts do not say in which budgets it counts")
    const count = this.#named(at, facts)
    const drawing = this.#extensions.draw(at.sequence, facts, count?.isAsked === true)
    if (!count && !drawing) return
    const [key, movements] = [holdOf(facts), movementsIn(facts["movements"])]
    if (key === undefined || !movements) return this.#note(at.sequence, "its facts are not those of a hold")
    if (this.#open.has(key)) this.#note(at.sequence, "the hold is open already")
    const drawn: CapAmounts = drawing?.amounts ?? new Map()
    const held = { own: less(totalOf(movements), drawn), drawn }
    if ([...held.own.values()].some((amount) => amount < 0n)) this.#note(at.sequence, "it draws more than it holds")
    this.#open.set(key, { count, held, drawing })
    count?.place(at, held)
  }

  #post(at: Counted, facts: Facts): void {
    const count = this.#named(at, facts)
    if (!count) return
    const movements = movementsIn(facts["movements"])
    if (!movements) return this.#note(at.sequence, "its facts have no movements that can be read")
    count.post(at, consumedOf(movements), facts["kind"] === "correction")
  }

  #end(at: Counted, facts: Facts): void {
    const key = holdOf(facts)
    if (key === undefined) return this.#note(at.sequence, "its facts name no hold")
    if (at.type === "hold.settled" && facts["late"] === true) {
      this.#settle(at, facts, { count: this.#expired.get(key), held: undefined, drawing: undefined })
      this.#expired.delete(key)
      return
    }
    const hold = this.#open.get(key)
    if (!hold) return
    this.#open.delete(key)
    if (at.type === "hold.settled") return this.#settle(at, facts, hold)
    this.#extensions.end(at.sequence, hold.drawing, undefined)
    hold.count?.end(at.type === "hold.released" ? "released" : "expired", hold.held)
    if (at.type === "hold.expired" && hold.count) this.#expired.set(key, hold.count)
  }

  #settle(at: Counted, facts: Facts, { count, held, drawing }: Omit<OpenHold, "held"> & { readonly held: Held | undefined }): void {
    if (!count && !drawing) return
    const [movements, grade] = [movementsIn(facts["movements"]), facts["grade"]]
    if (!movements || typeof grade !== "string" || !grades.includes(grade)) return this.#note(at.sequence, "its facts are not those of a settlement")
    const [actual, drawn] = [totalOf(movements), this.#extensions.end(at.sequence, drawing, facts["drawn"])]
    if ([...drawn].some(([unit, amount]) => amount > (actual.get(unit) ?? 0n))) this.#note(at.sequence, "it draws more than it came to")
    count?.settle(at, held, { actual, drawn, grade: grade as Grade })
  }
}

function holdOf(facts: Facts): string | undefined {
  const [hold, attempt] = [stringOf(facts["hold"]), countOf(facts["attempt"])]
  return hold === undefined || attempt === undefined ? undefined : `${attempt}#${hold}`
}

/** As far as it is read here: a name, a limit, a period and whether anything rolls over. */
function ruleIn(value: unknown): BudgetRule | undefined {
  const { name, limit, period } = objectOf(value)
  const isRule = typeof name === "string" && typeof limit === "object" && limit !== null && !Array.isArray(limit) && typeof objectOf(period)["per"] === "string"
  return isRule ? (value as BudgetRule) : undefined
}
