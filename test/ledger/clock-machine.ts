/** A writer's ledger on a machine whose clocks a test moves: what it recorded is all that the next one knows. */
import assert from "node:assert/strict"
import { parseBudget } from "../../src/ledger/budget-rule.ts"
import { evolve } from "../../src/ledger/evolve.ts"
import { snapshotText, stateFrom } from "../../src/ledger/snapshot.ts"
import { emptyState } from "../../src/ledger/state.ts"
import type { LedgerEvent } from "../../src/format/facts/ledger.ts"
import { LedgerBook } from "../../src/operations/spend/ledger-book.ts"
import { FakeClocks } from "../fake-clocks.ts"

export const [second, minute, hour, day] = [1_000, 60_000, 3_600_000, 86_400_000] as const
export const noon = Date.UTC(2026, 10, 25, 12)
export const usd = 1_000_000_000n

export class Machine {
  readonly clocks: FakeClocks
  readonly recorded: LedgerEvent[] = []
  book: LedgerBook
  #holds = 0

  constructor(startMs = noon, per = "day", zone = "UTC") {
    this.clocks = new FakeClocks(startMs)
    this.book = new LedgerBook(emptyState(), this.clocks.read())
    this.give({ do: "set-budget", rule: parseBudget({ name: "cap", limits: ["1usd"], per, zone }), atMs: this.nowMs })
    assert.ok(this.spends(), "there is room at the beginning")
    assert.equal(this.spends(), false, "and none after that")
  }

  get clock() {
    return this.book.clock ?? assert.fail("a book with clocks has a clock")
  }

  get nowMs(): number {
    return this.clock.nowMs()
  }

  give(command: Parameters<LedgerBook["give"]>[0]) {
    const given = this.book.give(command)
    this.recorded.push(...(given.events as unknown as LedgerEvent[]))
    return given
  }

  /** What a writer does each second. */
  tick(): readonly string[] {
    const from = this.recorded.length
    const news = this.clock.news()
    if (news) this.give(news)
    for (const { id, attempt } of [...this.book.state.holds.values()].filter(({ expiresAtMs }) => expiresAtMs <= this.nowMs))
      this.give({ do: "expire", id, attempt, atMs: this.nowMs })
    return this.recorded.slice(from).map(({ type }) => type)
  }

  /** Everything the budget has, at once; false when there is no room. */
  spends(): boolean {
    const id = `h${++this.#holds}`
    const parts = [{ account: "agent:main" as const, amounts: { moneyNanos: usd } }]
    const { decision } = this.give({ do: "hold", id, parts, spend: {}, ttlMs: 30 * minute, atMs: this.nowMs })
    if ("refused" in decision) return false
    this.give({ do: "settle", id, attempt: 1, parts, grade: "exact", atMs: this.nowMs })
    return true
  }

  /** The next writer, from the snapshot or from the events; both must know the same. */
  restart(): void {
    const state = emptyState()
    for (const event of this.recorded) evolve(state, event)
    const kept = stateFrom(this.book.snapshot())
    assert.deepEqual(kept?.clock, state.clock)
    assert.equal(snapshotText(state), this.book.snapshot())
    this.book = new LedgerBook(state, this.clocks.read())
  }

  pass(ms: number): void {
    this.clocks.pass(ms)
    this.tick()
  }

  count(type: LedgerEvent["type"]): number {
    return this.recorded.filter((event) => event.type === type).length
  }
}

export function resetOf({ book, nowMs }: Machine): number {
  const id = "asked"
  const parts = [{ account: "agent:main" as const, amounts: { moneyNanos: usd } }]
  const { decision } = book.give({ do: "hold", id, parts, spend: {}, ttlMs: minute, atMs: nowMs })
  if (!("refused" in decision) || decision.refused.why !== "over-budget") return assert.fail("it is refused")
  return decision.refused.resetsAtMs ?? assert.fail("it resets")
}
