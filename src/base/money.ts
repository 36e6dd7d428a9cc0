/**
 * Money is integer nano-dollars (1 USD = 1,000,000,000 nanos), held as bigint and written as a decimal string.
 * Floats appear only where the host reports them; they are converted here, once.
 */
export const nanosPerUsd = 1_000_000_000n

/** The nano-dollars of a cost the host reports as a float of dollars; undefined when it is not a finite, non-negative number. */
export function nanosFromUsd(usd: unknown): bigint | undefined {
  if (typeof usd !== "number" || !Number.isFinite(usd) || usd < 0) return undefined
  const nanos = Math.round(usd * 1e9)
  return Number.isFinite(nanos) ? BigInt(nanos) : undefined
}

/** Dollars for people: at least two decimals, as many as the amount needs. `1500000n` -> `$0.0015`. */
export function usd(amountNanos: bigint): string {
  const sign = amountNanos < 0n ? "-" : ""
  const absolute = amountNanos < 0n ? -amountNanos : amountNanos
  const fraction = (absolute % nanosPerUsd).toString().padStart(9, "0").replace(/0+$/, "").padEnd(2, "0")
  return `${sign}$${absolute / nanosPerUsd}.${fraction}`
}
