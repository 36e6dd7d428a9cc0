/** Whose price wins, what is no price, and that the digest of a book covers all that decides. */
import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { describe, test } from "node:test"
import fc from "fast-check"
import { comparison, suspiciousHostPrices } from "../../src/prices/comparison.ts"
import { hostModelsOf } from "../../src/prices/host-prices.ts"
import { parseOverrides } from "../../src/prices/overrides.ts"
import { isUnpriced, priceBook, priceOf, type PriceBook } from "../../src/prices/price-book.ts"
import { costFromFacts, priceFacts, usageFromFacts } from "../../src/prices/price-facts.ts"
import { costOf, tokenClasses, type Price } from "../../src/prices/price.ts"
import { anyPrice, anyUsage, usageOf } from "./arbitrary.ts"

const at = Date.parse("2026-11-28T12:00:00Z")
const cost = { input: 2, output: 8, cacheRead: 0.2, cacheWrite: 2.5 }

function book(overrides: readonly object[] = [], providers: object = {}): PriceBook {
  return priceBook({ overrides: parseOverrides(overrides), host: hostModelsOf(providers) })
}

function host(provider: string, model: object): object {
  return { [provider]: { models: [model] } }
}

function priced(from: PriceBook, provider: string, model: string, atMs = at): Price {
  const price = priceOf(from, provider, model, atMs)
  assert.ok(!isUnpriced(price), "unpriced" in price ? price.unpriced : "")
  return price
}

describe("whose price wins", () => {
  const configured = host("openai", { id: "gpt-5", cost, contextWindow: 100_000, maxTokens: 4_096 })
  const written = { model: "openai/*", input: 3, output: 9 }

  test("the operator's over the host's over the library's", () => {
    assert.deepEqual(sourceAndInput(priced(book([written], configured), "openai", "gpt-5")), ["override", "openai/*", 3_000_000_000n])
    assert.deepEqual(sourceAndInput(priced(book([], configured), "openai", "gpt-5")), ["host", "openai/gpt-5", 2_000_000_000n])
    assert.deepEqual(sourceAndInput(priced(book(), "openai", "gpt-5-2025-08-07")), ["library", "openai/gpt-5", 1_250_000_000n])
  })

  test("of several overrides the first that matches", () => {
    const first = { model: "*/gpt-5", input: 1, output: 1 }
    assert.equal(priced(book([first, written]), "openai", "gpt-5").entry, "*/gpt-5")
    assert.equal(priced(book([written, first]), "openai", "gpt-5").entry, "openai/*")
  })

  test("bounds come from the first that states them", () => {
    assert.equal(priced(book(), "openai", "gpt-5").contextTokens, 400_000)
    const price = priced(book([{ ...written, maxOutputTokens: 10 }], configured), "openai", "gpt-5")
    assert.deepEqual([price.contextTokens, price.maxOutputTokens], [100_000, 10])
  })

  test("a custom provider has the host's price or the operator's, and nobody else's", () => {
    assert.ok(isUnpriced(priceOf(book(), "mock", "gpt-5", at)))
    assert.equal(priced(book([], host("mock", { id: "gpt-5", cost })), "mock", "gpt-5").source, "host")
    assert.equal(priced(book([], host("Mock", { id: "gpt-5", cost })), "mock", "gpt-5").source, "host")
    assert.ok(isUnpriced(priceOf(book([], host("mock", { id: "gpt-5", cost })), "other", "gpt-5", at)))
  })

  test("free is only what an operator calls free", () => {
    const price = priced(book([{ model: "ollama/*", free: true }]), "ollama", "qwen3")
    assert.ok(price.free)
    assert.equal(costOf(price, usageOf({ inputTokens: 1_000, outputTokens: 1_000 })), 0n)
  })

  test("the time decides between the library's periods", () => {
    const rates = (day: string) => priced(book(), "google", "gemini-3.6-flash", Date.parse(day)).rates.input
    assert.deepEqual([rates("2026-12-31T23:59:59.999Z"), rates("2027-01-01T00:00:00Z")], [750_000_000n, 1_500_000_000n])
  })
})

describe("a host's price", () => {
  test("of 0, or none, of input or output is no price: the library's holds, or none", () => {
    for (const none of [
      { ...cost, input: 0 },
      { ...cost, output: 0 },
      { input: 2 },
      { output: 2 },
      {},
      { ...cost, input: -1 },
      { ...cost, output: Number.NaN },
      { ...cost, input: "2" },
      undefined,
    ]) {
      assert.equal(priced(book([], host("openai", { id: "gpt-5", cost: none })), "openai", "gpt-5").source, "library")
      const unknown = priceOf(book([], host("mock", { id: "mock-1", cost: none })), "mock", "mock-1", at)
      assert.deepEqual(unknown, { unpriced: "mock/mock-1 has no price: no rates are known for the provider mock" })
    }
  })

  test("of 0 for a cache is a missing rate", () => {
    const { rates } = priced(book([], host("mock", { id: "m", cost: { ...cost, cacheRead: 0, cacheWrite: 0 } })), "mock", "m")
    assert.deepEqual(rates, {
      input: 2_000_000_000n,
      output: 8_000_000_000n,
      cacheRead: 2_000_000_000n,
      cacheWrite: 2_500_000_000n,
      cacheWrite1h: 4_000_000_000n,
    })
  })

  test("by tiers begins with the token its range begins with; the flat rates do not count", () => {
    const tier = (range: readonly number[], input: number) => ({ ...cost, input, range })
    const price = priced(book([], host("mock", { id: "m", cost: { ...cost, tieredPricing: [tier([32_000], 6), tier([0, 32_000], 4)] } })), "mock", "m")
    const input = (tokens: number) => costOf(price, usageOf({ inputTokens: tokens })) / BigInt(tokens)
    assert.deepEqual([input(1), input(31_999), input(32_000)], [4_000n, 4_000n, 6_000n])
    const broken = host("mock", { id: "m", cost: { ...cost, tieredPricing: [tier([0, 10], 4), tier([10], 0)] } })
    assert.ok(isUnpriced(priceOf(book([], broken), "mock", "m", at)))
  })

  test("is that of the first entry of a model, and its context the one the host limits itself to", () => {
    const entries = [
      { id: "m", cost, contextWindow: 200_000, contextTokens: 50_000 },
      { id: "m", cost: { ...cost, input: 9 }, contextTokens: 9 },
    ]
    const price = priced(book([], { mock: { models: entries } }), "mock", "m")
    assert.deepEqual([price.rates.input, price.contextTokens], [2_000_000_000n, 50_000])
  })

  test("is read from whatever the configuration holds, without an error", () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => void hostModelsOf(value)))
    fc.assert(fc.property(fc.jsonValue(), (value) => void hostModelsOf(host("p", { id: "m", cost: value, contextWindow: value }))))
    assert.deepEqual(hostModelsOf({ p: { models: "x" }, q: { models: [null, { id: 1 }] }, r: null }), [])
  })
})

describe("a book", () => {
  const parts = { overrides: [{ model: "a/b", input: 1, output: 2 }], providers: host("mock", { id: "m", cost, contextWindow: 9 }) }

  test("has the digest of its JSON, the same for the same parts", () => {
    const one = book(parts.overrides, parts.providers)
    assert.equal(one.digest, createHash("sha256").update(one.json).digest("hex"))
    assert.equal(book(structuredClone(parts.overrides), structuredClone(parts.providers)).digest, one.digest)
    const two = { a: { models: [{ id: "x", cost }] }, b: { models: [{ id: "y", cost }] } }
    assert.equal(book([], two).digest, book([], { b: two.b, a: two.a }).digest)
    assert.match(one.json, /"library":\{"digest":"[0-9a-f]{64}","package":"@pydantic\/genai-prices","version":"[\d.]+"\}/)
  })

  test("has another digest when anything that decides is another", () => {
    const others = [
      book(),
      book(parts.overrides),
      book([], parts.providers),
      book([{ model: "a/b", input: 1, output: 3 }], parts.providers),
      book([{ model: "a/*", input: 1, output: 2 }], parts.providers),
      book([{ model: "a/b", input: 1, output: 2, cacheRead: 0.5 }], parts.providers),
      book([{ model: "a/b", input: 1, output: 2, maxOutputTokens: 1 }], parts.providers),
      book([{ model: "a/b", free: true }], parts.providers),
      book([...parts.overrides, { model: "c/d", input: 1, output: 2 }], parts.providers),
      book(parts.overrides, host("mock", { id: "m", cost, contextWindow: 10 })),
      book(parts.overrides, host("mock", { id: "m", cost: { ...cost, cacheRead: 0.1 }, contextWindow: 9 })),
      book(
        parts.overrides,
        host("mock", {
          id: "m",
          cost: {
            ...cost,
            tieredPricing: [
              { ...cost, range: [0, 5] },
              { ...cost, input: 3, range: [5] },
            ],
          },
          contextWindow: 9,
        }),
      ),
      book(parts.overrides, host("mock2", { id: "m", cost, contextWindow: 9 })),
    ].map(({ digest }) => digest)
    assert.equal(new Set([...others, book(parts.overrides, parts.providers).digest]).size, others.length + 1)
  })
})

describe("the facts of a price", () => {
  test("give the cost again after they were written down", () => {
    fc.assert(
      fc.property(anyPrice, anyUsage, (some, usage) => {
        const price: Price = { model: "a/b", source: "host", entry: "a/b", free: false, ...some }
        const facts = JSON.parse(JSON.stringify(priceFacts(price, book()))) as ReturnType<typeof priceFacts>
        assert.equal(costFromFacts(facts, usage), costOf(price, usage))
      }),
      { numRuns: 1_000 },
    )
  })

  test("have their usage from counts; what was not counted is unknown, not nothing", () => {
    const counts = { inputTokens: 3, cacheReadTokens: 2, cacheWriteTokens: 5, cacheWrite1hTokens: 1, outputTokens: 7 }
    assert.deepEqual(usageFromFacts(counts), usageOf(counts))
    assert.deepEqual(usageFromFacts({ inputTokens: 3, outputTokens: 0 }), usageOf({ inputTokens: 3 }))
    for (const name of ["inputTokens", "outputTokens"]) assert.equal(usageFromFacts({ ...counts, [name]: undefined }), undefined)
    for (const name of Object.keys(counts)) {
      for (const odd of [-1, 0.5, Number.NaN, "3", 2 ** 60]) assert.equal(usageFromFacts({ ...counts, [name]: odd }), undefined, `${name} ${odd}`)
    }
  })

  test("name the model, the source and the book", () => {
    const of = book()
    assert.deepEqual(priceFacts(priced(of, "openai", "gpt-5"), of), {
      model: "openai/gpt-5",
      source: "library",
      entry: "openai/gpt-5",
      book: of.digest,
      rates: { input: "1250000000", cacheRead: "125000000", cacheWrite: "1562500000", cacheWrite1h: "2500000000", output: "10000000000" },
    })
    assert.equal(priceFacts(priced(of, "google", "gemini-2.5-pro"), of).tiers?.[0]?.aboveTokens, "200000")
    assert.equal(priceFacts(priced(book([{ model: "a/*", free: true }]), "a", "b"), of).free, true)
  })
})

describe("suddenly cheap", () => {
  const price = priced(book([{ model: "a/*", input: 2, output: 8, cacheRead: 1, cacheWrite: 2, cacheWrite1h: 4 }]), "a", "b")
  const half = (name: keyof typeof price.rates, by: bigint): Price => ({ ...price, rates: { ...price.rates, [name]: price.rates[name] / 2n - by } })

  test("is a rate below half, not half", () => {
    for (const name of tokenClasses) {
      assert.deepEqual(comparison(price, half(name, 0n)), [])
      const found = price.rates[name] / 2n - 1n
      assert.deepEqual(comparison(price, half(name, 1n)), [{ finding: "fell", model: "a/b", rate: name, aboveTokens: 0n, expected: price.rates[name], found }])
      assert.deepEqual(comparison(half(name, 1n), price), [])
    }
  })

  test("is looked for at every size of prompt", () => {
    const tiered = { ...price, tiers: [{ aboveTokens: 100n, rates: { ...price.rates, output: 20_000_000_000n } }] }
    assert.deepEqual(
      comparison(tiered, price).map(({ rate, aboveTokens }) => [rate, aboveTokens]),
      [["output", 100n]],
    )
    assert.deepEqual(comparison(price, tiered), [])
  })

  test("is also a host's price far below the library's", () => {
    const cheap = { input: 0.6, output: 10, cacheRead: 0.125, cacheWrite: 1.5625 }
    const found = suspiciousHostPrices(book([], { ...host("openai", { id: "gpt-5", cost: cheap }), ...host("mock", { id: "gpt-5", cost: cheap }) }), at)
    assert.deepEqual(
      found.map(({ finding, model, rate }) => [finding, model, rate]),
      [["below-library", "openai/gpt-5", "input"]],
    )
    assert.deepEqual(suspiciousHostPrices(book([], host("openai", { id: "gpt-5", cost })), at), [])
    assert.deepEqual(suspiciousHostPrices(book([], host("openai", { id: "gpt-5" })), at), [])
  })
})

function sourceAndInput({ source, entry, rates }: Price): readonly [string, string, bigint] {
  return [source, entry, rates.input]
}
