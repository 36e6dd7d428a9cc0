/** Prices and usages at random. */
import fc from "fast-check"
import { completeRates, type Price, type Rates, type Tier, type Usage } from "../../src/prices/price.ts"

export const anyRate = fc.oneof(fc.bigInt({ min: 1n, max: 100n }), fc.bigInt({ min: 1n, max: 1_000_000_000_000n }))
export const anyTokens = fc.oneof(fc.bigInt({ min: 0n, max: 40n }), fc.bigInt({ min: 0n, max: 3_000_000n }))

const anyRates: fc.Arbitrary<Rates> = fc
  .record({ input: anyRate, output: anyRate, cacheRead: fc.option(anyRate, { nil: undefined }), cacheWrite: fc.option(anyRate, { nil: undefined }) })
  .map(completeRates)

export const anyTiers: fc.Arbitrary<readonly Tier[]> = fc
  .uniqueArray(fc.bigInt({ min: 0n, max: 100n }), { maxLength: 3 })
  .chain((starts) => fc.tuple(...starts.sort((a, b) => (a < b ? -1 : 1)).map((aboveTokens) => anyRates.map((rates) => ({ aboveTokens, rates })))))

export const anyPrice: fc.Arbitrary<Pick<Price, "rates" | "tiers">> = fc.record({ rates: anyRates, tiers: anyTiers })

export const anyUsage: fc.Arbitrary<Usage> = fc
  .record({ inputTokens: anyTokens, cacheReadTokens: anyTokens, written5m: anyTokens, cacheWrite1hTokens: anyTokens, outputTokens: anyTokens })
  .map(({ written5m, ...usage }) => ({ ...usage, cacheWriteTokens: written5m + usage.cacheWrite1hTokens }))

export function usageOf(usage: Partial<Record<keyof Usage, number>>): Usage {
  const { inputTokens = 0, cacheReadTokens = 0, cacheWriteTokens = 0, cacheWrite1hTokens = 0, outputTokens = 0 } = usage
  return {
    inputTokens: BigInt(inputTokens),
    cacheReadTokens: BigInt(cacheReadTokens),
    cacheWriteTokens: BigInt(cacheWriteTokens),
    cacheWrite1hTokens: BigInt(cacheWrite1hTokens),
    outputTokens: BigInt(outputTokens),
  }
}
