/** The rates that come with the product are those of the package, found as the package finds them. */
import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, test } from "node:test"
import { calcPrice, findProvider, type MatchLogic, type TieredPrices } from "@pydantic/genai-prices"
import libraryRates from "../../src/prices/library-rates.json" with { type: "json" }
import { libraryIdentity, libraryPrice } from "../../src/prices/library.ts"
import { costOf, ratesAt, type Rates } from "../../src/prices/price.ts"
import { libraryProviders } from "../../src/prices/providers.ts"
import { usageOf } from "./arbitrary.ts"

const at = Date.parse("2026-11-28T12:00:00Z")
/** Days on which rates change, and hours within and without the windows of a day. */
const times = [
  "2025-01-01T00:00:00Z",
  "2026-03-12T23:59:59.999Z",
  "2026-03-13T00:00:00Z",
  "2026-11-28T00:29:59Z",
  "2026-11-28T01:00:00Z",
  "2026-11-28T03:59:59.999Z",
  "2026-11-28T04:00:00Z",
  "2026-11-28T08:30:00Z",
  "2026-11-28T16:30:00Z",
  "2027-01-01T20:00:00Z",
]
const classes = {
  input: "input_mtok",
  cacheRead: "cache_read_mtok",
  cacheWrite: "cache_write_mtok",
  cacheWrite1h: "cache_write_1h_mtok",
  output: "output_mtok",
} as const

describe("the built-in rates", () => {
  test("name the package, its version and the digest of what they say", () => {
    const { version } = JSON.parse(readFileSync(join(import.meta.dirname, "../../node_modules/@pydantic/genai-prices/package.json"), "utf8")) as {
      version: string
    }
    const { fallbacks, rows } = libraryRates
    const digest = createHash("sha256").update(JSON.stringify({ fallbacks, rows })).digest("hex")
    assert.deepEqual(libraryIdentity, { package: "@pydantic/genai-prices", version, digest })
  })

  test("are those of the package, for every name it knows, at every size of prompt and at any time", () => {
    let compared = 0
    for (const [provider, id] of Object.entries(libraryProviders)) {
      const models = findProvider({ providerId: id })?.models ?? []
      for (const name of new Set(models.flatMap((model) => [model.id, ...namesIn(model.match)]))) {
        for (const time of times) {
          const theirs = calcPrice({ input_tokens: 1 }, name, { providerId: id, timestamp: new Date(time) })
          const ours = libraryPrice(provider, name, Date.parse(time))
          if (!theirs) {
            assert.match("reason" in ours ? ours.reason : "", /has no rates for it/, name)
            continue
          }
          if ("reason" in ours) {
            assert.ok(
              theirs.model_price["input_mtok"] === undefined || theirs.model_price["output_mtok"] === undefined || /other|another|by the/.test(ours.reason),
              name,
            )
            continue
          }
          assert.equal(ours.entry.slice(ours.entry.indexOf("/") + 1), theirs.model.id)
          assert.equal(ours.contextTokens, theirs.model.context_window)
          for (const prompt of [1, 128_000, 128_001, 200_000, 200_001, 271_999, 272_000, 900_000]) {
            const rates = ratesAt(ours, BigInt(prompt))
            for (const [name, key] of Object.entries(classes) as [keyof Rates, string][]) {
              const price: number | TieredPrices | undefined = theirs.model_price[key]
              if (price === undefined || price === 0) continue
              const dollars: number = typeof price === "number" ? price : ([...price.tiers].reverse().find(({ start }) => prompt > start)?.price ?? price.base)
              assert.equal(rates[name], BigInt(Math.ceil(Number((dollars * 1e9).toFixed(3)))), `${provider} ${theirs.model.id} ${key}`)
              compared += 1
            }
          }
        }
      }
    }
    assert.ok(compared > 50_000, `only ${compared} rates were compared`)
  })

  test("a name that is dated otherwise, written large or in another spelling is found as there", () => {
    for (const [provider, name] of [
      ["openai", "GPT-5"],
      ["openai", " gpt-5-20250807 "],
      ["openai", "gpt-5-20250230"],
      ["openai", "gpt-5-99999999"],
      ["openai", "gpt-5.4-2031-01-02"],
      ["anthropic", "claude-sonnet-4-20250514"],
      ["anthropic", "claude-sonnet-4-6-latest"],
      ["anthropic", "claude-opus-5-20260101"],
      ["google", "gemini-2.5-pro-tts"],
      ["google", "gemini-2.5-pro-TTS"],
      ["google", "claude-sonnet-4-5@20250929"],
      ["openrouter", "anthropic/claude-sonnet-4.5"],
      ["amazon-bedrock", "eu.anthropic.claude-sonnet-4-5-20250929-v1:0"],
    ] as const) {
      const theirs = calcPrice({ input_tokens: 1 }, name, { providerId: libraryProviders[provider] ?? "", timestamp: new Date(at) })
      const ours = libraryPrice(provider, name, at)
      const entry = "entry" in ours ? ours.entry.slice(ours.entry.indexOf("/") + 1) : undefined
      assert.equal(entry, entry === undefined && theirs?.model_price["output_audio_mtok"] !== undefined ? undefined : theirs?.model.id, name)
    }
  })

  for (const [provider, model, prompt, rates] of [
    [
      "openai",
      "gpt-5",
      1n,
      { input: 1_250_000_000n, cacheRead: 125_000_000n, cacheWrite: 1_562_500_000n, cacheWrite1h: 2_500_000_000n, output: 10_000_000_000n },
    ],
    ["openai", "gpt-5.4", 271_999n, { input: 2_500_000_000n, cacheRead: 250_000_000n, output: 15_000_000_000n }],
    ["openai", "gpt-5.4", 272_000n, { input: 5_000_000_000n, cacheRead: 500_000_000n, output: 22_500_000_000n }],
    [
      "anthropic",
      "claude-sonnet-4-6",
      1n,
      { input: 3_000_000_000n, cacheRead: 300_000_000n, cacheWrite: 3_750_000_000n, cacheWrite1h: 6_000_000_000n, output: 15_000_000_000n },
    ],
    [
      "anthropic",
      "claude-sonnet-4-5-20250929",
      200_001n,
      { input: 6_000_000_000n, cacheRead: 600_000_000n, cacheWrite: 7_500_000_000n, cacheWrite1h: 12_000_000_000n, output: 22_500_000_000n },
    ],
    ["google", "gemini-2.5-pro", 200_000n, { input: 1_250_000_000n, cacheRead: 125_000_000n, output: 10_000_000_000n }],
    ["google", "gemini-2.5-pro", 200_001n, { input: 2_500_000_000n, cacheRead: 250_000_000n, output: 15_000_000_000n }],
    ["deepseek", "deepseek-v4-flash", 1n, { input: 220_000_000n, cacheRead: 7_000_000n, output: 660_000_000n }],
  ] as const) {
    test(`${provider}/${model} with a prompt of ${prompt} tokens`, () => {
      const price = libraryPrice(provider, model, at)
      assert.ok("rates" in price)
      const found = ratesAt(price, prompt)
      assert.deepEqual({ ...found, ...rates }, found)
    })
  }

  test("a whole call, computed by hand", () => {
    const gemini = libraryPrice("google", "gemini-2.5-pro", at)
    assert.ok("rates" in gemini)
    // 150,000 x $2.50 + 60,000 x $0.25 + 1,000 x $15, each per million
    assert.equal(costOf(gemini, usageOf({ inputTokens: 150_000, cacheReadTokens: 60_000, outputTokens: 1_000 })), 375_000_000n + 15_000_000n + 15_000_000n)
  })

  test("a provider that serves another's models has that one's prices for them, where the package says so", () => {
    const price = libraryPrice("google-vertex", "claude-2", at)
    assert.equal("entry" in price && price.entry, "anthropic/claude-2")
    assert.deepEqual(price, libraryPrice("anthropic", "claude-2", at))
    assert.ok("reason" in libraryPrice("anthropic", "gemini-2.5-pro", at))
  })

  test("nobody else's provider is taken for one that is known", () => {
    for (const provider of ["mock", "my-openai", "azure-openai", "openai-codex", "constructor", "__proto__", "", "Anthropic", "google-gemini-cli", "aws"]) {
      assert.match("reason" in libraryPrice(provider, "gpt-5", at) ? "unpriced" : "priced", /unpriced/, provider)
    }
  })

  test("the specification lists the same providers", () => {
    const page = readFileSync(join(import.meta.dirname, "../../docs/spec/prices.md"), "utf8")
    const table = /\| Host \| Library \|[^]*?\n\n/.exec(page)?.[0] ?? ""
    const pairs = [...table.matchAll(/\| (`[^|]+`) \| `([^`|]+)` (?=\|)/g)]
    const listed = pairs.flatMap(([, hosts = "", library = ""]) => [...hosts.matchAll(/`([^`]+)`/g)].map(([, host = ""]) => [host, library] as const))
    assert.deepEqual(Object.fromEntries(listed), libraryProviders)
  })

  test("what charges by more than text tokens has no price, and says why", () => {
    for (const [provider, model] of [
      ["openai", "whisper-1"],
      ["openai", "text-embedding-3-small"],
      ["google", "gemini-3-pro-image-preview"],
      ["google", "gemini-3.1-flash-live-preview"],
    ] as const) {
      const price = libraryPrice(provider, model, at)
      assert.ok("reason" in price && /^its? /.test(price.reason), model)
    }
  })
})

function namesIn(match: MatchLogic): readonly string[] {
  if ("or" in match) return match.or.flatMap(namesIn)
  if ("and" in match) return match.and.flatMap(namesIn)
  if ("equals" in match) return [match.equals]
  if ("starts_with" in match) return [match.starts_with, `${match.starts_with}x`, `${match.starts_with}-20260102`]
  if ("contains" in match) return [match.contains, `x${match.contains}x`]
  return "ends_with" in match ? [match.ends_with, `x${match.ends_with}`] : []
}
