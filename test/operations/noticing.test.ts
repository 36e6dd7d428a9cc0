/** What is odd while it happens becomes an event, once for each stretch of it: hits and near misses. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { thresholdsOf, parseThresholds, usualThresholds } from "../../src/policy/anomalies/thresholds.ts"
import { weigh } from "../../src/policy/alerts/kinds.ts"
import type { NewEvent } from "../../src/format/event.ts"
import { Noticing } from "../../src/operations/anomalies/noticing.ts"
import { JournalReader } from "../../src/journal/reader.ts"
import { ViewStore } from "../../src/projections/view-store.ts"
import { startMs, type Ending } from "../ledger-fixture.ts"
import { reportedLedger } from "../views/reported-ledger.ts"

const hour = 3_600_000
/** A day and more after the ledger began. */
const later = startMs + 30 * hour

/** A writer that took a ledger with eight usual hours before `later`, and one denial a minute ago. */
function noticing(t: Ending, { nowMs = later, isKnown = true } = {}) {
  const ledger = reportedLedger(t)
  ledger.tool(new Date(startMs).toISOString(), "exec")
  for (let n = 1; n <= 8; n++) ledger.call(new Date(later - n * hour).toISOString(), "m", 1_000_000_000)
  ledger.close()
  const found: NewEvent<"anomaly.found">["facts"][] = []
  const one = new Noticing({ nowMs: () => nowMs, record: (event) => found.push((event as NewEvent<"anomaly.found">).facts) })
  const known = () =>
    JournalReader.ask(ledger.files, ledger.keys(), (reader) => {
      const store = ViewStore.inMemory()
      store.catchUp(reader, { sliceEntries: 1_000 })
      one.known(store.database)
      store.close()
    })
  if (isKnown) known()
  const entry = (type: "tool.denied" | "tool.invoked" | "usage.reported", facts: object, afterMs: number) => {
    one.committed([{ type, factsText: JSON.stringify({ id: "x", ...facts }) }], nowMs + afterMs)
    one.everySecond()
  }
  return {
    found,
    known,
    one,
    deny: (...seconds: readonly number[]) => seconds.forEach((second) => entry("tool.denied", { tool: "exec" }, second * 1_000)),
    use: (tool: string, more: object = {}) => entry("tool.invoked", { tool, ...more }, 0),
    spend: (usd: number, afterMs = 0) => entry("usage.reported", { computedNanos: String(usd * 1e9) }, afterMs),
  }
}

describe("what is odd while it happens", () => {
  test("denials in a row are told once, and again when there was quiet between", (t) => {
    const { found, deny } = noticing(t)
    deny(0, 60, 120, 180)
    assert.deepEqual(found, [])
    deny(299, 300, 301)
    assert.deepEqual(found, [{ detector: "denial-spikes", found: "5 denials within 300 s", count: 5, fromMs: later, toMs: later + 299_000 }])
    deny(3_600, 3_601, 3_602, 3_603, 3_604)
    assert.equal(found.length, 2)
  })

  test("denials that are too far apart are not told", (t) => {
    const { found, deny } = noticing(t)
    deny(0, 100, 200, 300, 400, 500, 600, 700)
    assert.deepEqual(found, [])
  })

  test("an hour that costs too much is told once", (t) => {
    const { found, spend } = noticing(t)
    spend(5)
    assert.deepEqual(found, [])
    spend(0.5, 1_000)
    spend(9, 2_000)
    assert.deepEqual(
      found.map(({ detector, found: words, usualNanos }) => [detector, words, usualNanos]),
      [["spend-spikes", "$5.50 in an hour, usual is $1.00", "1000000000"]],
    )
    spend(9, hour)
    assert.equal(found.length, 2)
  })

  test("a tool that was never used is told once, but not in the first day, nor from a history", (t) => {
    const { found, use } = noticing(t)
    for (const tool of ["exec", "nodes", "nodes"]) use(tool)
    use("canvas", { imported: true })
    assert.deepEqual(
      found.map(({ tool }) => tool),
      ["nodes"],
    )
    const young = noticing(t, { nowMs: startMs + hour })
    young.use("nodes")
    assert.deepEqual(young.found, [])
  })

  test("what came before the writer knew what was on record is looked at then", (t) => {
    const { found, deny, use, known, one } = noticing(t, { isKnown: false })
    deny(0, 1, 2, 3, 4)
    use("exec")
    assert.deepEqual(found, [])
    known()
    one.everySecond()
    assert.deepEqual(
      found.map(({ detector }) => detector),
      ["denial-spikes"],
    )
  })

  test("thresholds are the operator's", (t) => {
    const { found, deny, one } = noticing(t)
    one.useSettings({ denialThreshold: 2, denialWindowSec: 10 })
    one.useSettings(undefined)
    deny(0, 10)
    assert.deepEqual(
      found.map(({ found: words }) => words),
      ["2 denials within 10 s"],
    )
  })

  test("spikes are warnings, new tools are infos", () => {
    assert.equal(weigh("anomaly.found", { detector: "spend-spikes", found: "" })?.severity, "warning")
    assert.equal(weigh("anomaly.found", { detector: "first-seen-tools", found: "" })?.severity, "info")
  })
})

describe("thresholds", () => {
  test("are as usual where nothing is said", () => {
    assert.deepEqual([parseThresholds(undefined), parseThresholds({})], [usualThresholds, usualThresholds])
    assert.deepEqual(parseThresholds({ denialThreshold: 1, denialWindowSec: 60, spendFactor: 3, spendLeastUsd: 0.5 }), {
      ...{ denialThreshold: 1, denialWindowMs: 60_000, spendFactor: 3, spendLeastNanos: 500_000_000n },
    })
    assert.deepEqual(thresholdsOf({ denialThreshold: "?" }), usualThresholds)
  })

  for (const [written, problem] of [
    [[], /must be an object/],
    [{ denials: 3 }, /it has no denials; it has denialThreshold/],
    [{ denialThreshold: 0 }, /denialThreshold must be a whole number from 1 to 1,000,000/],
    [{ denialWindowSec: 86_401 }, /denialWindowSec must be/],
    [{ spendLeastUsd: -1 }, /spendLeastUsd must be a number of dollars/],
  ] as const) {
    test(`refuse ${JSON.stringify(written)}`, () => assert.throws(() => parseThresholds(written), problem))
  }
})
