/** The shorter way to canonical JSON. */
import assert from "node:assert/strict"
import { test } from "node:test"
import { canonicalJson, orderedJson } from "../../src/base/canonical-json.ts"

test("gives the same text where members stand in order, lone surrogates and all", () => {
  const values = [
    {},
    { a: 1, b: [true, null, "x"], c: { d: -0, e: 1e21, f: 1e-7 } },
    { a: "\ud800", b: "\udfff x", c: '\u2028\u2029\u0000\u001f\u007f"\\/', d: "\\ud800", e: "😀" },
    { "": 0, A: 1, a: 2, "é": 3, "￿": 4 },
    { a: [{ b: "\ud83d" }] },
  ]
  for (const value of values) assert.equal(orderedJson(value), canonicalJson(value))
  assert.match(orderedJson({ a: "\ud800" }), /\ufffd/)
  assert.notEqual(orderedJson({ b: 1, a: 2 }), canonicalJson({ b: 1, a: 2 }), "who calls it vouches for the order")
})
