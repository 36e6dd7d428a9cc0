/** More for one run: asked for, granted, drawn from by that run alone, given back, and over. To the nano-dollar, and once. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import type { AccountName } from "../../src/ledger/accounts.ts"
import { parseBudget } from "../../src/ledger/budget-rule.ts"
import { budgetSummary } from "../../src/ledger/summary.ts"
import type { CommandOf } from "../../src/ledger/commands.ts"
import { undrawn } from "../../src/ledger/extensions.ts"
import { snapshotText, stateFrom } from "../../src/ledger/snapshot.ts"
import { availableOf, balanceOf } from "../../src/ledger/state.ts"
import { give, must, newRun, refusedBy, type Run } from "./naive-ledger.ts"

const atMs = Date.UTC(2026, 10, 25, 12)
const minuteMs = 60_000
const usd = 1_000_000_000n
const main: AccountName = "agent:main"
const session = "s1"

type More = Partial<CommandOf<"hold">>

function hold(id: string, dollars: bigint, run?: string, more: More = {}): CommandOf<"hold"> {
  const draw = run === undefined ? {} : { draw: { run, session } }
  return {
    do: "hold",
    id,
    parts: [{ account: main, amounts: { moneyNanos: dollars * usd } }],
    spend: { agent: "main" },
    ttlMs: minuteMs,
    atMs,
    ...draw,
    ...more,
  }
}

function settle(id: string, dollars: bigint, more: Partial<CommandOf<"settle">> = {}): CommandOf<"settle"> {
  return { do: "settle", id, attempt: 1, parts: [{ account: main, amounts: { moneyNanos: dollars * usd } }], grade: "exact", atMs, ...more }
}

function ask(id: string, dollars: bigint, more: Partial<CommandOf<"ask">> = {}): CommandOf<"ask"> {
  const { parts, spend } = hold("", dollars)
  return { do: "ask", id, door: "model", parts, spend, session, run: "r1", most: { moneyNanos: 2n * usd, calls: 5n }, ttlMs: 10 * minuteMs, atMs, ...more }
}

const grant = (id: string, at = atMs) => ({ do: "grant", id, reason: "owner", atMs: at }) as const
const deny = (id: string, at = atMs) => ({ do: "deny", id, reason: "owner", atMs: at }) as const

/** $5 a day, of which $4 is spent. */
function nearlySpent(): Run {
  const run = newRun()
  must(run, { do: "set-budget", rule: parseBudget({ name: "daily", limits: ["5usd"], per: "day" }), atMs })
  must(run, hold("first", 4n))
  must(run, settle("first", 4n))
  return run
}

function granted(): Run {
  const run = nearlySpent()
  must(run, ask("CODE", 3n))
  must(run, grant("CODE"))
  return run
}

function counters(run: Run): readonly (bigint | undefined)[] {
  const budget = run.state.budgets.get("daily")
  const extension = run.state.extensions.get("CODE")
  return [budget?.spent.moneyNanos, budget?.held.moneyNanos, extension && undrawn(extension, "daily", "moneyNanos")].map((nanos) => nanos && nanos / usd)
}

describe("asking", () => {
  test("names what has no room, gives only units that are limited there, and asks once while an owner is asked", () => {
    const run = nearlySpent()
    const { events } = must(run, ask("CODE", 3n))
    assert.deepEqual(events[0]?.facts, {
      atMs,
      extension: "CODE",
      door: "model",
      extends: ["daily"],
      amounts: { moneyNanos: "2000000000" },
      expiresAtMs: atMs + 10 * minuteMs,
      session,
      run: "r1",
    })
    const again = must(run, ask("OTHER", 3n))
    assert.deepEqual([again.extension, again.repeated], ["CODE", true])
    assert.equal(must(run, ask("OTHER", 3n, { session: "s2" })).extension, "OTHER")
    assert.equal(refusedBy(run, ask("CODE", 3n)).why, "id-taken")
  })

  test("is for nothing where more is missing than one gives, where nothing is, or where so many are asked for", () => {
    const run = nearlySpent()
    assert.equal(refusedBy(run, ask("CODE", 4n)).why, "not-extended")
    assert.equal(refusedBy(run, ask("CODE", 1n)).why, "not-extended")
    for (let n = 0; n < 64; n++) must(run, ask(`C${n}`, 3n, { session: `s${n}` }))
    assert.equal(refusedBy(run, ask("CODE", 3n, { session: "one more" })).why, "not-extended")
  })

  test("gives nothing by itself", () => {
    const run = nearlySpent()
    must(run, ask("CODE", 3n))
    assert.equal(refusedBy(run, hold("second", 3n, "r2")).why, "over-budget")
  })
})

describe("drawing", () => {
  test("takes what is missing and no more, leaves the budget within its limit, and gives back what was not used", () => {
    const run = granted()
    must(run, hold("second", 3n, "r2"))
    assert.deepEqual(counters(run), [4n, 1n, 0n])
    must(run, settle("second", 2n))
    assert.deepEqual(counters(run), [5n, 0n, 1n])
    assert.equal(balanceOf(run.state, main, "moneyNanos"), -6n * usd)
    must(run, hold("third", 1n, "r2"))
    assert.equal(refusedBy(run, hold("fourth", 1n, "r2")).why, "over-budget")
    must(run, { do: "release", id: "third", attempt: 1, reason: "not sent", atMs })
    assert.deepEqual(counters(run), [5n, 0n, 1n])
  })

  test("leaves other runs the room they had", () => {
    const run = granted()
    must(run, hold("second", 3n, "r2"))
    assert.equal(refusedBy(run, hold("other", 1n, "r3")).why, "over-budget")
    assert.equal(refusedBy(run, hold("nobody's", 1n)).why, "over-budget")
    must(run, { do: "release", id: "second", attempt: 1, reason: "not sent", atMs })
    must(run, hold("other", 1n, "r3"))
    assert.deepEqual(counters(run), [4n, 1n, 2n])
  })

  test("is for the first run of the session that has no room, and for no other from then on", () => {
    const run = granted()
    assert.equal(refusedBy(run, hold("elsewhere", 2n, "r0", { draw: { run: "r0", session: "s2" } })).why, "over-budget")
    must(run, hold("second", 2n, "r2"))
    must(run, settle("second", 2n))
    assert.equal(refusedBy(run, hold("third", 1n, "r3")).why, "over-budget")
    assert.equal(refusedBy(run, hold("third", 1n, "r2", { draw: { run: "r2", session: "s2" } })).why, "over-budget", "a name of a run is no proof")
    must(run, hold("third", 1n, "r2"))
  })

  test("never draws for a budget that an owner was not asked about", () => {
    const run = granted()
    must(run, { do: "set-budget", rule: parseBudget({ name: "hourly", limits: ["2usd"], per: "hour" }), atMs })
    const refused = refusedBy(run, hold("second", 3n, "r2"))
    assert.deepEqual([refused.why, "others" in refused && refused.others], ["over-budget", ["hourly"]])
  })

  test("of an account allots it what was used beyond it, so that nobody owes that afterwards", () => {
    const run = newRun()
    must(run, { do: "allocate", id: "t", account: main, amounts: { moneyNanos: usd }, atMs })
    must(run, ask("CODE", 3n))
    must(run, grant("CODE"))
    must(run, hold("second", 3n, "r2"))
    assert.equal(availableOf(run.state, main, "moneyNanos"), 0n)
    must(run, settle("second", 2n))
    assert.equal(balanceOf(run.state, main, "moneyNanos"), 0n)
    assert.equal(balanceOf(run.state, "budget:unallocated", "moneyNanos"), -2n * usd)
    must(run, { do: "allocate", id: "t2", account: main, amounts: { moneyNanos: usd }, atMs })
    must(run, hold("third", 1n))
  })

  test("above its hold freezes the budget, and what is above counts there", () => {
    const run = granted()
    must(run, hold("second", 3n, "r2"))
    must(run, settle("second", 4n))
    assert.deepEqual(counters(run), [6n, 0n, 0n])
    assert.equal(run.state.budgets.get("daily")?.frozen, "settled above its hold")
  })
})

describe("an answer", () => {
  test("counts once, in time, and whatever comes after it does nothing", () => {
    const run = nearlySpent()
    assert.equal(refusedBy(run, grant("CODE")).why, "extension-unknown")
    must(run, ask("CODE", 3n))
    must(run, grant("CODE"))
    assert.deepEqual(refusedBy(run, grant("CODE")), { why: "extension-closed", id: "CODE", state: "granted" })
    assert.equal(refusedBy(run, deny("CODE")).why, "extension-closed")
    must(run, ask("LATE", 3n, { session: "s2" }))
    assert.deepEqual(refusedBy(run, grant("LATE", atMs + 10 * minuteMs)), { why: "extension-closed", id: "LATE", state: "expired" })
    must(run, ask("NO", 3n, { session: "s3" }))
    must(run, deny("NO"))
    assert.deepEqual(refusedBy(run, grant("NO")), { why: "extension-closed", id: "NO", state: "denied" })
  })

  test("is worth nothing when its time is over, whether that is on record or not", () => {
    const run = granted()
    const later = atMs + 10 * minuteMs
    assert.equal(refusedBy(run, hold("second", 3n, "r2", { atMs: later })).why, "over-budget")
    must(run, { do: "end-extension", id: "CODE", atMs: later })
    assert.equal(run.state.extensions.get("CODE")?.state, "expired")
    assert.equal(must(run, { do: "end-extension", id: "CODE", atMs: later }).repeated, true)
  })

  test("that comes too late for a settlement does not make it dearer: what was drawn in time is spent from it", () => {
    const run = granted()
    must(run, hold("second", 3n, "r2", { ttlMs: 60 * minuteMs }))
    must(run, { do: "end-extension", id: "CODE", atMs: atMs + 10 * minuteMs })
    must(run, settle("second", 3n, { atMs: atMs + 11 * minuteMs }))
    assert.deepEqual(counters(run), [5n, 0n, 0n])
    assert.equal(run.state.budgets.get("daily")?.frozen, undefined)
  })
})

describe("a tool that waits", () => {
  const named = { draw: { run: "r1", session, extension: "CODE" } }
  function waiting(): Run {
    const run = nearlySpent()
    must(run, ask("CODE", 3n, { door: "tool" }))
    assert.equal(refusedBy(run, hold("other", 3n, "r2", { draw: { run: "r2", session, extension: "CODE" } })).why, "over-budget")
    must(run, hold("tool", 3n, "r1", named))
    return run
  }

  test("is held before anybody answers, and once it is granted the rest is for the same run", () => {
    const run = waiting()
    assert.deepEqual(counters(run), [4n, 1n, 0n])
    must(run, grant("CODE"))
    must(run, settle("tool", 2n))
    must(run, hold("next", 1n, "r1"))
    assert.equal(refusedBy(run, hold("other", 1n, "r2")).why, "over-budget")
  })

  test("is given back with the denial", () => {
    const run = waiting()
    assert.deepEqual(
      must(run, deny("CODE")).events.map(({ type }) => type),
      ["extension.denied", "hold.released"],
    )
    assert.deepEqual(counters(run), [4n, 0n, 2n])
  })

  test("that ran though nobody had let it is posted in full, counts in the budget, and stops it", () => {
    const run = waiting()
    must(run, settle("tool", 3n))
    assert.deepEqual(counters(run), [7n, 0n, 2n])
    assert.equal(run.state.budgets.get("daily")?.frozen, "spent what nobody had let it spend")
  })
})

describe("what is kept", () => {
  test("is in a snapshot, and shown with its budget", () => {
    const run = granted()
    must(run, hold("second", 3n, "r2"))
    const again = stateFrom(snapshotText(run.state))
    assert.deepEqual(again?.extensions, run.state.extensions)
    assert.deepEqual(again?.holds, run.state.holds)
    const budget = run.state.budgets.get("daily")
    assert.ok(budget)
    assert.equal(budgetSummary(budget, atMs).held.moneyNanos, `${usd}`)
  })

  test("ends with the oldest that ended", () => {
    const run = nearlySpent()
    for (let n = 0; n < 300; n++) {
      must(run, ask(`C${n}`, 3n, { session: `s${n}` }))
      must(run, deny(`C${n}`))
    }
    assert.equal(give(run, ask("CODE", 3n)) && run.state.extensions.size, 256)
    assert.equal(run.state.extensions.has("C0"), false)
    assert.equal(run.state.extensions.has("CODE"), true)
  })
})
