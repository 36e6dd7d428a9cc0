/** Usage of every provider comes to four classes that do not overlap; rows have one name however they are told. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import fc from "fast-check"
import { rowName, type NamedRow } from "../../src/capture/row-identity.ts"
import { placeOfKey } from "../../src/capture/session-key.ts"
import { allTokens, usageCounts } from "../../src/capture/usage-shape.ts"

const shapes: readonly (readonly [what: string, block: unknown, input: number, output: number, cacheRead: number, cacheWrite: number])[] = [
  ["the host", { input: 600, output: 50, cacheRead: 400, cacheWrite: 7, totalTokens: 1_057 }, 600, 50, 400, 7],
  ["the host, beside a provider's details", { input: 600, output: 50, cacheRead: 400, prompt_tokens_details: { cached_tokens: 400 } }, 600, 50, 400, 0],
  ["Anthropic", { input_tokens: 600, output_tokens: 50, cache_read_input_tokens: 400, cache_creation_input_tokens: 7 }, 600, 50, 400, 7],
  ["OpenAI completions", { prompt_tokens: 1_000, completion_tokens: 50, prompt_tokens_details: { cached_tokens: 400 } }, 600, 50, 400, 0],
  ["OpenAI responses", { input_tokens: 1_000, output_tokens: 50, input_tokens_details: { cached_tokens: 400 } }, 600, 50, 400, 0],
  ["Google", { promptTokenCount: 1_000, candidatesTokenCount: 30, thoughtsTokenCount: 20, cachedContentTokenCount: 400 }, 600, 50, 400, 0],
  ["Bedrock", { inputTokens: 600, outputTokens: 50, cacheReadInputTokens: 400, cacheWriteInputTokens: 7 }, 600, 50, 400, 7],
  ["Bedrock's counts", { inputTokenCount: 600, outputTokenCount: 50, cacheReadInputTokenCount: 400, cacheWriteInputTokenCount: 7 }, 600, 50, 400, 7],
  ["a command line's cached input", { input_tokens: 1_000, output_tokens: 50, cached_input_tokens: 400 }, 600, 50, 400, 0],
  ["numbers as text", { input: "600", output: " 50 ", cacheRead: "400", cacheWrite: "" }, 600, 50, 400, 0],
  ["what is no number", { input: Number.NaN, output: -5, cacheRead: "many", cacheWrite: 1e99 }, 0, 0, 0, 0],
  ["more from the cache than there was", { prompt_tokens: 10, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 400 } }, 0, 1, 400, 0],
]

describe("usage blocks", () => {
  for (const [what, block, input, output, cacheRead, cacheWrite] of shapes) {
    test(what, () => {
      const counts = usageCounts(block)
      assert.deepEqual([counts.input ?? 0, counts.output ?? 0, counts.cacheRead ?? 0, counts.cacheWrite ?? 0], [input, output, cacheRead, cacheWrite])
      assert.equal(allTokens(counts), input + output + cacheRead + cacheWrite)
    })
  }

  test("a part that is larger than its whole counts", () => {
    assert.equal(allTokens(usageCounts({ input: 1, output: 1, cacheWrite: 2, cache_creation: { ephemeral_1h_input_tokens: 9 } })), 11)
  })

  test("whatever it is gives counts that are whole and not negative", () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true, withBigInt: true }), (block) => {
        for (const count of Object.values(usageCounts(block))) assert.ok(count === undefined || (Number.isSafeInteger(count) && count >= 0))
      }),
    )
  })
})

describe("names of rows", () => {
  const row: NamedRow = { message: "m", atMs: 1, provider: "p", model: "q", response: "r", input: 1, output: 2, cacheRead: 3, cacheWrite: 4 }

  test("have sixteen characters, and change with everything that is said", () => {
    assert.match(rowName(row), /^[\w-]{16}$/)
    const others = Object.entries(row).map(([field, value]) => rowName({ ...row, [field]: typeof value === "number" ? value + 1 : `${value}x` }))
    assert.equal(new Set([rowName(row), ...others]).size, others.length + 1)
  })

  test("of other counts are other names, whatever stands in the texts", () => {
    const text = fc.string({ unit: fc.constantFrom("\n", "1", "2", "a"), maxLength: 6 })
    const told = fc.record({
      message: text,
      provider: text,
      model: text,
      response: text,
      atMs: fc.nat(3),
      input: fc.nat(3),
      output: fc.nat(3),
      cacheRead: fc.nat(3),
      cacheWrite: fc.nat(3),
    })
    const counts = ({ input, output, cacheRead, cacheWrite }: NamedRow) => [input, output, cacheRead, cacheWrite].join()
    fc.assert(fc.property(told, told, (a, b) => counts(a) === counts(b) || rowName(a) !== rowName(b)))
  })
})

describe("keys of sessions", () => {
  const keys: readonly (readonly [key: string, place: ReturnType<typeof placeOfKey>])[] = [
    ["agent:main:main", { agent: "main" }],
    ["agent:main:telegram:direct:777", { agent: "main", channel: "telegram", chatType: "direct", sender: "777" }],
    ["agent:main:whatsapp:business:dm:+4912", { agent: "main", channel: "whatsapp", chatType: "direct", sender: "+4912" }],
    ["agent:ops:slack:channel:C1:thread:9", { agent: "ops", channel: "slack", chatType: "channel" }],
    ["agent:ops:discord:room:5", { agent: "ops", channel: "discord", chatType: "channel" }],
    ["agent:main:cron:nightly:run:1", { agent: "main", kind: "cron", job: "nightly" }],
    ["cron:nightly", { kind: "cron", job: "nightly" }],
    ["agent:main:subagent:6f", { agent: "main", kind: "subagent" }],
    ["hook:17", {}],
  ]
  for (const [key, place] of keys) test(key, () => assert.deepEqual(placeOfKey(key), place))
})
