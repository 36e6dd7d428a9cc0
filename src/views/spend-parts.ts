/**
 * A window of time as parts that roll-ups answer: whole days (UTC) from sums of days, whole quarters of an hour from sums of quarters, and what is left at
 * the edges from the calls themselves. So a total is exact to the millisecond, and costs what its days cost.
 */
import { dayMs, quarterMs } from "../projections/usage-schema.ts"

export type Part = { readonly from: "days" | "quarters" | "calls"; readonly fromMs: number; readonly toMs: number }

export function partsOf(fromMs: number, toMs: number, hasQuarters = true): readonly Part[] {
  return within("days", dayMs, fromMs, toMs, (from, to) => (hasQuarters ? within("quarters", quarterMs, from, to, calls) : calls(from, to)))
}

function within(name: Part["from"], step: number, fromMs: number, toMs: number, edge: (fromMs: number, toMs: number) => readonly Part[]): readonly Part[] {
  const [first, last] = [Math.ceil(fromMs / step) * step, Math.floor(toMs / step) * step]
  if (first >= last) return edge(fromMs, toMs)
  return [...edge(fromMs, first), { from: name, fromMs: first, toMs: last }, ...edge(last, toMs)]
}

function calls(fromMs: number, toMs: number): readonly Part[] {
  return fromMs < toMs ? [{ from: "calls", fromMs, toMs }] : []
}
