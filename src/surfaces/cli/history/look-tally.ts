/** Adds up a host's history for one screen, while it is read: nothing is kept of a call but its day, its cost and a few sums. */
import type { UsageBatch, UsageRow } from "../../../history/usage/batch.ts"
import type { SessionPlace } from "../../../history/usage/place.ts"
import { rowsOf } from "../../../history/usage/rows-of.ts"

export type Sum = { calls: number; tokens: number; nanos: number }
export type Named = Sum & { readonly name: string }

export type LookReport = {
  readonly total: Sum & { readonly input: number; readonly output: number; readonly cacheRead: number; readonly cacheWrite: number }
  readonly models: readonly Named[]
  readonly agents: readonly Named[]
  readonly sessions: readonly Named[]
  /** What no person asked for. */
  readonly heartbeat: Sum
  readonly cron: Sum
  readonly jobs: readonly Named[]
  readonly subagents: Sum
  readonly days: readonly { readonly day: string; readonly calls: number; readonly nanos: number }[]
  /** What the host's own page of usage does not count, by reason; and calls it has recorded without a cost. */
  readonly unseen: { readonly branch: Sum; readonly archive: Sum; readonly copy: Sum; readonly withoutCost: Sum }
  readonly cap: { readonly capNanos: number; readonly savedNanos: number; readonly days: number }
  readonly unpriced: readonly { readonly model: string; readonly calls: number }[]
}

export type LookOptions = {
  readonly fromMs: number
  readonly toMs: number
  readonly dayOf: (atMs: number) => string
  /** Nano-dollars; undefined when nobody priced the model. */
  readonly costOf: (row: UsageRow) => number | undefined
  readonly capNanos: number
}

const halfDayMs = 43_200_000

type Day = { calls: number; nanos: number; readonly spent: [atMs: number, nanos: number][] }

export class LookTally {
  readonly #options: LookOptions
  readonly #total = { ...nothing(), input: 0, output: 0, cacheRead: 0, cacheWrite: 0 }
  readonly #models = new Map<string, Sum>()
  readonly #agents = new Map<string, Sum>()
  readonly #sessions = new Map<string, Sum>()
  readonly #jobs = new Map<string, Sum>()
  readonly #kinds = { heartbeat: nothing(), cron: nothing(), subagent: nothing() }
  readonly #unseen = { branch: nothing(), archive: nothing(), copy: nothing(), withoutCost: nothing() }
  readonly #days = new Map<string, Day>()
  readonly #unpriced = new Map<string, number>()

  constructor(options: LookOptions) {
    this.#options = options
  }

  add(batch: UsageBatch): void {
    for (const row of rowsOf(batch)) if (row.atMs >= this.#options.fromMs && row.atMs < this.#options.toMs) this.#row(row, batch.place)
  }

  #row(row: UsageRow, place: SessionPlace): void {
    const model = `${row.provider || "unknown"}/${row.model || "unknown"}`
    const computed = this.#options.costOf(row)
    const nanos = computed ?? row.reportedNanos ?? 0
    if (computed === undefined && (row.reportedNanos ?? 0) === 0) this.#unpriced.set(model, (this.#unpriced.get(model) ?? 0) + 1)
    const tokens = row.input + row.output + row.cacheRead + row.cacheWrite
    const count = (sum: Sum) => {
      sum.calls++
      sum.tokens += tokens
      sum.nanos += nanos
    }
    count(this.#total)
    for (const name of ["input", "output", "cacheRead", "cacheWrite"] as const) this.#total[name] += row[name]
    count(sumIn(this.#models, model))
    count(sumIn(this.#agents, place.agent))
    count(sumIn(this.#sessions, place.key ?? `${place.agent}: ${place.sessionId}`))
    const kind = row.kind ?? place.kind
    if (kind === "heartbeat" || kind === "cron" || kind === "subagent") count(this.#kinds[kind])
    if (place.job !== undefined) count(sumIn(this.#jobs, place.job))
    if (row.unseen !== "") count(this.#unseen[row.unseen])
    else if ((row.reportedNanos ?? 0) === 0 && nanos > 0) count(this.#unseen.withoutCost)
    this.#onDay(row.atMs, nanos)
  }

  #onDay(atMs: number, nanos: number): void {
    const name = this.#options.dayOf(atMs)
    let day = this.#days.get(name)
    if (day === undefined) this.#days.set(name, (day = { calls: 0, nanos: 0, spent: [] }))
    day.calls++
    day.nanos += nanos
    if (nanos > 0) day.spent.push([atMs, nanos])
  }

  /** Days without a call are days, too. */
  #everyDay(): LookReport["days"] {
    const { fromMs, toMs, dayOf } = this.#options
    const names = new Set<string>()
    for (let atMs = fromMs; atMs < toMs; atMs += halfDayMs) names.add(dayOf(atMs))
    return [...names].map((day) => ({ day, calls: this.#days.get(day)?.calls ?? 0, nanos: this.#days.get(day)?.nanos ?? 0 }))
  }

  report(): LookReport {
    const days = [...this.#days].sort(([a], [b]) => (a < b ? -1 : 1))
    const { capNanos } = this.#options
    const saved = days.map(([, { spent }]) => savedBy(capNanos, spent))
    return {
      total: this.#total,
      models: dearest(this.#models),
      agents: dearest(this.#agents),
      sessions: dearest(this.#sessions),
      heartbeat: this.#kinds.heartbeat,
      cron: this.#kinds.cron,
      jobs: dearest(this.#jobs),
      subagents: this.#kinds.subagent,
      days: this.#everyDay(),
      unseen: this.#unseen,
      cap: { capNanos, savedNanos: saved.reduce((sum, one) => sum + one, 0), days: saved.filter((one) => one > 0).length },
      unpriced: [...this.#unpriced].map(([model, calls]) => ({ model, calls })).sort((a, b) => b.calls - a.calls),
    }
  }
}

/** What a cap refuses of one day: each call that would pass it, in the order in which they were made. */
function savedBy(capNanos: number, spent: readonly (readonly [atMs: number, nanos: number])[]): number {
  let [left, saved] = [capNanos, 0]
  for (const [, nanos] of spent.toSorted(([a], [b]) => a - b)) {
    if (nanos <= left) left -= nanos
    else saved += nanos
  }
  return saved
}

function nothing(): Sum {
  return { calls: 0, tokens: 0, nanos: 0 }
}

function sumIn(sums: Map<string, Sum>, name: string): Sum {
  let sum = sums.get(name)
  if (sum === undefined) sums.set(name, (sum = nothing()))
  return sum
}

function dearest(sums: ReadonlyMap<string, Sum>): readonly Named[] {
  return [...sums].map(([name, sum]) => ({ name, ...sum })).sort((a, b) => b.nanos - a.nanos || b.tokens - a.tokens)
}
