/** Reports of a day and a week: what they add up, whose day an event is of, what is odd, and that a limit says so. */
import assert from "node:assert/strict"
import { after, describe, test } from "node:test"
import type { NewEvent } from "../../src/format/event.ts"
import { dayStretch, weekOf, weekStretch } from "../../src/ledger/calendar.ts"
import { periodReport, type PeriodQuestion } from "../../src/views/reports/period-report.ts"
import { spendReport } from "../../src/views/spend.ts"
import { busyDays, reportedLedger, type ReportedLedger } from "./reported-ledger.ts"

const nothingConfigured = { source: null, jobs: [] }

function day(ledger: Pick<ReportedLedger, "read">, date: string, options: Partial<PeriodQuestion> & { readonly zone?: string } = {}) {
  const { zone = "UTC", ...rest } = options
  const stretch = dayStretch(zone, date)
  assert.ok(stretch)
  return periodReport(ledger.read(), { stretch, dupWindowSec: 60, lookbackDays: 30, topTools: 10, configured: nothingConfigured, ...rest })
}

const busy = busyDays({ after })

describe("calendar", () => {
  test("a day goes from midnight to midnight, whatever clocks do in it", () => {
    const hours = (zone: string, date: string) => {
      const stretch = dayStretch(zone, date)
      return stretch && [new Date(stretch.fromMs).toISOString(), (stretch.toMs - stretch.fromMs) / 3_600_000]
    }
    assert.deepEqual(hours("UTC", "2026-11-17"), ["2026-11-17T00:00:00.000Z", 24])
    assert.deepEqual(hours("Europe/Berlin", "2026-03-29"), ["2026-03-28T23:00:00.000Z", 23])
    assert.deepEqual(hours("Europe/Berlin", "2026-10-25"), ["2026-10-24T22:00:00.000Z", 25])
    assert.deepEqual(hours("Asia/Kolkata", "2026-11-17"), ["2026-11-16T18:30:00.000Z", 24])
    assert.deepEqual(hours("Africa/Cairo", "2026-04-24"), ["2026-04-23T22:00:00.000Z", 23])
    for (const none of ["2026-02-30", "2026-13-01", "today", "2026-11-7", ""]) assert.equal(dayStretch("UTC", none), undefined)
    assert.equal(dayStretch("Pacific/Apia", "2011-12-30"), undefined)
  })

  test("weeks are those of ISO 8601", () => {
    const monday = (week: string) => {
      const stretch = weekStretch("UTC", week)
      return stretch && [new Date(stretch.fromMs).toISOString().slice(0, 10), (stretch.toMs - stretch.fromMs) / 86_400_000]
    }
    assert.deepEqual(monday("2026-W01"), ["2025-12-29", 7])
    assert.deepEqual(monday("2026-W47"), ["2026-11-16", 7])
    assert.deepEqual(monday("2026-W53"), ["2026-12-28", 7])
    assert.deepEqual(monday("2020-W53"), ["2020-12-28", 7])
    for (const none of ["2025-W53", "2026-W00", "2026-W54", "2026W47", "2026-W7", ""]) assert.equal(weekStretch("UTC", none), undefined)
    for (const [at, week] of Object.entries({ "2027-01-03": "2026-W53", "2027-01-04": "2027-W01", "2024-12-30": "2025-W01", "2026-11-17": "2026-W47" }))
      assert.equal(weekOf("UTC", Date.parse(at)), week)
    assert.equal(weekOf("Asia/Tokyo", Date.parse("2026-11-15T15:00:00Z")), "2026-W47")
  })
})

describe("a day's report", () => {
  test("adds up what happened in it", () => {
    const { activity, cron, topTools, modelSpend, outbound, period, integrity } = day(busy, "2026-11-17")
    assert.deepEqual(period, { kind: "daily", from: "2026-11-17T00:00:00.000Z", to: "2026-11-18T00:00:00.000Z", label: "2026-11-17", tz: "UTC" })
    assert.deepEqual(activity, {
      total: 28,
      byCategory: [
        { category: "tool", count: 10 },
        { category: "message", count: 7 },
        { category: "prompt", count: 6 },
        { category: "cron", count: 4 },
        { category: "agent", count: 1 },
      ],
    })
    assert.deepEqual([cron.executed, cron.failed], [2, 1])
    assert.deepEqual(topTools, {
      total: 3,
      truncated: false,
      tools: [
        { tool: "exec", invoked: 3, failed: 1, denied: 0 },
        { tool: "web_fetch", invoked: 1, failed: 0, denied: 0 },
        { tool: "write", invoked: 1, failed: 0, denied: 1 },
      ],
    })
    assert.deepEqual(
      [modelSpend.calls, modelSpend.costNanos, modelSpend.byModel.map(({ model, calls }) => [model, calls])],
      [
        3,
        "32500000",
        [
          ["anthropic/claude-sonnet-4-5", 1],
          ["anthropic/claude-haiku-4-5", 2],
        ],
      ],
    )
    assert.deepEqual(outbound, {
      sent: 6,
      failed: 1,
      byChannel: [
        { channel: "telegram", sent: 5, failed: 0 },
        { channel: "whatsapp", sent: 1, failed: 1 },
      ],
    })
    const access = busy.read()
    const last = access.reader.size() - 1
    assert.deepEqual([integrity.lastEvent?.sequence, integrity.lastEvent?.hash], [last, access.reader.leafHash(last).toString("hex")])
    assert.deepEqual([integrity.checkpoint?.size, integrity.anchored, integrity.removedBefore], [last + 1, null, null])
  })

  test("is of the zone's day, and the days make the week", () => {
    const zone = "Europe/Berlin"
    assert.deepEqual(
      ["2026-11-16", "2026-11-17", "2026-11-18"].map((date) => day(busy, date).topTools.tools.reduce((sum, { invoked }) => sum + invoked, 0)),
      [2, 5, 1],
    )
    // Half past eleven in the evening of Greenwich is the next day in Berlin.
    assert.deepEqual(
      ["2026-11-16", "2026-11-17", "2026-11-18"].map((date) => day(busy, date, { zone }).topTools.tools.reduce((sum, { invoked }) => sum + invoked, 0)),
      [1, 6, 1],
    )
    const week = weekStretch(zone, "2026-W47")
    assert.ok(week)
    const whole = periodReport(busy.read(), { stretch: week, dupWindowSec: 60, lookbackDays: 30, topTools: 10, configured: nothingConfigured })
    const days = Array.from({ length: 7 }, (_, at) => day(busy, `2026-11-${16 + at}`, { zone }))
    assert.equal(
      whole.activity.total,
      days.reduce((sum, { activity }) => sum + activity.total, 0),
    )
    assert.equal(whole.modelSpend.costNanos, String(days.reduce((sum, { modelSpend }) => sum + BigInt(modelSpend.costNanos), 0n)))
    assert.equal(whole.outbound.sent, 7)
  })

  test("says what spend says of the same time", () => {
    const { fromMs, toMs } = dayStretch("UTC", "2026-11-17") ?? { fromMs: 0, toMs: 0 }
    const { total } = spendReport(busy.read(), { by: ["model"], fromMs, toMs, zone: "UTC", limit: 10, order: "cost" })
    const { modelSpend } = day(busy, "2026-11-17")
    assert.deepEqual([modelSpend.calls, modelSpend.costNanos], [total.calls, String(total.cost)])
  })

  test("history that was imported stands in its own days, and not in that of the import", (t) => {
    const ledger = reportedLedger(t)
    const atMs = ["2025-03-30T01:30:00Z", "2025-03-30T12:00:00Z", "2025-03-31T12:00:00Z"].map((at) => Date.parse(at))
    const none = { latencyMs: -1, model: 0, stop: 0, input: 5, output: 5, cacheRead: 0, cacheWrite: 0, cacheWrite1h: 0, reasoning: 0, reported: 1_000 }
    const names = ["a", "b", "c"].map((name) => name.repeat(16)).join("")
    ledger.record({
      type: "usage.imported",
      id: "usage.imported:1",
      scope: { session: "agent:main:main" },
      // It says that there are more rows than it has names for, as a forged one may.
      facts: {
        ...{
          count: 3_000_000_000_000,
          ids: names,
          models: [["anthropic", "claude-haiku-4-5", ""]],
          stops: [""],
          runs: [""],
          computed: [-1, -1, -1],
          rates: [],
        },
        ...{ rows: { ...none, atMs, run: 0, kind: -1, unseen: 0 }, rate: -1, book: "" },
      },
    } as unknown as NewEvent)
    const imported = day(ledger, "2025-03-30", { zone: "Europe/Berlin" })
    assert.deepEqual(imported.activity, { total: 2, byCategory: [{ category: "prompt", count: 2 }] })
    assert.equal(
      day(ledger, "2026-11-18").activity.byCategory.find(({ category }) => category === "prompt"),
      undefined,
    )
  })

  test("of nothing, it says nothing happened", () => {
    const { activity, topTools, modelSpend, outbound, anomalies, cron } = day(busy, "2031-01-01")
    assert.deepEqual([activity.total, topTools.total, modelSpend.calls, outbound.sent, cron.executed], [0, 0, 0, 0, 0])
    const { truncated, ...found } = anomalies
    assert.deepEqual([truncated, ...Object.values(found)], [false, ...Object.values(found).map(() => [])])
  })

  test("a limit that bites is told", () => {
    const { topTools } = day(busy, "2026-11-17", { topTools: 2 })
    assert.deepEqual([topTools.truncated, topTools.total, topTools.tools.length], [true, 3, 2])
  })
})

describe("sent more than once", () => {
  test("the same words to the same recipient within the window; everything else is not", (t) => {
    const ledger = reportedLedger(t)
    const at = (second: number) => new Date(Date.parse("2026-11-17T10:00:00Z") + second * 1_000).toISOString()
    const { send } = ledger
    send(at(0), "1", "again")
    send(at(40), "1", "again")
    send(at(60), "1", "again") // a minute after the first
    send(at(100), "1", "again") // of a run of its own
    send(at(200), "2", "again")
    send(at(210), "3", "again") // to somebody else
    send(at(300), "2", "words A")
    send(at(310), "2", "words B") // as long
    send(at(400), "2", "again", { channel: "signal" })
    send(at(410), "2", "again", { success: false })
    send(at(500), "2", "late")
    send(at(561), "2", "late") // a second too late
    const { duplicates, truncated } = day(ledger, "2026-11-17").anomalies
    assert.deepEqual(
      duplicates.map(({ channel, recipient, count, first, last, sequences }) => [channel, recipient, count, first, last, sequences]),
      [["telegram", "1", 3, at(0), at(60), [1, 2, 3]]],
    )
    assert.equal(truncated, false)
    assert.deepEqual(
      day(ledger, "2026-11-17", { dupWindowSec: 61 }).anomalies.duplicates.map(({ recipient, count }) => [recipient, count]),
      [
        ["1", 3],
        ["2", 2],
      ],
    )
    assert.deepEqual(
      day(ledger, "2026-11-17", { dupWindowSec: 39 }).anomalies.duplicates.map(({ sequences }) => sequences),
      [[2, 3]],
    )
  })

  test("what is erased is compared with nothing", (t) => {
    const ledger = reportedLedger(t)
    ledger.send("2026-11-17T10:00:00Z", "1", "again")
    ledger.send("2026-11-17T10:00:01Z", "1", "again")
    ledger.close()
    ledger.destroyKeys("1")
    assert.deepEqual(day(ledger, "2026-11-17").anomalies.duplicates, [])
  })

  test("more than a report may look at is told, and takes no longer", (t) => {
    const ledger = reportedLedger(t)
    const scope = { session: "agent:main:main" }
    const sent = (n: number): NewEvent => ({
      type: "message.sent",
      id: `message.sent:${n}`,
      scope,
      facts: { channel: "telegram", length: 2, success: true, atMs: Date.parse("2026-11-17T10:00:00Z") + n },
      content: { to: String(n % 500), text: "ok" },
    })
    ledger.record(...Array.from({ length: 2_100 }, (_, n) => sent(n)))
    const { duplicates, truncated } = day(ledger, "2026-11-17").anomalies
    assert.deepEqual([duplicates.length, truncated, duplicates[0]?.count], [100, true, 4])
  })
})

describe("tools seen for the first time", () => {
  test("are those of the day that none of the days before has", () => {
    const tools = (date: string, lookbackDays: number) => day(busy, date, { lookbackDays }).anomalies.firstSeenTools.map(({ tool }) => tool)
    assert.deepEqual(tools("2026-11-17", 30), ["web_fetch", "write"])
    assert.deepEqual(tools("2026-11-18", 30), [])
    assert.deepEqual(tools("2026-11-18", 1), ["read"])
    assert.deepEqual(day(busy, "2026-11-17").anomalies.firstSeenTools[0], { tool: "web_fetch", calls: 1, firstQuarter: "2026-11-17T08:00:00.000Z" })
  })
})
