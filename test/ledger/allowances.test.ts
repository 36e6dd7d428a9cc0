/** Allowances: what a period hands out, what it takes back, what stays. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { dueAllowances } from "../../src/ledger/allowances.ts"
import { refusalWords } from "../../src/ledger/refusals.ts"
import { accountSummary } from "../../src/ledger/summary.ts"
import { allot, dayMs, dollars, hold, hourMs, id, left, main, midnight, moves, noon, open, pool, set, settle, spend, usd } from "./allowance-rig.ts"
import { must, newRun, refusedBy, type Run } from "./naive-ledger.ts"

describe("a period of an allowance", () => {
  test("hands the quota out at once, and again when the next one begins", () => {
    const run = newRun()
    assert.deepEqual(moves(set(run)), ["5 to agent:main"])
    spend(run, 5, noon)
    assert.deepEqual(open(run, midnight - 1), [])
    assert.deepEqual(moves(open(run, midnight)), ["5 to agent:main"])
    assert.deepEqual(open(run, midnight), [])
    assert.deepEqual(dollars(run, main, "budget:unallocated"), [5, -10])
  })

  test("takes back what was not consumed, and says both", () => {
    const run = newRun()
    set(run)
    spend(run, 2, noon)
    const events = open(run, midnight + 5)
    assert.deepEqual(moves(events), ["3 back from agent:main", "5 to agent:main"])
    assert.deepEqual(events.at(-1), {
      type: "allowance.opened",
      facts: {
        atMs: midnight + 5,
        allowance: "daily",
        startMs: midnight,
        endMs: midnight + dayMs,
        handed: { moneyNanos: "5000000000" },
        granted: { moneyNanos: "5000000000" },
        returned: { moneyNanos: "3000000000" },
      },
    })
    const { spent, allotted, available } = accountSummary(run.state, main)
    assert.deepEqual([spent, allotted, available], [{ moneyNanos: "2000000000" }, { moneyNanos: "7000000000" }, { moneyNanos: "5000000000" }])
  })

  test("a pause of many periods opens the present one alone", () => {
    const run = newRun()
    set(run)
    assert.deepEqual(moves(open(run, midnight + 20 * dayMs + hourMs)), ["5 back from agent:main", "5 to agent:main"])
    assert.equal(run.state.allowances.get("daily")?.startMs, midnight + 20 * dayMs)
  })

  test("follows the clocks of its zone", () => {
    const run = newRun()
    set(run, { zone: "Asia/Kathmandu" }) // midnight is at 18:15 UTC
    assert.equal(open(run, Date.UTC(2026, 10, 25, 18, 14, 59)).length, 0)
    assert.equal(open(run, Date.UTC(2026, 10, 25, 18, 15)).length, 3)
  })

  test("money from elsewhere is consumed last, and stays", () => {
    const run = newRun()
    set(run)
    allot(run, 10, main)
    spend(run, 4, noon)
    assert.equal(left(run), 1)
    assert.deepEqual(moves(open(run, midnight)), ["1 back from agent:main", "5 to agent:main"])
    assert.deepEqual(dollars(run, main), [15])
    spend(run, 7, midnight)
    assert.deepEqual(moves(open(run, midnight + dayMs)), ["5 to agent:main"])
    assert.deepEqual(dollars(run, main), [13])
  })

  test("what is held stays, and is part of the next quota: a hold carries nothing over midnight", () => {
    const run = newRun()
    set(run)
    const held = hold(run, 4, noon)
    assert.deepEqual(moves(open(run, midnight)), ["1 back from agent:main", "1 to agent:main"])
    assert.equal(
      refusedBy(run, { do: "hold", id: id(), parts: [{ account: main, amounts: usd(1.01) }], spend: {}, ttlMs: 1, atMs: midnight }).why,
      "over-account",
    )
    settle(run, held, 0.5, midnight + 1)
    assert.equal(left(run), 4.5)
    assert.deepEqual(dollars(run, main), [4.5])
  })

  test("what a correction gives back is the allowance's again", () => {
    const run = newRun()
    set(run)
    must(run, { do: "spend", id: "s", account: main, amounts: usd(5), spend: {}, atMs: noon })
    must(run, { do: "correct", id: id(), corrects: "s", reason: "less", debit: main, credit: "spent:unattributed", amounts: usd(4), atMs: noon })
    assert.equal(left(run), 4)
    assert.deepEqual(moves(open(run, midnight)), ["4 back from agent:main", "5 to agent:main"])
  })

  test("what was consumed above it is paid by the next one", () => {
    const run = newRun()
    set(run)
    spend(run, 7, noon)
    assert.deepEqual(moves(open(run, midnight)), ["5 to agent:main"])
    assert.deepEqual([left(run), ...dollars(run, main)], [3, 3])
    assert.deepEqual(moves(open(run, midnight + dayMs)), ["3 back from agent:main", "5 to agent:main"])
    assert.deepEqual([left(run), ...dollars(run, main)], [5, 5])
  })

  test("a refusal says when there is more", () => {
    const run = newRun()
    set(run, { zone: "Europe/Berlin" })
    const refused = refusedBy(run, { do: "hold", id: id(), parts: [{ account: main, amounts: usd(6) }], spend: {}, ttlMs: 1, atMs: noon })
    assert.equal(refusalWords(refused), "needs up to $6.00, $5.00 left in agent:main, more at 00:00 (allowance daily)")
  })
})

describe("rollover", () => {
  test("keeps what is left, at most one quota: an account never has more than two", () => {
    const run = newRun()
    set(run, { rollover: true })
    spend(run, 2, noon)
    assert.deepEqual(moves(open(run, midnight)), ["5 to agent:main"])
    assert.equal(left(run), 8)
    assert.deepEqual(moves(open(run, midnight + dayMs)), ["3 back from agent:main", "5 to agent:main"])
    assert.equal(left(run), 10)
  })

  test("after missed periods there are two quotas, as if somebody had been there to open them", () => {
    const run = newRun()
    set(run, { rollover: true })
    spend(run, 4, noon)
    assert.deepEqual(moves(open(run, midnight + 3 * dayMs)), ["9 to agent:main"])
    assert.equal(left(run), 10)
  })

  test("what is held above a quota leaves less to hand out", () => {
    const run = newRun()
    set(run, { rollover: true })
    open(run, midnight)
    hold(run, 8, midnight)
    assert.deepEqual(moves(open(run, midnight + dayMs)), ["2 back from agent:main", "2 to agent:main"])
  })
})

describe("pools", () => {
  function monthly(run: Run, dollarsOfPool = 100): void {
    set(run, { name: "monthly", to: pool, give: [`${dollarsOfPool}usd`], per: "month" })
    set(run, { from: pool })
  }

  test("a pool hands on what it has, and the record says what was short", () => {
    const run = newRun()
    monthly(run, 7)
    spend(run, 5, noon)
    const events = open(run, midnight)
    assert.deepEqual(moves(events), ["2 to agent:main"])
    assert.deepEqual(events.at(-1)?.type === "allowance.opened" && events.at(-1)?.facts, {
      ...{ atMs: midnight, allowance: "daily", startMs: midnight, endMs: midnight + dayMs, handed: { moneyNanos: "2000000000" } },
      ...{ granted: { moneyNanos: "2000000000" }, short: { moneyNanos: "3000000000" } },
    })
  })

  test("an account an allowance feeds is bounded, also where nothing came", () => {
    const run = newRun()
    set(run, { from: pool })
    assert.deepEqual(dollars(run, main), [0])
    assert.equal(refusedBy(run, { do: "hold", id: id(), parts: [{ account: main, amounts: usd(0.01) }], spend: {}, ttlMs: 1, atMs: noon }).why, "over-account")
    assert.deepEqual(accountSummary(run.state, main).available, { moneyNanos: "0" })
  })

  test("at the end of a month a pool has back what its agents left before it gives back its own, and is filled before it hands out", () => {
    const run = newRun()
    monthly(run)
    spend(run, 1, noon)
    const first = Date.UTC(2026, 11, 1)
    for (let atMs = midnight; atMs < first; atMs += dayMs) {
      open(run, atMs)
      spend(run, 1, atMs)
    }
    assert.deepEqual(moves(open(run, first)), ["4 back from agent:main", "94 back from budget:monthly", "100 to budget:monthly", "5 to agent:main"])
    assert.deepEqual(dollars(run, main, pool, "budget:unallocated"), [5, 95, -106])
  })

  test("what a pool was given by hand is not given back", () => {
    const run = newRun()
    monthly(run)
    allot(run, 50, pool)
    assert.deepEqual(moves(open(run, Date.UTC(2026, 11, 1))), [
      "5 back from agent:main",
      "100 back from budget:monthly",
      "100 to budget:monthly",
      "5 to agent:main",
    ])
    assert.deepEqual(dollars(run, pool), [145])
  })

  test("two allowances of one account: the one that ends sooner is consumed and held first", () => {
    const run = newRun()
    set(run, { name: "weekly", give: ["10usd"], per: "week" })
    set(run)
    spend(run, 4, noon)
    assert.deepEqual([left(run), left(run, "weekly")], [1, 10])
    hold(run, 3, noon)
    assert.deepEqual(moves(open(run, midnight)), ["4 to agent:main"])
    assert.deepEqual([left(run), left(run, "weekly")], [5, 10])
    assert.deepEqual(moves(open(run, Date.UTC(2026, 10, 30))), ["2 back from agent:main", "10 back from agent:main", "2 to agent:main", "10 to agent:main"])
    assert.deepEqual(dollars(run, main), [15])
  })
})

describe("what is frozen", () => {
  for (const [name, target] of [
    ["the source", { account: pool }],
    ["everything", "all"],
  ] as const)
    test(`${name}: what is left goes back in time, and the quota waits`, () => {
      const run = newRun()
      allot(run, 100, pool)
      set(run, { from: pool })
      must(run, { do: "freeze", target, reason: "look", atMs: noon })
      const events = open(run, midnight)
      assert.deepEqual(moves(events), ["5 back from agent:main"])
      assert.ok(events.at(-1)?.type === "allowance.opened" && events.at(-1)?.facts && "waits" in (events.at(-1)?.facts ?? {}))
      assert.equal(dueAllowances(run.state, midnight + 1).length, 0)
      must(run, { do: "unfreeze", target, reason: "seen", atMs: midnight + hourMs })
      assert.deepEqual(moves(open(run, midnight + hourMs)), ["5 to agent:main"])
      assert.deepEqual(open(run, midnight + hourMs), [])
    })

  test("the account that is fed: it goes on being fed, and spends nothing", () => {
    const run = newRun()
    set(run)
    must(run, { do: "freeze", target: { account: main }, reason: "look", atMs: noon })
    assert.deepEqual(moves(open(run, midnight)), ["5 back from agent:main", "5 to agent:main"])
  })
})
