/** Random lives of accounts that allowances feed: money in is money out, nothing stands below nothing, no period hands out more than its quota, a replay is the same. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import fc from "fast-check"
import type { AccountName, LedgerEvent } from "../../src/format/facts/ledger.ts"
import { parseAllowance } from "../../src/ledger/allowance-rule.ts"
import type { Command } from "../../src/ledger/commands.ts"
import { evolve } from "../../src/ledger/evolve.ts"
import { snapshotText, stateFrom } from "../../src/ledger/snapshot.ts"
import { balanceOf, emptyState } from "../../src/ledger/state.ts"
import { units } from "../../src/ledger/units.ts"
import { give, newRun, openHolds, recountedBalance, recountedHeld, type Run } from "./naive-ledger.ts"

const hourMs = 3_600_000
const startMs = Date.UTC(2026, 9, 24, 20)
const accounts: readonly AccountName[] = ["budget:month", "budget:team", "agent:main", "agent:sub"]
const fed: readonly AccountName[] = accounts.slice(1)

const step = fc.record({
  kind: fc.constantFrom(
    "hold",
    "hold",
    "hold",
    "settle",
    "settle",
    "release",
    "set",
    "set",
    "remove",
    "allocate",
    "transfer",
    "freeze",
    "unfreeze",
    "unfreeze",
  ),
  account: fc.constantFrom(...fed),
  from: fc.constantFrom<AccountName>("budget:unallocated", ...accounts),
  name: fc.constantFrom("a", "b", "c"),
  per: fc.constantFrom("hour", "day", "day", "week", "month"),
  zone: fc.constantFrom("UTC", "Europe/Berlin", "Asia/Kathmandu"),
  rollover: fc.boolean(),
  slot: fc.nat(5),
  cents: fc.integer({ min: 1, max: 300 }),
  calls: fc.integer({ min: 1, max: 9 }),
  share: fc.nat(100),
  waitMs: fc.oneof(
    { weight: 3, arbitrary: fc.nat(2 * hourMs) },
    { weight: 2, arbitrary: fc.nat(30 * hourMs) },
    { weight: 1, arbitrary: fc.nat(40 * 24 * hourMs) },
  ),
})
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

function commandOf(run: Run, step: Step, { nowMs, index }: { readonly nowMs: number; readonly index: number }): Command {
  const { account, from, cents, calls } = step
  const amounts = { moneyNanos: BigInt(cents) * 10_000_000n, calls: BigInt(calls) }
  const id = `h${step.slot}`
  const target = step.slot === 0 ? ("all" as const) : { account: from }
  switch (step.kind) {
    case "settle": {
      const open = run.state.holds.get(id)
      const parts = (open?.movements ?? []).map((movement) => ({
        account: movement.credit,
        amounts: Object.fromEntries(Object.entries(movement.amounts).map(([unit, held]) => [unit, (held * BigInt(step.share)) / 100n])),
      }))
      return open ? { do: "settle", id, attempt: open.attempt, parts, grade: "exact", atMs: nowMs } : { do: "open-allowances", atMs: nowMs }
    }
    case "release":
      return { do: "release", id, attempt: run.state.holds.get(id)?.attempt ?? 1, reason: "refused", atMs: nowMs }
    case "set": {
      const { name, per, zone, rollover } = step
      const give = [`${cents / 100}usd`, ...(calls < 5 ? [`${calls} calls`] : [])]
      return {
        do: "set-allowance",
        rule: parseAllowance({ name, to: account, from: from === account ? "budget:unallocated" : from, give, per, zone, rollover }),
        atMs: nowMs,
      }
    }
    case "remove":
      return { do: "remove-allowance", allowance: step.name, atMs: nowMs }
    case "allocate":
      return { do: "allocate", id: `t${index}`, account: step.slot > 2 ? "budget:month" : account, amounts, atMs: nowMs }
    case "transfer":
      return { do: "transfer", id: `t${index}`, debit: account, credit: from, amounts, atMs: nowMs }
    case "freeze":
    case "unfreeze":
      return { do: step.kind, target, reason: "test", atMs: nowMs }
    default:
      return { do: "hold", id, parts: [{ account, amounts }], spend: {}, ttlMs: 90 * 24 * hourMs, atMs: nowMs }
  }
}

/** Everything in accounts that is bounded from the beginning, opened before each command like a writer does. */
function live(steps: readonly Step[]): Run {
  const run = newRun()
  let nowMs = startMs
  for (const account of accounts) give(run, { do: "allocate", id: `first ${account}`, account, amounts: { moneyNanos: 1n, calls: 1n }, atMs: nowMs })
  for (const [index, one] of steps.entries()) {
    nowMs += one.waitMs
    give(run, { do: "open-allowances", atMs: nowMs })
    give(run, commandOf(run, one, { nowMs, index }))
    assertSound(run)
  }
  return run
}

function assertSound(run: Run): void {
  for (const unit of units) {
    let total = 0n
    for (const [name, { held }] of run.state.accounts) {
      const balance = balanceOf(run.state, name, unit)
      total += balance
      if (name === "budget:unallocated" || name.startsWith("spent:")) continue
      assert.ok(balance >= held[unit], `${name} has ${balance} ${unit} and holds ${held[unit]}`)
      const ofAllowances = (run.state.feeders.get(name) ?? []).reduce((sum, { left }) => sum + left[unit], 0n)
      assert.ok(ofAllowances <= balance, `allowances of ${name} have ${ofAllowances} of ${balance} ${unit}`)
    }
    assert.equal(total, 0n, "all accounts together are nothing")
  }
}

/** What an allowance handed out in one of its periods, less what it took back within it, against the largest quota it had in it. */
function assertQuotas(events: readonly LedgerEvent[]): void {
  const rules = new Map<string, { quota: bigint; times: bigint; life: number }>()
  const out = new Map<string, bigint>()
  let life = 0
  for (const { type, facts } of events) {
    if (type === "allowance.set") {
      const { name, amounts, rollover } = facts.rule
      const before = facts.created ? undefined : rules.get(name)
      const quota = BigInt(amounts.moneyNanos ?? 0)
      // A lower quota lets what is held stay, so that within a period the largest counts.
      rules.set(name, {
        quota: before && before.quota > quota ? before.quota : quota,
        times: rollover || before?.times === 2n ? 2n : 1n,
        life: before?.life ?? ++life,
      })
    }
    if (type !== "transfer.posted" || facts.allowance === undefined) continue
    const [, name = "", start = ""] = /^allowance:([abc])@(\d+)\//.exec(facts.transfer) ?? []
    const rule = rules.get(name) ?? assert.fail(`${facts.transfer} is of no allowance`)
    const amount = BigInt(facts.movements[0]?.amounts.moneyNanos ?? 0)
    const key = `${name}@${start}/${rule.life}`
    if (facts.kind === "return") takeBack(out, key, amount)
    else out.set(key, (out.get(key) ?? 0n) + amount)
    const total = out.get(key) ?? 0n
    assert.ok(total <= rule.quota * rule.times, `${key}: ${total} of ${rule.quota}`)
  }
}

/** Of its own period first; then what an earlier one had handed out, which a change of the rule carried into this one. */
function takeBack(out: Map<string, bigint>, key: string, amount: bigint): void {
  const ofSameLife = (other: string) => other.slice(0, 1) === key.slice(0, 1) && other.split("/")[1] === key.split("/")[1]
  const periods = [key, ...[...out.keys()].filter((other) => other !== key && ofSameLife(other)).toReversed()]
  let rest = amount
  for (const period of periods) {
    const handed = out.get(period) ?? 0n
    const taken = handed < rest ? handed : rest
    out.set(period, handed - taken)
    rest -= taken
  }
  assert.equal(rest, 0n, `${key}: no more is taken back than was handed out`)
}

describe("allowances, whatever happens", () => {
  test("money in is money out, nothing stands below nothing, quotas hold, and a replay is the same", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 60 }), (steps) => {
        const { state, events } = live(steps)
        assertQuotas(events)
        for (const name of accounts) {
          assert.equal(balanceOf(state, name, "moneyNanos"), recountedBalance(events, name, "moneyNanos"))
          assert.equal(state.accounts.get(name)?.held.moneyNanos ?? 0n, recountedHeld(events, name, "moneyNanos"))
        }
        assert.equal(state.holds.size, openHolds(events).length)
        const replayed = emptyState()
        const half = Math.floor(events.length / 2)
        for (const event of events.slice(0, half)) evolve(replayed, event)
        const continued = stateFrom(snapshotText(replayed)) ?? assert.fail("its own snapshot")
        for (const event of events.slice(half)) evolve(continued, event)
        assert.equal(snapshotText(continued), snapshotText(state))
      }),
      { numRuns: 600 },
    )
  })

  test("without rollover an account that spends nothing has one quota at every time, with it two", () => {
    fc.assert(
      fc.property(fc.boolean(), fc.array(fc.nat(9 * 24 * hourMs), { minLength: 5, maxLength: 20 }), (rollover, waits) => {
        const run = newRun()
        let nowMs = startMs
        give(run, { do: "set-allowance", rule: parseAllowance({ name: "a", to: "agent:main", give: ["1usd"], per: "day", rollover }), atMs: nowMs })
        for (const waitMs of waits) {
          nowMs += waitMs
          give(run, { do: "open-allowances", atMs: nowMs })
          const isLater = nowMs >= (run.events.find((event) => event.type === "allowance.set")?.facts.endMs ?? 0)
          assert.equal(balanceOf(run.state, "agent:main", "moneyNanos"), rollover && isLater ? 2_000_000_000n : 1_000_000_000n)
        }
      }),
      { numRuns: 200 },
    )
  })
})
