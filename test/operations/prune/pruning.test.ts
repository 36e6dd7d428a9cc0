/** When a writer has something removed by itself: by ledger time, once a day, and not again and again where nothing more can go. */
import assert from "node:assert/strict"
import { after, test, type TestContext } from "node:test"
import { setImmediate as turn } from "node:timers/promises"
import { placeHold } from "../../../src/operations/erase/legal-holds.ts"
import { entryOf } from "../../../src/operations/entry-of.ts"
import { Pruning } from "../../../src/operations/prune/pruning.ts"
import type { RetentionJson } from "../../../src/policy/retention.ts"
import { closingOf } from "../../../src/journal/closing.ts"
import { eventAt, type TestLedger } from "../../ledger-fixture.ts"
import { dayMs, endMs, removeFrom, sixDays } from "./pruned-ledger.ts"

const hourMs = 3_600_000
const template = sixDays({ after })

/** A writer that lives as long as nothing is removed, and looks in the meantime every hour. */
function machine(t: TestContext, wanted: Partial<RetentionJson>) {
  const ledger = template.copy(t)
  const clock = { steadyMs: 0, wallMs: endMs, ledgerMs: endMs }
  let begun = 0
  let [pruning, running]: [Pruning | undefined, Promise<unknown>] = [undefined, Promise.resolve()]
  const writer = () => {
    const next = new Pruning({
      ...{ steadyMs: () => clock.steadyMs, wallMs: () => clock.wallMs, ledgerMs: () => clock.ledgerMs },
      ...{ files: ledger.files, keys: ledger.keys, afterStartMs: 60_000 },
      begin: (retention) => {
        begun++
        const end = removeFrom(ledger, retention, { nowMs: clock.wallMs, ledgerMs: clock.ledgerMs }).then(({ closedBy }) => {
          if (closedBy !== null) pruning = writer() // it had to let go of the ledger
          return null
        })
        running = end
        return end
      },
    })
    next.useSettings(null, { days: 0, maxSizeMb: 0, contentDays: {}, ...wanted })
    return next
  }
  pruning = writer()
  const pass = async (ms: number, each: () => void = () => {}) => {
    for (const endsMs = clock.steadyMs + ms; clock.steadyMs < endsMs;) {
      for (const name of ["steadyMs", "wallMs", "ledgerMs"] as const) clock[name] += 120_000
      each()
      pruning?.everySecond()
      await running
      await turn()
    }
  }
  return { ledger, clock, pass, begun: () => begun, nextInMs: () => pruning?.standing()?.nextInMs }
}

const upTo = (ledger: TestLedger) => {
  const access = ledger.read()
  const found = closingOf(access.reader)?.upTo ?? 0
  access.close()
  return found
}

/** Entries of now, as many as would make another removal worth while. */
function appendNow(ledger: TestLedger, nowMs: number): void {
  const { journal, scopes } = ledger.open()
  journal.append(
    Array.from({ length: 300 }, (_, n) => entryOf(eventAt(n), scopes, nowMs)),
    nowMs,
  )
  ledger.close()
}

test("a bound that cannot be reached is tried once a day, not after every start of a writer", async (t) => {
  const { ledger, clock, pass, begun } = machine(t, { maxSizeMb: 1 })
  appendNow(ledger, endMs)
  ledger.edit((journal) => {
    // Rows that no removal takes: the files stay larger than they may be.
    const insert = journal.prepare("INSERT INTO senders(sender, number) VALUES (randomblob(8), 1)")
    for (let n = 0; n < 60_000; n++) insert.run()
  })
  await pass(20 * hourMs, () => clock.steadyMs % hourMs === 0 && appendNow(ledger, clock.wallMs))
  assert.deepEqual([begun(), upTo(ledger) > 0], [1, true])
  await pass(10 * hourMs, () => clock.steadyMs % hourMs === 0 && appendNow(ledger, clock.wallMs))
  assert.equal(begun(), 2)
})

test("a legal hold on the oldest entry, and less than a tile of the tree that is old, are no reason to try every hour", async (t) => {
  const held = machine(t, { days: 2 })
  const { scopes } = held.ledger.open()
  placeHold(scopes, { who: { by: "agent", value: "research" }, reason: "a lawsuit", nowMs: endMs }, (events) => void held.ledger.record(...events))
  held.ledger.close()
  await held.pass(20 * hourMs)
  assert.deepEqual([held.begun(), upTo(held.ledger)], [1, 0])
  const few = machine(t, { days: 1 })
  few.clock.wallMs = few.clock.ledgerMs = endMs + 300 * dayMs
  await few.pass(hourMs)
  const first = upTo(few.ledger)
  await few.pass(60 * hourMs)
  assert.deepEqual([few.begun(), upTo(few.ledger)], [1, first])
})

test("a wall clock that was set makes nothing old, and one that comes back does not keep it from looking", async (t) => {
  const { ledger, clock, pass, begun } = machine(t, { days: 30, contentDays: { tool: 30 } })
  clock.wallMs += 36_500 * dayMs
  await pass(30 * hourMs)
  assert.deepEqual([begun(), upTo(ledger)], [0, 0])
  clock.wallMs = 0
  clock.ledgerMs += 40 * dayMs
  await pass(2 * hourMs) // what is recorded now has the time of the last entry before
  assert.deepEqual([begun(), upTo(ledger)], [0, 0])
  clock.wallMs = clock.ledgerMs
  await pass(20 * hourMs)
  assert.deepEqual([begun(), upTo(ledger) > 0], [1, true])
})

test("what is kept for long goes in pieces of a tenth of that time: each leaves an entry with all balances", async (t) => {
  const { ledger, clock, pass, begun } = machine(t, { days: 300 })
  clock.wallMs = clock.ledgerMs = endMs + 322 * dayMs
  await pass(20 * hourMs)
  assert.equal(begun(), 0)
  clock.wallMs = clock.ledgerMs = endMs + 329 * dayMs
  await pass(20 * hourMs)
  assert.deepEqual([begun(), upTo(ledger) > 0], [1, true])
})

test("when it is looked again is told, down to the look and from there anew", async (t) => {
  const { pass, nextInMs } = machine(t, { days: 36_500 })
  assert.equal(nextInMs(), 60_000)
  await pass(120_000)
  assert.equal(nextInMs(), 3_600_000)
  await pass(600_000)
  assert.equal(nextInMs(), 3_000_000)
})
