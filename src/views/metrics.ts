/**
 * What a monitoring system asks every few seconds: counters that only grow, over restarts too, since they come from the journal, and gauges of what stands now. Of
 * labels there are only names of providers, models, agents, budgets, witnesses and words of closed lists, and of each so many: no session, no person, no text.
 */
import type { Json } from "../base/json.ts"
import type { LedgerState } from "../ledger/state.ts"
import { storedCounters } from "../projections/counters.ts"
import { storedSeries } from "../projections/usage-series.ts"
import type { HostStanding } from "./coverage.ts"
import type { LedgerAccess } from "./ledger-access.ts"
import { gauge, gauges, type Metric } from "./metric.ts"
import { budgetMetrics } from "./metrics-budgets.ts"
import { eventMetrics } from "./metrics-events.ts"
import { healthMetrics } from "./metrics-health.ts"
import { usageMetrics } from "./metrics-usage.ts"

export type MetricsQuestion = {
  readonly nowMs: number
  readonly version: string
  /** What the running writer says of itself; null without one. */
  readonly writer: Json
  /** What the host's configuration says of the plugin; null where it cannot be read. */
  readonly host: HostStanding | null
}

export function metricsOf(access: LedgerAccess, state: LedgerState, question: MetricsQuestion): readonly Metric[] {
  const { series, counted } = access.ask((views) => ({ series: storedSeries(views), counted: storedCounters(views) }))
  return [
    ...standing(true, question),
    ...usageMetrics(series),
    ...budgetMetrics(state, question.nowMs),
    ...eventMetrics(counted),
    ...healthMetrics(access, state, question),
  ]
}

/** Of a ledger that cannot be read: that it cannot. */
export function metricsWithout(question: MetricsQuestion): readonly Metric[] {
  return standing(false, question)
}

function standing(isUp: boolean, { version }: MetricsQuestion): readonly Metric[] {
  return [
    gauge("up", "1 while the ledger can be read, 0 while it cannot.", isUp ? 1 : 0),
    gauges("build_info", "The version that answers.", [{ labels: { version }, value: 1 }]),
  ]
}
