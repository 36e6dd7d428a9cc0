/** The life of a hold, case by case: to the last nano-dollar, once, all or nothing, and every way it may end. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import type { AccountName } from "../../src/ledger/accounts.ts"
import type { Amounts } from "../../src/ledger/amounts.ts"
import { parseBudget } from "../../src/ledger/budget-rule.ts"
import type { Command, CommandOf } from "../../src/ledger/commands.ts"
import { refusalWords } from "../../src/ledger/refusals.ts"
import { forgottenAtOnce, remembered } from "../../src/ledger/remembered.ts"
import { availableOf, balanceOf, dueHolds } from "../../src/ledger/state.ts"
import { give, must, newRun, refusedBy, type Run } from "./naive-ledger.ts"

const atMs = Date.UTC(2026, 10, 25, 12)
const usd = 1_000_000_000n
const main: AccountName = "agent:main"

function hold(id: string, amounts: Amounts, more: Partial<CommandOf<"hold">> = {}): CommandOf<"hold"> {
  return { do: "hold", id, parts: [{ account: main, amounts }], spend: { agent: "main" }, ttlMs: 60_000, atMs, ...more }
}

function settle(id: string, amounts: Amounts, more: Partial<CommandOf<"settle">> = {}): CommandOf<"settle"> {
  return { do: "settle", id, attempt: 1, parts: [{ account: main, amounts }], grade: "exact", atMs, ...more }
}

const release = (id: string): Command => ({ do: "release", id, attempt: 1, reason: "not sent", atMs })
const expire = (id: string, at = atMs + 60_000): Command => ({ do: "expire", id, attempt: 1, atMs: at })

/** A ledger with a budget of $5 a day. */
function withCap(limits: readonly string[] = ["5usd"], more: object = {}): Run {
  const run = newRun()
  must(run, { do: "set-budget", rule: parseBudget({ name: "daily", limits, per: "day", ...more }), atMs })
  return run
}

function counters(run: Run, name = "daily"): readonly (bigint | undefined)[] {
  const budget = run.state.budgets.get(name)
  return [budget?.spent.moneyNanos, budget?.held.moneyNanos]
}

describe("room", () => {
  test("a budget grants its last nano-dollar and not one more", () => {
    const run = withCap()
    must(run, hold("a", { moneyNanos: 5n * usd - 1n }))
    assert.equal(refusedBy(run, hold("b", { moneyNanos: 2n })).why, "over-budget")
    must(run, hold("c", { moneyNanos: 1n }))
    assert.equal(refusedBy(run, hold("d", { moneyNanos: 1n })).why, "over-budget")
    must(run, hold("e", { moneyNanos: 0n }))
    assert.deepEqual(counters(run), [0n, 5n * usd])
  })

  test("an account that was allotted holds its last nano-dollar and not one more", () => {
    const run = newRun()
    must(run, { do: "allocate", id: "t", account: main, amounts: { moneyNanos: 10n }, atMs })
    must(run, hold("a", { moneyNanos: 6n }))
    const refused = refusedBy(run, hold("b", { moneyNanos: 5n }))
    assert.deepEqual(refused, { why: "over-account", account: main, unit: "moneyNanos", needed: 5n, left: 4n })
    must(run, hold("c", { moneyNanos: 4n }))
    assert.equal(availableOf(run.state, main, "moneyNanos"), 0n)
    assert.equal(refusedBy(run, { do: "transfer", id: "t2", debit: "agent:sub", credit: main, amounts: { moneyNanos: 1n }, atMs }).why, "over-account")
    must(run, hold("d", { moneyNanos: 1n }, { parts: [{ account: "agent:free", amounts: { moneyNanos: 99n } }] }))
  })

  test("several accounts, units and budgets are held together or not at all", () => {
    const run = withCap(["5usd", "100 tokens"])
    must(run, { do: "set-budget", rule: parseBudget({ name: "web", limits: ["2 calls"], per: "hour", match: ["tool=web"] }), atMs })
    const parts = [
      { account: main, amounts: { moneyNanos: usd, tokens: 60n } },
      { account: "tools:web" as const, against: "spent:web" as const, amounts: { calls: 2n } },
    ]
    const spend = { agent: "main", tool: "web" }
    must(run, hold("a", {}, { parts, spend }))
    const before = run.events.length
    const refused = refusedBy(run, hold("b", {}, { parts, spend }))
    assert.ok(refused.why === "over-budget" && [refused.budget, ...refused.others].sort().join() === "daily,web")
    assert.equal(run.events.length, before)
    assert.equal(run.state.accounts.get("tools:web")?.held.calls, 2n)
    must(run, settle("a", {}, { parts: parts.map(({ account, amounts }) => ({ account, amounts })) }))
    assert.equal(balanceOf(run.state, "spent:web", "calls"), 2n)
    assert.equal(balanceOf(run.state, "spent:unattributed", "tokens"), 60n)
  })

  test("what nobody priced is refused under a money cap, never held as nothing", () => {
    const run = withCap()
    assert.deepEqual(refusedBy(run, hold("a", { tokens: 10n })), { why: "unstated", unit: "moneyNanos", by: "the budget daily" })
    const allotted = newRun()
    must(allotted, { do: "allocate", id: "t", account: main, amounts: { moneyNanos: 10n }, atMs })
    assert.deepEqual(refusedBy(allotted, hold("a", { tokens: 10n })), { why: "unstated", unit: "moneyNanos", by: main })
  })

  test("a budget that warns refuses nothing, and the hold says that it was above", () => {
    const run = withCap(["1usd"], { mode: "warn" })
    must(run, hold("a", { moneyNanos: 2n * usd }))
    const placed = run.events.at(-1)
    assert.deepEqual(placed?.type === "hold.placed" && placed.facts.above, ["daily"])
    must(run, hold("b", { tokens: 1n }))
  })
})

describe("an id", () => {
  test("of an open hold gives the same answer for the same content, and a refusal for other content", () => {
    const run = withCap()
    assert.equal(must(run, hold("a", { moneyNanos: usd })).attempt, 1)
    assert.deepEqual(must(run, hold("a", { moneyNanos: usd }, { ttlMs: 5, atMs: atMs + 9 })), { events: [], attempt: 1, repeated: true })
    assert.deepEqual(refusedBy(run, hold("a", { moneyNanos: usd + 1n })), { why: "id-taken", id: "a", of: "hold" })
    assert.equal(refusedBy(run, hold("a", { moneyNanos: usd }, { spend: { agent: "sub" } })).why, "id-taken")
    assert.deepEqual(counters(run), [0n, usd])
  })

  test("of a closed hold is the next attempt, and the closed one cannot be settled again", () => {
    const run = withCap()
    must(run, hold("a", { moneyNanos: usd }))
    must(run, settle("a", { moneyNanos: 5n }))
    assert.equal(must(run, hold("a", { moneyNanos: usd })).attempt, 2)
    assert.equal(must(run, settle("a", { moneyNanos: 5n })).repeated, true)
    assert.equal(refusedBy(run, settle("a", { moneyNanos: 5n }, { attempt: 3 })).why, "hold-unknown")
    must(run, settle("a", { moneyNanos: 6n }, { attempt: 2 }))
    assert.deepEqual(refusedBy(run, settle("a", { moneyNanos: 5n })), { why: "hold-closed", id: "a", attempt: 1, outcome: "superseded" })
    assert.deepEqual(counters(run), [11n, 0n])
    assert.equal(must(run, hold("a", { moneyNanos: usd })).attempt, 3)
  })

  test("of a transfer gives the same answer for the same content, and a refusal for other content", () => {
    const run = newRun()
    const allocate = { do: "allocate", id: "t", account: main, amounts: { moneyNanos: 10n }, atMs } as const
    must(run, allocate)
    assert.deepEqual(must(run, { ...allocate, atMs: atMs + 5 }), { events: [], repeated: true })
    assert.deepEqual(refusedBy(run, { ...allocate, amounts: { moneyNanos: 11n } }), { why: "id-taken", id: "t", of: "transfer" })
    assert.equal(balanceOf(run.state, main, "moneyNanos"), 10n)
  })

  test("that closed long ago is forgotten", () => {
    const run = newRun()
    const end = (id: string) => [hold(id, { moneyNanos: 1n }), release(id)].forEach((command) => must(run, command))
    for (let i = 1; i < remembered + forgottenAtOnce; i++) end(`h${i}`)
    assert.equal(must(run, release("h1")).repeated, true)
    end("last")
    assert.deepEqual([run.state.closed.size, refusedBy(run, release(`h${forgottenAtOnce}`)).why], [remembered, "hold-unknown"])
    for (const id of [`h${forgottenAtOnce + 1}`, "last"]) assert.equal(must(run, release(id)).repeated, true)
  })
})

describe("the end of a hold", () => {
  /** How it ended first, what is asked then, and the answer. */
  const rows: readonly (readonly [string, Command, Command, string])[] = [
    ["settled, settled alike", settle("a", { moneyNanos: 7n }), settle("a", { moneyNanos: 7n }, { atMs: atMs + 1 }), "repeated"],
    ["settled, settled otherwise", settle("a", { moneyNanos: 7n }), settle("a", { moneyNanos: 8n }), "id-taken"],
    ["settled, settled with another grade", settle("a", { moneyNanos: 7n }), settle("a", { moneyNanos: 7n }, { grade: "bound" }), "id-taken"],
    ["settled, released", settle("a", { moneyNanos: 7n }), release("a"), "hold-closed"],
    ["settled, expired", settle("a", { moneyNanos: 7n }), expire("a"), "hold-closed"],
    ["released, released", release("a"), release("a"), "repeated"],
    ["released, settled", release("a"), settle("a", { moneyNanos: 7n }), "hold-closed"],
    ["released, expired", release("a"), expire("a"), "hold-closed"],
    ["expired, expired", expire("a"), expire("a"), "repeated"],
    ["expired, released", expire("a"), release("a"), "hold-closed"],
    ["expired, settled late", expire("a"), settle("a", { moneyNanos: 7n }), "posted"],
  ]
  for (const [name, first, then, expected] of rows) {
    test(name, () => {
      const run = withCap()
      must(run, hold("a", { moneyNanos: usd }))
      must(run, first)
      const decision = give(run, then)
      assert.equal("refused" in decision ? decision.refused.why : decision.repeated ? "repeated" : "posted", expected)
      const spent = first.do === "settle" || then.do === "settle" ? 7n : 0n
      assert.deepEqual(counters(run), [first.do === "release" ? 0n : spent, 0n])
      assert.equal(run.state.accounts.get(main)?.held.moneyNanos, 0n)
    })
  }

  test("an unknown hold is refused however it shall end", () => {
    const run = withCap()
    for (const command of [settle("a", { moneyNanos: 1n }), release("a"), expire("a")]) assert.equal(refusedBy(run, command).why, "hold-unknown")
  })

  test("it expires when its time is over, and not before", () => {
    const run = withCap()
    must(run, hold("a", { moneyNanos: usd }))
    assert.deepEqual(refusedBy(run, expire("a", atMs + 59_999)), { why: "hold-not-due", id: "a", expiresAtMs: atMs + 60_000 })
    assert.deepEqual(dueHolds(run.state, atMs + 59_999), [])
    assert.equal(dueHolds(run.state, atMs + 60_000)[0]?.id, "a")
    must(run, expire("a"))
  })

  test("a settlement above its hold is posted in full, marked, and freezes the budgets that limit the unit", () => {
    const run = withCap()
    must(run, { do: "set-budget", rule: parseBudget({ name: "calls", limits: ["9 calls"], per: "day" }), atMs })
    must(run, { do: "set-budget", rule: parseBudget({ name: "seen", limits: ["9usd"], per: "day", mode: "warn" }), atMs })
    must(run, hold("a", { moneyNanos: usd, calls: 1n }))
    must(run, hold("b", { moneyNanos: usd, calls: 1n }))
    const { events } = must(run, settle("a", { moneyNanos: 2n * usd, calls: 1n }))
    assert.deepEqual(
      events.map(({ type }) => type),
      ["hold.settled", "budget.frozen"],
    )
    const [settled, frozen] = events
    assert.deepEqual(settled?.type === "hold.settled" && settled.facts.over, { moneyNanos: "1000000000" })
    assert.equal(frozen?.type === "budget.frozen" && frozen.facts.budget, "daily")
    assert.deepEqual(counters(run), [2n * usd, usd])
    assert.deepEqual(refusedBy(run, hold("c", { moneyNanos: 1n, calls: 0n })), {
      why: "frozen",
      what: "budget",
      name: "daily",
      reason: "settled above its hold",
    })
    must(run, settle("b", { moneyNanos: 1n, calls: 1n }))
    must(run, { do: "unfreeze", target: { budget: "daily" }, reason: "looked at", atMs })
    must(run, hold("c", { moneyNanos: 1n, calls: 0n }))
  })

  test("a late settlement that no longer fits freezes the budget", () => {
    const run = withCap()
    must(run, hold("a", { moneyNanos: 4n * usd }))
    must(run, expire("a"))
    must(run, hold("b", { moneyNanos: 4n * usd }))
    const { events } = must(run, settle("a", { moneyNanos: 3n * usd }))
    assert.deepEqual(
      events.map(({ type, facts }) => [type, "late" in facts]),
      [
        ["hold.settled", true],
        ["budget.frozen", false],
      ],
    )
    assert.deepEqual(counters(run), [3n * usd, 4n * usd])
  })

  test("a settlement says nothing is nothing: accounts and units that were held must be there", () => {
    const run = withCap()
    must(run, hold("a", { moneyNanos: usd, tokens: 5n }))
    assert.deepEqual(refusedBy(run, settle("a", { tokens: 5n })), { why: "unstated", unit: "moneyNanos", by: "the hold a" })
    assert.equal(refusedBy(run, settle("a", {}, { parts: [{ account: "agent:sub", amounts: { moneyNanos: 1n, tokens: 1n } }] })).why, "malformed")
    assert.equal(refusedBy(run, settle("a", {}, { parts: [] })).why, "malformed")
    must(run, settle("a", { moneyNanos: 0n, tokens: 5n, calls: 1n }))
  })
})

describe("words of a refusal", () => {
  test("compute", () => {
    const run = withCap()
    must(run, hold("a", { moneyNanos: 4_690_000_000n }))
    assert.equal(refusalWords(refusedBy(run, hold("b", { moneyNanos: 440_000_000n }))), "needs up to $0.44, $0.31 left of $5.00, resets 00:00 (budget daily)")
  })
})

describe("begun", () => {
  const consume = (id: string, attempt = 1): Command => ({ do: "consume", id, attempt, atMs })

  test("what began and was never told of costs all that was held when its time is over", () => {
    const run = withCap()
    must(run, hold("a", { moneyNanos: 3n * usd, tokens: 7n }))
    must(run, consume("a"))
    const { events } = must(run, expire("a"))
    assert.deepEqual(
      events.flatMap((event) => (event.type === "hold.settled" ? [[event.facts.grade, event.facts.movements]] : [])),
      [["bound", [{ debit: "spent:unattributed", credit: main, amounts: { moneyNanos: "3000000000", tokens: "7" } }]]],
    )
    assert.deepEqual(counters(run), [3n * usd, 0n])
    assert.equal(must(run, expire("a")).repeated, true)
    assert.deepEqual(counters(run), [3n * usd, 0n])
  })

  test("it begins once, and only while it is open", () => {
    const run = withCap()
    must(run, hold("a", { moneyNanos: 1n }))
    assert.equal(must(run, consume("a")).events.length, 1)
    assert.deepEqual(must(run, consume("a")), { events: [], attempt: 1, repeated: true })
    must(run, settle("a", { moneyNanos: 1n }))
    assert.equal(refusedBy(run, consume("a")).why, "hold-closed")
    assert.equal(refusedBy(run, consume("b")).why, "hold-unknown")
  })

  test("what it was placed for goes into the record and comes back", () => {
    const run = withCap()
    const basis = { door: "model", run: "r-1", inputTokens: 12 } as const
    must(run, hold("a", { moneyNanos: 1n }, { basis }))
    assert.deepEqual(run.state.holds.get("a")?.basis, basis)
  })
})

describe("a report of usage", () => {
  const spent = (id: string, usage: string): Command => ({ do: "spend", id, usage, account: main, amounts: { moneyNanos: 5n }, spend: { agent: "main" }, atMs })

  test("is counted once: as a spend, as a settlement, and as one after the other", () => {
    const run = withCap()
    must(run, spent("t1", "u1"))
    assert.equal(must(run, spent("t2", "u1")).repeated, true)
    must(run, hold("a", { moneyNanos: 9n }))
    assert.equal(must(run, settle("a", { moneyNanos: 5n }, { usage: "u1" })).repeated, true)
    assert.equal(run.state.holds.has("a"), true)
    must(run, settle("a", { moneyNanos: 5n }, { usage: "u2" }))
    assert.equal(must(run, spent("t3", "u2")).repeated, true)
    assert.deepEqual(counters(run), [10n, 0n])
  })

  test("the latest reports are remembered, the oldest forgotten", () => {
    const run = newRun()
    for (let index = 1; index <= remembered + forgottenAtOnce; index++) must(run, spent(`t${index}`, `u${index}`))
    const knows = (index: number) => run.state.charged.has(`u${index}`)
    assert.deepEqual([run.state.charged.size, knows(forgottenAtOnce), knows(forgottenAtOnce + 1)], [remembered, false, true])
  })
})
