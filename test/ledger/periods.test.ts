/** Periods against known days, and against a search that walks the clock: no gap, no overlap, every instant in its own. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import fc from "fast-check"
import type { Period } from "../../src/format/facts/ledger.ts"
import { boundsAt, dayStart, isZone, localText } from "../../src/ledger/periods.ts"

type Per = Extract<Period, { readonly zone: string }>["per"]

const minuteMs = 60_000
const hourMs = 60 * minuteMs

/** Zone, period, an instant in it, and its bounds, all in UTC. */
const known: readonly (readonly [string, Per, string, string, string])[] = [
  ["UTC", "day", "2026-11-25T12:00Z", "2026-11-25T00:00Z", "2026-11-26T00:00Z"],
  ["UTC", "day", "2026-11-25T00:00Z", "2026-11-25T00:00Z", "2026-11-26T00:00Z"],
  ["UTC", "day", "2026-11-24T23:59:59.999Z", "2026-11-24T00:00Z", "2026-11-25T00:00Z"],
  // 23 and 25 hours.
  ["Europe/Berlin", "day", "2026-03-29T12:00Z", "2026-03-28T23:00Z", "2026-03-29T22:00Z"],
  ["Europe/Berlin", "day", "2026-10-25T12:00Z", "2026-10-24T22:00Z", "2026-10-25T23:00Z"],
  ["America/New_York", "day", "2026-11-01T12:00Z", "2026-11-01T04:00Z", "2026-11-02T05:00Z"],
  // Half an hour of summer time.
  ["Australia/Lord_Howe", "day", "2026-04-05T00:00Z", "2026-04-04T13:00Z", "2026-04-05T13:30Z"],
  // Midnight is leapt over: the day begins at one.
  ["Africa/Cairo", "day", "2026-04-24T12:00Z", "2026-04-23T22:00Z", "2026-04-24T21:00Z"],
  // Midnight comes twice: the day begins with the first.
  ["America/Havana", "day", "2026-11-01T12:00Z", "2026-11-01T04:00Z", "2026-11-02T05:00Z"],
  // A day that was left out altogether.
  ["Pacific/Apia", "day", "2011-12-30T09:00Z", "2011-12-29T10:00Z", "2011-12-30T10:00Z"],
  ["Pacific/Apia", "day", "2011-12-30T10:00Z", "2011-12-30T10:00Z", "2011-12-31T10:00Z"],
  ["Asia/Kathmandu", "hour", "2026-11-25T12:00Z", "2026-11-25T11:15Z", "2026-11-25T12:15Z"],
  // The hour that comes twice is two hours.
  ["Europe/Berlin", "hour", "2026-10-25T00:30Z", "2026-10-25T00:00Z", "2026-10-25T01:00Z"],
  ["Europe/Berlin", "hour", "2026-10-25T01:30Z", "2026-10-25T01:00Z", "2026-10-25T02:00Z"],
  // Clocks go from 02:00 back to 01:30: an hour of 30 minutes.
  ["Australia/Lord_Howe", "hour", "2026-04-04T15:10Z", "2026-04-04T15:00Z", "2026-04-04T15:30Z"],
  ["Europe/Berlin", "week", "2026-03-29T12:00Z", "2026-03-22T23:00Z", "2026-03-29T22:00Z"],
  ["UTC", "week", "2026-11-23T00:00Z", "2026-11-23T00:00Z", "2026-11-30T00:00Z"],
  ["UTC", "week", "2027-01-01T00:00Z", "2026-12-28T00:00Z", "2027-01-04T00:00Z"],
  ["UTC", "month", "2028-02-29T23:59Z", "2028-02-01T00:00Z", "2028-03-01T00:00Z"],
  ["UTC", "month", "2026-12-31T23:59Z", "2026-12-01T00:00Z", "2027-01-01T00:00Z"],
  ["Europe/Berlin", "month", "2026-03-31T21:59Z", "2026-02-28T23:00Z", "2026-03-31T22:00Z"],
  ["America/New_York", "month", "2026-11-30T12:00Z", "2026-11-01T04:00Z", "2026-12-01T05:00Z"],
  ["Pacific/Kiritimati", "month", "2026-11-30T10:00Z", "2026-11-30T10:00Z", "2026-12-31T10:00Z"],
]

/** Zone, day, and when it begins; nothing where there is no such day. */
const dayStarts: readonly (readonly [string, string, string | undefined])[] = [
  ["UTC", "2026-11-25", "2026-11-25T00:00Z"],
  ["Europe/Berlin", "2026-03-29", "2026-03-28T23:00Z"],
  ["Africa/Cairo", "2026-04-24", "2026-04-23T22:00Z"],
  ["UTC", "2028-02-29", "2028-02-29T00:00Z"],
  ["UTC", "2026-02-29", undefined],
  ["UTC", "2026-13-01", undefined],
]

const zones = [
  "UTC",
  "Europe/Berlin",
  "America/New_York",
  "America/Sao_Paulo",
  "America/Havana",
  "Asia/Kathmandu",
  "Asia/Beirut",
  "Africa/Cairo",
  "Australia/Lord_Howe",
  "Pacific/Apia",
  "Pacific/Chatham",
  "America/St_Johns",
]
const pers: readonly Per[] = ["hour", "day", "week", "month"]
const from = Date.UTC(2011, 0, 1)
const to = Date.UTC(2037, 0, 1)

describe("periods", () => {
  test("a day of the calendar begins when its clocks say so", () => {
    for (const [zone, day, start] of dayStarts) assert.equal(dayStart(zone, day), start && Date.parse(start), `${day} in ${zone}`)
  })

  for (const [zone, per, at, start, end] of known) {
    test(`${per} of ${zone} at ${at}`, () => {
      const { startMs, endMs = Number.NaN } = boundsAt({ per, zone }, Date.parse(at))
      assert.deepEqual(
        [new Date(startMs).toISOString(), new Date(endMs).toISOString()],
        [start, end].map((text) => new Date(text).toISOString()),
      )
    })
  }

  test("hold their instant, all of them give the same bounds, and the next begins where one ends", () => {
    const instant = fc.integer({ min: from, max: to })
    fc.assert(
      fc.property(fc.constantFrom(...zones), fc.constantFrom(...pers), instant, fc.double({ min: 0, max: 1, noNaN: true }), (zone, per, atMs, share) => {
        const bounds = boundsAt({ per, zone }, atMs)
        const { startMs, endMs = Number.NaN } = bounds
        assert.ok(startMs <= atMs && atMs < endMs)
        for (const other of [startMs, endMs - 1, startMs + Math.floor(share * (endMs - startMs - 1))]) assert.deepEqual(boundsAt({ per, zone }, other), bounds)
        assert.equal(boundsAt({ per, zone }, endMs).startMs, endMs)
        assert.equal(boundsAt({ per, zone }, startMs - 1).endMs, startMs)
      }),
      { numRuns: 1_500 },
    )
  })

  test("of days are the runs of minutes that show one date", () => {
    const dateAt = (zone: string, atMs: number) => new Date(atMs).toLocaleDateString("sv", { timeZone: zone })
    fc.assert(
      fc.property(fc.constantFrom(...zones), fc.integer({ min: from, max: to }), (zone, atMs) => {
        const { startMs, endMs = Number.NaN } = boundsAt({ per: "day", zone }, atMs)
        const date = dateAt(zone, atMs)
        assert.equal(dateAt(zone, startMs), date)
        assert.notEqual(dateAt(zone, endMs), date)
        assert.ok(endMs - startMs >= 22 * hourMs && endMs - startMs <= 25 * hourMs)
      }),
      { numRuns: 500 },
    )
  })

  test("without a calendar begin when they are asked for and do not end", () => {
    assert.deepEqual(boundsAt({ per: "lifetime" }, 7), { startMs: 7 })
    assert.deepEqual(boundsAt({ per: "rolling", spanMs: hourMs }, 7), { startMs: 7 })
  })

  test("know a zone from a word", () => {
    assert.deepEqual(["UTC", "Europe/Berlin", "Mars/Olympus", "", "+02:00", "../etc"].map(isZone), [true, true, false, false, false, false])
    assert.equal(localText("Asia/Kathmandu", Date.UTC(2026, 10, 25, 18, 15)), "2026-11-26 00:00")
  })
})
