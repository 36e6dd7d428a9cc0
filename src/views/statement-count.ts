/** The sums of a statement, entry by entry. A hold is settled for what it was placed for, so what it was for is remembered while it may still be told of. */
import { countOf, objectOf, stringOf } from "../base/json.ts"
import { isContra, type AccountName } from "../ledger/accounts.ts"
import { add, emptyTally, subtract, type Amounts, type AmountsJson, type Tally } from "../ledger/amounts.ts"
import { units } from "../ledger/units.ts"
import { consumptionOf, modelIn, movementsIn, namesIn, type CountedMovement } from "../projections/posting-facts.ts"
import type { Opening } from "./reconcile-opening.ts"
import { tallyIn } from "./reconcile-tally.ts"
import type { AccountRow, ConsumptionRow, CorrectionRow, Statement } from "./statement.ts"

type Facts = Readonly<Record<string, unknown>>
type Taken = { readonly sequence: number; readonly type: string; readonly facts: Facts; readonly atMs: number }
type Purpose = { readonly model: string | null; readonly tool: string | null; readonly budgets: readonly string[] }
type Columns = { readonly [C in "opening" | "allocated" | "transferred" | "consumed" | "corrected"]: Tally }
type Sum = { times: number; readonly amounts: Tally }

const listedCorrections = 100
/** As many as the ledger itself remembers; a settlement later than that is of no known purpose. */
const rememberedEnded = 16_384

export class StatementCount {
  readonly #fromMs: number
  readonly #toMs: number
  readonly #accounts = new Map<string, Columns>()
  readonly #open = new Map<string, Purpose>()
  readonly #ended = new Map<string, Purpose>()
  readonly #sums = {
    model: new Map<string | null, Sum>(),
    tool: new Map<string | null, Sum>(),
    budget: new Map<string | null, Sum>(),
    grade: new Map<string | null, Sum>(),
  }
  readonly #corrections: CorrectionRow[] = []
  #totalCorrections = 0
  readonly #refused = new Map<string, number>()
  #stopped = 0

  constructor(fromMs: number, toMs: number) {
    this.#fromMs = fromMs
    this.#toMs = toMs
  }

  /** Goes on from balances that were carried on, where the entries before are gone. */
  begin({ accounts, holds, remembered }: Opening): void {
    for (const { name, debits, credits } of accounts) {
      const { opening } = this.#columns(String(name))
      add(opening, tallyIn(debits))
      subtract(opening, tallyIn(credits))
    }
    for (const hold of holds) this.#open.set(`${stringOf(hold["id"])}#${countOf(hold["attempt"])}`, purposeOfHold(hold))
    for (const [kind, id, what] of remembered) {
      const { outcome, attempt, hold } = objectOf(what)
      if (kind === "closed" && outcome === "expired") this.#ended.set(`${id}#${countOf(attempt)}`, purposeOfHold(objectOf(hold)))
    }
  }

  take(entry: Taken): void {
    const { type, facts } = entry
    if (entry.atMs >= this.#toMs) return
    const key = `${stringOf(facts["hold"])}#${countOf(facts["attempt"])}`
    if (type === "transfer.posted") {
      const movements = movementsIn(facts["movements"])
      if (movements) this.#post(entry, movements, purposeOf(facts), stringOf(facts["kind"]) ?? "")
    } else if (type === "hold.placed") this.#open.set(key, purposeOf(facts))
    else if (type === "hold.settled") {
      const movements = movementsIn(facts["movements"])
      if (movements) this.#post(entry, movements, this.#open.get(key) ?? this.#ended.get(key) ?? purposeOf({}), "hold")
      this.#open.delete(key)
      this.#ended.delete(key)
    } else if (type === "hold.released") this.#open.delete(key)
    else if (type === "hold.expired") this.#end(key)
  }

  refuse(why: string): void {
    this.#refused.set(why, (this.#refused.get(why) ?? 0) + 1)
  }

  stop(): void {
    this.#stopped++
  }

  counted(): Omit<Statement, "month" | "zone" | "from" | "until" | "provisional"> {
    const total = newColumns()
    const accounts = [...this.#accounts].filter(([name]) => !isContra(name as AccountName)).toSorted(([a], [b]) => (a < b ? -1 : 1))
    for (const [, columns] of accounts) for (const name of Object.keys(total) as (keyof Columns)[]) add(total[name], columns[name])
    const byReason = [...this.#refused].map(([why, count]) => ({ why, count })).toSorted((a, b) => b.count - a.count || (a.why < b.why ? -1 : 1))
    return {
      totals: rowOf(total),
      accounts: accounts.map(([account, columns]): AccountRow => ({ account, ...rowOf(columns) })),
      byModel: rowsOf(this.#sums.model),
      byTool: rowsOf(this.#sums.tool),
      byBudget: rowsOf(this.#sums.budget),
      byGrade: rowsOf(this.#sums.grade),
      corrections: this.#corrections,
      totalCorrections: this.#totalCorrections,
      refused: { total: byReason.reduce((sum, { count }) => sum + count, 0), byReason, stopped: this.#stopped },
    }
  }

  #post(entry: Taken, movements: readonly CountedMovement[], purpose: Purpose, kind: string): void {
    const isBefore = entry.atMs < this.#fromMs
    for (const movement of movements) this.#move(movement, isBefore ? "opening" : columnOf(kind))
    if (isBefore) return
    if (kind === "correction") return this.#correct(entry, movements)
    if (kind !== "spend" && kind !== "hold") return
    const consumed = consumptionOf(movements)
    const { model, tool, grade } = this.#sums
    const told = stringOf(entry.facts["grade"]) ?? null
    for (const [sums, name] of [
      [model, purpose.model],
      [tool, purpose.tool],
      [grade, told],
    ] as const)
      count(sums, name, consumed)
    for (const name of purpose.budgets) count(this.#sums.budget, name, consumed)
  }

  /** Consumption is told as what it is, everything else as what it brought. */
  #move({ debit, credit, amounts }: CountedMovement, column: keyof Columns): void {
    const [into, from] = [this.#columns(debit)[column], this.#columns(credit)[column]]
    if (column === "consumed") {
      subtract(into, amounts)
      add(from, amounts)
    } else {
      add(into, amounts)
      subtract(from, amounts)
    }
  }

  #correct({ sequence, facts }: Taken, movements: readonly CountedMovement[]): void {
    this.#totalCorrections++
    if (this.#corrections.length >= listedCorrections) return
    const [transfer = "", corrects = "", reason = ""] = ["transfer", "corrects", "reason"].map((name) => stringOf(facts[name]))
    for (const { debit, credit, amounts } of movements)
      this.#corrections.push({ sequence, transfer, corrects, reason, debit, credit, amounts: signedJson(amounts) })
  }

  #end(key: string): void {
    const purpose = this.#open.get(key)
    if (!purpose) return
    this.#open.delete(key)
    this.#ended.set(key, purpose)
    const oldest = this.#ended.keys().next().value
    if (this.#ended.size > rememberedEnded && oldest !== undefined) this.#ended.delete(oldest)
  }

  #columns(account: string): Columns {
    let columns = this.#accounts.get(account)
    if (!columns) this.#accounts.set(account, (columns = newColumns()))
    return columns
  }
}

function newColumns(): Columns {
  return { opening: emptyTally(), allocated: emptyTally(), transferred: emptyTally(), consumed: emptyTally(), corrected: emptyTally() }
}

function columnOf(kind: string): keyof Columns {
  // What an allowance takes back was allocated after all to nobody.
  if (kind === "allocation" || kind === "return") return "allocated"
  if (kind === "transfer") return "transferred"
  return kind === "correction" ? "corrected" : "consumed"
}

function rowOf(columns: Columns): Omit<AccountRow, "account"> {
  const closing = emptyTally()
  for (const column of ["opening", "allocated", "transferred", "corrected"] as const) add(closing, columns[column])
  subtract(closing, columns.consumed)
  return {
    opening: signedJson(columns.opening),
    allocated: signedJson(columns.allocated),
    transferred: signedJson(columns.transferred),
    consumed: signedJson(columns.consumed),
    corrected: signedJson(columns.corrected),
    closing: signedJson(closing),
  }
}

/** Without units of which there is nothing. */
function signedJson(amounts: Amounts): AmountsJson {
  return Object.fromEntries(units.flatMap((unit) => ((amounts[unit] ?? 0n) === 0n ? [] : [[unit, String(amounts[unit])]])))
}

function count(sums: Map<string | null, Sum>, name: string | null, amounts: Tally): void {
  const sum = sums.get(name) ?? { times: 0, amounts: emptyTally() }
  sum.times++
  add(sum.amounts, amounts)
  sums.set(name, sum)
}

/** The dearest first; what has no name last. */
function rowsOf(sums: ReadonlyMap<string | null, Sum>): readonly ConsumptionRow[] {
  return [...sums]
    .toSorted(([a, { amounts: one }], [b, { amounts: other }]) => {
      if (a === null || b === null) return a === null ? 1 : -1
      if (one.moneyNanos !== other.moneyNanos) return one.moneyNanos > other.moneyNanos ? -1 : 1
      return a < b ? -1 : 1
    })
    .map(([name, { times, amounts }]) => ({ name, times, amounts: signedJson(amounts) }))
}

function purposeOf(facts: Facts): Purpose {
  return { model: modelIn(facts["spend"]), tool: stringOf(objectOf(facts["spend"])["tool"]) ?? null, budgets: namesIn(facts["budgets"]) }
}

/** In balances the budgets of a hold stand with their periods. */
function purposeOfHold(hold: Facts): Purpose {
  const shares = Array.isArray(hold["shares"]) ? hold["shares"].map((share) => objectOf(share)["budget"]) : []
  return purposeOf({ spend: hold["spend"], budgets: shares })
}
