/** Random lives of a ledger against a recount of its events: balances, holds, caps, zero sums; and a replay, with and without a snapshot between. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import fc from "fast-check"
import type { AccountName } from "../../src/ledger/accounts.ts"
import { parseBudget } from "../../src/ledger/budget-rule.ts"
import { standingAt } from "../../src/ledger/budgets.ts"
import type { Command } from "../../src/ledger/commands.ts"
import { evolve } from "../../src/ledger/evolve.ts"
import { snapshotText, stateFrom } from "../../src/ledger/snapshot.ts"
import { balanceOf, emptyState } from "../../src/ledger/state.ts"
import { units } from "../../src/ledger/units.ts"
import { give, must, newRun, openHolds, recountedBalance, recountedBudget, recountedHeld, type Run } from "./naive-ledger.ts"

const agents = ["main", "sub-1", "sub-2"] as const
const pool: AccountName = "budget:monthly"
const hourMs = 3_600_000
const startMs = Date.UTC(2026, 9, 24, 20)

const rules = [
  parseBudget({ name: "day", limits: ["5usd"], per: "day", zone: "Europe/Berlin" }),
  parseBudget({ name: "hour", limits: ["2usd", "500 tokens"], per: "hour", zone: "Asia/Kathmandu", match: ["agent=sub-*"], rollover: true }),
  parseBudget({ name: "life", limits: ["9usd"], per: "lifetime", match: ["agent=main"] }),
  parseBudget({ name: "observed", limits: ["1usd"], per: "day", match: ["tool=web"], mode: "warn" }),
]

const step = fc.record({
  kind: fc.constantFrom("hold", "hold", "hold", "settle", "settle", "release", "expire", "consume", "allocate", "transfer", "spend", "correct", "odd"),
  agent: fc.constantFrom(...agents),
  other: fc.constantFrom(...agents),
  slot: fc.nat(7),
  cents: fc.nat(250),
  tokens: fc.nat(200),
  share: fc.nat(100),
  over: fc.nat(9),
  tool: fc.constantFrom("web", "exec"),
  waitMs: fc.oneof({ weight: 4, arbitrary: fc.nat(120_000) }, { weight: 1, arbitrary: fc.nat(8 * hourMs) }),
})
type Step = Parameters<typeof commandOf>[1]

/** `kept`: settlements stay within their holds and come in time, and nothing is spent without one. */
function commandOf(
  run: Run,
  step: { kind: string; agent: string; other: string; slot: number; cents: number; tokens: number; share: number; over: number; tool: string; waitMs: number },
  { nowMs, index, kept }: { readonly nowMs: number; readonly index: number; readonly kept: boolean },
): Command {
  const account: AccountName = `agent:${step.agent}`
  const amounts = { moneyNanos: BigInt(step.cents) * 10_000_000n, tokens: BigInt(step.tokens) }
  const spend = { agent: step.agent, tool: step.tool }
  const id = `h${step.slot}`
  const open = run.state.holds.get(id)
  const last = run.state.closed.get(id)
  const attempt = open?.attempt ?? last?.attempt ?? 1
  switch (step.kind) {
    case "settle": {
      // What comes after a hold has expired is posted whatever is left, and stops the budget.
      if (kept && !open) return { do: "release", id, attempt, reason: "nothing is held", atMs: nowMs }
      const hold = open ?? (last?.outcome === "expired" && !kept ? last.hold : undefined)
      const scale = (held: bigint) => (!kept && step.over === 0 ? held + BigInt(step.cents) : (held * BigInt(step.share)) / 100n)
      const parts = (hold?.movements ?? []).map(({ credit, amounts }) => ({
        account: credit,
        amounts: Object.fromEntries(Object.entries(amounts).map(([unit, held]) => [unit, scale(held)])),
      }))
      return { do: "settle", id, attempt, parts: parts.length > 0 ? parts : [{ account, amounts }], grade: "exact", atMs: nowMs }
    }
    case "release":
      return { do: "release", id, attempt, reason: "refused", atMs: nowMs }
    case "expire":
      return { do: "expire", id, attempt, atMs: nowMs }
    case "consume":
      return { do: "consume", id, attempt, atMs: nowMs }
    case "allocate":
      return { do: "allocate", id: `t${index}`, account: step.over < 5 ? account : pool, amounts, atMs: nowMs }
    case "transfer":
      return { do: "transfer", id: `t${index}`, debit: account, credit: step.over < 5 ? pool : `agent:${step.other}`, amounts, atMs: nowMs }
    case "spend":
      if (!kept) return { do: "spend", id: `t${index}`, account, amounts, spend, atMs: nowMs }
      break
    case "correct":
      if (!kept)
        return { do: "correct", id: `t${index}`, corrects: id, reason: "recount", debit: "spent:unattributed", credit: account, amounts, spend, atMs: nowMs }
      break
    case "odd":
      return { do: "freeze", target: { account: `agent:nobody${step.slot}` }, reason: "test", atMs: nowMs - hourMs }
  }
  const second: AccountName = `agent:${step.other}`
  const parts =
    step.other === step.agent
      ? [{ account, amounts }]
      : [
          { account, amounts },
          { account: second, against: `spent:${step.tool}` as AccountName, amounts: { tokens: 1n } },
        ]
  return { do: "hold", id, parts, spend, ttlMs: 60_000, atMs: nowMs }
}

function live(steps: readonly Step[], kept: boolean, look: (run: Run, nowMs: number) => void): Run {
  const run = newRun()
  for (const rule of rules) must(run, { do: "set-budget", rule, atMs: startMs })
  let nowMs = startMs
  for (const [index, step] of steps.entries()) {
    nowMs += step.waitMs
    give(run, commandOf(run, step, { nowMs, index, kept }))
    look(run, nowMs)
  }
  return run
}

describe("a ledger's life", () => {
  test("balances, what is held and what budgets count equal a recount of the events", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 60 }), (steps) => {
        const run = live(steps, false, () => undefined)
        for (const unit of units) {
          let all = 0n
          for (const [name, account] of run.state.accounts) {
            const balance = balanceOf(run.state, name, unit)
            assert.equal(balance, recountedBalance(run.events, name, unit), `${name} ${unit}`)
            assert.equal(account.held[unit], recountedHeld(run.events, name, unit), `held of ${name} ${unit}`)
            all += balance
          }
          assert.equal(all, 0n, `all accounts together, ${unit}`)
          for (const { rule, spent, held } of run.state.budgets.values()) {
            assert.deepEqual({ spent: spent[unit], held: held[unit] }, recountedBudget(run.events, rule.name, unit), `${rule.name} ${unit}`)
          }
        }
        assert.deepEqual(
          [...run.state.holds.keys()].sort(),
          openHolds(run.events)
            .map(({ hold }) => hold)
            .sort(),
        )
      }),
      { numRuns: 400 },
    )
  })

  test("held and spent are never above a cap, at any moment", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 80 }), (steps) => {
        live(steps, true, (run, nowMs) => {
          for (const budget of run.state.budgets.values()) {
            if (budget.rule.mode === "warn") continue
            const { room, spent, held } = standingAt(budget, nowMs)
            for (const unit of budget.limited)
              assert.ok(spent[unit] + held[unit] <= (room[unit] ?? 0n), `${budget.rule.name}: ${spent[unit]} + ${held[unit]} of ${room[unit]}`)
          }
          for (const [name, account] of run.state.accounts) {
            if (!name.startsWith("agent:")) continue
            for (const unit of units) if (account.allotted[unit] > 0n && balanceOf(run.state, name, unit) < 0n) allottedFirst(run, name, unit)
          }
        })
      }),
      { numRuns: 400 },
    )
  })

  test("a replay of the events, and a snapshot with the rest replayed, are the same state", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 50 }), fc.nat(200), (steps, cut) => {
        const run = live(steps, false, () => undefined)
        const whole = emptyState()
        let restored = emptyState()
        for (const [index, event] of run.events.entries()) {
          evolve(whole, event)
          evolve(restored, event)
          if (index === cut % run.events.length) restored = stateFrom(snapshotText(restored)) ?? emptyState()
        }
        assert.equal(snapshotText(whole), snapshotText(run.state))
        assert.equal(snapshotText(restored), snapshotText(run.state))
        assert.deepEqual(restored.holds, run.state.holds)
        assert.deepEqual(restored.accounts, run.state.accounts)
        for (const ended of ["closed", "posted", "charged"] as const)
          assert.deepEqual([...restored[ended].mentioning("")], [...run.state[ended].mentioning("")])
      }),
      { numRuns: 200 },
    )
  })

  test("a snapshot of another version is not taken", () => {
    const good = snapshotText(emptyState())
    assert.ok(stateFrom(good))
    assert.equal(stateFrom(good.replace(/"version":(\d+)/, (_, version) => `"version":${Number(version) + 1}`)), undefined)
  })
})

/** Only consumption from before the first allocation may have made a balance negative. */
function allottedFirst(run: Run, name: AccountName, unit: (typeof units)[number]): void {
  const first = run.events.findIndex(
    ({ type, facts }) => type === "transfer.posted" && facts.movements.some(({ debit, amounts }) => debit === name && BigInt(amounts[unit] ?? 0) > 0n),
  )
  const placed = run.events.slice(0, first).some((event) => event.type === "hold.placed" && event.facts.movements.some(({ credit }) => credit === name))
  assert.ok(placed, `${name} went below nothing in ${unit}`)
}

describe("a cap of $5 and 1,000 holds at once", () => {
  test("whatever the order, held plus spent stays at or below it, and nothing leaks", () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat()), fc.constantFrom("day", "rolling 24h", "lifetime"), (chance, per) => {
        const next = (below: number) => (chance.next().value ?? 0) % below
        const run = newRun()
        const cap = 5_000_000_000n
        must(run, { do: "set-budget", rule: parseBudget({ name: "cap", limits: ["5usd"], per }), atMs: startMs })
        const waiting = Array.from({ length: 1_000 }, (_, i) => i)
        const open: { readonly id: string; readonly amount: bigint }[] = []
        let spent = 0n
        let granted = 0
        while (waiting.length > 0 || open.length > 0) {
          if (waiting.length > 0 && (open.length === 0 || next(3) > 0)) {
            const id = `h${waiting.splice(next(waiting.length), 1)[0]}`
            const amount = BigInt(1 + next(90_000_000))
            const decision = give(run, {
              do: "hold",
              id,
              parts: [{ account: "agent:main", amounts: { moneyNanos: amount } }],
              spend: {},
              ttlMs: 1_000,
              atMs: startMs,
            })
            const held = open.reduce((total, { amount }) => total + amount, 0n)
            assert.equal("refused" in decision, spent + held + amount > cap, "refused exactly when there is no room")
            if (!("refused" in decision)) granted = open.push({ id, amount }) && granted + 1
          } else {
            const [{ id, amount } = { id: "", amount: 0n }] = open.splice(next(open.length), 1)
            const actual = (amount * BigInt(next(101))) / 100n
            const end = next(3)
            if (end === 0) must(run, { do: "release", id, attempt: 1, reason: "not sent", atMs: startMs })
            else must(run, { do: "settle", id, attempt: 1, parts: [{ account: "agent:main", amounts: { moneyNanos: actual } }], grade: "exact", atMs: startMs })
            if (end !== 0) spent += actual
          }
          const budget = run.state.budgets.get("cap")
          assert.ok(budget && budget.spent.moneyNanos + budget.held.moneyNanos <= cap)
        }
        assert.ok(granted > 100)
        assert.equal(run.state.holds.size, 0)
        const budget = run.state.budgets.get("cap")
        assert.deepEqual([budget?.spent.moneyNanos, budget?.held.moneyNanos], [spent, 0n])
        assert.equal(recountedBalance(run.events, "agent:main", "moneyNanos"), -spent)
      }),
      { numRuns: 12 },
    )
  })
})
