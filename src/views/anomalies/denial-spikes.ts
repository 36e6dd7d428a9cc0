/** Many denials within a while. */
import { counted, denialSpikes, type Denial } from "../../policy/anomalies/denial-spikes.ts"
import type { Detector } from "./detector.ts"
import { iso, mostFound } from "./told-entries.ts"

const mostRead = 100_000

export type DenialSpikeFound = {
  readonly first: string
  readonly last: string
  readonly count: number
  readonly byTool: readonly { readonly tool: string; readonly count: number }[]
  /** Who or what denied most of them. */
  readonly reason: string
  readonly firstSequence: number
  readonly lastSequence: number
}

export const denialSpikesFound: Detector<DenialSpikeFound> = (access, { fromMs, toMs, thresholds }) => {
  const rows = access.ask((views) =>
    views
      .prepare("SELECT sequence, at_ms AS atMs, tool, denied_by AS deniedBy FROM denials WHERE at_ms >= ? AND at_ms < ? ORDER BY at_ms, sequence LIMIT ?")
      .all(fromMs, toMs, mostRead + 1),
  ) as Denial[]
  const spikes = denialSpikes(rows.slice(0, mostRead), thresholds)
  return {
    found: spikes.slice(0, mostFound).map((spike) => {
      const [first, last] = [spike[0], spike.at(-1) ?? spike[0]]
      return {
        ...{ first: iso(first.atMs), last: iso(last.atMs), count: spike.length },
        byTool: counted(spike.map(({ tool }) => tool)).map(([tool, count]) => ({ tool, count })),
        reason: counted(spike.map(({ deniedBy }) => deniedBy))[0]?.[0] ?? "unknown",
        ...{ firstSequence: first.sequence, lastSequence: last.sequence },
      }
    }),
    truncated: rows.length > mostRead || spikes.length > mostFound,
  }
}
