/** What a forecast makes of series whose course is known: each is told by quarters of an hour, the last one first. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { forecast, quarterMs, quartersBack, type ForecastQuestion } from "../../src/ledger/forecast.ts"

const hourMs = 4 * quarterMs
const dayMs = 24 * hourMs
const nowMs = Date.parse("2026-11-25T12:00:00Z")

/** `of` says what was spent in the quarter that began so many hours before now. */
const series = (of: (hoursAgo: number) => number) => Array.from({ length: quartersBack }, (_, back) => of((back + 1) / 4))
const constant = series(() => 1)
const since = (hours: number, amount = 1) => series((hoursAgo) => (hoursAgo <= hours ? amount : 0))
/** From 8:00 to 20:00. */
const byDay = (shiftHours = 0) =>
  series((hoursAgo) => ((((12 + shiftHours - hoursAgo) % 24) + 24) % 24 >= 8 && (((12 + shiftHours - hoursAgo) % 24) + 24) % 24 < 20 ? 1 : 0))

const asked = (question: Partial<ForecastQuestion>) => forecast({ nowMs, back: constant, recordedMs: 30 * dayMs, left: 100, spent: 0, ...question })
const hoursTo = (atMs: number | null) => (atMs === null ? null : Math.round(((atMs - nowMs) / hourMs) * 100) / 100)
const near = (found: number | null, expected: number) =>
  assert.ok(found !== null && Math.abs(found - expected) < expected * 0.01 + 1e-9, `${found} is not about ${expected}`)

describe("a steady burner", () => {
  test("is gone where the line says, and comes to what the line says", () => {
    const { verdict, basis, goneAtMs, atEnd, rates } = asked({ left: 20, spent: 48, endMs: nowMs + 12 * hourMs })
    assert.deepEqual([verdict, basis, hoursTo(goneAtMs), rates], ["goes", "last hour", 5, { lastHour: 4, lastDay: 4, sameHours: 4, days: 7 }])
    near(atEnd, 48 + 48)
  })

  test("lasts where the period ends before", () => {
    const { verdict, goneAtMs } = asked({ left: 49, endMs: nowMs + 12 * hourMs })
    assert.deepEqual([verdict, goneAtMs], ["lasts", null])
  })

  test("lasts where both are at the same instant: what is left is reached when more is there", () => {
    assert.equal(asked({ left: 48, endMs: nowMs + 12 * hourMs }).verdict, "lasts")
  })

  test("is known after three quarters of an hour, and its day is as long as it has been going on", () => {
    const { verdict, basis, goneAtMs, rates } = asked({ back: since(0.75), recordedMs: hourMs, left: 9, endMs: nowMs + 12 * hourMs })
    assert.deepEqual([verdict, basis, hoursTo(goneAtMs)], ["goes", "last hour", 3])
    assert.deepEqual(rates, { lastHour: 3, lastDay: 3, sameHours: null, days: 0 })
    assert.equal(asked({ back: since(6) }).rates.lastDay, 4)
  })

  test("that has stopped is expected as the day was", () => {
    const back = series((hoursAgo) => (hoursAgo > 2 && hoursAgo <= 12 ? 1 : 0))
    const { basis, goneAtMs, rates } = asked({ back, left: 10 })
    assert.deepEqual([basis, rates.lastHour], ["last day", 0])
    near(hoursTo(goneAtMs), 10 / (40 / 12))
  })
})

describe("a burner that grows", () => {
  const growing = series((hoursAgo) => Math.max(0, 12 - hoursAgo))

  test("is judged by its last hour, and not by the day before it", () => {
    const { basis, goneAtMs, rates } = asked({ back: growing, left: 40, endMs: nowMs + dayMs })
    assert.equal(basis, "last hour")
    assert.ok(rates.lastHour > 1.8 * rates.lastDay)
    near(hoursTo(goneAtMs), 40 / rates.lastHour)
  })

  test("beyond what is usual is expected to do so for three hours more", () => {
    const back = series((hoursAgo) => (hoursAgo <= 1 ? 10 : 1))
    near(asked({ back, left: 1000, endMs: nowMs + 12 * hourMs }).atEnd, 3 * 40 + 9 * 4)
  })
})

describe("day and night", () => {
  test("at noon it is gone in the evening, or the next morning, and never at night", () => {
    assert.equal(hoursTo(asked({ back: byDay(), left: 20 }).goneAtMs), 5)
    assert.equal(hoursTo(asked({ back: byDay(), left: 40 }).goneAtMs), 22)
  })

  test("at night nothing is being spent, and it is gone in the day that comes", () => {
    // Now is 22:00.
    const { basis, goneAtMs, rates } = asked({ back: byDay(10), left: 20, endMs: nowMs + dayMs })
    assert.deepEqual([basis, hoursTo(goneAtMs), rates.lastHour, rates.sameHours], ["same hours", 15, 0, 0])
  })

  test("of which one day is known only is an average", () => {
    const back = byDay(10).map((amount, at) => (at < 110 ? amount : 0))
    assert.deepEqual([asked({ back }).basis, asked({ back }).rates.days], ["last day", 1])
  })
})

describe("bursts", () => {
  test("one burst is no rate: too little is known, and nothing is promised", () => {
    for (const hours of [0.25, 5, 23]) {
      const { verdict, goneAtMs, atEnd, basis } = asked({ back: series((hoursAgo) => (hoursAgo === hours ? 90 : 0)), endMs: nowMs + 12 * hourMs })
      assert.deepEqual([verdict, goneAtMs, atEnd, basis], ["unclear", null, null, null])
    }
  })

  test("one burst some days ago is none of today's", () => {
    const back = series((hoursAgo) => (hoursAgo === 77 ? 90 : 0))
    const { verdict, atEnd } = asked({ back, spent: 5, endMs: nowMs + 12 * hourMs })
    assert.deepEqual([verdict, atEnd], ["idle", 5])
  })

  test("one every six hours is an average, not the last hour's rate", () => {
    const back = series((hoursAgo) => (hoursAgo % 6 === 0.25 && hoursAgo < 47 ? 12 : 0))
    const { basis, goneAtMs, rates } = asked({ back, left: 24, endMs: nowMs + 2 * dayMs })
    assert.deepEqual([basis, rates.lastHour, rates.lastDay], ["last day", 12, 2])
    near(hoursTo(goneAtMs), 12)
  })
})

describe("nothing, or hardly anything", () => {
  const empty = series(() => 0)

  test("nothing for a day is idle, on a ledger that is older; on a new one too little is known", () => {
    assert.equal(asked({ back: empty }).verdict, "idle")
    assert.equal(asked({ back: empty, recordedMs: hourMs }).verdict, "unclear")
    assert.equal(asked({ back: [], recordedMs: 0 }).verdict, "unclear")
  })

  test("of nothing every rate is nothing, and none is no number", () => {
    for (const back of [[], empty, series((hoursAgo) => (hoursAgo === 0.25 ? -5 : 0))])
      assert.deepEqual(asked({ back }).rates, { lastHour: 0, lastDay: 0, sameHours: null, days: 0 })
  })

  test("gone is gone, whatever comes", () => {
    for (const back of [empty, constant, []]) {
      const { verdict, goneAtMs } = asked({ back, left: 0, spent: 100, endMs: nowMs + hourMs })
      assert.deepEqual([verdict, goneAtMs], ["gone", null])
    }
  })
})

describe("periods", () => {
  test("of one that just opened the rate is that of before it", () => {
    const { goneAtMs, atEnd } = asked({ left: 60, spent: 0, endMs: nowMs + dayMs })
    assert.equal(hoursTo(goneAtMs), 15)
    near(atEnd, 96)
  })

  test("what was carried over is room like any other", () => {
    assert.equal(hoursTo(asked({ left: 160, endMs: nowMs + 2 * dayMs }).goneAtMs), 40)
  })

  test("a lifetime has no end: what is left is gone some day, or not within a year", () => {
    const { verdict, goneAtMs, atEnd } = asked({ left: 4 * 24 * 30 })
    assert.deepEqual([verdict, hoursTo(goneAtMs), atEnd], ["goes", 720, null])
    assert.deepEqual([asked({ left: 4 * 24 * 400 }).verdict, asked({ left: 4 * 24 * 400 }).goneAtMs], ["lasts", null])
  })

  test("a period that is ending has no time for anything", () => {
    assert.deepEqual([asked({ left: 1, endMs: nowMs }).verdict, asked({ left: 1, spent: 7, endMs: nowMs }).atEnd], ["lasts", 7])
  })
})

describe("a rolling span", () => {
  /** Four an hour, of which each leaves a span after it came. */
  const leavingOf = (hours: number) => Array.from({ length: hours * 4 }, (_, at) => ({ atMs: nowMs + (at + 1) * quarterMs, amount: 1 }))
  const rolling = { spanMs: 8 * hourMs, leaving: leavingOf(8) }

  test("of a steady burner stays as full as it is", () => {
    const { verdict, atEnd } = asked({ rolling, spent: 32, left: 2 })
    assert.equal(verdict, "lasts")
    near(atEnd, 32)
  })

  test("is gone where more comes than leaves", () => {
    const faster = constant.map((amount, at) => (at < 4 ? amount * 3 : amount))
    const { verdict, goneAtMs } = asked({ back: faster, rolling, spent: 32, left: 16 })
    assert.deepEqual([verdict, hoursTo(goneAtMs)], ["goes", 2])
  })

  test("empties while nothing is spent", () => {
    assert.equal(asked({ back: series((hoursAgo) => (hoursAgo > 3 && hoursAgo < 6 ? 1 : 0)), rolling, spent: 32, left: 2 }).verdict, "lasts")
  })
})
