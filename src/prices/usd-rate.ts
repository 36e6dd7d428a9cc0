/**
 * A rate in dollars per million tokens, as people and programs write it, in nano-dollars per million tokens.
 * Numbers are read by their shortest decimal text, which is what was written; no arithmetic is done with floats.
 */
export type RateReading = { readonly rate: bigint; readonly exact: boolean } | { readonly problem: string }

const plainDecimal = /^(\d{1,30})(?:\.(\d{1,60}))?$/
const numberText = /^(\d+)(?:\.(\d+))?(?:e([+-]\d{1,3}))?$/
const nanoDigits = 9
/** A dollar a token: a thousand times what the dearest model costs; more is a slip of the pen. */
const mostRate = 1_000_000_000_000_000n

/** What is finer than a nano-dollar is rounded up, and `exact` is false. */
export function readRate(written: unknown): RateReading {
  if (typeof written === "number") return readNumber(written)
  if (typeof written !== "string") return { problem: "it is neither a number nor a text" }
  const text = written.trim()
  if (text.startsWith("-")) return { problem: "it is negative" }
  const match = plainDecimal.exec(text)
  return match ? bounded(scaled(match[1] ?? "", match[2] ?? "", 0)) : { problem: "it is not a plain decimal number" }
}

function readNumber(written: number): RateReading {
  if (!Number.isFinite(written)) return { problem: "it is not a finite number" }
  if (written < 0) return { problem: "it is negative" }
  const match = numberText.exec(String(written))
  return match ? bounded(scaled(match[1] ?? "", match[2] ?? "", Number(match[3] ?? "0"))) : { problem: "it is not a number" }
}

function bounded(reading: { readonly rate: bigint; readonly exact: boolean }): RateReading {
  return reading.rate > mostRate ? { problem: "it is more than 1,000,000 dollars per million tokens" } : reading
}

function scaled(whole: string, fraction: string, exponent: number): { readonly rate: bigint; readonly exact: boolean } {
  const digits = BigInt(whole + fraction)
  const shift = nanoDigits + exponent - fraction.length
  if (shift >= 0) return { rate: digits * 10n ** BigInt(shift), exact: true }
  const divisor = 10n ** BigInt(-shift)
  return { rate: (digits + divisor - 1n) / divisor, exact: digits % divisor === 0n }
}
