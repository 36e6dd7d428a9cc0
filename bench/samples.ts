/** Numbers of repeated runs, and rows made of them. */
import type { BenchRow } from "../scripts/bench.ts"

export type { BenchRow }

/** The value below which the share `q` of all values lies, nearest rank. */
export function quantile(values: ArrayLike<number>, q: number): number {
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN
}

export function median(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort()
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? (sorted[middle] ?? Number.NaN) : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2
}

export function sum(values: ArrayLike<number>): number {
  let total = 0
  for (let i = 0; i < values.length; i++) total += values[i] ?? 0
  return total
}

/** Smallest and largest, so that a reader sees how noisy the machine was. */
export function spread(values: ArrayLike<number>): string {
  const shown = [quantile(values, 0), median(values), quantile(values, 1)].map((value) => String(Number(value.toPrecision(3))))
  return shown.join(" | ")
}

export function atMost(figure: string, measured: number, unit: string, limit: number): BenchRow {
  return { figure, measured, unit, must: `at most ${limit} ${unit}`.trim(), met: measured <= limit }
}

export function atLeast(figure: string, measured: number, unit: string, limit: number): BenchRow {
  return { figure, measured, unit, must: `at least ${limit} ${unit}`.trim(), met: measured >= limit }
}

export function shown(figure: string, measured: number, unit: string): BenchRow {
  return { figure, measured, unit }
}
