/** A settlement that comes after its hold has expired: posted in full, and held against what its budget has room for now. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { parseBudget } from "../../src/ledger/budget-rule.ts"
import type { Command } from "../../src/ledger/commands.ts"
import { must, newRun } from "./naive-ledger.ts"

const usd = 1_000_000_000n
const hourMs = 3_600_000
const noon = Date.UTC(2026, 10, 25, 12)

function part(moneyNanos: bigint) {
  return { parts: [{ account: "agent:main" as const, amounts: { moneyNanos } }] }
}

function hold(id: string, moneyNanos: bigint, atMs: number): Command {
  return { do: "hold", id, ...part(moneyNanos), spend: {}, ttlMs: hourMs, atMs }
}

describe("a late settlement", () => {
  test("fits where what filled a rolling budget has left its span", () => {
    const run = newRun()
    must(run, { do: "set-budget", rule: parseBudget({ name: "hourly", limits: ["5usd"], per: "rolling 1h" }), atMs: noon })
    must(run, hold("late", 4n * usd, noon))
    must(run, { do: "expire", id: "late", attempt: 1, atMs: noon + hourMs })
    must(run, hold("other", 5n * usd, noon + hourMs))
    must(run, { do: "settle", id: "other", attempt: 1, ...part(5n * usd), grade: "exact", atMs: noon + hourMs })
    must(run, { do: "settle", id: "late", attempt: 1, ...part(7n), grade: "exact", atMs: noon + 9 * hourMs })
    assert.equal(run.state.budgets.get("hourly")?.frozen, undefined)
  })
})
