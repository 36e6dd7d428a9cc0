/**
 * A small ledger of its own that predicts every answer of the real one: what is held and refused, and why; what each hold ends as; what remains. It knows no
 * events and no journal, and every question is answered by going through lists. Written from docs/spec/ledger.md and docs/guides/budgets.md.
 */
import type { BudgetRule, Spend } from "../../src/format/facts/ledger.ts"
import { Allowances } from "./allowances.ts"
import { Extensions, less, partOf, type Draw, type Drawer, type Lack } from "./extensions.ts"
import { Counter, ofEach, unitNames, type Amounts, type Contribution, type Unit } from "./counters.ts"

export type Door = "model" | "tool" | "api"

export type Asked = {
  readonly door: Door
  readonly id: string
  readonly account: string
  readonly amounts: Amounts
  readonly spend: Spend
  readonly ttlMs: number
  readonly run?: string | undefined
  readonly call?: string | undefined
  readonly askedAtMs: number
  readonly against: string
  /** Whose extensions may make up for what is missing. */
  readonly drawer?: Drawer | undefined
}

export type HeldCall = Asked & {
  attempt: number
  placedAtMs: number
  expiresAtMs: number
  begunAtMs: number | undefined
  readonly shares: readonly { readonly counter: Counter; readonly share: Contribution; readonly opened: number }[]
  state: "open" | "settled" | "released" | "expired"
  actual: Amounts | undefined
  readonly draw: Draw | undefined
}

export type Refusal = {
  readonly why: string
  readonly budget?: string
  readonly account?: string
  readonly unit?: string
  readonly needed?: number
  readonly left?: number
}

/** Where several budgets have no room, any of them may be the one that is named. */
export type Answer = { readonly hold: string; readonly attempt: number } | { readonly refused: readonly Refusal[] }

export type Account = { in: { [U in Unit]?: number }; out: { [U in Unit]?: number }; allotted: { [U in Unit]?: number }; frozen: boolean }

export class Predictor {
  nowMs = 0
  frozen = false
  readonly counters = new Map<string, Counter>()
  readonly accounts = new Map<string, Account>()
  /** Every hold that ever was, the latest attempt of an id last. */
  holds: HeldCall[] = []
  readonly transfers = new Map<string, string>()
  readonly reports = new Set<string>()
  readonly allowances = new Allowances({
    balance: (account) => (this.accounts.get(account)?.in.moneyNanos ?? 0) - (this.accounts.get(account)?.out.moneyNanos ?? 0),
    held: (account) => this.heldOf(account, "moneyNanos"),
    isStill: (account) => this.frozen || this.accounts.get(account)?.frozen === true,
    post: (from, to, moneyNanos) => this.#move(from, to, { moneyNanos }),
    bind: (account) => void (this.account(account).allotted.moneyNanos ||= 1),
  })
  readonly extensions = new Extensions()

  at(ledgerMs: number): number {
    return (this.nowMs = ledgerMs)
  }

  account(name: string): Account {
    const found = this.accounts.get(name) ?? { in: {}, out: {}, allotted: {}, frozen: false }
    this.accounts.set(name, found)
    return found
  }

  open(): readonly HeldCall[] {
    return this.holds.filter(({ state }) => state === "open")
  }

  openHold(id: string | undefined, attempt?: number): HeldCall | undefined {
    return this.open().find((hold) => hold.id === id && (attempt === undefined || hold.attempt === attempt))
  }

  heldOf(account: string, unit: Unit, open: readonly HeldCall[] = this.open()): number {
    return open.reduce((sum, hold) => sum + (hold.account === account ? (heldBy(hold)[unit] ?? 0) : 0), 0)
  }

  hold(asked: Asked): Answer {
    const { id, account, amounts, spend } = asked
    const before = this.openHold(id)
    if (before && asked.door !== "api") return { hold: id, attempt: before.attempt }
    if (before) return same(before, asked) ? { hold: id, attempt: before.attempt } : { refused: [{ why: "id-taken" }] }
    if (this.frozen) return { refused: [{ why: "frozen" }] }
    const counters = [...this.counters.values()].filter((counter) => counter.matches(spend))
    const there = this.accounts.get(account)
    if (there?.frozen) return { refused: [{ why: "frozen", account }] }
    const standing = counters.find(({ frozen }) => frozen)
    if (standing) return { refused: [{ why: "frozen", budget: standing.rule.name }] }
    for (const { blocks, limited } of counters) {
      const unit = blocks ? limited.find((one) => amounts[one] === undefined) : undefined
      if (unit) return { refused: [{ why: "unstated", unit }] }
    }
    const bare = this.#overAccount(account, amounts)
    if (bare?.why === "unstated") return { refused: [bare] }
    const over = bare ? [bare] : counters.filter(({ blocks }) => blocks).flatMap((counter) => this.#overIn(counter, amounts))
    const lacks = over.length > 0 && asked.drawer ? this.lacks(asked) : undefined
    const draw = lacks && asked.drawer && this.extensions.draw(lacks, asked.drawer, this.nowMs)
    if (over.length > 0 && !draw) return { refused: over }
    const attempt = this.holds.filter((hold) => hold.id === id).length + 1
    const shares = counters.map((counter) => {
      counter.open(this.nowMs)
      const share: Contribution = { kind: "held", amounts: less(amounts, partOf(draw?.parts, counter.rule.name)), atMs: this.nowMs }
      counter.contributions.push(share)
      return { counter, share, opened: counter.opened }
    })
    this.holds.push({
      ...asked,
      attempt,
      placedAtMs: this.nowMs,
      expiresAtMs: this.nowMs + asked.ttlMs,
      begunAtMs: undefined,
      shares,
      state: "open",
      actual: undefined,
      draw,
    })
    this.account(account)
    return { hold: id, attempt }
  }

  #overAccount(account: string, amounts: Amounts): Refusal | undefined {
    const there = this.accounts.get(account)
    for (const unit of unitNames) {
      const needed = amounts[unit]
      if (!there || !(there.allotted[unit] ?? 0) || needed === 0) continue
      if (needed === undefined) return { why: "unstated", unit }
      const left = (there.in[unit] ?? 0) - (there.out[unit] ?? 0) - this.heldOf(account, unit)
      if (left < needed) return { why: "over-account", account, unit, needed, left: Math.max(0, left) }
    }
    return undefined
  }

  /** All that is missing, everywhere; undefined where an account bounds what is not stated. */
  lacks({ account, amounts, spend }: Asked): readonly Lack[] | undefined {
    const there = this.accounts.get(account)
    const bounded = unitNames.filter((unit) => (there?.allotted[unit] ?? 0) > 0)
    if (bounded.some((unit) => amounts[unit] === undefined)) return undefined
    const leftThere = (unit: Unit) => (there?.in[unit] ?? 0) - (there?.out[unit] ?? 0) - this.heldOf(account, unit)
    const counters = [...this.counters.values()].filter((counter) => counter.blocks && counter.matches(spend))
    return [
      lackOf(account, bounded, amounts, leftThere),
      ...counters.map((counter) => lackOf(counter.rule.name, counter.limited, amounts, (unit) => this.#leftIn(counter, unit))),
    ].filter((lack) => lack !== undefined)
  }

  #leftIn(counter: Counter, unit: Unit): number {
    return counter.room(unit, this.nowMs) - counter.sum("spent", unit, this.nowMs) - counter.sum("held", unit, this.nowMs)
  }

  #overIn(counter: Counter, amounts: Amounts): readonly Refusal[] {
    for (const unit of counter.limited) {
      const needed = amounts[unit] ?? 0
      const left = this.#leftIn(counter, unit)
      if (needed > 0 && needed > left) return [{ why: "over-budget", budget: counter.rule.name, unit, needed, left: Math.max(0, left) }]
    }
    return []
  }

  /** Ends a hold without a word on what it came to. */
  release(hold: HeldCall, state: "released" | "expired" = "released"): void {
    hold.state = state
    if (hold.draw) this.extensions.giveBack(hold.draw)
    for (const { counter, share } of hold.shares) counter.contributions = counter.contributions.filter((one) => one !== share)
  }

  /** In full, also above what was held, or after it expired: what no longer fits stands still. */
  settle(hold: HeldCall, actual: Amounts): void {
    const isLate = hold.state === "expired"
    const over = unitNames.filter((unit) => actual[unit] !== undefined && actual[unit] > (hold.amounts[unit] ?? 0))
    const used = hold.draw && !isLate ? this.extensions.settle(hold.draw, hold.amounts, actual) : { parts: [], isApproved: true }
    const drawn = used.isApproved ? used.parts : []
    for (const { counter, share, opened } of hold.shares) {
      counter.contributions = counter.contributions.filter((one) => one !== share)
      const now = this.counters.get(counter.rule.name)
      // Of a budget that was removed or set anew, and of a period that is over, nothing is counted any more.
      if (now === counter && counter.opened === opened) {
        if (isLate && counter.blocks && counter.limited.some((unit) => this.#hasNoRoom(counter, unit, actual))) counter.frozen = true
        counter.spend(less(actual, partOf(drawn, counter.rule.name)), hold.placedAtMs, this.nowMs)
      }
      if (now?.blocks && !used.isApproved && used.parts.some(({ of }) => of === now.rule.name)) now.frozen = true
      if (now?.blocks && now.limited.some((unit) => over.includes(unit))) now.frozen = true
    }
    hold.state = "settled"
    hold.actual = actual
    // Nobody owes afterwards what an extension bore of an account.
    const beyond = partOf(drawn, hold.account)
    if (Object.keys(beyond).length > 0) {
      this.#post("budget:unallocated", hold.account, beyond)
      addTo(this.account(hold.account).allotted, beyond)
    }
    this.#post(hold.account, hold.against, actual)
  }

  #hasNoRoom(counter: Counter, unit: Unit, actual: Amounts): boolean {
    const needed = actual[unit] ?? 0
    const used = counter.isOver(this.nowMs)
      ? counter.contributions.reduce((sum, { amounts }) => sum + (amounts[unit] ?? 0), 0)
      : counter.sum("spent", unit, this.nowMs) + counter.sum("held", unit, this.nowMs)
    return needed > 0 && used + needed > Number(counter.rule.limit[unit] ?? 0) + (counter.carried[unit] ?? 0)
  }

  /** Consumption without a hold, or more or less of it afterwards. */
  count(account: string, against: string, amounts: Amounts, spend: Spend, spentAtMs: number, sign: 1 | -1 = 1): void {
    for (const counter of this.counters.values()) {
      if (!counter.matches(spend)) continue
      counter.open(this.nowMs)
      if (!counter.reaches(spentAtMs, this.nowMs)) continue
      counter.spend(sign === 1 ? amounts : negative(amounts), spentAtMs, this.nowMs)
    }
    if (sign === 1) this.#post(account, against, amounts)
    else this.#post(against, account, amounts)
  }

  #post(from: string, to: string, amounts: Amounts): void {
    this.#move(from, to, amounts)
    this.allowances.moved(from, to, amounts.moneyNanos ?? 0)
  }

  #move(from: string, to: string, amounts: Amounts): void {
    addTo(this.account(from).out, amounts)
    addTo(this.account(to).in, amounts)
  }

  move(from: string, to: string, amounts: Amounts): string | undefined {
    if (this.accounts.get(from)?.frozen) return "frozen"
    if (from !== "budget:unallocated") {
      if (this.frozen) return "frozen"
      for (const unit of unitNames) {
        const needed = amounts[unit] ?? 0
        const there = this.accounts.get(from)
        if (needed > 0 && (there?.in[unit] ?? 0) - (there?.out[unit] ?? 0) - this.heldOf(from, unit) < needed) return "over-account"
      }
    }
    this.#post(from, to, amounts)
    addTo(this.account(to).allotted, amounts)
    return undefined
  }

  setBudget(rule: BudgetRule): void {
    const counter = this.counters.get(rule.name)
    if (!counter) this.counters.set(rule.name, new Counter(rule, this.nowMs))
    else if (JSON.stringify(counter.rule) !== JSON.stringify(rule)) counter.setRule(rule, this.nowMs)
  }
}

function same(before: HeldCall, asked: Asked): boolean {
  const of = ({ account, amounts, spend }: Asked) => JSON.stringify([account, unitNames.map((unit) => amounts[unit]), Object.entries(spend).sort()])
  return of(before) === of(asked)
}

function lackOf(of: string, limited: readonly Unit[], amounts: Amounts, left: (unit: Unit) => number): Lack | undefined {
  const missing = ofEach((unit) => {
    const needed = limited.includes(unit) ? (amounts[unit] ?? 0) : 0
    return needed > Math.max(0, left(unit)) ? needed - Math.max(0, left(unit)) : undefined
  })
  return Object.keys(missing).length > 0 ? { of, missing, limited } : undefined
}

function negative(amounts: Amounts): Amounts {
  return ofEach((unit) => amounts[unit] && -amounts[unit])
}

function addTo(tally: { [U in Unit]?: number }, amounts: Amounts): void {
  for (const unit of unitNames) if (amounts[unit] !== undefined) tally[unit] = (tally[unit] ?? 0) + amounts[unit]
}

/** Of the account itself: what an extension bears of it is not. */
function heldBy({ account, amounts, draw }: HeldCall): Amounts {
  return draw ? less(amounts, partOf(draw.parts, account)) : amounts
}
