/** RFC 8785 with its published examples, and the hashes that stand in for texts and arguments. */
import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { describe, test } from "node:test"
import fc from "fast-check"
import { canonicalJson } from "../../src/base/canonical-json.ts"
import type { Json } from "../../src/base/json.ts"
import { hashedContent } from "../../src/capture/redact-hashed.ts"
import type { NewEvent } from "../../src/format/event.ts"

const parse = (text: string): Json => JSON.parse(text) as Json

/** RFC 8785, appendix B: the bits of a number and its text. */
const numbers: readonly (readonly [bits: string, text: string])[] = [
  ["0000000000000000", "0"],
  ["8000000000000000", "0"],
  ["0000000000000001", "5e-324"],
  ["8000000000000001", "-5e-324"],
  ["7fefffffffffffff", "1.7976931348623157e+308"],
  ["ffefffffffffffff", "-1.7976931348623157e+308"],
  ["4340000000000000", "9007199254740992"],
  ["c340000000000000", "-9007199254740992"],
  ["4430000000000000", "295147905179352830000"],
  ["44b52d02c7e14af5", "9.999999999999997e+22"],
  ["44b52d02c7e14af6", "1e+23"],
  ["44b52d02c7e14af7", "1.0000000000000001e+23"],
  ["444b1ae4d6e2ef4e", "999999999999999700000"],
  ["444b1ae4d6e2ef4f", "999999999999999900000"],
  ["444b1ae4d6e2ef50", "1e+21"],
  ["3eb0c6f7a0b5ed8c", "9.999999999999997e-7"],
  ["3eb0c6f7a0b5ed8d", "0.000001"],
  ["41b3de4355555553", "333333333.3333332"],
  ["41b3de4355555554", "333333333.33333325"],
  ["41b3de4355555555", "333333333.3333333"],
  ["41b3de4355555556", "333333333.3333334"],
  ["41b3de4355555557", "333333333.33333343"],
  ["becbf647612f3696", "-0.0000033333333333333333"],
  ["43143ff3c1cb0959", "1424953923781206.2"],
]

describe("canonical JSON", () => {
  for (const [bits, text] of numbers) test(`${bits} is ${text}`, () => assert.equal(canonicalJson(Buffer.from(bits, "hex").readDoubleBE()), text))

  test("the RFC's example of serialization (3.2.2 to 3.2.4)", () => {
    const given = String.raw`{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}`
    const expected = String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`
    assert.equal(canonicalJson(parse(given)), expected)
    const start = "7b226c69746572616c73223a5b6e756c6c2c747275652c66616c73655d2c226e756d62657273223a5b333333333333333333"
    assert.ok(
      Buffer.from(canonicalJson(parse(given)))
        .toString("hex")
        .startsWith(start),
    )
  })

  test("the RFC's example of sorting (3.2.3): by UTF-16 units", () => {
    const given = String.raw`{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}`
    const sorted = [
      "Carriage Return",
      "One",
      "Control",
      "Latin Small Letter O With Diaeresis",
      "Euro Sign",
      "Emoji: Grinning Face",
      "Hebrew Letter Dalet With Dagesh",
    ]
    assert.deepEqual(Object.values(parse(canonicalJson(parse(given))) as object).sort(), [...sorted].sort())
    const text = canonicalJson(parse(given))
    const places = sorted.map((name) => text.indexOf(`"${name}"`))
    assert.deepEqual(
      [...places].sort((a, b) => a - b),
      places,
    )
  })

  test("lone surrogates are made well-formed, numbers JSON has no place for are null", () => {
    assert.equal(canonicalJson({ a: "x\ud800y" }), '{"a":"x\ufffdy"}')
    assert.equal(canonicalJson({ "\udc00": 1 }), '{"\ufffd":1}')
    assert.equal(canonicalJson(["\ud83d\ude00"]), '["\ud83d\ude00"]')
    assert.equal(canonicalJson([Number.POSITIVE_INFINITY]), "[null]")
  })

  test("one text for one value, in whatever order its members were written", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (made) => {
        const value = made as Json
        const text = canonicalJson(value)
        assert.equal(canonicalJson(parse(text)), text)
        assert.equal(canonicalJson(reversed(value)), text)
        assert.deepEqual(parse(text), parse(JSON.stringify(value)))
      }),
    )
  })
})

describe("hashed content", () => {
  const hash = (text: string): string => createHash("sha256").update(`salt${text}`).digest("hex")
  const event = (type: string, content: Json): NewEvent => ({ type, id: "x", facts: {}, content }) as unknown as NewEvent

  test("prompts and arguments become hashes when the setting says so, and nothing else changes", () => {
    const call = event("tool.invoked", { kind: "exec", params: { b: 1, a: "ls" } })
    const said = event("message.received", { from: "bob", text: "hi" })
    const both = { promptText: true, toolArgs: true }
    assert.deepEqual(hashedContent(call, both, hash).content, { kind: "exec", params: { hash: hash('{"a":"ls","b":1}') } })
    assert.deepEqual(hashedContent(said, both, hash).content, { from: "bob", text: { hash: hash('"hi"') } })
    assert.equal(hashedContent(call, { promptText: true, toolArgs: false }, hash), call)
    assert.equal(hashedContent(said, { promptText: false, toolArgs: true }, hash), said)
    assert.deepEqual(hashedContent(event("tool.returned", { result: [1], error: "no" }), both, hash).content, {
      result: { hash: hash("[1]") },
      error: { hash: hash('"no"') },
    })
  })
})

function reversed(value: Json): Json {
  if (typeof value !== "object" || value === null) return value
  if (Array.isArray(value)) return value.map((item: Json) => reversed(item))
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, part]) => [key, reversed(part as Json)]),
  )
}
