/**
 * Digests of days and weeks, shortly after they are over by the clocks of the machine. The report is made by its command in a process of its own, at the lowest priority,
 * so that no gate waits for it; what it says is on record before anybody is told, and from there on goes the way of every alert: signed, retried, once by one name.
 */
import type { DigestOf } from "../../format/facts/alerts.ts"
import { dayOf, dayStretch, weekOf, weekStretch } from "../../ledger/calendar.ts"
import type { AlertRule } from "../../policy/alerts/alert-rule.ts"
import { digestOf, dueDigest, isOfNothing, type RaisedDigest } from "../../policy/alerts/digest.ts"
import type { AlertState } from "../../policy/alerts/state.ts"

/** A report on its way: its answer is what `report daily --json` prints. */
export type Reporting = { readonly answer: Promise<unknown>; readonly end: () => void }

export type DigestingOptions = {
  readonly nowMs: () => number
  readonly steadyMs: () => number
  readonly origin: string
  /** An IANA name: whose midnight it is. */
  readonly zone: string
  readonly begin: (digest: DigestOf, zone: string) => Reporting
  readonly raise: (event: RaisedDigest, done: () => void) => void
  /** After the start; other than usual only in tests. */
  readonly afterStartMs?: number | undefined
}

const everyMs = 5 * 60_000
const usualAfterStartMs = 60_000

export class Digesting {
  readonly #options: DigestingOptions
  /** Of which nothing is on record at all, and so nothing was told. */
  readonly #empty = new Set<string>()
  #dueMs: number
  #running: Reporting | undefined
  #closed = false

  constructor(options: DigestingOptions) {
    this.#options = options
    this.#dueMs = options.steadyMs() + (options.afterStartMs ?? usualAfterStartMs)
  }

  everySecond(state: AlertState, rule: AlertRule): void {
    const { steadyMs, nowMs, zone, begin } = this.#options
    if (this.#closed || this.#running || steadyMs() < this.#dueMs) return
    if (!rule.receivers.some(({ getsReports }) => getsReports)) return
    this.#dueMs = steadyMs() + everyMs
    const due = dueDigest(
      state,
      overAt(nowMs(), zone).filter(({ label }) => !this.#empty.has(label)),
    )
    if (!due) return
    try {
      this.#running = begin(due, zone)
    } catch {
      return // processes can run out; it is tried again with the next look
    }
    const ended = this.#running.answer.then(
      (answer) => this.#told(answer, due, state, rule),
      () => {}, // as above
    )
    void ended.finally(() => (this.#running = undefined))
  }

  close(): void {
    this.#closed = true
    this.#running?.end()
  }

  #told(report: unknown, due: DigestOf, state: AlertState, rule: AlertRule): void {
    if (this.#closed) return
    const { nowMs, steadyMs, origin, raise } = this.#options
    // Nothing was ever told, and nothing is there to tell: a ledger that has just begun says nothing of the time before.
    if (!state.digests.has(due.period) && isOfNothing(report)) {
      this.#empty.add(due.label)
      this.#dueMs = steadyMs()
      return
    }
    const event = digestOf(report, due, rule, { nowMs: nowMs(), origin })
    // The other one may be due as well.
    if (event) raise(event, () => (this.#dueMs = steadyMs()))
  }
}

/** The last day and the last week that are over. */
export function overAt(nowMs: number, zone: string): readonly DigestOf[] {
  const today = dayStretch(zone, dayOf(zone, nowMs))
  const thisWeek = weekStretch(zone, weekOf(zone, nowMs))
  return [
    ...(today ? [{ period: "daily" as const, label: dayOf(zone, today.fromMs - 1) }] : []),
    ...(thisWeek ? [{ period: "weekly" as const, label: weekOf(zone, thisWeek.fromMs - 1) }] : []),
  ]
}
