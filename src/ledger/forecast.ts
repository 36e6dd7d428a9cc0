/**
 * When a budget will be gone. What is expected is what was: the next hours as the last one, where spending went on all through it, and otherwise as the same
 * hours of the last days, or as the last 24 hours on average where there are no such days. A single burst is no rate, and where too little is known
 * there is no answer.
 *
 * Spending is told in quarters of an hour counted back from now, so that nothing here needs a calendar: the bounds of a period come with the question.
 */
export const quarterMs = 900_000
const hourQuarters = 4
const dayQuarters = 96
const mostDays = 7
/** As far back as is looked: the same hour of seven days ago is whole in it. */
export const quartersBack = mostDays * dayQuarters + hourQuarters
/** Quarters with spending that make a rate: of the last hour, and of what is looked at. */
const sustainedQuarters = 3
/** How long the last hour goes on where it is known what is usual afterwards. */
const momentumQuarters = 3 * hourQuarters
const farMs = 366 * dayQuarters * quarterMs

export type ForecastQuestion = {
  readonly nowMs: number
  /** By quarter, the last one first; at most `quartersBack`. */
  readonly back: readonly number[]
  /** How long there has been a record of anything. */
  readonly recordedMs: number
  readonly left: number
  readonly spent: number
  /** Of a calendar period: when it ends. */
  readonly endMs?: number | undefined
  /** Of a rolling span: its length, and what leaves it when. */
  readonly rolling?: { readonly spanMs: number; readonly leaving: readonly { readonly atMs: number; readonly amount: number }[] } | undefined
}

export type Basis = "last hour" | "same hours" | "last day"

/** Per hour. `sameHours`: at this time of day, on average of the days before that are known; null where less than a day is. */
export type Rates = { readonly lastHour: number; readonly lastDay: number; readonly sameHours: number | null; readonly days: number }

export type Forecast = {
  readonly rates: Rates
  /** `gone` nothing is left; `goes` it will be gone before its period ends; `lasts`; `idle` nothing was spent for a day; `unclear` too little is known. */
  readonly verdict: "gone" | "goes" | "lasts" | "idle" | "unclear"
  readonly basis: Basis | null
  readonly goneAtMs: number | null
  /** What will have been spent when the period ends; of a rolling span, what is in it one span from now. Null where there is no end or no answer. */
  readonly atEnd: number | null
}

export function forecast(question: ForecastQuestion): Forecast {
  const { left, spent, endMs, recordedMs } = question
  const back = question.back.map((amount) => Math.max(0, amount))
  const rates = ratesOf(back)
  const expected = expectationOf(back, rates)
  if (expected === undefined) {
    const isIdle = rates.lastDay === 0 && recordedMs >= dayQuarters * quarterMs
    const verdict = left <= 0 ? "gone" : isIdle ? "idle" : "unclear"
    return { rates, verdict, basis: null, goneAtMs: null, atEnd: isIdle && endMs !== undefined ? spent : null }
  }
  const { goneAtMs, atEnd } = walk(question, expected.quarter)
  const verdict = goneAtMs === null ? "lasts" : "goes"
  return left <= 0 ? { rates, verdict: "gone", basis: expected.basis, goneAtMs: null, atEnd } : { rates, verdict, basis: expected.basis, goneAtMs, atEnd }
}

function ratesOf(back: readonly number[]): Rates {
  const oldest = back.findLastIndex((amount) => amount > 0) + 1
  const days = Math.min(mostDays, Math.floor(oldest / dayQuarters))
  // Of what began within the day, the day is as long as it has been going on.
  const span = days > 0 ? dayQuarters : Math.max(hourQuarters, oldest)
  const sameHours = Array.from({ length: days }, (_, day) => sum(back, (day + 1) * dayQuarters, hourQuarters))
  return {
    lastHour: sum(back, 0, hourQuarters),
    lastDay: (sum(back, 0, dayQuarters) / span) * hourQuarters,
    sameHours: days === 0 ? null : sameHours.reduce((total, one) => total + one, 0) / days,
    days,
  }
}

type Expectation = { readonly basis: Basis; readonly quarter: (ahead: number) => number }

/** What to expect of each quarter to come; undefined where nothing is known that could be expected again. */
function expectationOf(back: readonly number[], { lastHour, lastDay, days }: Rates): Expectation | undefined {
  const isSustained = active(back, hourQuarters) >= sustainedQuarters
  const hasProfile = days >= 2 && active(back, quartersBack) >= sustainedQuarters
  const hasDay = active(back, dayQuarters) >= sustainedQuarters
  if (!isSustained && !hasProfile && !hasDay) return undefined
  const profile = Array.from({ length: dayQuarters }, (_, ahead) => {
    const same = Array.from({ length: days }, (_, day) => back[(day + 1) * dayQuarters - 1 - ahead] ?? 0)
    return same.reduce((total, one) => total + one, 0) / days
  })
  const usual = (ahead: number) => (hasProfile ? (profile[ahead % dayQuarters] ?? 0) : hasDay ? lastDay / hourQuarters : 0)
  if (!isSustained) return { basis: hasProfile ? "same hours" : "last day", quarter: usual }
  const reach = hasProfile ? momentumQuarters : Number.POSITIVE_INFINITY
  return { basis: "last hour", quarter: (ahead) => (ahead < reach ? Math.max(lastHour / hourQuarters, usual(ahead)) : usual(ahead)) }
}

/** Goes forward by quarters, to the end of the period or as far as anybody plans, and finds where what is left is used up. */
function walk(question: ForecastQuestion, quarter: Expectation["quarter"]): Pick<Forecast, "goneAtMs" | "atEnd"> {
  const { nowMs, left, spent, endMs, rolling } = question
  const total = new Running(quarter)
  const totalAt = (atMs: number) => total.at((atMs - nowMs) / quarterMs)
  /** What is used by then of what is left now: less what has left a rolling span again. */
  const usedAt = (atMs: number) => totalAt(atMs) - (rolling ? leftBy(rolling, atMs, spent) + totalAt(Math.max(nowMs, atMs - rolling.spanMs)) : 0)
  const lastMs = endMs ?? nowMs + (rolling ? 2 * Math.max(rolling.spanMs, dayQuarters * quarterMs) : farMs)
  let goneAtMs: number | null = null
  for (let fromMs = nowMs; fromMs < lastMs && goneAtMs === null; fromMs += quarterMs) {
    const toMs = Math.min(lastMs, fromMs + quarterMs)
    const [before, after] = [usedAt(fromMs), usedAt(toMs)]
    if (after >= left) goneAtMs = Math.floor(fromMs + (toMs - fromMs) * Math.max(0, after === before ? 1 : (left - before) / (after - before)))
  }
  const spanned = rolling ? totalAt(nowMs + rolling.spanMs) : null
  return { goneAtMs: goneAtMs === endMs ? null : goneAtMs, atEnd: endMs === undefined ? spanned : spent + totalAt(endMs) }
}

/** The sum of what is expected up to a time in quarters, between whole ones in a straight line. */
class Running {
  readonly #totals = [0]
  readonly #quarter: Expectation["quarter"]

  constructor(quarter: Expectation["quarter"]) {
    this.#quarter = quarter
  }

  at(quarters: number): number {
    const whole = Math.floor(quarters)
    while (this.#totals.length <= whole + 1) this.#totals.push((this.#totals.at(-1) ?? 0) + this.#quarter(this.#totals.length - 1))
    const [from = 0, to = 0] = this.#totals.slice(whole, whole + 2)
    return from + (to - from) * (quarters - whole)
  }
}

function leftBy({ leaving }: NonNullable<ForecastQuestion["rolling"]>, atMs: number, spent: number): number {
  return Math.min(
    spent,
    leaving.reduce((total, one) => (one.atMs <= atMs ? total + one.amount : total), 0),
  )
}

function active(back: readonly number[], quarters: number): number {
  return back.slice(0, quarters).filter((amount) => amount > 0).length
}

function sum(back: readonly number[], from: number, count: number): number {
  return back.slice(from, from + count).reduce((total, one) => total + one, 0)
}
