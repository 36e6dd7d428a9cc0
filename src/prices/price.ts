/**
 * What one model costs, and what one call of it comes to. Rates are nano-dollars per million tokens, integers: $3 per million is 3,000,000,000n.
 * A call is divided and rounded once, at its end, up to the next nano-dollar.
 */
import { assert } from "../base/fault.ts"

/** Input that was not cached, input read from a cache, input written to one for 5 minutes or for 1 hour, and output. */
export const tokenClasses = ["input", "cacheRead", "cacheWrite", "cacheWrite1h", "output"] as const
export type TokenClass = (typeof tokenClasses)[number]

/** Nano-dollars per million tokens. Every class has a rate: what a source leaves out is filled in by `completeRates`. */
export type Rates = { readonly [C in TokenClass]: bigint }

/** Rates as a source states them. */
export type StatedRates = { readonly [C in TokenClass]?: bigint | undefined } & Pick<Rates, "input" | "output">

/** A prompt of more than `aboveTokens` tokens, cached ones included, has all its tokens and its answer at these rates. */
export type Tier = { readonly aboveTokens: bigint; readonly rates: Rates }

export type PriceSource = "override" | "host" | "library"

export type Bounds = {
  /** Most tokens of prompt and answer together. */
  readonly contextTokens?: number
  readonly maxOutputTokens?: number
}

export type Price = Bounds & {
  /** `provider/model` as it was asked for. */
  readonly model: string
  readonly source: PriceSource
  /** What in the source gave it: the pattern of an override, a model of the host's configuration, a model of the library. */
  readonly entry: string
  readonly rates: Rates
  /** By rising `aboveTokens`. */
  readonly tiers: readonly Tier[]
  /** An operator said that calls cost nothing; no other price has rates of zero for input or output. */
  readonly free: boolean
}

/** Tokens of one call. The prompt is `inputTokens + cacheReadTokens + cacheWriteTokens`. */
export type Usage = {
  /** Without cached tokens. */
  readonly inputTokens: bigint
  readonly cacheReadTokens: bigint
  /** All that were written to a cache, for however long. */
  readonly cacheWriteTokens: bigint
  /** Those of `cacheWriteTokens` that were written for an hour. */
  readonly cacheWrite1hTokens?: bigint
  readonly outputTokens: bigint
}

export type CallBound = {
  /** Most tokens of the prompt, cached ones included. */
  readonly inputTokens: bigint
  readonly outputTokens: bigint
  /** Classes the prompt's tokens may be of, where that is known; otherwise they may be of any. */
  readonly classes?: readonly Exclude<TokenClass, "output">[]
}

const million = 1_000_000n

/** The rates with none missing. What is left out is taken at a rate no provider is known to exceed, never at zero. */
export function completeRates({ input, output, cacheRead, cacheWrite, cacheWrite1h }: StatedRates): Rates {
  const written = cacheWrite ?? quotientUp(input * 5n, 4n)
  return { input, output, cacheRead: cacheRead ?? input, cacheWrite: written, cacheWrite1h: cacheWrite1h ?? largest([input * 2n, written]) }
}

/** The rates of a prompt of that many tokens. */
export function ratesAt({ rates, tiers }: Pick<Price, "rates" | "tiers">, promptTokens: bigint): Rates {
  return tiers.findLast(({ aboveTokens }) => promptTokens > aboveTokens)?.rates ?? rates
}

/** Nano-dollars of one call, rounded up. */
export function costOf(price: Pick<Price, "rates" | "tiers">, usage: Usage): bigint {
  const { inputTokens, cacheReadTokens, cacheWriteTokens, cacheWrite1hTokens = 0n, outputTokens } = usage
  for (const tokens of [inputTokens, cacheReadTokens, cacheWriteTokens, cacheWrite1hTokens, outputTokens]) assert(tokens >= 0n, "tokens are not negative")
  // A report whose part is larger than its whole is counted by its part.
  const written5m = largest([cacheWriteTokens - cacheWrite1hTokens, 0n])
  const rates = ratesAt(price, inputTokens + cacheReadTokens + written5m + cacheWrite1hTokens)
  return quotientUp(
    inputTokens * rates.input +
      cacheReadTokens * rates.cacheRead +
      written5m * rates.cacheWrite +
      cacheWrite1hTokens * rates.cacheWrite1h +
      outputTokens * rates.output,
    million,
  )
}

/** The most nano-dollars a call within the bound can come to: no usage within it costs more. */
export function mostOf(price: Pick<Price, "rates" | "tiers">, { inputTokens, outputTokens, classes }: CallBound): bigint {
  assert(inputTokens >= 0n && outputTokens >= 0n, "bounds are not negative")
  assert(classes?.length !== 0, "tokens of a prompt are of some class")
  const reachable = [price.rates, ...price.tiers.filter(({ aboveTokens }) => inputTokens > aboveTokens).map(({ rates }) => rates)]
  const inputClasses = classes ?? tokenClasses.filter((name) => name !== "output")
  const dearestInput = largest(reachable.flatMap((rates) => inputClasses.map((name) => rates[name])))
  const dearestOutput = largest(reachable.map(({ output }) => output))
  return quotientUp(inputTokens * dearestInput + outputTokens * dearestOutput, million)
}

function largest(numbers: readonly bigint[]): bigint {
  return numbers.reduce((most, one) => (one > most ? one : most), 0n)
}

function quotientUp(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor
}
