/** Budgets over calls that were made: what they refuse is what the ledger itself refuses, and a run that is refused goes no further. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { parseBudgetList } from "../../src/ledger/budget-list.ts"
import { Simulation, type PastCall } from "../../src/ledger/simulate.ts"

const usd = 1_000_000_000n
const noon = Date.UTC(2026, 10, 25, 12)
const dayMs = 86_400_000

function call(atMs: number, dollars: number, more: Partial<PastCall> = {}): PastCall {
  return { atMs, spend: { agent: "main" }, moneyNanos: BigInt(Math.round(dollars * 1e9)), tokens: 1_000n, run: "", ...more }
}

function simulated(budgets: unknown, calls: readonly PastCall[]) {
  const simulation = new Simulation(parseBudgetList(budgets), noon - dayMs)
  for (const one of calls) simulation.add(one)
  return simulation.report()
}

const daily = [{ name: "daily", limit: "5usd", per: "day" }]

describe("a simulation of budgets", () => {
  test("refuses what has no room, and lets through what has; a new day has room again", () => {
    const { blocked, savedNanos, allowedNanos } = simulated(daily, [
      call(noon, 3),
      call(noon + 1, 3),
      call(noon + 2, 2),
      call(noon + 3, 0.01),
      call(noon + dayMs, 4),
    ])
    assert.equal(savedNanos, 3n * usd + usd / 100n)
    assert.equal(allowedNanos, 9n * usd)
    assert.deepEqual(
      blocked.map(({ by, calls, following, periods }) => [by, calls, following, periods.size]),
      [["daily", 2, 0, 1]],
    )
  })

  test("counts the rest of a run that was refused as not made", () => {
    const { blocked, allowedCalls } = simulated(daily, [
      call(noon, 5, { run: "r" }),
      call(noon + 1, 1, { run: "r" }),
      call(noon + dayMs, 1, { run: "r" }),
      call(noon + dayMs, 1, { run: "s" }),
    ])
    assert.deepEqual(
      blocked.map(({ calls, following, savedNanos }) => [calls, following, savedNanos]),
      [[1, 1, 2n * usd]],
    )
    assert.equal(allowedCalls, 2)
  })

  test("knows who a budget is for", () => {
    const cron = [{ name: "night", limit: "1usd", per: "day", match: ["cron=*"] }]
    const { blocked, allowedCalls } = simulated(cron, [call(noon, 9), call(noon, 2, { spend: { agent: "main", cron: "job" } })])
    assert.equal(allowedCalls, 1)
    assert.deepEqual(
      blocked.map(({ by }) => by),
      ["night"],
    )
  })

  test("refuses what nobody has priced, and says so", () => {
    const { blocked, examples } = simulated(daily, [call(noon, 0, { moneyNanos: undefined })])
    assert.deepEqual(
      blocked.map(({ by, calls }) => [by, calls]),
      [["no price", 1]],
    )
    assert.equal(examples[0]?.refusal.why, "unstated")
  })

  test("of budgets that only warn refuses nothing", () => {
    assert.deepEqual(simulated([{ ...daily[0], mode: "warn" }], [call(noon, 50)]).blocked, [])
  })
})
