/** What a call comes to: exact, rounded once and up, and never above the most it was said to come to. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import fc from "fast-check"
import { completeRates, costOf, mostOf, ratesAt, tokenClasses, type Price, type Usage } from "../../src/prices/price.ts"
import { anyPrice, anyRate, anyTokens, anyUsage, usageOf } from "./arbitrary.ts"

const runs = { numRuns: 2_000 }
const flat = { rates: completeRates({ input: 3_000_000_000n, output: 15_000_000_000n, cacheRead: 300_000_000n }), tiers: [] }
const prompt = (usage: Usage): bigint => usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens

describe("the cost of a call", () => {
  test("is that of its classes", () => {
    assert.equal(costOf(flat, usageOf({ inputTokens: 1_000_000 })), 3_000_000_000n)
    assert.equal(costOf(flat, usageOf({ inputTokens: 600, cacheReadTokens: 400, outputTokens: 10 })), 1_800_000n + 120_000n + 150_000n)
    assert.equal(costOf(flat, usageOf({ cacheWriteTokens: 100 })), 375_000n)
    assert.equal(costOf(flat, usageOf({ cacheWriteTokens: 100, cacheWrite1hTokens: 40 })), 60n * 3_750n + 40n * 6_000n)
    assert.equal(costOf(flat, usageOf({})), 0n)
  })

  test("equals a sum of fractions, rounded up", () => {
    fc.assert(
      fc.property(anyPrice, anyUsage, (price, usage) => {
        const { cacheWrite1hTokens = 0n } = usage
        // One class after the other, each as a whole part and a rest: another way to the same sum.
        const rates = [...price.tiers].reverse().find(({ aboveTokens }) => prompt(usage) >= aboveTokens + 1n)?.rates ?? price.rates
        let [whole, rest] = [0n, 0n]
        for (const [tokens, rate] of [
          [usage.inputTokens, rates.input],
          [usage.cacheReadTokens, rates.cacheRead],
          [usage.cacheWriteTokens - cacheWrite1hTokens, rates.cacheWrite],
          [cacheWrite1hTokens, rates.cacheWrite1h],
          [usage.outputTokens, rates.output],
        ] as const) {
          whole += (tokens * rate) / 1_000_000n
          rest += (tokens * rate) % 1_000_000n
        }
        whole += rest / 1_000_000n
        assert.equal(costOf(price, usage), rest % 1_000_000n === 0n ? whole : whole + 1n)
      }),
      runs,
    )
  })

  test("is exact where floats are not", () => {
    const price = { rates: completeRates({ input: 1n, output: 1_000_001n }), tiers: [] }
    assert.equal(costOf(price, { ...usageOf({}), outputTokens: 9_007_199_254_740_993n }), 9_007_208_261_940_248n)
    assert.equal(costOf(price, usageOf({ inputTokens: 1 })), 1n)
  })

  test("of any token is more than nothing", () => {
    fc.assert(
      fc.property(anyPrice, anyUsage, (price, usage) => {
        assert.equal(costOf(price, usage) > 0n, prompt(usage) + usage.outputTokens > 0n)
      }),
      runs,
    )
  })

  test("rises with every class, and with every rate", () => {
    const rising = fc.tuple(anyPrice, fc.bigInt({ min: 1n, max: 3n })).map(([{ rates, tiers }, factor]): Pick<Price, "rates" | "tiers"> => {
      let last = rates
      return {
        rates,
        tiers: tiers.map(({ aboveTokens }) => {
          last = Object.fromEntries(tokenClasses.map((name) => [name, last[name] * factor])) as typeof last
          return { aboveTokens, rates: last }
        }),
      }
    })
    const counts = ["inputTokens", "cacheReadTokens", "cacheWriteTokens", "outputTokens"] as const
    fc.assert(
      fc.property(rising, anyUsage, fc.constantFrom(...counts), fc.bigInt({ min: 1n, max: 1_000_000n }), (price, usage, count, more) => {
        assert.ok(costOf(price, { ...usage, [count]: usage[count] + more }) >= costOf(price, usage))
        const dearer = Object.fromEntries(tokenClasses.map((name) => [name, price.rates[name] + more])) as typeof price.rates
        assert.ok(costOf({ rates: dearer, tiers: [] }, usage) >= costOf({ ...price, tiers: [] }, usage))
      }),
      runs,
    )
  })

  test("counts cache reads, each of them", () => {
    fc.assert(
      fc.property(anyPrice, anyUsage, (price, usage) => {
        const million = { ...usage, cacheReadTokens: usage.cacheReadTokens + 1_000_000n }
        const same = { ...price, tiers: [] }
        assert.equal(costOf(same, million) - costOf(same, usage), price.rates.cacheRead)
      }),
      runs,
    )
  })

  test("a tier begins with the first token above its bound, cached tokens count, and it has the whole call", () => {
    const tiered = { ...flat, tiers: [{ aboveTokens: 200_000n, rates: completeRates({ input: 6_000_000_000n, output: 22_500_000_000n }) }] }
    assert.equal(costOf(tiered, usageOf({ inputTokens: 200_000 })), 600_000_000n)
    assert.equal(costOf(tiered, usageOf({ inputTokens: 200_001 })), 1_200_006_000n)
    assert.equal(costOf(tiered, usageOf({ inputTokens: 1, cacheReadTokens: 200_000, outputTokens: 1 })), 200_001n * 6_000n + 22_500n)
    assert.equal(costOf(tiered, usageOf({ cacheWriteTokens: 200_001, cacheWrite1hTokens: 1 })), 200_000n * 7_500n + 12_000n)
    assert.equal(costOf(tiered, usageOf({ inputTokens: 1, outputTokens: 900_000 })), 3_000n + 900_000n * 15_000n)
  })

  test("a part larger than its whole is counted, and nothing negative is", () => {
    assert.equal(costOf(flat, usageOf({ cacheWriteTokens: 1, cacheWrite1hTokens: 10 })), 60_000n)
    assert.throws(() => costOf(flat, usageOf({ inputTokens: -1 })), /assertion failed/)
  })
})

describe("the most of a call", () => {
  test("is no less than any usage within its bound", () => {
    fc.assert(
      fc.property(anyPrice, anyUsage, anyTokens, anyTokens, (price, usage, moreInput, moreOutput) => {
        const bound = { inputTokens: prompt(usage) + moreInput, outputTokens: usage.outputTokens + moreOutput }
        assert.ok(mostOf(price, bound) >= costOf(price, usage))
      }),
      runs,
    )
  })

  test("is reached by a usage, where there are no tiers", () => {
    const cached = (inputTokens: number, outputTokens: number) => usageOf({ cacheWriteTokens: inputTokens, cacheWrite1hTokens: inputTokens, outputTokens })
    assert.equal(mostOf(flat, { inputTokens: 1_000n, outputTokens: 200n }), costOf(flat, cached(1_000, 200)))
    assert.equal(mostOf(flat, { inputTokens: 1_000n, outputTokens: 200n, classes: ["input", "cacheRead"] }), 3_000_000n + 3_000_000n)
  })

  test("is of some class", () => assert.throws(() => mostOf(flat, { inputTokens: 1n, outputTokens: 1n, classes: [] }), /assertion failed/))

  test("knows only tiers that the bound reaches, and the cheapest that is below a dearer one", () => {
    const odd = {
      rates: completeRates({ input: 9_000_000n, output: 9_000_000n }),
      tiers: [{ aboveTokens: 100n, rates: completeRates({ input: 1_000_000n, output: 100_000_000n }) }],
    }
    assert.equal(mostOf(odd, { inputTokens: 100n, outputTokens: 1n }), 100n * 18n + 9n)
    assert.equal(mostOf(odd, { inputTokens: 101n, outputTokens: 1n }), 101n * 18n + 100n)
  })
})

describe("rates that a source leaves out", () => {
  test("are never zero and never below what input costs", () => {
    fc.assert(
      fc.property(anyRate, anyRate, fc.option(anyRate, { nil: undefined }), (input, output, cacheWrite) => {
        const rates = completeRates({ input, output, cacheWrite })
        assert.equal(rates.cacheRead, input)
        assert.ok(cacheWrite === undefined ? rates.cacheWrite * 4n >= input * 5n && rates.cacheWrite * 4n < input * 5n + 4n : rates.cacheWrite === cacheWrite)
        assert.ok(rates.cacheWrite1h >= input * 2n && rates.cacheWrite1h >= rates.cacheWrite)
        assert.deepEqual(ratesAt({ rates, tiers: [] }, 5n), rates)
      }),
    )
  })
})
