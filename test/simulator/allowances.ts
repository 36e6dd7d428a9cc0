/**
 * Quotas that accounts are given in every period, predicted from docs/spec/ledger.md: each is a share of an account's money. Periods are told apart by the text
 * clocks show, and nothing is known of events. Of money alone: no order of a schedule gives anything else.
 */
import type { AllowanceRule } from "../../src/format/facts/ledger.ts"
import { follows, periodEnd, periodName } from "./calendar.ts"

/** What they need to know of the ledger they are part of. */
export type Purse = {
  readonly balance: (account: string) => number
  readonly held: (account: string) => number
  readonly isStill: (account: string) => boolean
  readonly post: (from: string, to: string, nanos: number) => void
  /** From here on the account spends no more than it has. */
  readonly bind: (account: string) => void
}

type Share = { rule: AllowanceRule; period: string; endMs: number; left: number; used: number; out: number; waits: boolean }

const unallocated = "budget:unallocated"

export class Allowances {
  readonly all = new Map<string, Share>()
  readonly #purse: Purse

  constructor(purse: Purse) {
    this.#purse = purse
  }

  /** A posting of any other kind. */
  moved(from: string, to: string, nanos: number): void {
    this.#leaves(from, nanos)
    if (from.startsWith("spent:")) this.#returns(to, nanos)
  }

  set(rule: AllowanceRule, nowMs: number): string | undefined {
    const before = this.all.get(rule.name)
    if (before && JSON.stringify(before.rule) === JSON.stringify(rule)) return undefined
    if (this.#reaches(rule.to, rule.from, rule.name)) return "allowance-cycle"
    if (before) {
      const isElsewhere = before.rule.from !== rule.from || before.rule.to !== rule.to
      this.#takeBack(before, isElsewhere ? before.left : before.out - quotaOf(rule))
    }
    const isThere = before?.rule.to === rule.to
    const isOfPeriod = before?.rule.period.per === rule.period.per && before.rule.period.zone === rule.period.zone
    const share: Share = {
      rule,
      period: isOfPeriod ? before.period : periodName(rule.period, nowMs),
      endMs: isOfPeriod ? before.endMs : periodEnd(rule.period, nowMs),
      left: isThere ? before.left : 0,
      used: isThere ? before.used : 0,
      out: before?.out ?? 0,
      waits: false,
    }
    this.all.set(rule.name, share)
    this.#purse.bind(rule.to)
    this.#handOut(share, quotaOf(rule) - share.out)
    return undefined
  }

  remove(name: string): string | undefined {
    const share = this.all.get(name)
    if (!share) return "allowance-unknown"
    this.#takeBack(share, share.left)
    this.all.delete(name)
    return undefined
  }

  isDue(nowMs: number): boolean {
    return this.#due(nowMs).length > 0
  }

  #due(nowMs: number): Share[] {
    return [...this.all.values()].filter((share) => isOver(share, nowMs) || (share.waits && !this.#purse.isStill(share.rule.from)))
  }

  open(nowMs: number): void {
    const due = this.#due(nowMs)
    const over = due.filter((share) => isOver(share, nowMs)).sort((a, b) => this.#depth(b.rule.to) - this.#depth(a.rule.to) || sooner(a, b))
    for (const share of over) this.#takeBack(share, share.left - (share.rule.rollover ? quotaOf(share.rule) : 0))
    for (const share of due.sort((a, b) => this.#depth(a.rule.to) - this.#depth(b.rule.to) || sooner(a, b))) this.#begin(share, over.includes(share), nowMs)
  }

  #begin(share: Share, isNew: boolean, nowMs: number): void {
    const { rule, left } = share
    const quota = quotaOf(rule)
    const most = rule.rollover ? 2 * quota - left : quota - left
    if (!isNew) return this.#handOut(share, Math.min(quota - share.out, most))
    const isPause = !follows(rule.period, share.period, nowMs)
    const wanted = Math.max(0, Math.min(rule.rollover && isPause ? 2 * quota : quota, most))
    Object.assign(share, { period: periodName(rule.period, nowMs), endMs: periodEnd(rule.period, nowMs), out: Math.max(0, quota - wanted) })
    this.#handOut(share, wanted)
    share.out = Math.min(share.out, quota)
  }

  #handOut(share: Share, wanted: number): void {
    const { from, to } = share.rule
    share.waits = wanted > 0 && this.#purse.isStill(from)
    if (wanted <= 0 || share.waits) return
    const there = from === unallocated ? wanted : Math.max(0, this.#purse.balance(from) - this.#purse.held(from))
    const given = Math.min(wanted, there)
    if (given === 0) return
    this.#leaves(from, given)
    this.#purse.post(from, to, given)
    share.left += given
    share.out += given
    this.#paysDebt(to)
  }

  #takeBack(share: Share, much: number): void {
    const { from, to } = share.rule
    let held = this.#purse.held(to)
    for (const one of this.#of(to)) {
      if (one === share) break
      held -= Math.min(held, one.left)
    }
    const taken = Math.min(much, share.left - Math.min(held, share.left))
    if (taken <= 0) return
    share.left -= taken
    share.out = Math.max(0, share.out - taken)
    this.#purse.post(to, from, taken)
    this.#returns(from, taken)
  }

  /** What leaves an account is of what is given back soonest. */
  #leaves(account: string, nanos: number): void {
    let rest = nanos
    for (const share of this.#of(account)) {
      const part = Math.min(rest, share.left)
      share.left -= part
      share.used += part
      rest -= part
    }
  }

  #returns(account: string, nanos: number): void {
    let rest = nanos
    for (const share of this.#of(account)) {
      const part = Math.min(rest, share.used)
      share.left += part
      share.used -= part
      rest -= part
    }
    this.#paysDebt(account)
  }

  #paysDebt(account: string): void {
    const all = this.#of(account).reduce((sum, { left }) => sum + left, 0)
    this.#leaves(account, Math.max(0, all - Math.max(0, this.#purse.balance(account))))
  }

  #of(account: string): readonly Share[] {
    return [...this.all.values()].filter(({ rule }) => rule.to === account).sort(sooner)
  }

  #depth(account: string): number {
    return Math.max(0, ...this.#of(account).map(({ rule }) => this.#depth(rule.from) + 1))
  }

  /** Whether money that leaves the one gets to the other, by any allowance but the one that is named. */
  #reaches(from: string, to: string, name: string): boolean {
    return from === to || [...this.all.values()].some(({ rule }) => rule.name !== name && rule.from === from && this.#reaches(rule.to, to, name))
  }
}

function isOver({ rule, period }: Share, nowMs: number): boolean {
  return periodName(rule.period, nowMs) !== period
}

function sooner(a: Share, b: Share): number {
  return a.endMs - b.endMs || (a.rule.name < b.rule.name ? -1 : 1)
}

function quotaOf(rule: AllowanceRule): number {
  return Number(rule.amounts.moneyNanos ?? 0)
}
