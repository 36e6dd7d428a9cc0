/** Numbers as facts take them: whole, not negative, safe; undefined when the host says anything else. */
import { countOf, objectOf } from "../base/json.ts"
import { nanosFromUsd } from "../base/money.ts"
import { lostBytes } from "./cut-marks.ts"
import { usageCounts } from "./usage-shape.ts"

/** Milliseconds, also when the host measures them in fractions. */
export function wholeMs(value: unknown): number | undefined {
  return typeof value === "number" && value >= 0 ? countOf(Math.round(Math.abs(value))) : undefined
}

/** Far above what any run costs, and far below where a float of dollars is no number of nano-dollars any more. */
const mostUsd = 1e9

export type Tokens = {
  readonly inputTokens: number | undefined
  readonly outputTokens: number | undefined
  readonly cacheReadTokens: number | undefined
  readonly cacheWriteTokens: number | undefined
  /** Of those, written for an hour. */
  readonly cacheWrite1hTokens: number | undefined
  readonly totalTokens: number | undefined
  readonly reportedNanos: string | undefined
}

/** A usage block, of one call or summed up, in classes that do not overlap. */
export function tokensOf(value: unknown): Tokens {
  const { input, output, cacheRead, cacheWrite, cacheWrite1h, total } = usageCounts(value)
  const costUsd = objectOf(objectOf(value)["cost"])["total"]
  return {
    inputTokens: input,
    outputTokens: output,
    cacheReadTokens: cacheRead,
    cacheWriteTokens: cacheWrite,
    cacheWrite1hTokens: cacheWrite1h,
    totalTokens: total,
    reportedNanos: typeof costUsd === "number" && costUsd <= mostUsd ? nanosFromUsd(costUsd)?.toString() : undefined,
  }
}

/** UTF-8 bytes of a value as JSON; of one that was cut, the least it had. */
export function jsonBytes(value: unknown, cut: boolean): number {
  if (value === undefined) return 0
  return Buffer.byteLength(JSON.stringify(value)) + (cut ? lostBytes(value) : 0)
}
