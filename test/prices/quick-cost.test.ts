/** The quick way to a cost gives what the exact one gives, at the edges of tiers and of exact numbers, too. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import fc from "fast-check"
import { costOf, type Price } from "../../src/prices/price.ts"
import { quickCost } from "../../src/prices/quick-cost.ts"

const rate = fc.oneof(fc.bigInt({ min: 0n, max: 100_000_000_000n }), fc.constantFrom(1n, 3_000_000_000n, 75_000_000_000n, 10n ** 15n))
const rates = fc.record({ input: rate, cacheRead: rate, cacheWrite: rate, cacheWrite1h: rate, output: rate })
const price = fc
  .record({ rates, tiers: fc.array(fc.record({ aboveTokens: fc.constantFrom(0n, 1_000n, 200_000n), rates }), { maxLength: 2 }) })
  .map(({ rates: base, tiers }): Pick<Price, "rates" | "tiers"> => ({ rates: base, tiers: tiers.toSorted((a, b) => (a.aboveTokens < b.aboveTokens ? -1 : 1)) }))
const count = fc.oneof(fc.nat(2_000_000), fc.constantFrom(0, 1, 999, 1_000, 1_001, 200_000, 200_001, 10 ** 9))
const tokens = fc.record({ input: count, output: count, cacheRead: count, cacheWrite: count, cacheWrite1h: count })

describe("quick costs", () => {
  test("are the exact ones, to the nano-dollar", () => {
    const property = fc.property(price, tokens, (at, call) => {
      const [inputTokens, outputTokens, cacheReadTokens] = [BigInt(call.input), BigInt(call.output), BigInt(call.cacheRead)]
      const exact = costOf(at, {
        inputTokens,
        outputTokens,
        cacheReadTokens,
        cacheWriteTokens: BigInt(call.cacheWrite),
        cacheWrite1hTokens: BigInt(call.cacheWrite1h),
      })
      assert.equal(quickCost(at)(call), Number(exact))
    })
    fc.assert(property, { numRuns: 5_000 })
  })
})
