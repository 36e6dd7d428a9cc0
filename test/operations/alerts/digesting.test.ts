/** When a day or a week is told: shortly after midnight by the machine's clocks, once, whatever stops and starts in between. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { setImmediate as turn } from "node:timers/promises"
import type { JsonObject } from "../../../src/base/json.ts"
import type { DigestOf } from "../../../src/format/facts/alerts.ts"
import { Digesting, overAt } from "../../../src/operations/alerts/digesting.ts"
import { parseAlerts } from "../../../src/policy/alerts/alert-rule.ts"
import type { RaisedDigest } from "../../../src/policy/alerts/digest.ts"
import type { AlertEntry } from "../../../src/policy/alerts/events.ts"
import { evolveAlerts } from "../../../src/policy/alerts/evolve.ts"
import { emptyAlerts } from "../../../src/policy/alerts/state.ts"

const rule = parseAlerts({ reportWebhook: "https://hooks.example.com/b" })
const minuteMs = 60_000
const hourMs = 60 * minuteMs

/** A writer's days: its reports are of whatever is asked, and what it raises is on record for the next one. */
function days(from: string, zone = "Europe/Berlin") {
  const clock = { nowMs: Date.parse(from) }
  const journal: AlertEntry[] = []
  const asked: DigestOf[] = []
  const does = { fails: false, total: 5, ended: 0 }
  const begin = (digest: DigestOf) => {
    asked.push(digest)
    const { period: kind, label } = digest
    const report = { period: { kind, label }, activity: { total: does.total }, modelSpend: { costNanos: "0" }, anomalies: {} }
    return { answer: does.fails ? Promise.reject(new Error("killed")) : Promise.resolve(report), end: () => void does.ended++ }
  }
  const writer = () => {
    const state = emptyAlerts()
    for (const entry of journal) evolveAlerts(state, entry)
    const raise = ({ type, facts }: RaisedDigest, done: () => void) => {
      const entry = { sequence: journal.length, timeMs: clock.nowMs, type, facts: facts as unknown as JsonObject }
      journal.push(entry)
      evolveAlerts(state, entry)
      done()
    }
    const digesting = new Digesting({ nowMs: () => clock.nowMs, steadyMs: () => clock.nowMs, origin: "ledger.test/1", zone, begin, raise })
    const run = async (forMs: number) => {
      assert.ok(rule)
      const untilMs = clock.nowMs + forMs
      for (; clock.nowMs < untilMs; clock.nowMs += minuteMs) {
        digesting.everySecond(state, rule)
        await turn()
      }
    }
    return { run, digesting, state }
  }
  /** What was told, and how many minutes after the last midnight of the zone's winter. */
  const told = () =>
    journal.map(({ timeMs, facts }) => {
      const minutes = Math.floor(((timeMs + hourMs) % (24 * hourMs)) / minuteMs)
      return [(facts["digest"] as unknown as DigestOf).label, minutes] as const
    })
  const labels = () => told().map(([label]) => label)
  return { clock, writer, told, labels, asked, does }
}

describe("digests of a writer", () => {
  test("come within minutes after midnight, and Monday's is followed by the week's, each once", async () => {
    const { writer, told, labels, does } = days("2026-11-27T12:00:00Z")
    does.total = 0 // nothing is on record of the days before
    const { run } = writer()
    await run(6 * hourMs)
    assert.deepEqual(told(), [])
    does.total = 5
    await run(90 * hourMs)
    assert.deepEqual(labels(), ["2026-11-27", "2026-11-28", "2026-11-29", "2026-W48", "2026-11-30"])
    for (const [label, minutes] of told()) assert.ok(minutes <= 6, `${label} came ${minutes} minutes after midnight`)
  })

  test("after a long stop only the last day and the last week are told", async () => {
    const { writer, labels, clock } = days("2026-11-26T22:00:00Z")
    await writer().run(3 * hourMs)
    assert.deepEqual(labels(), ["2026-11-25", "2026-W47", "2026-11-26"])
    clock.nowMs = Date.parse("2026-12-09T15:00:00Z")
    await writer().run(hourMs)
    assert.deepEqual(labels().slice(3), ["2026-12-08", "2026-W49"])
  })

  test("a restart repeats nothing, and what was told is not made again", async () => {
    const { writer, labels, asked, clock } = days("2026-11-26T22:00:00Z")
    await writer().run(3 * hourMs)
    const made = asked.length
    for (let n = 0; n < 3; n++) {
      clock.nowMs += minuteMs
      await writer().run(10 * minuteMs)
    }
    assert.deepEqual([labels().length, asked.length], [3, made])
  })

  test("a report that cannot be made is asked for again five minutes later, and no sooner", async () => {
    const { writer, labels, asked, does } = days("2026-11-26T12:00:00Z")
    does.fails = true
    const { run } = writer()
    await run(61 * minuteMs)
    assert.ok(asked.length >= 11 && asked.length <= 13, `asked ${asked.length} times in an hour`)
    does.fails = false
    await run(12 * minuteMs)
    assert.deepEqual(labels(), ["2026-11-25", "2026-W47"])
  })

  test("nobody is asked where no web hook of reports is named, and a writer that ends takes its report along", async () => {
    const { writer, asked, does, clock } = days("2026-11-26T12:00:00Z")
    const { digesting, state } = writer()
    const others = parseAlerts({ notificationWebhook: "https://hooks.example.com/a" })
    assert.ok(others && rule)
    clock.nowMs += hourMs
    digesting.everySecond(state, others)
    assert.equal(asked.length, 0)
    digesting.everySecond(state, rule)
    digesting.close()
    assert.deepEqual([asked.length, does.ended], [1, 1])
    await turn()
    assert.equal(state.pending.size, 0)
  })

  test("days and weeks end where the zone's clocks say so", () => {
    const over = (zone: string, at: string) => overAt(Date.parse(at), zone).map(({ label }) => label)
    assert.deepEqual(over("Europe/Berlin", "2026-03-29T21:59:00Z"), ["2026-03-28", "2026-W12"])
    assert.deepEqual(over("Europe/Berlin", "2026-03-29T22:00:00Z"), ["2026-03-29", "2026-W13"])
    assert.deepEqual(over("America/New_York", "2026-11-02T04:59:00Z"), ["2026-10-31", "2026-W43"])
    assert.deepEqual(over("America/New_York", "2026-11-02T05:00:00Z"), ["2026-11-01", "2026-W44"])
    assert.deepEqual(over("UTC", "2027-01-04T00:00:00Z"), ["2027-01-03", "2026-W53"])
  })
})
