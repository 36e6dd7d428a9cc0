/** A budget as an operator writes it: a limit in some units, for a period, on the spends that match. Parsed once, refused with a sentence. */
import { Fault } from "../base/fault.ts"
import { amountsJson, parseAmount, parseAmounts, stated, type Amounts } from "./amounts.ts"
import type { BudgetRule, Period, Spend } from "../format/facts/ledger.ts"
import { isZone } from "./periods.ts"
import { millipercentOf } from "./windows.ts"

/** What a budget may match on; who a subagent spends for is matched as its agent. */
export type Dimension = Exclude<keyof Spend, "payer">

export const dimensions: readonly Dimension[] = ["agent", "model", "provider", "tool", "channel", "session", "cron"]

/** What people write, each as text: `--limit 5usd --per day --zone Europe/Berlin --match agent=main --warn 80`. */
export type BudgetWords = {
  readonly name: string
  readonly limits: readonly string[]
  readonly per: string
  readonly zone?: string
  readonly match?: readonly string[]
  readonly warn?: readonly string[]
  readonly mode?: string
  readonly rollover?: boolean
  /** Of which label a window is that is limited in percent. */
  readonly window?: string
}

const command = "sovereign-ledger budget set"
const minuteMs = 60_000
const mostSpanMs = 366 * 24 * 60 * minuteMs

/** @throws Fault cli.usage naming the part that is wrong. */
export function parseBudget(words: BudgetWords): BudgetRule {
  const { name, limits, per, zone = "UTC", match = [], warn = ["80", "100"], mode = "block", rollover = false } = words
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) throw no(`${quoted(name)} is no name for a budget: use letters, digits and . _ -`)
  if (limits.length === 0) throw no(`The budget ${name} has no limit; name one, for example 5usd`)
  const limit = parseAmounts(
    limits.filter((text) => millipercentOf(text) === undefined),
    command,
  )
  const period = periodOf(per, zone)
  if (mode !== "block" && mode !== "warn") throw no(`${quoted(mode)} is no mode of a budget: it is block or warn`)
  const warnPercents = warn.map(percentOf)
  const none = stated(limit).find((unit) => limit[unit] === 0n)
  if (none !== undefined && mode === "warn")
    throw no(`The budget ${name} allows nothing and only warns: it would warn of every spend; block it, or give it a limit`)
  if (none !== undefined && words.warn !== undefined) throw no(`The budget ${name} allows nothing, so there is no share of it to warn at`)
  if (rollover && (period.per === "rolling" || period.per === "lifetime")) throw no(`The budget ${name} never ends a period, so nothing can roll over`)
  const [matched, warned] = [parseMatch(match), none === undefined ? sortedOnce(warnPercents) : []]
  return { name, limit: amountsJson(limit), period, match: matched, warnPercents: warned, mode, rollover, ...windowOf(words, matched) }
}

/** A share of a window is one provider's own: no other has a window of that size. */
function windowOf({ name, limits, window: label }: BudgetWords, { provider }: BudgetRule["match"]): Pick<BudgetRule, "window"> {
  const shares = limits.flatMap((text) => millipercentOf(text) ?? [])
  const [limitMillipercent] = shares
  if (limitMillipercent === undefined) {
    if (label !== undefined) throw no(`The budget ${name} names a window and no share of it; limit it, for example to 80%`)
    return {}
  }
  if (shares.length > 1) throw no(`The budget ${name} has two shares of a window; make two budgets`)
  if (limitMillipercent === 0 || limitMillipercent > 100_000) throw no("A share of a window is above 0 and at most 100 percent")
  if (provider === undefined || provider.includes("*"))
    throw no(`A share of a subscription's window is of one provider: give the budget ${name} a --match provider=NAME`)
  if (label !== undefined && (label === "" || label.length > 64)) throw no(`${quoted(label)} is no label of a window`)
  return { window: { limitMillipercent, ...(label === undefined ? {} : { label }) } }
}

/** A list as it stands in a configuration: one rule a name. @throws Fault cli.usage */
export function parseBudgets(list: readonly BudgetWords[]): readonly BudgetRule[] {
  const rules = list.map(parseBudget)
  const names = new Set<string>()
  for (const { name } of rules) {
    if (names.has(name)) throw no(`There are two budgets called ${name}; a name belongs to one`)
    names.add(name)
  }
  return rules
}

export function limitWith(limit: Amounts, carried: Amounts): Amounts {
  const total: { -readonly [U in keyof Amounts]: Amounts[U] } = {}
  for (const unit of stated(limit)) total[unit] = (limit[unit] ?? 0n) + (carried[unit] ?? 0n)
  return total
}

function periodOf(per: string, zone: string): Period {
  if (per === "lifetime") return { per }
  const rolling = /^rolling\s+(.+)$/.exec(per)
  if (rolling) {
    const { unit, amount } = parseAmount(rolling[1] ?? "", command)
    if (unit !== "wallMs") throw no(`A rolling period is a time, for example "rolling 24h"; ${quoted(per)} is none`)
    if (amount < minuteMs || amount > mostSpanMs) throw no(`A rolling period has between one minute and 366 days; ${quoted(per)} does not`)
    return { per: "rolling", spanMs: Number(amount) }
  }
  if (per !== "hour" && per !== "day" && per !== "week" && per !== "month") {
    throw no(`${quoted(per)} is no period: it is hour, day, week, month, lifetime or "rolling 24h"`)
  }
  if (!isZone(zone)) throw no(`${quoted(zone)} is no time zone; name one like Europe/Berlin or UTC`)
  return { per, zone }
}

/** Texts like `agent=main`, each of another dimension. @throws Fault cli.usage */
export function parseMatch<D extends Dimension>(texts: readonly string[], known: readonly D[]): { readonly [K in D]?: string }
export function parseMatch(texts: readonly string[]): BudgetRule["match"]
export function parseMatch(texts: readonly string[], known: readonly Dimension[] = dimensions): BudgetRule["match"] {
  const match: { [D in Dimension]?: string } = {}
  for (const text of texts) {
    const [name = "", ...rest] = text.split("=")
    const pattern = rest.join("=")
    const dimension = known.find((one) => one === name)
    if (!dimension) throw no(`${quoted(text)} matches nothing: it is one of ${known.join(", ")}, then = and a name or a pattern with *`)
    if (pattern === "" || pattern.length > 200) throw no(`${quoted(text)} names no ${dimension}`)
    if (dimension === "session" && pattern.length > 1 && pattern.includes("*"))
      throw no("Sessions are matched by their whole name: their names are not in the ledger, only ids")
    if (match[dimension] !== undefined) throw no(`${dimension} is matched twice; make two budgets, or one pattern with *`)
    match[dimension] = pattern
  }
  return match
}

function percentOf(text: string): number {
  if (!/^\d{1,3}%?$/.test(text)) throw no(`${quoted(text)} is no warning level: it is a whole share of the limit in percent, from 1 to 100`)
  const percent = Number(text.replace("%", ""))
  if (percent < 1 || percent > 100) throw no(`A warning level is from 1 to 100 percent of the limit; ${quoted(text)} is not`)
  return percent
}

function sortedOnce(percents: readonly number[]): readonly number[] {
  return [...new Set(percents)].sort((a, b) => a - b)
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 60))
}

function no(problem: string): Fault {
  return new Fault("cli.usage", { problem: `${problem}.`, command })
}
