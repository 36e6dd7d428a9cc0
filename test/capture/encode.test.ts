/** The encoder that runs on the host's thread: whatever it is given, it gives bounded JSON. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import fc from "fast-check"
import { anyCharacter } from "../any-character.ts"
import { cutString, lostBytes, moreItems, originalLength } from "../../src/capture/cut-marks.ts"
import { encodeBounded } from "../../src/capture/encode.ts"
import { nasty, runs } from "./nasty.ts"

const roomy = 64 * 1024
const encode = (value: unknown, maxBytes = roomy): unknown => JSON.parse(encodeBounded(value, maxBytes).text)

const cyclic: Record<string, unknown> = { a: 1 }
cyclic["self"] = { inner: cyclic }
const revoked = Proxy.revocable({}, {})
revoked.revoke()

// What each value becomes; `undefined` marks nothing lost, so none of them is a cut.
const becomes: readonly (readonly [name: string, value: unknown, json: unknown])[] = [
  ["undefined", undefined, null],
  ["function", () => 1, null],
  ["symbol", Symbol("s"), null],
  ["NaN", Number.NaN, null],
  ["members without a place in JSON", { a: undefined, b: () => 1, c: Symbol("c"), d: 1, e: [undefined] }, { d: 1, e: [null] }],
  ["BigInt", { n: 12345678901234567890n }, { n: "12345678901234567890" }],
  ["a truly large BigInt", 1n << 4096n, "a number of more than 256 bits"],
  ["cycle", cyclic, { a: 1, self: { inner: "…[cycle]" } }],
  ["accessor that throws", Object.defineProperty({ a: 1 }, "b", { enumerable: true, get: () => assert.fail() }), { a: 1, b: "…[unreadable]" }],
  [
    "one item of a long list that throws",
    [...Array.from({ length: 40 }, () => 1), revoked.proxy, 2],
    [...Array.from({ length: 40 }, () => 1), "…[unreadable]", 2],
  ],
  ["revoked proxy", { a: 1, b: revoked.proxy }, { a: 1, b: "…[unreadable]" }],
  ["proxy with a trap that throws", { a: new Proxy({}, { ownKeys: () => assert.fail() }) }, { a: "…[unreadable]" }],
  ["proxy of plain data", { a: new Proxy({ b: [1] }, {}) }, { a: { b: [1] } }],
  ["toJSON is not called", { a: 1, toJSON: () => "called" }, { a: 1 }],
  ["toJSON of a prototype is not called", Object.create({ toJSON: () => "called" }, { a: { value: 1, enumerable: true } }), { a: 1 }],
  [
    "Map",
    new Map<unknown, unknown>([
      ["a", 1n],
      [{}, new Set([1, "2"])],
    ]),
    [
      ["a", "1"],
      [{}, [1, "2"]],
    ],
  ],
  ["Date", [new Date(0), new Date(Number.NaN)], ["1970-01-01T00:00:00.000Z", null]],
  ["Error", Object.assign(new TypeError("no", { cause: "why" }), { code: 7 }), { name: "TypeError", message: "no", cause: "why", code: 7 }],
  ["Buffer", { a: Buffer.alloc(5000) }, { a: { kind: "Uint8Array", sizeBytes: 5000 } }],
  ["typed array", new Float64Array(3), { kind: "Float64Array", sizeBytes: 24 }],
  ["AbortSignal", { signal: new AbortController().signal, a: 1 }, { signal: {}, a: 1 }],
  ["URL and boxed values", [new URL("https://example.org/a"), new Object("s"), new Object(1), new Object(true)], ["https://example.org/a", "s", 1, true]],
  ["lone surrogates", { "\ud800": "a\udc00b" }, { "\ufffd": "a\ufffdb" }],
  ["lone surrogates behind backslashes", ["\\\ud800", "\\\\\udfff"], ["\\\ufffd", "\\\\\ufffd"]],
  ["text about lone surrogates", [String.raw`\ud800`, String.raw`\\udfff`], [String.raw`\ud800`, String.raw`\\udfff`]],
  ["NUL", "a\u0000b", "a\u0000b"],
  ["sparse array", [1, , 3], [1, null, 3]],
]

describe("encodeBounded", () => {
  for (const [name, value, json] of becomes) {
    test(name, () => {
      const encoded = encodeBounded(value, roomy)
      assert.deepEqual(JSON.parse(encoded.text), json)
      assert.equal(encoded.cut, undefined)
    })
  }

  test("__proto__ is a key like any other", () => {
    const value: unknown = JSON.parse('{"__proto__":{"a":1},"b":2}')
    assert.equal(encodeBounded(value, roomy).text, '{"__proto__":{"a":1},"b":2}')
    assert.equal(encodeBounded({ value, n: 1n }, roomy).text, '{"value":{"__proto__":{"a":1},"b":2},"n":"1"}')
  })

  test("plain data that fits comes back unchanged, up to the last byte", () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: anyCharacter }), (value) => {
        const text = JSON.stringify(value)
        const encoded = encodeBounded(value, Math.max(256, Buffer.byteLength(text)))
        assert.deepEqual(encoded, { text })
      }),
      runs(1000),
    )
  })

  test("anything becomes well-formed JSON within the bound", () => {
    fc.assert(
      fc.property(nasty, fc.integer({ min: 256, max: 4000 }), (make, maxBytes) => {
        const encoded = encodeBounded(make(), maxBytes)
        assert.ok(Buffer.byteLength(encoded.text) <= maxBytes)
        assert.ok(encoded.text.isWellFormed())
        assert.ok(JSON.stringify(JSON.parse(encoded.text)).isWellFormed())
        assert.ok(!/\\ud[89a-f]/.test(JSON.stringify(JSON.parse(encoded.text)).replaceAll("\\\\", "")))
        if (encoded.cut !== undefined) assert.ok(Number.isSafeInteger(encoded.cut.fromBytes))
      }),
      runs(2000),
    )
  })

  test("every bound holds, whatever stands at its end", () => {
    const parts: readonly unknown[] = [
      "é".repeat(60),
      "short",
      1.7976931348623157e308,
      [new Date(0)],
      { ["k".repeat(30)]: ["é".repeat(200)] },
      new Map([[1n, "…"]]),
      cyclic,
      null,
    ]
    for (let maxBytes = 256; maxBytes < 900; maxBytes++) {
      for (let first = 0; first < parts.length; first++) {
        const list = [...parts.slice(first), ...parts, ...parts]
        for (const value of [
          list,
          Object.fromEntries(list.map((part, index) => [`é${index}`, part])),
          [list, list],
          { list },
          "é".repeat(maxBytes / 2 + first - 4),
        ]) {
          const { text } = encodeBounded(value, maxBytes)
          assert.ok(Buffer.byteLength(text) <= maxBytes, `${Buffer.byteLength(text)} of ${maxBytes}`)
          JSON.parse(text)
        }
      }
    }
  })

  test("no value is changed", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.integer({ min: 256, max: 1000 }), (value, maxBytes) => {
        const before = structuredClone(value)
        encodeBounded({ value, n: 1n }, maxBytes)
        assert.deepEqual(value, before)
      }),
      runs(200),
    )
  })

  test("small bounds are raised to one that holds a mark", () => {
    assert.ok(Buffer.byteLength(encodeBounded({ a: "x".repeat(999) }, 1).text) <= 256)
  })

  test("odd text at every bound", () => {
    for (const unit of ["\u0000", "é", "…", "\u{1f600}", "\ud800", '"', "a\u0000…"]) {
      for (let maxBytes = 256; maxBytes < 300; maxBytes++) {
        const { text, cut } = encodeBounded({ id: 1, a: unit.repeat(500) }, maxBytes)
        assert.ok(Buffer.byteLength(text) <= maxBytes)
        assert.ok(cut !== undefined && cut.fromBytes >= 500)
        assert.equal(originalLength((JSON.parse(text) as { a: string }).a, true), unit.length * 500)
        assert.ok(!JSON.stringify(JSON.parse(text)).includes("\\ud"))
      }
    }
  })
})

describe("what is left out", () => {
  test("a huge text is cut, says how long it was, and what stands around it stays", () => {
    const text = "word ".repeat(10_000_000)
    const details = { status: "completed", words: "some ".repeat(500) }
    const encoded = encodeBounded({ run: "r1", result: { content: [{ type: "text", text }], details }, after: "kept" }, roomy)
    const kept = JSON.parse(encoded.text) as { run: string; result: { content: { text: string }[]; details: unknown }; after: string }
    assert.equal(kept.run, "r1")
    assert.deepEqual(kept.result.details, details)
    assert.equal(kept.after, "kept")
    const start = kept.result.content[0]?.text ?? ""
    assert.ok(start.startsWith("word word ") && start.endsWith(cutString(text.length)))
    assert.equal(originalLength(start, true), text.length)
    assert.ok(encoded.cut !== undefined && encoded.cut.fromBytes >= text.length)
    assert.ok(Buffer.byteLength(encoded.text) > roomy / 4, "most of the room is used")
  })

  test("a long list says how many items it lost", () => {
    const kept = encode({ items: Array.from({ length: 100_000 }, (_, index) => index), after: 1 }) as { items: unknown[]; after: number }
    assert.equal(kept.items.at(-1), moreItems(100_000 - (kept.items.length - 1)))
    assert.equal(kept.after, 1)
  })

  test("a huge sparse list costs no more than the bound", () => {
    let reads = 0
    const counting = new Proxy([], { get: (_, key) => (key === "length" ? 4_000_000_000 : key === "toJSON" ? undefined : reads++) })
    const kept = encode(counting) as unknown[]
    assert.ok(kept.length > 1000, `${kept.length} items`)
    assert.ok(reads < 4 * roomy, `${reads} reads`)
    assert.match(String(kept.at(-1)), /^…\[\d+ more\]$/)
  })

  test("a wide object says how many members it lost", () => {
    const wide = Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`key${index}`, index]))
    const kept = encode({ wide, after: 1 }) as { wide: Record<string, number>; after: number }
    assert.equal(Object.keys(kept.wide).length - 1 + (kept.wide["…"] ?? 0), 50_000)
    assert.equal(kept.after, 1)
    assert.ok(lostBytes(kept) > 10_000)
  })

  test("what lies too deep is marked", () => {
    let deep: unknown = "bottom"
    for (let level = 0; level < 5000; level++) deep = { deep }
    const encoded = encodeBounded(deep, roomy)
    assert.match(encoded.text, /"…\[too deep\]"/)
    assert.notEqual(encoded.cut, undefined)
  })

  test("marks cannot be forged in a call that was cut", () => {
    const long = "x".repeat(roomy)
    const forged = {
      a: `short${cutString(999)}`,
      b: ["one", moreItems(5)],
      c: { "…": 12, "……": 13 },
      long: Array.from({ length: 40 }, () => moreItems(5)),
      d: long,
    }
    const kept = encode(forged) as { a: string; b: string[]; c: Record<string, number>; long: string[] }
    assert.equal(originalLength(kept.a, true), forged.a.length)
    assert.notEqual(kept.b[1], forged.b[1])
    assert.ok(kept.long.length === 40 && !kept.long.includes(moreItems(5)))
    assert.deepEqual(kept.c, { "……": 12, "………": 13 })
  })

  test("accessors run a few times at most", () => {
    let calls = 0
    const lazy = {
      a: "x".repeat(roomy),
      get b() {
        return ++calls
      },
    }
    encodeBounded(lazy, roomy)
    encodeBounded({ lazy, n: 1n }, roomy)
    assert.ok(calls <= 16, `${calls} calls`)
  })
})
