/** JSON as people write it by hand, and what is refused of it. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import fc from "fast-check"
import { parseJson5 } from "../../src/base/json5.ts"

const written: readonly (readonly [text: string, value: unknown])[] = [
  ["{}", {}],
  ["// first\n{ a: 1, /* in between */ 'b': 2, } // last", { a: 1, b: 2 }],
  ["{ plugins: { allow: ['a', \"b\",], entries: { 'x-y': { enabled: false } } } }", { plugins: { allow: ["a", "b"], entries: { "x-y": { enabled: false } } } }],
  ["[+1, .5, 5., 0x1F, -0x10, 1e3, -2.5]", [1, 0.5, 5, 31, -16, 1000, -2.5]],
  ["[true, false, null, { true: 1 }]", [true, false, null, { true: 1 }]],
  ["'it\\'s \"said\" \\u0041\\n'", 'it\'s "said" A\n'],
  ['"a // b /* c */"', "a // b /* c */"],
  ["'one \\\nline'", "one line"],
  ["\ufeff{ größe: 1, $x_1: 2 }", { größe: 1, $x_1: 2 }],
  ['{ a: "}", b: ["]", ","] }', { a: "}", b: ["]", ","] }],
]

const refused = ["", "{", "{a:}", "{a 1}", "'open", '"open', "[1 2]", "{a:1}}", "undefined", "[NaN", "{a:b}", "/*", "{,}", "[,]", "{'a':1,,}", "'\\u00'"]

describe("hand-written JSON", () => {
  for (const [text, value] of written) test(JSON.stringify(text), () => assert.deepEqual(parseJson5(text), value))
  for (const text of refused) test(`not ${JSON.stringify(text)}`, () => assert.throws(() => parseJson5(text), SyntaxError))

  test("every JSON text is one, in any of its spellings", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 2), (value, indent) => {
        const text = JSON.stringify(value, null, indent)
        assert.deepEqual(parseJson5(text), JSON.parse(text))
      }),
    )
  })
})
