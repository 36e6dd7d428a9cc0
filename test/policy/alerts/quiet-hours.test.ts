/** Quiet hours follow the clocks on the wall, also in the nights in which those are set. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { isQuiet, minutesOf } from "../../../src/policy/alerts/quiet-hours.ts"

describe("quiet hours by the clock", () => {
  const times: readonly (readonly [string, string, boolean, string])[] = [
    ["2026-06-01T19:59Z", "Europe/Berlin", false, "a minute before ten in summer"],
    ["2026-06-01T20:00Z", "Europe/Berlin", true, "ten in summer"],
    ["2026-06-02T04:59Z", "Europe/Berlin", true, "a minute before seven in summer"],
    ["2026-06-02T05:00Z", "Europe/Berlin", false, "seven in summer"],
    ["2026-12-01T20:59Z", "Europe/Berlin", false, "a minute before ten in winter"],
    ["2026-12-01T21:00Z", "Europe/Berlin", true, "ten in winter"],
    ["2026-12-02T06:00Z", "Europe/Berlin", false, "seven in winter"],
    ["2026-10-25T00:30Z", "Europe/Berlin", true, "half past two, the first time, in the night of twenty-five hours"],
    ["2026-10-25T01:30Z", "Europe/Berlin", true, "half past two, the second time"],
    ["2026-10-25T05:59Z", "Europe/Berlin", true, "a minute before seven after that night: nine hours and an hour more"],
    ["2026-10-25T06:00Z", "Europe/Berlin", false, "seven after that night"],
    ["2026-03-29T00:59Z", "Europe/Berlin", true, "a minute before two in the night of twenty-three hours"],
    ["2026-03-29T05:00Z", "Europe/Berlin", false, "seven after that night, an hour sooner"],
    ["2026-03-29T04:59Z", "Europe/Berlin", true, "a minute before it"],
    ["2026-06-01T16:30Z", "Asia/Kolkata", true, "ten at half an hour's offset"],
    ["2026-06-01T00:00Z", "UTC", true, "midnight is no hour twenty-four"],
  ]
  for (const [time, zone, is, words] of times)
    test(`${words}: ${is ? "quiet" : "not quiet"}`, () => assert.equal(isQuiet({ fromMinute: 22 * 60, toMinute: 7 * 60, zone }, Date.parse(time)), is))

  test("hours that begin at midnight hold the first of them", () => {
    const night = { fromMinute: 0, toMinute: 6 * 60, zone: "UTC" }
    assert.deepEqual(
      ["23:59", "00:00", "00:30", "06:00"].map((time) => isQuiet(night, Date.parse(`2026-06-01T${time}Z`))),
      [false, true, true, false],
    )
  })

  test("hours of one day do not go over midnight", () => {
    const lunch = { fromMinute: 12 * 60, toMinute: 13 * 60, zone: "UTC" }
    assert.deepEqual(
      ["11:59", "12:00", "12:59", "13:00"].map((time) => isQuiet(lunch, Date.parse(`2026-06-01T${time}Z`))),
      [false, true, true, false],
    )
  })

  test("times are read as clocks show them", () => {
    assert.deepEqual(["00:00", "7:05", "23:59", "24:00", "7", "07:60", 7].map(minutesOf), [0, 425, 1_439, undefined, undefined, undefined, undefined])
  })
})
