/** Random lives with extensions: whatever is asked, granted, drawn and spent, no budget is above its limit, and beyond it there is never more than was approved. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import fc from "fast-check"
import type { AccountName } from "../../src/ledger/accounts.ts"
import { parseBudget } from "../../src/ledger/budget-rule.ts"
import type { Command } from "../../src/ledger/commands.ts"
import { evolve } from "../../src/ledger/evolve.ts"
import { snapshotText, stateFrom } from "../../src/ledger/snapshot.ts"
import { balanceOf, emptyState } from "../../src/ledger/state.ts"
import { units } from "../../src/ledger/units.ts"
import { give, must, newRun, recountedBalance, recountedBudget, recountedHeld, type Run } from "./naive-ledger.ts"

const startMs = Date.UTC(2026, 10, 25, 12)
const minuteMs = 60_000
const cent = 10_000_000n
const rules = [
  parseBudget({ name: "all", limits: ["0.6usd", "40 calls"], per: "lifetime" }),
  parseBudget({ name: "main", limits: ["0.4usd"], per: "lifetime", match: ["agent=main"] }),
]

const step = fc.record({
  kind: fc.constantFrom("hold", "hold", "hold", "hold", "settle", "settle", "settle", "release", "ask", "ask", "grant", "grant", "deny", "end", "allocate"),
  agent: fc.constantFrom("main", "sub"),
  slot: fc.nat(5),
  run: fc.nat(2),
  session: fc.nat(2).map((n) => Math.min(1, n)),
  cents: fc.nat(150),
  share: fc.nat(100),
  waitMs: fc.oneof({ weight: 4, arbitrary: fc.nat(30_000) }, { weight: 1, arbitrary: fc.nat(8 * minuteMs) }),
})
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

/** Settlements stay within their holds, come in time, and follow a grant where something was drawn: what the doors and the host see to. */
function commandOf({ state }: Run, { kind, agent, slot, run, session, cents, share }: Step, index: number, atMs: number): Command {
  const account: AccountName = `agent:${agent}`
  const parts = [{ account, amounts: { moneyNanos: BigInt(cents) * cent, calls: 1n } }]
  const id = `h${slot}`
  const hold = state.holds.get(id)
  const attempt = hold?.attempt ?? 1
  const [spend, whose] = [{ agent }, { run: `r${run}`, session: `s${session}` }]
  const latest = [...state.extensions.keys()].at(-1 - (slot % 2)) ?? "none"
  const door = slot === 0 ? "tool" : "model"
  switch (kind) {
    case "settle": {
      const isApproved = hold?.draw === undefined || state.extensions.get(hold.draw.extension)?.grantedAtMs !== undefined
      if (!hold || !isApproved) break
      const settled = hold.movements.map(({ credit, amounts }) => {
        const nanos = ((amounts.moneyNanos ?? 0n) * BigInt(share)) / 100n
        return { account: credit, amounts: { moneyNanos: nanos, calls: 1n } }
      })
      return { do: "settle", id, attempt, parts: settled, grade: "exact", atMs }
    }
    case "release":
      return { do: "release", id, attempt, reason: "not sent", atMs }
    case "ask":
      return { do: "ask", id: `x${index}`, door, parts, spend, ...whose, most: { moneyNanos: cent * 100n, calls: 3n }, ttlMs: 10 * minuteMs, atMs }
    case "grant":
      return { do: "grant", id: latest, reason: "owner", atMs }
    case "deny":
      return { do: "deny", id: latest, reason: "owner", atMs }
    case "end":
      return { do: "end-extension", id: latest, atMs }
    case "allocate":
      return { do: "allocate", id: `t${index}`, account, amounts: { moneyNanos: BigInt(cents) * cent }, atMs }
  }
  return { do: "hold", id, parts, spend, ttlMs: 24 * 60 * minuteMs, draw: { ...whose, extension: latest }, atMs }
}

function live(steps: readonly Step[], look: (run: Run) => void): Run {
  const run = newRun()
  for (const rule of rules) must(run, { do: "set-budget", rule, atMs: startMs })
  let atMs = startMs
  for (const [index, one] of steps.entries()) {
    atMs += one.waitMs
    give(run, commandOf(run, one, index, atMs))
    look(run)
  }
  return run
}

const lives = fc.array(step, { minLength: 40, maxLength: 120 })

describe("a ledger's life with extensions", () => {
  test("never has more held and spent than a limit, and beyond it no more than was asked for, and spends nothing that nobody granted", () => {
    let drawn = 0
    fc.assert(
      fc.property(lives, (steps) => {
        live(steps, ({ state }) => {
          for (const { rule, limited, room, spent, held, frozen } of state.budgets.values()) {
            assert.equal(frozen, undefined)
            for (const unit of limited) assert.ok(spent[unit] + held[unit] <= (room[unit] ?? 0n), `${rule.name}, ${unit}: ${spent[unit]} + ${held[unit]}`)
          }
          for (const { id, amounts, drawn: used, grantedAtMs } of state.extensions.values())
            for (const { held, spent } of used.values())
              for (const unit of units) {
                assert.ok(held[unit] >= 0n && held[unit] + spent[unit] <= (amounts[unit] ?? 0n), `${id}, ${unit}: ${held[unit]} + ${spent[unit]}`)
                if (grantedAtMs === undefined) assert.equal(spent[unit], 0n)
                if (spent[unit] > 0n) drawn++
              }
        })
      }),
      { numRuns: 300 },
    )
    assert.ok(drawn > 300, `${drawn} looks at something that was spent beyond a limit`)
  })

  test("adds up to what its events say, and to the same after a replay, and after a snapshot and a replay of the rest", () => {
    fc.assert(
      fc.property(lives, fc.nat(100), (steps, cut) => {
        const { state, events } = live(steps, () => undefined)
        for (const unit of units) {
          for (const [name, { held }] of state.accounts) {
            assert.equal(balanceOf(state, name, unit), recountedBalance(events, name, unit), name)
            assert.equal(held[unit], recountedHeld(events, name, unit), `held of ${name}`)
          }
          for (const { rule, spent, held } of state.budgets.values())
            assert.deepEqual({ spent: spent[unit], held: held[unit] }, recountedBudget(events, rule.name, unit), rule.name)
        }
        let again = emptyState()
        for (const [index, event] of events.entries()) {
          evolve(again, event)
          if (index === cut % events.length) again = stateFrom(snapshotText(again)) ?? emptyState()
        }
        assert.equal(snapshotText(again), snapshotText(state))
        assert.deepEqual(again.extensions, state.extensions)
      }),
      { numRuns: 200 },
    )
  })
})
