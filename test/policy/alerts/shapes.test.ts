/** What receivers get, whatever an agent calls its tools: taken by validators as strict as the real ones, with nobody mentioned, nothing linked and nothing dressed up. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import fc from "fast-check"
import { chatText } from "../../../src/policy/alerts/shapes/chat.ts"
import { discordBody } from "../../../src/policy/alerts/shapes/discord.ts"
import { jsonBody } from "../../../src/policy/alerts/shapes/json.ts"
import type { Raised } from "../../../src/policy/alerts/shapes/lines.ts"
import { slackBody } from "../../../src/policy/alerts/shapes/slack.ts"
import { alertWords } from "../../../src/policy/alerts/words.ts"
import { problems } from "../../alerts/receivers.ts"
import { startMs } from "./rig.ts"

const ledger = "sovereign-ledger.test/0123456789abcdef"

function raised(words: string, more: Partial<Raised> = {}): Raised {
  const about = { alert: "0123456789abcdef01234567", kind: "guard.touched", severity: "warning" as const, key: "k", of: 7, count: 1, words }
  return { ...about, fromMs: startMs, toMs: startMs, atMs: startMs, untilMs: startMs, receivers: ["own"], ...more }
}

const nasty = [
  "@everyone",
  "@here read this",
  "<!channel>",
  "<!here|here>",
  "<@U012AB3CD>",
  "<@!80351110224678912>",
  "<@&165511591545143296>",
  "<#C123|general>",
  "<https://evil.example|your bank>",
  "[your bank](https://evil.example)",
  "https://evil.example/?a=1&b=2",
  "evil.example",
  "**bold** _it_ ~~gone~~ ||spoiler|| `code` ```block```",
  "# heading\n> quote\n- list",
  "&lt;!channel&gt; &amp;amp;",
  "tool\u202egnp.exe",
  "zero\u200bwidth\u0000and\u001b[31mred",
  "\\@everyone \\\\@everyone \\",
  "<t:1618953630:R> :smile: <:custom:123>",
  "x".repeat(10_000),
  "&".repeat(5_000),
  "😀".repeat(3_000),
  "<".repeat(2_999),
  "*".repeat(2_500),
  `x${"*".repeat(2_500)}`,
]

/** As an event makes them: the words of a tool that an agent named. */
const wordsOf = (tool: string) => alertWords("guard.touched", { tool, what: "journal", access: "read", agent: "main" })

function checked(one: Raised): void {
  for (const [kind, body] of [
    ["slack", slackBody(one, ledger)],
    ["discord", discordBody(one, ledger)],
    ["json", jsonBody(one, ledger)],
  ] as const)
    assert.equal(problems[kind](JSON.parse(JSON.stringify(body)) as Record<string, unknown>), undefined, kind)
  const { content } = discordBody(one, ledger) as { content: string }
  // In Discord every sign that means anything is made plain by a backslash of its own.
  const unescaped = content.replace(/^\*\*|\*\*$/gm, "").replace(/\\[^A-Za-z0-9\s]/g, "")
  assert.doesNotMatch(unescaped, /[\\`*_~|<>#[\]()@]/)
  // In Slack nothing in plain text means anything but what stands in pointed brackets.
  const slack = JSON.stringify(slackBody(one, ledger))
  assert.doesNotMatch(slack, /[<>]|&(?!(?:amp|lt|gt);)/)
  for (const text of [slack, content, chatText(one, ledger)]) assert.doesNotMatch(text, /@(?!\u200b)[\w!&]|:\/\/|evil\.example/)
  assert.ok(chatText(one, ledger).length <= 1_500 && !/[*`~|[\]<>&\\]/.test(chatText(one, ledger)))
}

describe("shapes of alerts", () => {
  for (const text of nasty)
    test(`${JSON.stringify(text.slice(0, 40))} mentions, links and dresses up nothing`, () => {
      checked(raised(text))
      checked(raised(wordsOf(text)))
      checked(raised("held", { kind: "summary", parts: Array.from({ length: 60 }, () => ({ kind: "k", severity: "info" as const, count: 3, words: text })) }))
    })

  test("so does whatever else anybody thinks of", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string({ unit: "grapheme" }), fc.constantFrom(...nasty)), { maxLength: 30 }), fc.nat(200), (parts, count) => {
        checked(raised(parts.join(""), { count: count + 1 }))
        checked(raised(wordsOf(parts.join(" "))))
      }),
      { numRuns: 300 },
    )
  })

  test("words are one line, without marks that turn text around, and no longer than a sentence", () => {
    for (const text of nasty) {
      const words = wordsOf(text)
      assert.ok(words.length <= 300 && ["\n", "\u202e", "\u0000", "\u001b", "\u200b"].every((mark) => !words.includes(mark)), words)
    }
  })

  test("a refusal says what it needed and what there was", () => {
    const money = { door: "model", why: "over-budget", budget: "daily", unit: "moneyNanos", needed: "440000000", left: "310000000", limit: "5000000000" }
    assert.equal(
      alertWords("spend.refused", { ...money, resetsAtMs: startMs, agent: "main" }),
      "model refused: needs up to $0.44, $0.31 left of $5.00, resets 2026-06-01T12:00Z (budget daily) (agent main)",
    )
    const tokens = { door: "run", why: "over-account", account: "agent:main", unit: "tokens", needed: "120000", left: "5" }
    assert.equal(alertWords("spend.refused", tokens), "run refused: needs up to 120,000 tokens, 5 tokens left (agent:main)")
    assert.equal(alertWords("spend.refused", { door: "model", why: "unstated" }), "model refused: unstated")
  })

  test("a kept message says on which channel and why, and never to whom", () => {
    assert.equal(
      alertWords("outbound.refused", { channel: "telegram", peer: "p123", why: "not-armed" }),
      "a message to a protected recipient on telegram did not leave: not-armed",
    )
  })

  test("how it looks, once", () => {
    const one = raised("web_search reached for the journal, to read it", { count: 3, toMs: startMs + 60_000 })
    assert.deepEqual(discordBody(one, ledger), {
      content:
        "**warning\\: guard.\u200btouched**\nweb\\_search reached for the journal, to read it \\(3 times, 2026\\-06\\-01 12\\:00\\:00Z to 2026\\-06\\-01 12\\:01\\:00Z\\)\nsovereign\\-ledger.\u200btest\\/0123456789abcdef \\#7, 2026\\-06\\-01 12\\:00\\:00Z, alert 0123456789abcdef01234567",
      allowed_mentions: { parse: [] },
      flags: 4,
    })
    const { text, words, count, sequence } = jsonBody(one, ledger) as Record<string, unknown>
    assert.deepEqual([words, count, sequence], ["web_search reached for the journal, to read it", 3, 7])
    assert.equal(text, "warning: guard.touched: web_search reached for the journal, to read it (3 times, 2026-06-01 12:00:00Z to 2026-06-01 12:01:00Z)")
  })
})
