/** Prices as an operator writes them: read to the last decimal, or refused with a sentence. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import fc from "fast-check"
import { Fault } from "../../src/base/fault.ts"
import { parseConfig } from "../../src/config.ts"
import { parseOverrides } from "../../src/prices/overrides.ts"
import { readRate } from "../../src/prices/usd-rate.ts"

const good = { model: "openai/gpt-5", input: "1.25", output: "10" }

describe("a rate", () => {
  for (const [written, rate] of [
    ["1.25", 1_250_000_000n],
    [" 10 ", 10_000_000_000n],
    ["0.000000001", 1n],
    ["0.1000000000000", 100_000_000n],
    [3, 3_000_000_000n],
    [0.003625, 3_625_000n],
    [0.1, 100_000_000n],
    [1e-9, 1n],
    [1.5e-7, 150n],
    [1_000_000, 1_000_000_000_000_000n],
  ] as const) {
    test(`${JSON.stringify(written)} is ${rate}`, () => assert.deepEqual(readRate(written), { rate, exact: true }))
  }

  test("finer than a nano-dollar is rounded up and said to be", () => {
    assert.deepEqual(readRate("0.0000000001"), { rate: 1n, exact: false })
    assert.deepEqual(readRate(0.1 + 0.2), { rate: 300_000_001n, exact: false })
    assert.deepEqual(readRate(1e-300), { rate: 1n, exact: false })
  })

  test("is the same as text and as number", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999 }), fc.integer({ min: 0, max: 999_999 }), (whole, fraction) => {
        const text = `${whole}.${fraction.toString().padStart(6, "0")}`
        assert.deepEqual(readRate(Number(text)), readRate(text))
        assert.deepEqual(readRate(text), { rate: BigInt(whole) * 1_000_000_000n + BigInt(fraction) * 1_000n, exact: true })
      }),
    )
  })
})

describe("an override", () => {
  test("has its rates, and the missing ones filled in", () => {
    const [one] = parseOverrides([{ ...good, cacheRead: 0.125, contextTokens: 400_000 }])
    assert.deepEqual(one?.rates, {
      input: 1_250_000_000n,
      output: 10_000_000_000n,
      cacheRead: 125_000_000n,
      cacheWrite: 1_562_500_000n,
      cacheWrite1h: 2_500_000_000n,
    })
    assert.equal(one?.contextTokens, 400_000)
    assert.equal(one?.free, false)
    assert.ok(one?.matches("openai/gpt-5") && !one.matches("openai/gpt-5-mini"))
  })

  test("is free only when it says so", () => {
    const [one] = parseOverrides([{ model: "ollama/*", free: true }])
    assert.ok(one?.free && one.matches("ollama/qwen") && Object.values(one.rates).every((rate) => rate === 0n))
  })

  const bad: readonly (readonly [string, unknown, RegExp])[] = [
    ["no list", {}, /a list such as/],
    ["a text", "openai/gpt-5", /a list such as/],
    ["no object", ["openai/gpt-5"], /"model" is/],
    ["no model", [{ input: 1, output: 1 }], /"model" is/],
    ["a model without provider", [{ ...good, model: "gpt-5" }], /"model" is/],
    ["a model with a space", [{ ...good, model: "openai/gpt 5" }], /"model" is/],
    ["an unknown field", [{ ...good, cacheReads: 1 }], /there is no "cacheReads"/],
    ["no input", [{ model: "a/b", output: 1 }], /its input rate is missing/],
    ["no output", [{ model: "a/b", input: 1 }], /its output rate is missing/],
    ["a negative rate", [{ ...good, input: -1 }], /its input rate is not usable: it is negative/],
    ["a negative text", [{ ...good, output: "-0.5" }], /its output rate is not usable: it is negative/],
    ["NaN", [{ ...good, input: Number.NaN }], /not a finite number/],
    ["1e400", JSON.parse('[{"model":"a/b","input":1e400,"output":1}]'), /not a finite number/],
    ["1e400 as text", [{ ...good, input: "1e400" }], /not a plain decimal/],
    ["words", [{ ...good, cacheRead: "cheap" }], /its cacheRead rate is not usable: it is not a plain decimal number/],
    ["a currency", [{ ...good, input: "$3" }], /not a plain decimal/],
    ["a comma", [{ ...good, input: "3,5" }], /not a plain decimal/],
    ["true", [{ ...good, cacheWrite: true }], /neither a number nor a text/],
    ["null", [{ ...good, cacheWrite1h: null }], /neither a number nor a text/],
    ["ten decimals", [{ ...good, input: "0.0000000001" }], /more than 9 decimals/],
    ["too much", [{ ...good, input: "1000000.1" }], /more than 1,000,000 dollars/],
    ["an enormous number", [{ ...good, input: 1e300 }], /more than 1,000,000 dollars/],
    ["zero input", [{ ...good, input: 0 }], /its input rate is 0; what costs nothing is said with "free": true/],
    ["zero output", [{ ...good, output: "0.000" }], /its output rate is 0/],
    ["minus zero", [{ ...good, output: -0 }], /its output rate is 0/],
    ["free with rates", [{ ...good, free: true }], /it is free and has rates \(input, output\)/],
    ["free as a text", [{ model: "a/b", free: "true" }], /"free" is true or absent/],
    ["not free and no rates", [{ model: "a/b", free: false }], /"free" is true or absent/],
    ["no context", [{ ...good, contextTokens: 0 }], /contextTokens is a whole number/],
    ["half a token", [{ ...good, maxOutputTokens: 0.5 }], /maxOutputTokens is a whole number/],
    ["too many", Array.from({ length: 1_001 }, () => good), /more than 1000/],
  ]
  for (const [what, written, problem] of bad) {
    test(`refuses ${what}`, () => {
      assert.throws(
        () => parseOverrides(written),
        (error) => error instanceof Fault && error.code === "cli.usage" && problem.test(error.message),
      )
      assert.throws(
        () => parseConfig({ prices: written }),
        (error) =>
          error instanceof Fault &&
          error.code === "config.invalid" &&
          problem.test(error.message) &&
          error.message.startsWith("The setting prices is not usable: "),
      )
    })
  }

  test("names the entry that is wrong", () =>
    assert.throws(() => parseOverrides([good, { ...good, input: "x" }]), /^Fault: Price 2 \(openai\/gpt-5\): its input/))

  test("is kept in the settings as it was written", () => {
    assert.deepEqual(parseConfig({ prices: [good] }).prices, [good])
    assert.deepEqual(parseConfig({}).prices, [])
  })
})
