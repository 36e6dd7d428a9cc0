/** Sums by provider, model, agent and kind: so many are listed, none ever goes down, and nothing is counted twice or lost. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { mostSeries, UsageSeries, type Series } from "../../src/projections/usage-series.ts"
import { sumColumns, type Sums } from "../../src/projections/usage-schema.ts"

const dayMs = 86_400_000
const one = Object.fromEntries(sumColumns.map((name) => [name, name === "calls" ? 1 : 10])) as Sums
const cell = (model: string, kind = "") => ({ provider: "p", model, api: "", agent: "main", channel: "", chat_type: "", kind, job: "", project: "" })
const callsOf = (all: readonly Series[]) => all.reduce((sum, { sums }) => sum + sums.calls, 0)
const of = (series: UsageSeries, model: string) => series.all.find(({ names }) => names.model === model)

describe("series of usage", () => {
  test("what was not told has a name, and a run without a kind is a turn", () => {
    const series = new UsageSeries()
    series.add({ ...cell(""), provider: "", agent: "" }, 1, one)
    assert.deepEqual(series.all[0]?.names, { provider: "unknown", model: "unknown", agent: "unknown", kind: "turn" })
  })

  test("beyond the most that are listed calls add up in one, whose names no call can have", () => {
    const series = new UsageSeries()
    for (let at = 0; at < mostSeries + 5; at++) series.add(cell(`m${at}`), dayMs, one)
    assert.equal(series.all.filter(({ listed }) => listed).length, mostSeries)
    const other = series.all.find(({ names }) => names.agent === "")
    assert.deepEqual([other?.names.provider, other?.sums.calls, other?.listed, callsOf(series.all)], ["other", 5, false, mostSeries + 5])
    // A model of that very name is another one.
    const forged = new UsageSeries()
    forged.add({ ...cell(""), provider: "other", agent: "" }, 1, one)
    assert.deepEqual([forged.all.length, forged.all[0]?.listed, forged.all[0]?.names.model], [1, true, "unknown"])
  })

  test("one that was not used for a month gives its place to a new one, and keeps its sums for when it comes back", () => {
    const series = new UsageSeries()
    for (let at = 0; at < mostSeries; at++) series.add(cell(`m${at}`), at === 3 ? 1 : 20 * dayMs, one)
    series.add(cell("new"), 30 * dayMs, one)
    assert.equal(of(series, "new"), undefined, "29.99 days are no month")
    series.add(cell("new"), 31 * dayMs, one)
    assert.deepEqual([of(series, "new")?.listed, of(series, "new")?.sums.calls, of(series, "m3")?.listed], [true, 1, false])
    series.add(cell("m3"), 32 * dayMs, one)
    assert.deepEqual([of(series, "m3")?.listed, of(series, "m3")?.sums.calls], [false, 1], "there is no place for it now")
    series.add(cell("m3"), 60 * dayMs, one)
    assert.deepEqual([of(series, "m3")?.listed, of(series, "m3")?.sums.calls], [true, 2])
    assert.equal(callsOf(series.all), mostSeries + 4)
  })

  test("no sum of any name ever goes down, whatever calls come in whatever order, and it does not matter where a restart lies", () => {
    let seed = 7
    const random = (most: number) => (seed = (seed * 48_271) % 2_147_483_647) % most
    let series = new UsageSeries()
    const whole = new UsageSeries()
    const before = new Map<string, number>()
    for (let at = 0; at < 20_000; at++) {
      const call = [cell(`m${random(90)}`, random(2) === 0 ? "cron" : ""), random(400) * dayMs, one] as const
      series.add(...call)
      whole.add(...call)
      if (at % 500 === 0) {
        for (const { names, sums } of series.all) {
          const name = JSON.stringify(names)
          assert.ok(sums.calls >= (before.get(name) ?? 0), name)
          before.set(name, sums.calls)
        }
        series = new UsageSeries(structuredClone(series.all))
      }
    }
    assert.deepEqual([callsOf(series.all), series.all.filter(({ listed }) => listed).length], [20_000, mostSeries])
    assert.deepEqual(
      new Map(series.all.map((each) => [JSON.stringify(each.names), each.sums])),
      new Map(whole.all.map((each) => [JSON.stringify(each.names), each.sums])),
    )
  })
})
