/** What a verifier counts from the events of random lives of a ledger is what the ledger itself counts, and where no settlement is above its hold no cap is exceeded. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import fc from "fast-check"
import type { CapPeriod, CapResult } from "../../src/format/cap-proof.ts"
import { amountsJson } from "../../src/ledger/amounts.ts"
import { parseBudget, type BudgetWords } from "../../src/ledger/budget-rule.ts"
import type { Command } from "../../src/ledger/commands.ts"
import type { AccountName } from "../../src/ledger/accounts.ts"
import { CapTally } from "../../src/verify/cap-tally.ts"
import { give, newRun, type Run } from "../ledger/naive-ledger.ts"

const hourMs = 3_600_000
const startMs = Date.UTC(2026, 9, 24, 20)
const rules: readonly BudgetWords[] = [
  { name: "day", limits: ["6usd"], per: "day", zone: "Europe/Berlin" },
  { name: "hour", limits: ["2usd", "500 tokens"], per: "hour", zone: "Asia/Kathmandu", match: ["agent=sub"], rollover: true },
  { name: "life", limits: ["90usd"], per: "lifetime", match: ["agent=main"] },
]

const step = fc.record({
  kind: fc.constantFrom(
    "hold",
    "hold",
    "hold",
    "settle",
    "settle",
    "settle",
    "release",
    "expire",
    "consume",
    "spend",
    "correct",
    "set",
    "remove",
    "unfreeze",
    "ask",
    "grant",
  ),
  agent: fc.constantFrom("main", "sub"),
  budget: fc.nat(2),
  slot: fc.nat(6),
  cents: fc.nat(250),
  share: fc.nat(100),
  odds: fc.nat(19),
  waitMs: fc.oneof({ weight: 4, arbitrary: fc.nat(60_000) }, { weight: 1, arbitrary: fc.nat(8 * hourMs) }),
})
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

/** `kept`: settlements stay within their holds, nothing is spent without one, and no limit is changed. */
function commandOf({ state }: Run, step: Step, { atMs, index, kept }: { readonly atMs: number; readonly index: number; readonly kept: boolean }): Command {
  const [account, spend]: [AccountName, { agent: string }] = [`agent:${step.agent}`, { agent: step.agent }]
  const amounts = { moneyNanos: BigInt(step.cents) * 10_000_000n, tokens: BigInt(step.cents) }
  const id = `h${step.slot}`
  const last = state.closed.get(id)
  const hold = state.holds.get(id) ?? (last?.outcome === "expired" && !kept ? last.hold : undefined)
  const attempt = hold?.attempt ?? last?.attempt ?? 1
  const words = rules[step.budget] ?? { name: "day", limits: ["6usd"], per: "day" }
  switch (step.kind) {
    case "settle": {
      if (kept && !hold) break
      const scale = (held: bigint) => (!kept && step.odds === 0 ? held + amounts.moneyNanos : (held * BigInt(step.share)) / 100n)
      const parts = (hold?.movements ?? []).map(({ credit, amounts: held }) => ({
        account: credit,
        amounts: Object.fromEntries(Object.entries(held).map(([unit, amount]) => [unit, scale(amount)])),
      }))
      return { do: "settle", id, attempt, parts: parts.length > 0 ? parts : [{ account, amounts }], grade: "exact", atMs }
    }
    case "release":
      return { do: "release", id, attempt, reason: "refused", atMs }
    case "expire":
    case "consume":
      return { do: step.kind, id, attempt, atMs }
    case "ask":
      return {
        do: "ask",
        id: `x${index}`,
        door: "model",
        parts: [{ account, amounts }],
        spend,
        session: "s",
        run: "r",
        most: { moneyNanos: 2_000_000_000n, tokens: 200n },
        ttlMs: hourMs,
        atMs,
      }
    case "grant":
      return { do: "grant", id: [...state.extensions.keys()].at(-1) ?? "none", reason: "test", atMs }
    case "unfreeze":
      return { do: "unfreeze", target: { budget: words.name }, reason: "test", atMs }
    case "set":
      if (!kept || !state.budgets.has(words.name)) return { do: "set-budget", rule: parseBudget({ ...words, limits: [`${1 + step.cents}usd`] }), atMs }
      break
    case "remove":
      if (step.odds < 4) return { do: "remove-budget", budget: words.name, atMs }
      break
    case "spend":
      if (!kept) return { do: "spend", id: `t${index}`, account, amounts, spend, atMs, spentAtMs: atMs - (step.odds === 1 ? 30 * hourMs : 0) }
      break
    case "correct":
      if (!kept) return { do: "correct", id: `t${index}`, corrects: id, reason: "recount", debit: account, credit: "spent:unattributed", amounts, spend, atMs }
  }
  return { do: "hold", id, parts: [{ account, amounts }], spend, ttlMs: 60_000, atMs, draw: { run: `r${step.slot % 2}`, session: "s" } }
}

function live(steps: readonly Step[], kept: boolean): Run {
  const run = newRun()
  for (const words of rules) give(run, { do: "set-budget", rule: parseBudget(words), atMs: startMs })
  let atMs = startMs
  for (const [index, one] of steps.entries()) {
    atMs += one.waitMs
    give(run, commandOf(run, one, { atMs, index, kept }))
  }
  return run
}

function counted(run: Run, budget: string, period: CapPeriod): CapResult {
  const tally = new CapTally({ ...period, budget, first: 0 }, (sequence, what) => assert.fail(`#${sequence}: ${what}`))
  run.events.forEach(({ type, facts }, sequence) => tally.take(sequence, type, facts as unknown as Record<string, unknown>))
  return tally.result
}

const nonzero = (amounts: object) => Object.fromEntries(Object.entries(amounts).filter(([, amount]) => amount !== "0"))

describe("a cap counted again", () => {
  test("comes to what the ledger counted, in whatever way holds end, limits change and periods pass", () => {
    let compared = 0
    fc.assert(
      fc.property(fc.array(step, { minLength: 10, maxLength: 80 }), (steps) => {
        const run = live(steps, false)
        for (const { rule, startMs: from, endMs, spent, held, carried } of run.state.budgets.values()) {
          const { counts } = counted(run, rule.name, { startMs: from, ...(endMs === Infinity ? {} : { endMs }) })
          const count = counts.at(-1)
          assert.ok(count && count.to === null, rule.name)
          assert.deepEqual([count.spent, count.held], [nonzero(amountsJson(spent)), nonzero(amountsJson(held))], rule.name)
          assert.deepEqual(count.carried, nonzero(amountsJson(carried)))
          if (Object.keys(count.spent).length > 0) compared++
        }
      }),
      { numRuns: 400 },
    )
    assert.ok(compared > 100, `${compared} budgets had spent something`)
  })

  test("is never exceeded where every settlement is within its hold", () => {
    let peaks = 0
    fc.assert(
      fc.property(fc.array(step, { minLength: 10, maxLength: 80 }), (steps) => {
        const run = live(steps, true)
        const periods = run.events.flatMap(({ type, facts }): { readonly name: string; readonly startMs: number; readonly endMs?: number }[] => {
          if (type === "budget.opened") return [{ ...facts, name: facts.budget }]
          return type === "budget.set" ? [{ ...facts, name: facts.rule.name }] : []
        })
        for (const { name, startMs: from, endMs } of periods) {
          for (const { timesExceeded, peak } of counted(run, name, { startMs: from, ...(endMs === undefined ? {} : { endMs }) }).counts) {
            assert.equal(timesExceeded, 0, name)
            peaks += Object.keys(peak).length
          }
        }
      }),
      { numRuns: 200 },
    )
    assert.ok(peaks > 100, `${peaks} peaks`)
  })
})
