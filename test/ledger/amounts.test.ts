/** Amounts as people write them, and account names: exact or refused with a sentence. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import fc from "fast-check"
import { Fault } from "../../src/base/fault.ts"
import { parseAccount } from "../../src/ledger/accounts.ts"
import { amountsJson, amountsOf, amountsWords, amountWords, mostOfAUnit, parseAmount, parseAmounts } from "../../src/ledger/amounts.ts"
import { units, type Unit } from "../../src/ledger/units.ts"

const good: readonly (readonly [string, Unit, bigint])[] = [
  ["5usd", "moneyNanos", 5_000_000_000n],
  ["0.31 usd", "moneyNanos", 310_000_000n],
  ["$0.1", "moneyNanos", 100_000_000n],
  ["0.000000001 USD", "moneyNanos", 1n],
  ["0.1000000000 usd", "moneyNanos", 100_000_000n],
  ["9223372036.854775807usd", "moneyNanos", mostOfAUnit],
  ["0usd", "moneyNanos", 0n],
  ["200k tokens", "tokens", 200_000n],
  ["1.5m tokens", "tokens", 1_500_000n],
  ["1 token", "tokens", 1n],
  ["1h", "wallMs", 3_600_000n],
  ["1.5 min", "wallMs", 90_000n],
  ["250ms", "wallMs", 250n],
  ["10 calls", "calls", 10n],
  ["1 call", "calls", 1n],
  ["20 MB read", "bytesRead", 20_000_000n],
  ["1 KiB written", "bytesWritten", 1_024n],
  ["  7 B read ", "bytesRead", 7n],
]

const bad: readonly (readonly [string, RegExp])[] = [
  ["", /not a plain decimal/],
  ["usd", /not a plain decimal/],
  ["NaN usd", /not a plain decimal/],
  ["Infinity usd", /not a plain decimal/],
  ["1e400", /not a plain decimal/],
  ["1e3 usd", /not a plain decimal/],
  ["0x10 usd", /not a plain decimal|not known/],
  ["1,50 usd", /not known|not a plain decimal/],
  ["1. usd", /not a plain decimal/],
  [".5 usd", /not a plain decimal/],
  ["+5 usd", /not a plain decimal/],
  ["-5 usd", /negative/],
  ["$-5", /negative/],
  ["5", /unit is missing/],
  ["5 eur", /"eur" is not known/],
  ["5 constructor", /not known/],
  ["$5 tokens", /two units/],
  ["0.0000000001 usd", /too many decimals/],
  ["0.5 calls", /too many decimals/],
  ["1.5ms", /too many decimals/],
  [`0.${"0".repeat(40)} usd`, /too many decimals/],
  ["9223372036.854775808 usd", /too large/],
  [`${"9".repeat(30)} calls`, /too large/],
  [`${"9".repeat(31)} calls`, /not a plain decimal/],
  ["5 usd 6 usd", /not a plain decimal/],
  ["٥ usd", /not a plain decimal/],
]

describe("amounts", () => {
  for (const [text, unit, amount] of good) {
    test(`${JSON.stringify(text)} is ${amount} ${unit}`, () => assert.deepEqual(parseAmount(text), { unit, amount }))
  }

  for (const [text, problem] of bad) {
    test(`${JSON.stringify(text.slice(0, 40))} is refused with a sentence`, () => assert.throws(() => parseAmount(text), usage(problem)))
  }

  test("the words of an amount are read back as the same amount", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...units),
        fc.bigInt({ min: 0n, max: mostOfAUnit }),
        fc.constantFrom(1n, 1_000n, 60_000n, 1_000_000_000n),
        (unit, drawn, step) => {
          const amount = drawn - (drawn % step)
          assert.deepEqual(parseAmount(amountWords(unit, amount)), { unit, amount })
          assert.deepEqual(amountsOf(JSON.parse(JSON.stringify(amountsJson({ [unit]: amount })))), { [unit]: amount })
        },
      ),
      { numRuns: 1_000 },
    )
  })

  test("several amounts are of several units", () => {
    const amounts = parseAmounts(["5usd", "200k tokens", "1h"])
    assert.deepEqual(amounts, { moneyNanos: 5_000_000_000n, tokens: 200_000n, wallMs: 3_600_000n })
    assert.equal(amountsWords(amounts), "$5.00, 200k tokens, 1h")
    assert.throws(() => parseAmounts(["5usd", "6 usd"]), usage(/Two amounts of one unit/))
  })
})

describe("account names", () => {
  const names = [
    "agent:main",
    "agent:sub-1",
    "session:3f9a0c",
    "project:site",
    "tools:github",
    "model:openai/gpt-5",
    "model:openrouter/meta/llama:free",
    "channel:whatsapp",
    "cron:nightly",
    "budget:monthly",
    "budget:unallocated",
    "spent:unattributed",
  ]
  for (const name of names) test(`${name} is one`, () => assert.equal(parseAccount(name), name))

  for (const name of [
    "",
    "main",
    ":main",
    "agent:",
    "agent: main",
    "agent:a b",
    "agent:a:b",
    "Agent:main",
    "wallet:main",
    "agent:../x",
    "constructor:x",
    `agent:${"a".repeat(129)}`,
  ]) {
    test(`${JSON.stringify(name.slice(0, 30))} is none`, () => assert.throws(() => parseAccount(name), usage(/not the name of an account/)))
  }
})

function usage(problem: RegExp): (error: unknown) => boolean {
  return (error) => error instanceof Fault && error.code === "cli.usage" && problem.test(error.message) && error.message.endsWith(".") && error.remedy !== ""
}
