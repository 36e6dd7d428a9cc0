/** Reading values nobody vouched for, and money. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import fc from "fast-check"
import { booleanOf, compact, countOf, numberOf, objectOf, stringOf } from "../../src/base/json.ts"
import { nanosFromUsd, nanosPerUsd, usd } from "../../src/base/money.ts"

const strange = [undefined, null, Number.NaN, Infinity, -Infinity, "", "1", true, [], [1], {}, () => 1, 1n, Symbol.iterator]

describe("values nobody vouched for", () => {
  test("only plain objects have fields", () => {
    for (const value of [undefined, null, 1, "x", true, [1, 2], Symbol.iterator, 1n]) assert.deepEqual(objectOf(value), {})
    assert.deepEqual(objectOf({ a: 1 }), { a: 1 })
  })

  test("only what is of the kind is taken", () => {
    assert.deepEqual(
      strange.map(numberOf),
      strange.map(() => undefined),
    )
    assert.deepEqual(
      strange.map(countOf),
      strange.map(() => undefined),
    )
    assert.deepEqual(
      strange.map(stringOf).filter((value) => value !== undefined),
      ["1"],
    )
    assert.deepEqual(
      strange.map(booleanOf).filter((value) => value !== undefined),
      [true],
    )
    assert.deepEqual([numberOf(-1.5), countOf(0), countOf(2 ** 53 - 1), stringOf("a"), booleanOf(false)], [-1.5, 0, 2 ** 53 - 1, "a", false])
    assert.deepEqual([countOf(-1), countOf(1.5), countOf(2 ** 53)], [undefined, undefined, undefined])
  })

  test("a missing value stays absent, a null stays", () => {
    assert.deepEqual(Object.entries(compact({ a: undefined, b: null, c: 0, d: "", e: false })), [
      ["b", null],
      ["c", 0],
      ["d", ""],
      ["e", false],
    ])
  })
})

describe("money", () => {
  test("dollars become nanos", () => {
    assert.deepEqual([0, 1, 0.0015, 1e-9, 12.345678901, 0.1 + 0.2].map(nanosFromUsd), [0n, 1_000_000_000n, 1_500_000n, 1n, 12_345_678_901n, 300_000_000n])
  })

  test("what is no amount is none, and nothing throws", () => {
    for (const value of [...strange, -0.01, Number.MAX_VALUE, 1e300]) assert.equal(nanosFromUsd(value), undefined, String(value))
  })

  test("amounts read as dollars with at least two decimals", () => {
    const rows: readonly (readonly [bigint, string])[] = [
      [0n, "$0.00"],
      [1n, "$0.000000001"],
      [1_500_000n, "$0.0015"],
      [100_000_000n, "$0.10"],
      [nanosPerUsd, "$1.00"],
      [-1_250_000_000n, "-$1.25"],
      [123_456_789_012_345_678n, "$123456789.012345678"],
    ]
    for (const [nanos, text] of rows) assert.equal(usd(nanos), text)
  })

  test("no amount is lost on the way to a text", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }), (nanos) => {
        const [, sign, whole = "", fraction = ""] = /^(-?)\$(\d+)\.(\d{2,9})$/.exec(usd(nanos)) ?? []
        const read = BigInt(whole) * nanosPerUsd + BigInt(fraction.padEnd(9, "0"))
        assert.equal(sign === "-" ? -read : read, nanos)
      }),
    )
  })
})
