/** Hours that cost many times what an hour costs. */
import { hourMs, hoursBack, spendSpikes } from "../../policy/anomalies/spend-spikes.ts"
import { hourCosts } from "../../projections/hour-costs.ts"
import type { Detector } from "./detector.ts"
import { iso, mostFound } from "./told-entries.ts"

export type SpendSpikeFound = { readonly from: string; readonly to: string; readonly costNanos: string; readonly usualNanos: string; readonly times: number }

export const spendSpikesFound: Detector<SpendSpikeFound> = (access, { fromMs, toMs, thresholds }) => {
  const [fromHour, toHour] = [Math.floor(fromMs / hourMs), Math.ceil(toMs / hourMs)]
  const costs = access.ask((views) => hourCosts(views, fromHour - hoursBack, toHour))
  const spikes = spendSpikes(costs, fromHour, toHour, thresholds)
  const found = spikes.slice(0, mostFound).map(({ hour, nanos, usualNanos }) => ({
    ...{ from: iso(hour * hourMs), to: iso((hour + 1) * hourMs), costNanos: String(nanos), usualNanos: String(usualNanos) },
    times: usualNanos === 0n ? 0 : Number((nanos * 10n) / usualNanos) / 10,
  }))
  return { found, truncated: spikes.length > mostFound }
}
