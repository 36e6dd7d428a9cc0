/** Movements, corrections, standstills, and commands a program got wrong. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import type { AccountName } from "../../src/ledger/accounts.ts"
import { mostOfAUnit } from "../../src/ledger/amounts.ts"
import { parseBudget } from "../../src/ledger/budget-rule.ts"
import type { Command } from "../../src/ledger/commands.ts"
import { refusalWords } from "../../src/ledger/refusals.ts"
import { balanceOf } from "../../src/ledger/state.ts"
import { give, must, newRun, refusedBy, type Run } from "./naive-ledger.ts"

const atMs = Date.UTC(2026, 10, 25, 12)
const dayMs = 86_400_000
const main: AccountName = "agent:main"
const money = (moneyNanos: bigint) => ({ moneyNanos })
const day = { name: "daily", limits: ["5usd"], per: "day" }
const usd = 1_000_000_000n

const allocate: Command = { do: "allocate", id: "a1", account: main, amounts: money(10n), atMs }
const transfer: Command = { do: "transfer", id: "t1", debit: "agent:sub", credit: main, amounts: money(4n), atMs }
const hold: Command = { do: "hold", id: "h1", parts: [{ account: main, amounts: money(1n) }], spend: { agent: "main" }, ttlMs: 1, atMs }
const spend: Command = { do: "spend", id: "s1", account: main, amounts: money(3n), spend: { agent: "main" }, atMs }
const correct: Command = {
  do: "correct",
  id: "c1",
  corrects: "s1",
  reason: "priced twice",
  debit: main,
  credit: "spent:unattributed",
  amounts: money(2n),
  spend: { agent: "main" },
  atMs,
}

function balances(run: Run, ...names: AccountName[]): readonly bigint[] {
  return names.map((name) => balanceOf(run.state, name, "moneyNanos"))
}

function spentOf(run: Run): bigint | undefined {
  return run.state.budgets.get("daily")?.spent.moneyNanos
}

describe("movements", () => {
  test("an allocation is a debit, consumption a credit, and all accounts together are nothing", () => {
    const run = newRun()
    for (const command of [allocate, transfer, spend]) must(run, command)
    const names = ["agent:main", "agent:sub", "budget:unallocated", "spent:unattributed"] as const
    assert.deepEqual(balances(run, ...names), [3n, 4n, -10n, 3n])
    assert.equal(run.state.accounts.get(main)?.debits.moneyNanos, 10n)
    assert.equal(run.state.accounts.get(main)?.credits.moneyNanos, 7n)
  })

  test("a pool hands on no more than it was given", () => {
    const run = newRun()
    must(run, { do: "allocate", id: "p", account: "budget:monthly", amounts: money(5n), atMs })
    must(run, { do: "allocate", id: "q", account: main, from: "budget:monthly", amounts: money(5n), atMs })
    assert.equal(refusedBy(run, { do: "allocate", id: "r", account: main, from: "budget:monthly", amounts: money(1n), atMs }).why, "over-account")
    must(run, { do: "transfer", id: "s", debit: "budget:unallocated", credit: main, amounts: money(5n), atMs })
    assert.equal(refusedBy(run, hold).why, "over-account")
  })

  test("a spend without a hold is posted whatever is left, counts, and leaves no room", () => {
    const run = newRun()
    must(run, { do: "set-budget", rule: parseBudget(day), atMs })
    must(run, allocate)
    const { events } = must(run, { ...spend, amounts: money(6n * usd) })
    assert.equal(spentOf(run), 6n * usd)
    assert.deepEqual(
      events.map(({ type }) => type),
      ["transfer.posted", "budget.warned", "budget.warned"],
    )
    assert.deepEqual(balances(run, main), [10n - 6n * usd])
    assert.equal(refusedBy(run, { ...hold, parts: [{ account: "agent:sub", amounts: money(1n) }] }).why, "over-budget")
  })

  test("a spend of another period counts in no budget of this one", () => {
    const run = newRun()
    must(run, { do: "set-budget", rule: parseBudget(day), atMs: atMs - dayMs })
    must(run, { ...spend, spentAtMs: atMs - dayMs })
    assert.equal(spentOf(run), 0n)
    must(run, { ...spend, id: "s2", spentAtMs: atMs - 1 })
    assert.equal(spentOf(run), 3n)
  })
})

describe("a correction", () => {
  test("moves back in accounts and budgets, beside the entry it corrects", () => {
    const run = newRun()
    must(run, { do: "set-budget", rule: parseBudget(day), atMs })
    must(run, spend)
    must(run, correct)
    assert.deepEqual(balances(run, main, "spent:unattributed"), [-1n, 1n])
    assert.equal(spentOf(run), 1n)
    assert.equal(run.events.filter(({ type }) => type === "transfer.posted").length, 2)
    assert.equal(must(run, correct).repeated, true)
  })

  test("gives back no more than was spent, allots nothing, and of an earlier period changes no later one", () => {
    const run = newRun()
    must(run, { do: "set-budget", rule: parseBudget(day), atMs })
    must(run, spend)
    assert.deepEqual(refusedBy(run, { ...correct, amounts: money(4n) }), {
      why: "over-account",
      account: "spent:unattributed",
      unit: "moneyNanos",
      needed: 4n,
      left: 3n,
    })
    must(run, { ...spend, id: "s2", atMs: atMs + dayMs })
    must(run, { ...correct, spentAtMs: atMs, atMs: atMs + dayMs })
    assert.equal(spentOf(run), 3n)
    must(run, { ...hold, parts: [{ account: main, amounts: money(50n) }], atMs: atMs + dayMs })
  })

  test("never makes more room than the limit", () => {
    const run = newRun()
    must(run, spend)
    must(run, { do: "set-budget", rule: parseBudget(day), atMs })
    must(run, correct)
    assert.equal(spentOf(run), 0n)
  })
})

describe("frozen", () => {
  const targets = [
    ["account", { account: main }, `the account ${main} is frozen (loop)`],
    ["budget", { budget: "daily" }, "the budget daily is frozen (loop)"],
    ["everything", "all", "all spending is frozen (loop)"],
  ] as const
  for (const [name, target, words] of targets) {
    test(`${name}: holds are refused, what is open is settled, and unfrozen all is as before`, () => {
      const run = newRun()
      must(run, { do: "set-budget", rule: parseBudget(day), atMs })
      must(run, allocate)
      must(run, { ...hold, id: "open" })
      must(run, { do: "freeze", target, reason: "loop", atMs })
      assert.equal(must(run, { do: "freeze", target, reason: "again", atMs }).repeated, true)
      assert.equal(refusalWords(refusedBy(run, hold)), words)
      const moved = give(run, transfer)
      assert.equal("refused" in moved && moved.refused.why, name === "budget" ? false : "frozen")
      must(run, { do: "settle", id: "open", attempt: 1, parts: [{ account: main, amounts: money(1n) }], grade: "exact", atMs })
      must(run, { ...spend, amounts: money(1n) })
      must(run, { do: "unfreeze", target, reason: "looked at", atMs })
      assert.equal(must(run, { do: "unfreeze", target, reason: "again", atMs }).repeated, true)
      must(run, hold)
    })
  }

  test("an account: others go on; a budget that is not there is named", () => {
    const run = newRun()
    must(run, { do: "freeze", target: { account: main }, reason: "loop", atMs })
    must(run, { ...hold, parts: [{ account: "agent:sub", amounts: money(1n) }] })
    assert.equal(
      refusedBy(run, {
        ...hold,
        id: "h2",
        parts: [
          { account: "agent:sub", amounts: money(1n) },
          { account: main, amounts: money(1n) },
        ],
      }).why,
      "frozen",
    )
    assert.deepEqual(refusedBy(run, { do: "freeze", target: { budget: "daily" }, reason: "x", atMs }), { why: "budget-unknown", budget: "daily" })
  })
})

describe("what a program got wrong", () => {
  const part = { account: main, amounts: money(1n) }
  const rows: readonly (readonly [string, Command, RegExp])[] = [
    ["a negative amount", { ...allocate, amounts: money(-1n) }, /negative/],
    ["an amount beyond the largest", { ...allocate, amounts: money(mostOfAUnit + 1n) }, /too large/],
    ["no amount", { ...allocate, amounts: {} }, /no amount/],
    ["one account on both sides", { ...transfer, debit: main }, /both sides/],
    ["an allocation from itself", { ...allocate, from: main }, /both sides/],
    ["an allocation to a contra account", { ...allocate, account: "spent:web" }, /only spending accounts/],
    ["a transfer that spends", { ...transfer, debit: "spent:web" }, /does not spend/],
    ["an empty id", { ...allocate, id: "" }, /id is empty/],
    ["an id that is too long", { ...allocate, id: "x".repeat(257) }, /id is empty or longer/],
    ["a time that is none", { ...allocate, atMs: Number.NaN }, /time is not/],
    ["a time of a spend that is none", { ...spend, spentAtMs: 1.5 }, /time of the spend/],
    ["a hold without a time to live", { ...hold, ttlMs: 0 }, /for how long/],
    ["a hold of nothing", { ...hold, parts: [] }, /names no account/],
    ["a hold of one account twice", { ...hold, parts: [part, part] }, /names agent:main twice/],
    ["a hold of a contra account", { ...hold, parts: [{ ...part, account: "budget:unallocated" }] }, /only spending accounts/],
    ["consumption into an agent", { ...hold, parts: [{ ...part, against: "agent:sub" }] }, /kind spent/],
    ["a negative settlement", { do: "settle", id: "h1", attempt: 1, parts: [{ account: main, amounts: money(-1n) }], grade: "exact", atMs }, /negative/],
    ["attempt 0", { do: "release", id: "h1", attempt: 0, reason: "x", atMs }, /attempt/],
  ]
  for (const [name, command, problem] of rows) {
    test(`${name} is refused, and nothing is recorded`, () => {
      const run = newRun()
      const refused = refusedBy(run, command)
      assert.ok(
        refused.why === "malformed" && problem.test(refused.problem),
        JSON.stringify(refused, (_, value: unknown) => String(value)),
      )
      assert.deepEqual(run.events, [])
    })
  }
})
