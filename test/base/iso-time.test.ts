/** Times written from a second that is kept. */
import assert from "node:assert/strict"
import { test } from "node:test"
import { isoTime } from "../../src/base/iso-time.ts"

test("writes what Date writes, whatever came before", () => {
  const around = [0, 999, 1_000, 1_795_000_000_000, -1, -999, -1_000, 253_402_300_799_999, 253_402_300_800_000, -62_167_219_200_001]
  const moments = around.flatMap((ms) => [ms, ms + 1, ms + 9, ms + 10, ms + 99, ms + 100, ms, ms - 1])
  for (const ms of [...moments, ...moments.toReversed()]) assert.equal(isoTime(ms), new Date(ms).toISOString(), String(ms))
  assert.throws(() => isoTime(Number.NaN), RangeError)
  assert.throws(() => isoTime(8.64e15 + 1), RangeError)
  assert.equal(isoTime(1.5), new Date(1.5).toISOString())
})
