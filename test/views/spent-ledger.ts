/** A journal with a ledger's own events in it, made by the rules, and a way to put in what no rules allow. */
import type { NewEvent } from "../../src/format/event.ts"
import type { LedgerEvent } from "../../src/format/facts/ledger.ts"
import { parseBudget } from "../../src/ledger/budget-rule.ts"
import type { Command } from "../../src/ledger/commands.ts"
import { LedgerBook } from "../../src/operations/spend/ledger-book.ts"
import { startMs, temporaryLedger, type Ending, type TestLedger } from "../ledger-fixture.ts"

export const minuteMs = 60_000
export const dayMs = 24 * 60 * minuteMs

export type SpentLedger = {
  readonly ledger: TestLedger
  readonly book: LedgerBook
  /** By the rules; a refusal is an error of the test. */
  readonly give: (...commands: readonly Command[]) => void
  /** Against the rules: straight into the journal. Answers its sequence. */
  readonly plant: (event: LedgerEvent) => number
}

/** @param ledger one that has no ledger's events yet */
export function spentLedger(t: Ending, ledger: TestLedger = temporaryLedger(t)): SpentLedger {
  const book = new LedgerBook()
  return {
    ledger,
    book,
    give: (...commands) => {
      for (const command of commands) {
        const { decision, events } = book.give(command)
        if ("refused" in decision)
          throw new Error(`refused: ${JSON.stringify(decision.refused, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value))}`)
        if (events.length > 0) ledger.record(...events)
      }
    },
    plant: ({ type, facts }) => {
      ledger.record({ type, id: `planted:${ledger.open().journal.size}`, facts } as unknown as NewEvent)
      return ledger.open().journal.size - 1
    },
  }
}

/** Money in cents, to keep tests short. */
export const cents = (amount: number) => ({ moneyNanos: BigInt(amount) * 10_000_000n })
export const centsJson = (amount: number) => ({ moneyNanos: String(BigInt(amount) * 10_000_000n) })

/** Allocations, holds of every end, budgets of every kind of period, a correction and a spend: three days of them. */
export function threeDays(t: Ending): SpentLedger {
  const spent = spentLedger(t)
  const { give } = spent
  const spend = { agent: "main", model: "claude-sonnet-4-5", provider: "anthropic", tool: "exec" }
  const at = (minute: number) => startMs + minute * minuteMs
  const hold = (id: string, minute: number, amount: number): Command => ({
    do: "hold",
    id,
    atMs: at(minute),
    ttlMs: 10 * minuteMs,
    spend,
    parts: [{ account: "agent:main", amounts: cents(amount), against: "spent:anthropic/claude-sonnet-4-5" }],
  })
  const settle = (id: string, minute: number, amount: number, reported: number): Command => ({
    do: "settle",
    id,
    attempt: 1,
    atMs: at(minute),
    grade: "exact",
    usage: `message-${id}`,
    parts: [{ account: "agent:main", amounts: cents(amount) }],
    basis: { inputTokens: 1_000, outputTokens: 20, reportedNanos: String(reported * 10_000_000) },
  })
  give(
    { do: "set-budget", atMs: at(0), rule: parseBudget({ name: "daily", limits: ["5usd"], per: "day" }) },
    { do: "set-budget", atMs: at(0), rule: parseBudget({ name: "rolling", limits: ["9usd"], per: "rolling 1h" }) },
    { do: "allocate", id: "first", atMs: at(0), account: "agent:main", amounts: cents(1_000), reason: "november" },
    { do: "transfer", id: "handed", atMs: at(1), debit: "tools:web", credit: "agent:main", amounts: cents(100) },
  )
  for (let day = 0; day < 3; day++) {
    const minute = 5 + day * 1_440
    give(
      hold(`a${day}`, minute, 50),
      hold(`b${day}`, minute, 40),
      hold(`c${day}`, minute, 30),
      settle(`a${day}`, minute + 1, 44, 40),
      { do: "release", id: `b${day}`, attempt: 1, atMs: at(minute + 2), reason: "aborted" },
      { do: "expire", id: `c${day}`, attempt: 1, atMs: at(minute + 10) },
      settle(`c${day}`, minute + 11, 20, 21),
      hold(`d${day}`, minute + 12, 33),
      { do: "consume", id: `d${day}`, attempt: 1, atMs: at(minute + 12) },
      { do: "expire", id: `d${day}`, attempt: 1, atMs: at(minute + 22) },
      { do: "spend", id: `e${day}`, atMs: at(minute + 23), spend, account: "agent:main", amounts: cents(5), usage: `message-e${day}` },
    )
  }
  give({
    do: "correct",
    id: "back",
    atMs: at(4_000),
    corrects: "a2",
    debit: "agent:main",
    credit: "spent:anthropic/claude-sonnet-4-5",
    amounts: cents(4),
    spend,
    reason: "charged by mistake",
  })
  return spent
}
