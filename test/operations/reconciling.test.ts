/** When the ledger is counted again by itself, and what stands on record of it. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { setImmediate as turn } from "node:timers/promises"
import type { NewEvent } from "../../src/format/event.ts"
import { JournalReader } from "../../src/journal/reader.ts"
import { entryOf } from "../../src/operations/entry-of.ts"
import { reconciledFacts, Reconciling } from "../../src/operations/reconciling.ts"
import { ViewStore } from "../../src/projections/view-store.ts"
import { reconcile } from "../../src/views/reconcile.ts"
import { startMs, type Ending } from "../ledger-fixture.ts"
import { dayMs, spentLedger, threeDays, type SpentLedger } from "../views/spent-ledger.ts"

const minuteMs = 60_000
const hourMs = 60 * minuteMs

/** A writer's days over a real ledger: each recount is made of it as the command makes it. */
function days(spent: SpentLedger) {
  const clock = { nowMs: startMs + 4 * dayMs }
  const state = { recounts: 0, fails: false, ended: 0 }
  const recorded: NewEvent[] = []
  const answer = () => {
    const access = spent.ledger.read()
    const found = reconcile(access, { nowMs: clock.nowMs, mostListed: 20 })
    access.close()
    return JSON.parse(JSON.stringify(found)) as unknown
  }
  const begin = () => {
    state.recounts++
    return { answer: state.fails ? Promise.reject(new Error("killed")) : Promise.resolve(answer()), end: () => void state.ended++ }
  }
  const record = (event: NewEvent) => {
    recorded.push(event)
    const { journal, scopes } = spent.ledger.open()
    journal.append([entryOf(event, scopes, clock.nowMs)], clock.nowMs)
  }
  const writer = () => {
    const eventsAtStart = spent.book.events
    const reconciling = new Reconciling({ nowMs: () => clock.nowMs, begin, record, ledgerEvents: () => spent.book.events - eventsAtStart })
    JournalReader.ask(spent.ledger.files, spent.ledger.keys(), (reader) => {
      const store = ViewStore.inMemory()
      store.catchUp(reader, { sliceEntries: 1_000 })
      reconciling.known(store.database)
      store.close()
    })
    return reconciling
  }
  const pass = async (reconciling: Reconciling, ms: number) => {
    clock.nowMs += ms
    reconciling.everySecond()
    await turn()
    return state.recounts
  }
  const spend = () => {
    spent.give({ do: "spend", id: `more-${spent.book.events}`, atMs: clock.nowMs, account: "agent:main", amounts: { calls: 1n }, spend: {} })
  }
  return { state, recorded, writer, pass, spend }
}

describe("the ledger is counted again", () => {
  test("some minutes after a start, then once a day, and not where nothing came since", async (t) => {
    const { writer, pass, spend, recorded } = days(threeDays(t))
    const first = writer()
    assert.equal(await pass(first, 4 * minuteMs), 0)
    assert.equal(await pass(first, minuteMs), 1)
    assert.equal(await pass(first, 3 * dayMs), 1, "nothing came since")
    spend()
    assert.equal(await pass(first, 0), 2)
    spend()
    assert.equal(await pass(first, 23 * hourMs), 2)
    assert.equal(await pass(first, hourMs), 3)
    assert.deepEqual(
      recorded.map(({ type, facts }) => [type, (facts as { violations?: number }).violations]),
      [1, 2, 3].map(() => ["ledger.reconciled", 0]),
    )
  })

  test("by the day that the record tells, across restarts", async (t) => {
    const { writer, pass, spend } = days(threeDays(t))
    const first = writer()
    assert.equal(await pass(first, 5 * minuteMs), 1)
    spend()
    const second = writer()
    assert.equal(await pass(second, 23 * hourMs), 1)
    const third = writer()
    assert.equal(await pass(third, 59 * minuteMs), 1)
    assert.equal(await pass(third, 2 * minuteMs), 2)
    assert.equal(await pass(writer(), 3 * dayMs), 2, "nothing came since the last, whoever asks")
  })

  test("again within the hour where no answer came, one at a time, and never after the end", async (t) => {
    const { writer, pass, state, recorded } = days(threeDays(t))
    state.fails = true
    const reconciling = writer()
    assert.equal(await pass(reconciling, 5 * minuteMs), 1)
    assert.equal(await pass(reconciling, 59 * minuteMs), 1)
    assert.equal(await pass(reconciling, minuteMs), 2)
    assert.deepEqual(recorded, [])
    state.fails = false
    reconciling.close()
    assert.equal(await pass(reconciling, dayMs), 2)
  })

  test("before it is known what is on record, nothing begins", () => {
    const reconciling = new Reconciling({ nowMs: () => startMs + dayMs, begin: () => assert.fail("begun"), record: () => {}, ledgerEvents: () => 5 })
    reconciling.everySecond()
  })

  test("of a ledger in which nothing was ever spent there is nothing to count", async (t) => {
    const { writer, pass } = days(spentLedger(t))
    assert.equal(await pass(writer(), dayMs), 0)
  })

  test("what is still on its way at the end is ended", async (t) => {
    const { state } = days(threeDays(t))
    const spent = threeDays(t)
    let ended = 0
    const reconciling = new Reconciling({
      nowMs: () => startMs + 9 * dayMs,
      begin: () => ({ answer: new Promise(() => {}), end: () => void ended++ }),
      record: () => assert.fail("recorded"),
      ledgerEvents: () => 1,
      afterStartMs: 0,
    })
    JournalReader.ask(spent.ledger.files, spent.ledger.keys(), (reader) => {
      const store = ViewStore.inMemory()
      store.catchUp(reader, { sliceEntries: 1_000 })
      reconciling.known(store.database)
    })
    reconciling.everySecond()
    reconciling.close()
    assert.deepEqual([ended, state.ended], [1, 0])
  })
})

describe("what stands on record of it", () => {
  const planted = (t: Ending) => {
    const spent = threeDays(t)
    const facts = {
      atMs: startMs + 3 * dayMs,
      transfer: "x",
      kind: "spend",
      movements: [{ debit: "spent:unattributed", credit: "spent:unattributed", amounts: {} }],
    }
    const sequence = spent.plant({ type: "transfer.posted", facts: facts as never })
    return { spent, sequence }
  }

  test("the range, how much was counted, each broken rule, the first entries and the differences, and no text of anybody", async (t) => {
    const { spent, sequence } = planted(t)
    const { writer, pass, recorded } = days(spent)
    await pass(writer(), 5 * minuteMs)
    const { durationMs, ...facts } = (recorded[0]?.facts ?? assert.fail()) as { durationMs: number } & Record<string, unknown>
    assert.ok(durationMs >= 0)
    assert.deepEqual(facts, {
      from: 0,
      to: sequence + 1,
      ledgerEvents: sequence,
      postings: 15,
      accounts: 5,
      openHolds: 0,
      snapshot: "none",
      violations: 1,
      byCheck: { malformed: 1 },
      first: [{ check: "malformed", sequence }],
      differences: [{ model: "anthropic/claude-sonnet-4-5", calls: 6, reportedNanos: "1830000000", postedNanos: "1920000000" }],
    })
  })

  test("nothing, where the answer is none", () => {
    for (const answer of [undefined, null, 5, "text", {}, { entries: 5 }, { error: { code: "store.damaged" } }])
      assert.equal(reconciledFacts(answer, 1), undefined)
  })
})
