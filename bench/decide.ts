/**
 * What a decision of the ledger costs, alone: no journal, no socket, no disk.
 *
 * A state of 1,000 accounts and 50 budgets (day, rolling and lifetime; exact names and patterns) of which 5 match every hold. Timed is `decide` of a hold that is granted,
 * each call by itself; the hold is then recorded and settled untimed. The clock's own cost is taken from the same number of empty timings in the same run.
 * Lifecycles are hold and settle, decided and evolved, on one account and over 1,000 in turn, in blocks that alternate in one run.
 */
import type { RunOptions } from "../scripts/runnable.ts"
import type { AccountName } from "../src/ledger/accounts.ts"
import { parseBudget } from "../src/ledger/budget-rule.ts"
import { matching } from "../src/ledger/budgets.ts"
import type { Command } from "../src/ledger/commands.ts"
import { decide } from "../src/ledger/decide.ts"
import { evolve } from "../src/ledger/evolve.ts"
import { emptyState, type LedgerState } from "../src/ledger/state.ts"
import { atLeast, atMost, median, quantile, shown, spread, type BenchRow } from "./samples.ts"

export const about = "a decision of the ledger: 1,000 accounts, 50 budgets of which 5 match; one hot account / 1,000"

const accounts = 1_000
const startMs = 1_795_000_000_000
const spend = { agent: "main", model: "gpt-5", provider: "openai", tool: "exec", channel: "whatsapp" }
const matchingRules = [["agent=main"], ["agent=main", "model=gpt-*"], ["provider=openai"], ["tool=ex*"], []]
const periods = ["day", "rolling 24h", "lifetime", "month", "hour"]

export function run({ args, say }: RunOptions): readonly BenchRow[] {
  const quick = args.includes("--quick")
  const repetitions = quick ? 3 : 9
  const decisions = quick ? 20_000 : 100_000
  const state = furnished()
  timed(state, decisions) // warm
  const whole: number[] = []
  const middle: number[] = []
  const empty: number[] = []
  for (let i = 0; i < repetitions; i++) {
    const takenUs = timed(state, decisions)
    whole.push(quantile(takenUs, 0.99))
    middle.push(quantile(takenUs, 0.5))
    empty.push(quantile(emptyTimings(decisions), 0.5))
  }
  say(`p99 of each repetition (least | median | most): ${spread(whole)} us`)
  const ratios: number[] = []
  const rates: number[] = []
  const hot = furnished()
  const wide = furnished()
  for (let i = 0; i < repetitions + 1; i++) {
    const one = lifecyclesPerSecond(hot, 1, decisions / 4)
    const many = lifecyclesPerSecond(wide, accounts, decisions / 4)
    if (i === 0) continue // warm
    ratios.push(one / many)
    rates.push(many)
  }
  say(`one account / 1,000 accounts (least | median | most): ${spread(ratios)}`)
  return [
    atMost("decide a hold, p99", median(whole), "us", 6),
    shown("decide a hold, p50", median(middle), "us"),
    shown("the clock itself, p50", median(empty), "us"),
    atLeast("lifecycles/s: one hot account / 1,000 accounts", median(ratios), "x", 0.9),
    shown("lifecycles/s over 1,000 accounts, without a journal", median(rates), "1/s"),
  ]
}

function furnished(): LedgerState {
  const state = emptyState()
  for (let i = 0; i < accounts; i++) {
    give(state, { do: "allocate", id: `a${i}`, account: accountOf(i), amounts: { moneyNanos: 10n ** 18n, tokens: 10n ** 15n }, atMs: startMs })
  }
  for (let i = 0; i < 50; i++) {
    const match = matchingRules[i] ?? [i % 3 === 0 ? `agent=other-${i}` : i % 3 === 1 ? `tool=other-${i}*` : `model=other-${i}`]
    const words = {
      name: `budget-${i}`,
      limits: ["9000000000usd", "900000000m tokens"],
      per: periods[i % periods.length] ?? "day",
      zone: "Europe/Berlin",
      match,
    }
    give(state, { do: "set-budget", rule: parseBudget(words), atMs: startMs })
  }
  const found = matching(state.index, spend).length
  if (found !== 5) throw new Error(`${found} budgets match, not 5`)
  return state
}

function accountOf(i: number): AccountName {
  return `agent:a${i % accounts}`
}

let holds = 0

function holdOf(account: AccountName): Extract<Command, { do: "hold" }> {
  const number = holds++
  return {
    do: "hold",
    id: `call_${number}`,
    parts: [{ account, amounts: { moneyNanos: 31_000_000n, tokens: 4_000n } }],
    spend,
    ttlMs: 60_000,
    atMs: startMs + number,
  }
}

function timed(state: LedgerState, count: number): Float64Array {
  const takenUs = new Float64Array(count)
  for (let i = 0; i < count; i++) {
    const command = holdOf(accountOf(i))
    const from = process.hrtime.bigint()
    const decision = decide(state, command)
    takenUs[i] = Number(process.hrtime.bigint() - from) / 1_000
    if ("refused" in decision) throw new Error(`refused: ${decision.refused.why}`)
    for (const event of decision.events) evolve(state, event)
    end(state, command)
  }
  return takenUs
}

function emptyTimings(count: number): Float64Array {
  return Float64Array.from({ length: count }, () => {
    const from = process.hrtime.bigint()
    return Number(process.hrtime.bigint() - from) / 1_000
  })
}

function lifecyclesPerSecond(state: LedgerState, over: number, count: number): number {
  const from = performance.now()
  for (let i = 0; i < count; i++) {
    const command = holdOf(accountOf(i % over))
    give(state, command)
    end(state, command)
  }
  return (count * 1_000) / (performance.now() - from)
}

function end(state: LedgerState, { id, parts, atMs }: Extract<Command, { do: "hold" }>): void {
  give(state, {
    do: "settle",
    id,
    attempt: 1,
    parts: parts.map(({ account }) => ({ account, amounts: { moneyNanos: 21_000_000n, tokens: 3_000n } })),
    grade: "exact",
    atMs,
  })
}

function give(state: LedgerState, command: Command): void {
  const decision = decide(state, command)
  if ("refused" in decision) throw new Error(`refused: ${decision.refused.why}`)
  for (const event of decision.events) evolve(state, event)
}
