/** What goes on now, for a screen that is looked at: runs and their tools, what they cost, what is left, and of what an operator was told. */
import type { LedgerState } from "../ledger/state.ts"
import { alertsSince, type Alerts } from "./alerts.ts"
import type { EventView } from "./event-list.ts"
import type { LedgerAccess } from "./ledger-access.ts"
import type { LiveRun, LiveRuns } from "./live-runs.ts"
import { moneyNow, type Money } from "./money.ts"
import { spendReport } from "./spend.ts"

export type Spent = { readonly calls: number; readonly costNanos: number }

export type Live = {
  /** All that were ever recorded. */
  readonly entries: number
  readonly runs: readonly LiveRun[]
  /** Since midnight, UTC. */
  readonly today: Spent
  readonly lastHour: Spent
  readonly money: Money
  /** Of the last day. */
  readonly alerts: Alerts
  /** The last entries, the newest first. */
  readonly events: readonly Omit<EventView, "facts" | "preview">[]
}

const dayMs = 86_400_000
const hourMs = 3_600_000
const mostAlerts = 5

export function liveNow(access: LedgerAccess, state: LedgerState, runs: LiveRuns, nowMs: number): Live {
  const followed = runs.follow(access, nowMs)
  return {
    entries: access.reader.size(),
    runs: followed,
    today: spentSince(access, nowMs - (nowMs % dayMs), nowMs),
    lastHour: spentSince(access, nowMs - hourMs, nowMs),
    money: moneyNow(access, nowMs, state),
    alerts: alertsSince(access, nowMs - dayMs, mostAlerts),
    events: runs.events.map(({ facts: _, preview: _text, ...event }) => event),
  }
}

/** The minute that goes on counts. */
function spentSince(access: LedgerAccess, fromMs: number, nowMs: number): Spent {
  const { total } = spendReport(access, { fromMs, toMs: nowMs + 60_000, zone: "UTC", by: ["model"], limit: 1, order: "cost" })
  return { calls: total.calls, costNanos: total.cost }
}
