/** An hour that costs many times what an hour costs: a model that was changed, a loop that no breaker knows. Pure. */
import type { AnomalyThresholds } from "./thresholds.ts"

export const hourMs = 3_600_000
/** So many hours before are looked back on, and at least so many of them must have cost anything: of nothing, nothing is unusual. */
export const hoursBack = 168
const leastActiveHours = 6

/** By the number of the hour since 1970 UTC. */
export type HourCosts = ReadonlyMap<number, bigint>
export type SpendSpike = { readonly hour: number; readonly nanos: bigint; readonly usualNanos: bigint }

export function spendSpikes(costs: HourCosts, fromHour: number, toHour: number, thresholds: AnomalyThresholds): readonly SpendSpike[] {
  const spikes: SpendSpike[] = []
  for (let hour = fromHour; hour < toHour; hour++) {
    const spike = spikeAt(costs, hour, thresholds)
    if (spike) spikes.push(spike)
  }
  return spikes
}

/** Whether an hour is one; what is usual is the middle of the hours before it that cost anything. */
export function spikeAt(costs: HourCosts, hour: number, { spendFactor, spendLeastNanos }: AnomalyThresholds): SpendSpike | undefined {
  const nanos = costs.get(hour) ?? 0n
  if (nanos < spendLeastNanos) return undefined
  const before: bigint[] = []
  for (let back = 1; back <= hoursBack; back++) {
    const cost = costs.get(hour - back) ?? 0n
    if (cost > 0n) before.push(cost)
  }
  if (before.length < leastActiveHours) return undefined
  const usualNanos = before.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))[before.length >> 1] ?? 0n
  return nanos > usualNanos * BigInt(spendFactor) ? { hour, nanos, usualNanos } : undefined
}
