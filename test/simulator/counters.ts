/**
 * What a budget has spent and holds, as a list of contributions that is added up anew for every question. Amounts are numbers: none of a schedule comes near
 * the largest that is exact. Written from docs/spec/ledger.md.
 */
import type { BudgetRule, Spend } from "../../src/format/facts/ledger.ts"
import { follows, periodName } from "./calendar.ts"

export type Unit = "moneyNanos" | "tokens" | "wallMs" | "bytesRead" | "bytesWritten" | "calls"
export const unitNames: readonly Unit[] = ["moneyNanos", "tokens", "wallMs", "bytesRead", "bytesWritten", "calls"]
export type Amounts = { readonly [U in Unit]?: number }

/** What a question says of each unit; undefined where it says nothing. */
export function ofEach(amount: (unit: Unit) => number | undefined): Amounts {
  const amounts: { [U in Unit]?: number } = {}
  for (const unit of unitNames) {
    const found = amount(unit)
    if (found !== undefined) amounts[unit] = found
  }
  return amounts
}

export type Contribution = { readonly kind: "held" | "spent"; readonly amounts: Amounts; atMs: number }

const slices = 60

export class Counter {
  rule: BudgetRule
  frozen = false
  /** Of a calendar's period, its name; of others nothing. */
  period: string
  sinceMs: number
  /** How many periods were opened. */
  opened = 0
  carried: Amounts = {}
  contributions: Contribution[] = []
  /** What was asked last; the same instant is asked for many times. */
  #last: { readonly atMs: number; readonly period: BudgetRule["period"] | undefined; readonly name: string } = { atMs: -1, period: undefined, name: "" }

  constructor(rule: BudgetRule, atMs: number) {
    this.rule = rule
    this.period = nameOf(rule, atMs)
    this.sinceMs = atMs
  }

  get blocks(): boolean {
    return this.rule.mode === "block"
  }

  get limited(): readonly Unit[] {
    return unitNames.filter((unit) => this.rule.limit[unit] !== undefined)
  }

  matches(spend: Spend): boolean {
    return Object.entries(this.rule.match).every(([dimension, pattern]) => {
      const names = dimension === "agent" ? [spend.agent, spend.payer] : [spend[dimension as keyof Spend]]
      return names.some((name) => (pattern.endsWith("*") ? name?.startsWith(pattern.slice(0, -1)) : name === pattern))
    })
  }

  /** Whether another period has begun than the one that is counted. */
  isOver(atMs: number): boolean {
    if (!("zone" in this.rule.period)) return false
    if (this.#last.atMs !== atMs || this.#last.period !== this.rule.period) {
      this.#last = { atMs, period: this.rule.period, name: nameOf(this.rule, atMs) }
    }
    return this.#last.name !== this.period
  }

  room(unit: Unit, atMs: number): number {
    const limit = Number(this.rule.limit[unit] ?? 0)
    return limit + (this.isOver(atMs) ? this.carriedInto(unit, atMs) : (this.carried[unit] ?? 0))
  }

  sum(kind: Contribution["kind"], unit: Unit, atMs: number): number {
    if (this.isOver(atMs)) return 0
    return this.contributions.reduce((sum, one) => sum + (one.kind === kind && this.#counts(one, atMs) ? (one.amounts[unit] ?? 0) : 0), 0)
  }

  /** A new period, if there is one. */
  open(atMs: number): void {
    if (!this.isOver(atMs)) return
    const { limit, rollover } = this.rule
    this.carried = rollover ? ofEach((unit) => (limit[unit] === undefined ? undefined : this.carriedInto(unit, atMs))) : {}
    this.period = nameOf(this.rule, atMs)
    this.contributions = []
    this.opened++
  }

  carriedInto(unit: Unit, atMs: number): number {
    const { rule } = this
    const limit = Number(rule.limit[unit] ?? 0)
    if (!rule.rollover || !("zone" in rule.period)) return 0
    if (!follows(rule.period, this.period, atMs)) return limit
    const used = this.contributions.reduce((sum, { amounts }) => sum + (amounts[unit] ?? 0), 0)
    return Math.min(limit, Math.max(0, limit + (this.carried[unit] ?? 0) - used))
  }

  /** Whether what was spent then is of the period that is counted now. */
  reaches(spentAtMs: number, atMs: number): boolean {
    if ("zone" in this.rule.period) return nameOf(this.rule, spentAtMs) >= nameOf(this.rule, atMs)
    return spentAtMs >= this.sinceMs
  }

  /** Spent amounts that a correction takes off stop at nothing. */
  spend(amounts: Amounts, spentAtMs: number, atMs: number): void {
    if (this.rule.period.per === "rolling") {
      if (!this.#counts({ kind: "spent", amounts, atMs: spentAtMs }, atMs)) return
      const within = sliceOf(this.rule, spentAtMs)
      const there = (unit: Unit) =>
        this.contributions.reduce((sum, one) => sum + (one.kind === "spent" && sliceOf(this.rule, one.atMs) === within ? (one.amounts[unit] ?? 0) : 0), 0)
      this.contributions.push({ kind: "spent", amounts: floored(amounts, there), atMs: spentAtMs })
    } else {
      this.contributions.push({ kind: "spent", amounts: floored(amounts, (unit) => this.sum("spent", unit, atMs)), atMs: spentAtMs })
    }
  }

  setRule(rule: BudgetRule, atMs: number): void {
    this.open(atMs)
    const isOther = JSON.stringify(rule.period) !== JSON.stringify(this.rule.period)
    if (this.rule.period.per === "rolling") this.contributions = this.contributions.filter((one) => this.#counts(one, atMs))
    if (!rule.rollover) this.carried = {}
    this.rule = rule
    if (!isOther) return
    this.period = nameOf(rule, atMs)
    this.sinceMs = atMs
    for (const one of this.contributions) if (one.kind === "spent") one.atMs = atMs
  }

  /** Of a rolling span, what was spent leaves with the last instant of its sixtieth. */
  #counts({ kind, atMs: thenMs }: Contribution, atMs: number): boolean {
    const { period } = this.rule
    if (period.per !== "rolling" || kind === "held") return true
    return (sliceOf(this.rule, thenMs) + 1) * Math.ceil(period.spanMs / slices) + period.spanMs > atMs
  }
}

function sliceOf({ period }: BudgetRule, atMs: number): number {
  return period.per === "rolling" ? Math.floor(atMs / Math.ceil(period.spanMs / slices)) : 0
}

function nameOf({ period }: BudgetRule, atMs: number): string {
  return "zone" in period ? periodName(period, atMs) : ""
}

function floored(amounts: Amounts, there: (unit: Unit) => number): Amounts {
  return ofEach((unit) => amounts[unit] && Math.max(amounts[unit], -there(unit)))
}

/** `["0.000000005usd"]` */
export function nanosOf(amounts: unknown): Amounts {
  const [text = "0usd"] = amounts as readonly string[]
  const [whole = "0", fraction = ""] = text.replace("usd", "").split(".")
  return { moneyNanos: Number(whole) * 1e9 + Number(fraction.padEnd(9, "0")) }
}
