/** Many denials within a while: an agent that tries doors, or a rule that does not fit the work. Pure. */
import type { AnomalyThresholds } from "./thresholds.ts"

export type Denial = { readonly sequence: number; readonly atMs: number; readonly tool: string; readonly deniedBy: string }

/** The denials from the first of `threshold` within the window to the last that still is one of so many. */
export type DenialSpike = readonly [Denial, ...Denial[]]

/** @param denials in the order of time */
export function denialSpikes(denials: readonly Denial[], { denialWindowMs, denialThreshold }: AnomalyThresholds): readonly DenialSpike[] {
  const spikes: { from: number; to: number }[] = []
  for (let last = denialThreshold - 1; last < denials.length; last++) {
    const first = last - denialThreshold + 1
    const [begin, end] = [denials[first], denials[last]]
    if (begin === undefined || end === undefined || end.atMs - begin.atMs > denialWindowMs) continue
    const open = spikes.at(-1)
    if (open && first <= open.to) open.to = last
    else spikes.push({ from: first, to: last })
  }
  return spikes.flatMap(({ from, to }) => {
    const [first, ...others] = denials.slice(from, to + 1)
    return first === undefined ? [] : [[first, ...others] as const]
  })
}

/** What is commonest, and how often; the first of those that are equally so. */
export function counted(values: readonly string[]): readonly (readonly [value: string, count: number])[] {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts].toSorted((a, b) => b[1] - a[1])
}
