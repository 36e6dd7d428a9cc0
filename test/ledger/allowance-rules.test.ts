/** Rules of allowances: what may be written, what a change of one moves and never moves twice, which changes loosen. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { Fault } from "../../src/base/fault.ts"
import { parseAllowance, parseAllowanceList, type AllowanceWords } from "../../src/ledger/allowance-rule.ts"
import type { Command } from "../../src/ledger/commands.ts"
import { loosened } from "../../src/ledger/loosening.ts"
import { refusalWords } from "../../src/ledger/refusals.ts"
import { allot, daily, dayMs, dollars, hold, hourMs, id, left, main, midnight, moves, noon, open, pool, set, spend, usd } from "./allowance-rig.ts"
import { must, newRun, refusedBy } from "./naive-ledger.ts"

describe("an allowance in words", () => {
  test("becomes a rule", () => {
    assert.deepEqual(parseAllowance({ ...daily, give: ["5usd", "10 calls"], zone: "Europe/Berlin", from: pool, rollover: true }), {
      name: "daily",
      from: pool,
      to: main,
      amounts: { moneyNanos: "5000000000", calls: "10" },
      period: { per: "day", zone: "Europe/Berlin" },
      rollover: true,
    })
  })

  const bad: readonly (readonly [string, Partial<AllowanceWords>, RegExp])[] = [
    ["a name with a blank", { name: "my own" }, /"my own" is no name/],
    ["nothing", { give: [] }, /gives nothing; say how much/],
    ["0usd", { give: ["0usd"] }, /gives nothing of a unit/],
    ["a rolling period", { per: "rolling 24h" }, /is no period of an allowance/],
    ["a lifetime", { per: "lifetime" }, /is no period of an allowance/],
    ["an unknown zone", { zone: "Mars/Olympus" }, /no time zone/],
    ["an account that is none", { to: "main" }, /not the name of an account/],
    ["where allocations come from", { to: "budget:unallocated" }, /gets no allowance/],
    ["what was spent", { from: "spent:unattributed" }, /gives none/],
    ["itself", { from: main }, /to itself/],
  ]
  for (const [name, words, problem] of bad)
    test(`refuses ${name}`, () => {
      assert.throws(
        () => parseAllowance({ ...daily, ...words }),
        (error) => error instanceof Fault && problem.test(error.message),
      )
    })

  test("a list of them says which is wrong", () => {
    assert.equal(
      parseAllowanceList([
        { ...daily, give: "5usd" },
        { ...daily, name: "other" },
      ]).length,
      2,
    )
    assert.throws(() => parseAllowanceList([daily, daily]), /two allowances called daily/)
    assert.throws(() => parseAllowanceList([{ ...daily, limit: 1 }]), /no "limit" in allowance 1/)
    assert.throws(() => parseAllowanceList([{ name: "x" }]), /allowance 1 lacks/)
    assert.throws(() => parseAllowanceList("daily"), /are a list/)
  })
})

describe("a changed allowance", () => {
  test("the same once more changes nothing", () => {
    const run = newRun()
    set(run)
    assert.deepEqual(set(run), [])
  })

  test("a higher quota gives what it is higher by", () => {
    const run = newRun()
    set(run)
    spend(run, 5, noon)
    assert.deepEqual(moves(set(run, { give: ["8usd"] })), ["3 to agent:main"])
    assert.equal(left(run), 3)
  })

  test("a lower one takes back what it is lower by, as far as it is there; raised again it refills nothing", () => {
    const run = newRun()
    set(run)
    spend(run, 4, noon)
    assert.deepEqual(moves(set(run, { give: ["2usd"] })), ["1 back from agent:main"])
    assert.deepEqual(moves(set(run, { give: ["5usd"] })), ["1 to agent:main"])
    spend(run, 1, noon)
    set(run, { give: ["1usd"] })
    assert.deepEqual(moves(set(run, { give: ["5usd"] })), [])
    assert.equal(left(run), 0)
  })

  test("of another source or account: the rest goes back where it came from, and what was consumed is not given again", () => {
    const run = newRun()
    allot(run, 100, pool)
    set(run)
    spend(run, 2, noon)
    assert.deepEqual(moves(set(run, { from: pool })), ["3 back from agent:main", "3 to agent:main"])
    assert.deepEqual(moves(set(run, { from: pool, to: "agent:sub" })), ["3 back from agent:main", "3 to agent:sub"])
    assert.deepEqual(dollars(run, main, "agent:sub", pool), [0, 3, 97])
  })

  test("for another period: what was handed out stays", () => {
    const run = newRun()
    set(run)
    assert.deepEqual(moves(set(run, { per: "hour" })), [])
    assert.deepEqual(moves(open(run, noon + hourMs)), ["5 back from agent:main", "5 to agent:main"])
  })

  test("removed: what is left and not held goes back, the account stays bounded", () => {
    const run = newRun()
    set(run)
    hold(run, 1, noon)
    assert.deepEqual(moves(must(run, { do: "remove-allowance", allowance: "daily", atMs: noon }).events), ["4 back from agent:main"])
    assert.deepEqual(dollars(run, main), [1])
    assert.deepEqual(open(run, midnight), [])
    assert.equal(refusedBy(run, { do: "hold", id: id(), parts: [{ account: main, amounts: usd(0.01) }], spend: {}, ttlMs: 1, atMs: noon }).why, "over-account")
    assert.equal(refusedBy(run, { do: "remove-allowance", allowance: "daily", atMs: noon }).why, "allowance-unknown")
  })

  test("a circle is refused, however long", () => {
    const run = newRun()
    set(run, { name: "a", to: "budget:b", from: "budget:a" })
    set(run, { name: "b", to: "budget:c", from: "budget:b" })
    const refused = refusedBy(run, { do: "set-allowance", rule: parseAllowance({ ...daily, name: "c", to: "budget:a", from: "budget:c" }), atMs: noon })
    assert.equal(refusalWords(refused), "money would go round in a circle: budget:a to budget:b to budget:c to budget:a")
    // Turned round, the rule that would close it is another one.
    set(run, { name: "b", to: "budget:b", from: "budget:c" })
  })

  test("no id is ever used twice, whatever is set and removed in one instant", () => {
    const run = newRun()
    for (let turn = 0; turn < 3; turn++) {
      set(run)
      set(run, { give: ["2usd"] })
      set(run, { give: ["4usd"] })
      open(run, midnight + turn * dayMs)
      must(run, { do: "remove-allowance", allowance: "daily", atMs: midnight + turn * dayMs })
    }
    const transfers = run.events.flatMap((event) => (event.type === "transfer.posted" ? [event.facts.transfer] : []))
    assert.equal(new Set(transfers).size, transfers.length)
  })
})

describe("which changes loosen", () => {
  const looser = (words: Partial<AllowanceWords>): Command => ({ do: "set-allowance", rule: parseAllowance({ ...daily, ...words }), atMs: noon })
  const cases: readonly (readonly [string, Command, string | undefined])[] = [
    ["a higher quota", looser({ give: ["6usd"] }), "a larger allowance daily"],
    ["a lower quota", looser({ give: ["4usd"] }), undefined],
    ["another unit", looser({ give: ["5usd", "10 calls"] }), "a larger allowance daily"],
    ["another period", looser({ per: "hour" }), "a larger allowance daily"],
    ["rollover", looser({ rollover: true }), "a larger allowance daily"],
    ["another source", looser({ from: pool }), "a larger allowance daily"],
    ["one more for it", looser({ name: "more" }), "more for agent:main"],
    ["one for an account without a bound", looser({ name: "sub", to: "agent:sub" }), undefined],
    ["none any more", { do: "remove-allowance", allowance: "daily", atMs: noon }, undefined],
    ["none any more, from a pool", { do: "remove-allowance", allowance: "pooled", atMs: noon }, "giving back to budget:monthly"],
  ]
  for (const [name, command, loosens] of cases)
    test(name, () => {
      const run = newRun()
      set(run)
      set(run, { name: "pooled", to: "agent:pooled", from: pool })
      assert.equal(loosened(run.state, command), loosens)
    })
})
