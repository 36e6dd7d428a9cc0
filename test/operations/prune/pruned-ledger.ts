/** A ledger of several days, with everything in it that a removal has to get past, and what can be asked of it before and after. */
import { parseBudget } from "../../../src/ledger/budget-rule.ts"
import type { Command } from "../../../src/ledger/commands.ts"
import { entryOf } from "../../../src/operations/entry-of.ts"
import { prune, type Pruned, type PruneOptions } from "../../../src/operations/prune/prune.ts"
import { keepsAll, type Retention } from "../../../src/policy/retention.ts"
import { LedgerBook } from "../../../src/operations/spend/ledger-book.ts"
import { eventAt, startMs, temporaryLedger, type Ending, type TestLedger } from "../../ledger-fixture.ts"
import { cents } from "../../views/spent-ledger.ts"

export const dayMs = 86_400_000
export const days = 6
export const endMs = startMs + days * dayMs

/** Six days: a thousand events a day in commits of many sizes, money spent all day, a hand-over of the signing key on the second. */
export function sixDays(t: Ending): TestLedger {
  const ledger = temporaryLedger(t)
  const book = new LedgerBook()
  const record = (nowMs: number, events: Parameters<typeof entryOf>[0][]) => {
    const { journal, scopes } = ledger.open()
    if (events.length > 0)
      journal.append(
        events.map((event) => entryOf(event, scopes, nowMs)),
        nowMs,
      )
  }
  const give = (...commands: readonly Command[]) => {
    const events = commands.flatMap((command) => [...book.give(command).events])
    record(commands.at(-1)?.atMs ?? startMs, events)
  }
  give(
    { do: "set-budget", atMs: startMs, rule: parseBudget({ name: "daily", limits: ["5usd"], per: "day" }) },
    { do: "set-budget", atMs: startMs, rule: parseBudget({ name: "rolling", limits: ["9usd"], per: "rolling 30h" }) },
    { do: "set-budget", atMs: startMs, rule: parseBudget({ name: "ever", limits: ["900usd"], per: "lifetime" }) },
    { do: "allocate", id: "first", atMs: startMs, account: "agent:main", amounts: cents(5_000), reason: "november" },
  )
  let n = 0
  for (let day = 0; day < days; day++) {
    if (day === 1) ledger.handOver()
    for (let part = 0; part < 5; part++) {
      const atMs = startMs + day * dayMs + part * 7_200_000
      const batch = part % 3 === 0 ? 200 : part % 3 === 1 ? 61 : 17
      for (let done = 0; done < 200; done += batch) {
        const size = Math.min(batch, 200 - done)
        record(
          atMs + done,
          Array.from({ length: size }, () => eventAt(n++)),
        )
      }
      give(...spending(`${day}-${part}`, atMs + 300, part))
    }
    ledger.checkpoint()
  }
  ledger.read().ask(() => {})
  ledger.close()
  return ledger
}

/** Holds that end in every way, and some that stay open for days. */
function spending(name: string, atMs: number, part: number): readonly Command[] {
  const spend = { agent: "main", model: "claude-sonnet-4-5", provider: "anthropic" }
  const hold = (id: string, amount: number, ttlMs = 600_000): Command => ({
    do: "hold",
    id,
    atMs,
    ttlMs,
    spend,
    parts: [{ account: "agent:main", amounts: cents(amount), against: "spent:anthropic/claude-sonnet-4-5" }],
  })
  const settle = (id: string, amount: number): Command => ({
    do: "settle",
    id,
    attempt: 1,
    atMs: atMs + 10,
    grade: "exact",
    usage: `message-${id}`,
    parts: [{ account: "agent:main", amounts: cents(amount) }],
    basis: { inputTokens: 1_000, outputTokens: 20, reportedNanos: "10000000" },
  })
  return [
    hold(`a${name}`, 9),
    hold(`b${name}`, 8),
    settle(`a${name}`, 7),
    { do: "release", id: `b${name}`, attempt: 1, reason: "not needed", atMs: atMs + 20 },
    ...(part === 3 ? [hold(`long${name}`, 3, 30 * dayMs)] : []),
    ...(part === 4 ? [hold(`lost${name}`, 2), { do: "expire" as const, id: `lost${name}`, attempt: 1, atMs: atMs + 700_000 }] : []),
  ]
}

export function removeFrom(ledger: TestLedger, retention: Partial<Retention>, more: Partial<PruneOptions> = {}): Promise<Pruned> {
  ledger.close()
  const fixed = { nowMs: endMs, ledgerMs: more.nowMs ?? endMs, version: "test", dryRun: false, letGo: () => Promise.resolve() }
  return prune(ledger.files, ledger.places, { ...fixed, retention: { ...keepsAll, ...retention }, ...more })
}
