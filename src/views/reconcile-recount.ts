/**
 * All entries counted again, in the order of the journal, by code of its own: nothing here is shared with what keeps the live state, so that a mistake in
 * one shows in the other. What cannot have come from a ledger that keeps its rules is a violation, with the entry it was seen at.
 */
import { countOf, objectOf, stringOf } from "../base/json.ts"
import { isAccountName, isContra, type AccountName } from "../ledger/accounts.ts"
import { add, amountWords, subtract, without } from "../ledger/amounts.ts"
import { units } from "../ledger/units.ts"
import { BudgetRecount } from "./reconcile-budgets.ts"
import { carriedOn, newCounted, rememberedIds, type CountedAccount, type OpenHold } from "./reconcile-carried.ts"
import type { Opening } from "./reconcile-opening.ts"
import { drawnFor, ExtensionRecount } from "./reconcile-extensions.ts"
import { Drift } from "./reconcile-drift.ts"
import { consumptionOf, isSpent, modelIn, movementsIn, namesIn, totalOf, type CountedMovement } from "../projections/posting-facts.ts"
import { IdIndex } from "./reconcile-index.ts"
import type { Violations } from "./reconcile-violations.ts"

type Facts = Readonly<Record<string, unknown>>
type Entry = { readonly sequence: number; readonly type: string; readonly facts: Facts }

export class Recount {
  readonly accounts = new Map<AccountName, CountedAccount>()
  readonly open = new Map<string, OpenHold>()
  readonly budgets = new BudgetRecount()
  readonly drift = new Drift()
  events = 0
  postings = 0
  lastMs = 0
  #mayLackIds = false
  readonly #expired = new Map<string, OpenHold>()
  readonly #rules = new Map<string, Facts>()
  readonly #ids = new IdIndex()
  readonly #violations: Violations
  readonly #extensions: ExtensionRecount

  constructor(violations: Violations) {
    this.#violations = violations
    this.#extensions = new ExtensionRecount(violations)
  }

  /** Goes on from balances that were carried on, where the entries before are gone. */
  begin(opening: Opening, sequence: number): void {
    const carried = carriedOn(opening, sequence)
    this.#mayLackIds = carried.mayLackIds
    this.lastMs = carried.lastMs
    for (const [name, account] of carried.accounts) this.accounts.set(name, account)
    for (const [name, rule] of carried.rules) this.#rules.set(name, rule)
    for (const [id, hold] of carried.open) this.open.set(id, hold)
    for (const [id, hold] of carried.expired) this.#expired.set(id, hold)
    for (const id of carried.ids) this.#ids.set(id, sequence)
    this.budgets.begin(opening)
    this.#extensions.begin(opening.extensions)
  }

  take(entry: Entry): void {
    const { facts, type } = entry
    this.events++
    this.lastMs = countOf(facts["atMs"]) ?? this.lastMs
    if (type === "transfer.posted") this.#transfer(entry)
    else if (type === "budget.set") this.budgets.set(facts["rule"], this.lastMs)
    else if (type === "budget.removed") this.budgets.remove(facts["budget"])
    else if (type === "budget.opened") this.budgets.open(facts["budget"])
    else if (type === "allowance.set" || type === "allowance.opened") this.#allowance(entry)
    else if (type === "clock.accepted") this.#leap(countOf(facts["leapMs"]) ?? 0)
    else if (type === "hold.placed") this.#place(entry)
    else if (type.startsWith("hold.")) this.#close(entry)
    else if (type.startsWith("extension.")) this.#extensions.take(entry.sequence, type, facts)
  }

  #transfer({ sequence, facts }: Entry): void {
    const id = stringOf(facts["transfer"])
    const movements = movementsIn(facts["movements"])
    if (id === undefined || !movements) return this.#malformed(sequence, "transfer.posted", id)
    const kind = stringOf(facts["kind"])
    const allots = kind === "allocation" || kind === "transfer"
    if (kind === "correction") this.#correction(sequence, id, facts, movements)
    for (const movement of movements) {
      if ((allots || kind === "return") && !isContra(movement.credit)) this.#bound(sequence, id, movement)
      this.#post(sequence, movement)
      if (allots && !isContra(movement.debit)) add(this.#account(movement.debit).allotted, movement.amounts)
      if (kind === "return") add(this.#account(movement.credit).returned, movement.amounts)
    }
    const spentAtMs = countOf(facts["spentAtMs"]) ?? this.lastMs
    this.budgets.spend(namesIn(facts["budgets"]), consumptionOf(movements), spentAtMs, this.lastMs)
    this.postings++
    this.#usage(sequence, id, facts)
    this.drift.add(modelIn(facts["spend"]), facts["basis"], consumptionOf(movements).moneyNanos)
    this.#ids.set(`transfer ${id}`, sequence)
  }

  /** A period hands out one quota; with rollover two, where periods were missed. */
  #allowance({ sequence, type, facts }: Entry): void {
    const rule = type === "allowance.set" ? objectOf(facts["rule"]) : this.#rules.get(stringOf(facts["allowance"]) ?? "")
    const [name, to] = [stringOf(rule?.["name"]), stringOf(rule?.["to"])]
    if (!rule || name === undefined || to === undefined || !isAccountName(to)) return this.#malformed(sequence, type, name)
    this.#rules.set(name, rule)
    const { fed } = this.#account(to)
    for (const [unit, quota] of Object.entries(objectOf(rule["amounts"]))) {
      fed.add(unit)
      const [granted, most] = [amountIn(objectOf(facts["granted"])[unit]), amountIn(quota) * (rule["rollover"] === true ? 2n : 1n)]
      if (granted > most) this.#violations.add("above-quota", sequence, name, `It hands out ${granted} ${unit}, and may hand out ${most}.`)
    }
  }

  #correction(sequence: number, id: string, facts: Facts, movements: readonly CountedMovement[]): void {
    const corrects = stringOf(facts["corrects"])
    const known = corrects !== undefined && (this.#ids.get(`transfer ${corrects}`) ?? this.#ids.get(`placed ${corrects}`)) !== undefined
    // What it corrects may be longer ago than anything that was carried on.
    if (!known && !(this.#mayLackIds && corrects !== undefined))
      this.#violations.add("corrects-nothing", sequence, id, `It corrects ${corrects ?? "nothing"}, which no entry before it posted or placed.`)
    for (const { credit, amounts } of movements) {
      if (!isSpent(credit)) continue
      const { debits, credits } = this.#account(credit)
      for (const unit of units) {
        const left = debits[unit] - credits[unit]
        const back = amounts[unit] ?? 0n
        if (back > left)
          this.#violations.add("gives-back-too-much", sequence, id, `It gives back ${amountWords(unit, back)}; ${credit} holds ${amountWords(unit, left)}.`)
      }
    }
  }

  /** Time was not over because a clock was set. */
  #leap(ms: number): void {
    for (const hold of this.open.values()) hold.expiresAtMs += ms
  }

  #place({ sequence, facts }: Entry): void {
    const id = stringOf(facts["hold"])
    const attempt = countOf(facts["attempt"])
    const expiresAtMs = countOf(facts["expiresAtMs"])
    const movements = movementsIn(facts["movements"])
    if (id === undefined || attempt === undefined || expiresAtMs === undefined || !movements) return this.#malformed(sequence, "hold.placed", id)
    if (this.open.has(id))
      this.#violations.add("placed-twice", sequence, id, `It was placed again while it was open (placed at #${this.open.get(id)?.sequence}).`)
    const drawn = this.#extensions.place(sequence, id, facts["draws"])
    for (const movement of movements) {
      const own = { ...movement, amounts: without(movement.amounts, drawnFor(drawn, movement.credit)) }
      this.#bound(sequence, id, own)
      add(this.#account(movement.credit).held, own.amounts)
    }
    const total = totalOf(movements)
    const shares = this.budgets.hold(namesIn(facts["budgets"]), total, drawn)
    const model = modelIn(facts["spend"])
    this.open.set(id, { attempt, sequence, placedAtMs: this.lastMs, expiresAtMs, movements, total, shares, drawn, model, consumed: false })
    this.#ids.set(`placed ${id}`, sequence)
  }

  #close(entry: Entry): void {
    const { sequence, type, facts } = entry
    const id = stringOf(facts["hold"])
    const attempt = countOf(facts["attempt"])
    if (id === undefined || attempt === undefined) return this.#malformed(sequence, type, id)
    if (type === "hold.settled" && facts["late"] === true) return this.#settleLate(entry, id, attempt)
    const hold = this.open.get(id)
    if (hold?.attempt !== attempt) {
      this.#notOpen(sequence, type, id, attempt)
      if (type === "hold.settled") this.#settle(entry, id, undefined)
      return
    }
    if (type === "hold.consumed") {
      hold.consumed = true
      return
    }
    this.#letGo(id, hold)
    if (type === "hold.settled") this.#settle(entry, id, hold)
    if (type === "hold.expired") this.#expire(sequence, id, hold)
    this.#ids.set(`closed ${id}#${attempt}`, sequence)
  }

  #notOpen(sequence: number, type: string, id: string, attempt: number): void {
    const closedAt = this.#ids.get(`closed ${id}#${attempt}`)
    const words = type.slice("hold.".length)
    if (closedAt !== undefined) this.#violations.add("closed-twice", sequence, id, `Attempt ${attempt} is ${words}, and was closed already at #${closedAt}.`)
    else this.#violations.add("no-open-hold", sequence, id, `Attempt ${attempt} is ${words}, and no such hold was placed before it.`)
  }

  #settleLate(entry: Entry, id: string, attempt: number): void {
    const hold = this.#expired.get(id)
    if (hold?.attempt === attempt) this.#expired.delete(id)
    else this.#notOpen(entry.sequence, "hold.settled", id, attempt)
    this.#settle(entry, id, hold?.attempt === attempt ? hold : undefined)
    this.#ids.set(`closed ${id}#${attempt}`, entry.sequence)
  }

  #settle({ sequence, facts }: Entry, id: string, hold: OpenHold | undefined): void {
    const movements = movementsIn(facts["movements"])
    if (!movements) return this.#malformed(sequence, "hold.settled", id)
    for (const movement of movements) this.#post(sequence, movement)
    const total = totalOf(movements)
    this.postings++
    this.#usage(sequence, id, facts)
    this.drift.add(hold?.model ?? null, facts["basis"], total.moneyNanos)
    if (!hold) return
    const drawn = this.#extensions.settle(sequence, id, facts["drawn"], hold.drawn)
    this.budgets.settle(hold.shares, { total, drawn }, hold.placedAtMs, this.lastMs)
    const places = new Set(hold.movements.map(({ debit, credit }) => `${debit} ${credit}`))
    const elsewhere = movements.find(({ debit, credit }) => !places.has(`${debit} ${credit}`))
    if (elsewhere)
      this.#violations.add("settled-elsewhere", sequence, id, `It is settled from ${elsewhere.credit} to ${elsewhere.debit}, for which it kept nothing.`)
    if (facts["over"] !== undefined) return
    for (const unit of units) {
      if (total[unit] > hold.total[unit])
        this.#violations.add(
          "over-unmarked",
          sequence,
          id,
          `It came to ${amountWords(unit, total[unit])} of ${amountWords(unit, hold.total[unit])} held, and does not say so.`,
        )
    }
  }

  #expire(sequence: number, id: string, hold: OpenHold): void {
    if (this.lastMs < hold.expiresAtMs) this.#violations.add("expired-early", sequence, id, `It expired ${hold.expiresAtMs - this.lastMs} ms before its time.`)
    if (hold.consumed) this.#violations.add("consumed-for-nothing", sequence, id, "What it was placed for had begun, and it was given back in full.")
    this.#expired.delete(id)
    this.#expired.set(id, hold)
    const oldest = this.#expired.keys().next().value
    if (this.#expired.size > rememberedIds && oldest !== undefined) this.#expired.delete(oldest)
  }

  #letGo(id: string, hold: OpenHold): void {
    this.open.delete(id)
    for (const { credit, amounts } of hold.movements) subtract(this.#account(credit).held, without(amounts, drawnFor(hold.drawn, credit)))
    this.budgets.letGo(hold.shares, hold.total, hold.drawn)
    this.#extensions.letGo(hold.drawn)
  }

  /** An account that was ever allotted a unit neither holds nor hands on more of it than it has. */
  #bound(sequence: number, id: string, { credit, amounts }: CountedMovement): void {
    const { allotted, fed, debits, credits, held } = this.#account(credit)
    for (const unit of units) {
      const needed = amounts[unit] ?? 0n
      const left = debits[unit] - credits[unit] - held[unit]
      if (needed > left && (allotted[unit] > 0n || fed.has(unit)) && !isContra(credit))
        this.#violations.add(
          "more-than-there-was",
          sequence,
          id,
          `It takes ${amountWords(unit, needed)} of ${credit}, which has ${amountWords(unit, left)} left.`,
        )
    }
  }

  #usage(sequence: number, id: string, facts: Facts): void {
    const usage = stringOf(facts["usage"])
    if (usage === undefined) return
    const before = this.#ids.get(`usage ${usage}`)
    if (before !== undefined) this.#violations.add("usage-twice", sequence, id, `The report of usage ${usage} was counted already at #${before}.`)
    this.#ids.set(`usage ${usage}`, sequence)
  }

  #post(sequence: number, { debit, credit, amounts }: CountedMovement): void {
    add(this.#account(debit).debits, amounts)
    const from = this.#account(credit)
    add(from.credits, amounts)
    // Where it last went below nothing, so that whoever looks knows where to look.
    for (const unit of units) {
      const isBelow = from.debits[unit] < from.credits[unit]
      if (!isBelow) from.below.delete(unit)
      else if (!from.below.has(unit)) from.below.set(unit, sequence)
    }
  }

  #account(name: AccountName): CountedAccount {
    let account = this.accounts.get(name)
    if (!account) {
      account = newCounted()
      this.accounts.set(name, account)
    }
    return account
  }

  #malformed(sequence: number, type: string, id: string | undefined): void {
    this.#violations.add("malformed", sequence, id ?? type, "It does not move amounts of known units from one account to another.")
  }
}

function amountIn(value: unknown): bigint {
  return typeof value === "string" && /^\d{1,19}$/.test(value) ? BigInt(value) : 0n
}
