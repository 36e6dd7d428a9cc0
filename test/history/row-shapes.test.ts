/** A row read by the pattern of its shape says what the parsed row says, and what does not fit is parsed. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import fc from "fast-check"
import { RowShapes } from "../../src/history/jsonl/row-shapes.ts"
import { transcriptRow, usageRowOf } from "../../src/history/usage/read-row.ts"

const setting = { sessionId: "s", otherwiseMs: 1, latestMs: 4e12, kind: undefined }
const parsed = (text: string) => transcriptRow(JSON.parse(text)) ?? assert.fail("no object")

const odd = <T, U>(usual: fc.Arbitrary<T>, unusual: fc.Arbitrary<U>) => fc.oneof({ weight: 60, arbitrary: usual }, { weight: 1, arbitrary: unusual })
const label = odd(
  fc.constantFrom("a", "gpt-5.2", "x/y", "$^.", ""),
  fc.string({ unit: fc.constantFrom("a", '"', "\\", "é", " ", "\u007f", "\u{1f680}"), maxLength: 5 }),
)
const number = odd(fc.nat(100_000), fc.constantFrom(0, -1, 1.5, 1e21, 1e-7, 123_456_789_012_345, 2 ** 53, "12", null))
const usage = fc.record(
  {
    input: number,
    output: number,
    cacheRead: number,
    cacheWrite: number,
    totalTokens: number,
    cacheWrite1h: number,
    reasoningTokens: number,
    cost: fc.oneof(number, fc.record({ input: fc.double(), total: fc.double({ noNaN: true }) }, { requiredKeys: [] })),
  },
  { requiredKeys: ["input", "output", "cacheRead", "cacheWrite", "totalTokens"] },
)
const message = fc.record(
  {
    role: label,
    content: fc.constant([]),
    provider: label,
    model: label,
    api: label,
    responseId: label,
    stopReason: label,
    timestamp: number,
    usage,
    __openclaw: fc.oneof(label, fc.record({ runId: odd(label, number) })),
    extra: fc.oneof(label, number, fc.boolean(), fc.record({ id: label })),
  },
  { requiredKeys: ["usage", "content"] },
)
const row = fc.record(
  { id: odd(label, number), timestamp: odd(fc.oneof(label, fc.constant("2026-11-20T14:06:12.855Z")), number), message, usage: label },
  { requiredKeys: ["message"] },
)
const members = <T extends object>(of: T): fc.Arbitrary<T> =>
  fc.shuffledSubarray(Object.entries(of), { minLength: Object.keys(of).length }).map((entries) => Object.fromEntries(entries) as T)
const shuffled = row.chain((one) => fc.tuple(members(one), members(one.message)).map(([outer, inner]) => ({ ...outer, message: inner })))

describe("shapes of rows", () => {
  test("say what parsing says, of the row they were made of and of any other", () => {
    let found = 0
    fc.assert(
      fc.property(fc.array(shuffled, { minLength: 1, maxLength: 4 }), fc.constantFrom(undefined, 1), (rows, indent) => {
        const shapes = new RowShapes()
        const texts = rows.map((one) => JSON.stringify(one, undefined, indent).replaceAll("\n", " "))
        for (const text of texts) shapes.learn(text)
        for (const text of [...texts, ...texts.flatMap((one) => [one.replace(/\d+/, "77"), one.replace('"a"', '"b"')])]) {
          const known = shapes.read(text)
          if (known === undefined) continue
          found++
          assert.deepEqual(usageRowOf(known, setting), usageRowOf(parsed(text), setting))
        }
      }),
      { numRuns: 2_000 },
    )
    assert.ok(found > 500, `${found} rows were read by a shape`)
  })

  const usual = (provider: string, input = "4") =>
    `{"id":"i","timestamp":"t","message":{"provider":"${provider}","model":"m","content":[],"usage":{"input":${input},"output":2,"cacheRead":0,"cacheWrite":0,"totalTokens":6}}}`

  test("fit rows that differ in values alone", () => {
    const shapes = new RowShapes()
    shapes.learn(usual("p"))
    assert.equal(shapes.read(usual("q", "5"))?.message["provider"], "q")
  })

  for (const [what, text] of [
    ["an escape", usual("a\\u0041")],
    ["a text beyond ASCII", usual("通义")],
    ["a count that is none", usual("p", "-1")],
    ["a count with a leading zero, which is no JSON", usual("p", "04")],
    ["a member more", usual("p").replace('"content"', '"more":1,"content"')],
    ["something behind it", `${usual("p")}x`],
  ] as const)
    test(`do not fit ${what}`, () => {
      const shapes = new RowShapes()
      shapes.learn(usual("p"))
      assert.equal(shapes.read(text), undefined)
    })

  for (const [what, text] of [
    ["a name that stands twice", usual("p").replace('"model":"m"', '"provider":"x"')],
    ["another provider's name for a count", usual("p").replace('"totalTokens"', '"total_tokens"')],
    ["a list that is not empty", usual("p").replace('"content":[]', '"content":[],"tags":[1]')],
    ["a name with a dot, which could be taken for a path", usual("p").replace('"id":"i"', '"id":"i","message.model":"x"')],
  ] as const)
    test(`are not made of ${what}`, () => {
      const shapes = new RowShapes()
      shapes.learn(text)
      assert.equal(shapes.read(text), undefined)
    })
})
