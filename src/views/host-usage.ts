/**
 * The host's own figure of usage (`openclaw gateway usage-cost`) beside what is on record, day by day, and why they differ. Reasons are found call by call:
 * what the host should have counted follows from where its stores have each call now, and whatever its figure has more or less than that is the rest,
 * which nothing explains.
 */
import type { LedgerAccess } from "./ledger-access.ts"

/** Why a call is in one figure and not in the other, or with another cost. In the order in which they are shown. */
export const reasons = ["branch", "archive", "copy", "compaction", "gone", "agent", "later", "midnight", "twice", "unrecorded", "unpriced", "price"] as const
export type Reason = (typeof reasons)[number]

export const classes = ["input", "output", "cacheRead", "cacheWrite"] as const
type Counts = { readonly [C in (typeof classes)[number]]: number }

/** Nano-dollars. */
export type Figure = Counts & { readonly nanos: number }

/** A day as the host tells it. */
export type HostDay = Figure & {
  readonly day: string
  /** What it calls its total may have more than the four classes: a provider's own total. */
  readonly totalTokens: number
  /** Calls it has no cost of; by model where it says so. */
  readonly missing: number
  readonly missingModels: ReadonlySet<string> | undefined
}

export type HostUsage = {
  readonly days: readonly HostDay[]
  /** When it was added up. */
  readonly updatedMs: number
  /** Anything but `fresh`: it was still being added up. */
  readonly state: string
}

/** A call as the host's stores have it now. */
export type HostUse = Counts & {
  readonly agent: string
  /** As the host names it where it has no price. */
  readonly model: string
  readonly writtenMs: number
  /** The host's day is that of the answer's beginning. */
  readonly begunMs: number
  /** What was recorded as its cost, nano-dollars; 0 where nothing was. */
  readonly recordedNanos: number
  /** What it comes to by the prices the host has today, which it takes where nothing was recorded. */
  readonly todayNanos: number
  /** In so many transcripts of those that the host adds up. */
  readonly counted: number
  /** Why, where it is in none. */
  readonly unseen: "branch" | "archive" | "copy"
}

export type Explained = Figure & { readonly reason: Reason; readonly calls: number }

export type DayCompared = {
  readonly day: string
  readonly calls: number
  readonly record: Figure
  readonly host: Figure
  /** What the record has more than the host, by reason; together with the rest it is the difference. */
  readonly reasons: readonly Explained[]
  readonly rest: Figure
}

export type HostComparison = {
  readonly verdict: "explained" | "unexplained"
  readonly days: readonly DayCompared[]
  readonly total: Omit<DayCompared, "day">
  /** Tokens of the host's total that stand in none of the four classes. */
  readonly beyondClasses: number
}

export type HostQuestion = {
  readonly usage: HostUsage
  /** By the names of rows. */
  readonly uses: ReadonlyMap<string, HostUse>
  readonly dayOf: (atMs: number) => string
  /** The figure is of this agent alone. */
  readonly agent: string | undefined
  /** Agents the host's configuration lists; it adds up no others. Undefined where it lists none. */
  readonly listed: ReadonlySet<string> | undefined
}

type Recorded = Counts & { readonly row: string; readonly atMs: number; readonly agent: string; readonly kind: string; readonly nanos: number }

const sql = `
  SELECT u.row, u.at_ms AS atMs, c.agent, c.kind, u.input, u.output, u.cache_read AS cacheRead, u.cache_write AS cacheWrite, coalesce(u.computed, u.reported, 0) AS nanos
  FROM usage_calls u JOIN usage_cells c ON c.id = u.cell WHERE u.at_ms >= ? AND u.at_ms < ?`

/** A day of any time zone, and an answer that began on the day before, lie within it. */
const marginMs = 2 * 86_400_000

export function spanOf({ days }: HostUsage): { readonly fromMs: number; readonly toMs: number } {
  return { fromMs: Date.parse(days[0]?.day ?? "") - marginMs, toMs: Date.parse(days.at(-1)?.day ?? "") + 86_400_000 + marginMs }
}

export function compareWithHostUsage(access: LedgerAccess, question: HostQuestion): HostComparison {
  const { fromMs, toMs } = spanOf(question.usage)
  const comparison = new Comparison(question)
  access.ask((views) => {
    for (const call of views.prepare(sql).iterate(fromMs, toMs) as IterableIterator<Recorded>) comparison.recorded(call)
  })
  return comparison.end()
}

class Comparison {
  readonly #question: HostQuestion
  readonly #days: ReadonlyMap<string, Day>
  readonly #onRecord = new Set<string>()

  constructor(question: HostQuestion) {
    this.#question = question
    this.#days = new Map(question.usage.days.map((host) => [host.day, new Day(host)]))
  }

  recorded(call: Recorded): void {
    const { agent, dayOf, uses } = this.#question
    this.#onRecord.add(call.row)
    if (agent !== undefined && call.agent !== agent) return
    const day = this.#days.get(dayOf(call.atMs))
    day?.record(call)
    const use = uses.get(call.row)
    const why = use === undefined ? (call.kind === "compaction" ? "compaction" : "gone") : this.#unseen(use)
    if (why !== undefined || use === undefined) return day?.explain(why ?? "gone", call)
    const hostDay = this.#days.get(dayOf(use.begunMs))
    if (hostDay !== day) {
      day?.explain("midnight", call)
      hostDay?.explain("midnight", call, -1)
    }
    hostDay?.priced(use, call.nanos)
    hostDay?.counted("twice", use, use.counted - 1)
  }

  end(): HostComparison {
    const { agent, dayOf, uses, usage } = this.#question
    for (const [row, use] of uses) {
      if (this.#onRecord.has(row) || (agent !== undefined && use.agent !== agent) || this.#unseen(use) !== undefined) continue
      const day = this.#days.get(dayOf(use.begunMs))
      day?.counted("unrecorded", use, 1)
      day?.counted("twice", use, use.counted - 1)
    }
    const days = [...this.#days].map(([day, found]) => ({ day, ...found.compared() }))
    const isExplained = days.every(({ rest }) => isNothing(rest))
    const beyondClasses = usage.days.reduce((sum, day) => sum + day.totalTokens - tokensOf(day), 0)
    return { verdict: isExplained ? "explained" : "unexplained", days, total: totalOf(days), beyondClasses }
  }

  /** Why the host's figure does not have it; undefined when it does. */
  #unseen(use: HostUse): Reason | undefined {
    const { listed, usage } = this.#question
    if (use.writtenMs > usage.updatedMs) return "later"
    if (listed?.has(use.agent) === false) return "agent"
    return use.counted === 0 ? use.unseen : undefined
  }
}

class Day {
  readonly #host: HostDay
  readonly #reasons = new Map<Reason, { -readonly [K in keyof Explained]: Explained[K] }>()
  #calls = 0
  #record: Figure = nothing

  constructor(host: HostDay) {
    this.#host = host
  }

  record(call: Figure): void {
    this.#calls++
    this.#record = plus(this.#record, call)
  }

  explain(reason: Reason, figure: Figure, times = 1, calls = 1): void {
    const before = this.#reasons.get(reason) ?? { reason, calls: 0, ...nothing }
    this.#reasons.set(reason, { reason, calls: before.calls + calls, ...plus(before, figure, times) })
  }

  /** It has so many of these more than the record. */
  counted(reason: "twice" | "unrecorded", use: HostUse, times: number): void {
    if (times > 0) this.explain(reason, { ...use, nanos: this.#hostNanos(use) ?? 0 }, -times, times)
  }

  /** A call that both have, with what it is on record for. */
  priced(use: HostUse, nanos: number): void {
    const atHost = this.#hostNanos(use)
    if (atHost === undefined) this.explain("unpriced", { ...nothing, nanos })
    else if (atHost !== nanos) this.explain("price", { ...nothing, nanos: nanos - atHost })
  }

  /** Undefined when the host has no cost of it, or takes it for free. */
  #hostNanos({ model, recordedNanos, todayNanos }: HostUse): number | undefined {
    if (recordedNanos > 0) return recordedNanos
    const { missing, missingModels } = this.#host
    const isMissing = missingModels?.has(model) ?? missing > 0
    return isMissing || todayNanos === 0 ? undefined : todayNanos
  }

  compared(): Omit<DayCompared, "day"> {
    const found = reasons.flatMap((reason) => this.#reasons.get(reason) ?? [])
    const rest = plus(
      found.reduce((left, one) => plus(left, one, -1), this.#record),
      this.#host,
      -1,
    )
    // The host adds up dollars with a binary fraction; each recorded cost is rounded to a nano-dollar here.
    const isRounding = Math.abs(rest.nanos) <= 1 + this.#calls
    return { calls: this.#calls, record: this.#record, host: figureOf(this.#host), reasons: found, rest: isRounding ? { ...rest, nanos: 0 } : rest }
  }
}

const nothing: Figure = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, nanos: 0 }

function figureOf({ input, output, cacheRead, cacheWrite, nanos }: Figure): Figure {
  return { input, output, cacheRead, cacheWrite, nanos }
}

function plus(a: Figure, b: Figure, times = 1): Figure {
  return {
    input: a.input + times * b.input,
    output: a.output + times * b.output,
    cacheRead: a.cacheRead + times * b.cacheRead,
    cacheWrite: a.cacheWrite + times * b.cacheWrite,
    nanos: a.nanos + times * b.nanos,
  }
}

export function tokensOf(counts: Counts): number {
  return classes.reduce((sum, name) => sum + counts[name], 0)
}

export function isNothing(figure: Figure): boolean {
  return figure.nanos === 0 && classes.every((name) => figure[name] === 0)
}

function totalOf(days: readonly DayCompared[]): HostComparison["total"] {
  const sum = (of: (day: DayCompared) => Figure) => days.reduce((total, day) => plus(total, of(day)), nothing)
  const explained = reasons.flatMap((reason): readonly Explained[] => {
    const found = days.flatMap((day) => day.reasons.filter((one) => one.reason === reason))
    if (found.length === 0) return []
    return [{ reason, calls: found.reduce((calls, one) => calls + one.calls, 0), ...found.reduce((total, one) => plus(total, one), nothing) }]
  })
  const calls = days.reduce((total, day) => total + day.calls, 0)
  return { calls, record: sum(({ record }) => record), host: sum(({ host }) => host), reasons: explained, rest: sum(({ rest }) => rest) }
}
