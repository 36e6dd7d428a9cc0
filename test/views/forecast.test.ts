/** Forecasts from what was posted, and how they read. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { createColors } from "picocolors"
import { parseBudget } from "../../src/ledger/budget-rule.ts"
import type { Command } from "../../src/ledger/commands.ts"
import { forecastJson, forecastText } from "../../src/surfaces/render/forecast-text.ts"
import { budgetForecasts, goneWords, soonestGone } from "../../src/views/forecast.ts"
import { moneyLines } from "../../src/surfaces/render/money-lines.ts"
import { moneyNow } from "../../src/views/money.ts"
import { startMs, type Ending } from "../ledger-fixture.ts"
import { cents, spentLedger, type SpentLedger } from "./spent-ledger.ts"

const hourMs = 3_600_000
const quarterMs = hourMs / 4
const nowMs = startMs + 30 * hourMs

const terminal = { colors: createColors(false) } as Parameters<typeof forecastText>[2]

const budget = (words: Parameters<typeof parseBudget>[0], atMs = startMs): Command => ({ do: "set-budget", atMs, rule: parseBudget(words) })

/** Spends money, tokens and a call every quarter of an hour up to now. */
function burning(
  t: Ending,
  quarters: number,
  budgets: readonly Command[],
  spendOf = (_at: number) => ({ agent: "main", provider: "anthropic", model: "claude" }),
): SpentLedger {
  const spent = spentLedger(t)
  for (let at = quarters; at > 0; at--) {
    const amounts = { ...cents(10), tokens: 1_000n, calls: 1n }
    spent.give({
      do: "spend",
      id: `s${at}`,
      atMs: nowMs - at * quarterMs + 1,
      account: "agent:main",
      against: "spent:model/anthropic/claude",
      amounts,
      spend: spendOf(at),
    })
  }
  spent.give(...budgets)
  return spent
}

const forecastsOf = ({ ledger }: SpentLedger) => budgetForecasts(ledger.read(), nowMs)

describe("forecasts from postings", () => {
  test("count spends from before the budget was set, hold what is held for not left, and tell every unit that is limited", (t) => {
    const spent = burning(t, 40, [budget({ name: "daily", limits: ["5usd", "20 calls"], per: "day" }, nowMs - 1)])
    spent.give({
      do: "hold",
      id: "open",
      atMs: nowMs,
      ttlMs: hourMs,
      spend: { agent: "main" },
      parts: [{ account: "agent:main", amounts: { ...cents(300), calls: 1n } }],
    })
    const [daily] = forecastsOf(spent)
    assert.deepEqual(
      daily?.units.map(({ unit, left, verdict, basis, goneAtMs }) => [unit, left, verdict, basis, goneAtMs && (goneAtMs - nowMs) / hourMs]),
      [
        ["moneyNanos", 2_000_000_000n, "goes", "last hour", 5],
        ["calls", 19n, "goes", "last hour", 4.75],
      ],
    )
    assert.deepEqual(daily?.units[0]?.rates, { lastHour: 400_000_000, lastDay: 400_000_000, sameHours: null, days: 0 })
  })

  test("count what was spent for an agent by one that it began", (t) => {
    const payer = { agent: "sub", payer: "main", provider: "anthropic", model: "claude" }
    const spent = burning(t, 40, [budget({ name: "mine", limits: ["5usd"], per: "day", match: ["agent=main"] })], () => payer)
    const hold = { id: "h", atMs: nowMs - quarterMs + 2, spend: payer }
    spent.give({ do: "hold", ...hold, ttlMs: hourMs, parts: [{ account: "agent:main", amounts: cents(40), against: "spent:tool/exec" }] })
    spent.give({ do: "settle", id: hold.id, attempt: 1, atMs: hold.atMs, grade: "exact", parts: [{ account: "agent:main", amounts: cents(30) }] })
    assert.equal(forecastsOf(spent)[0]?.units[0]?.rates.lastHour, 700_000_000)
  })

  test("match as the budget does, settled holds too, and corrections take off what they give back", (t) => {
    const spent = burning(t, 4, [budget({ name: "mine", limits: ["50usd"], per: "day", match: ["agent=main", "tool=exec"] })])
    for (const at of [1, 2, 3]) {
      const hold = { id: `h${at}`, atMs: nowMs - at * quarterMs + 2, spend: { agent: "main", tool: "exec" } }
      spent.give({ do: "hold", ...hold, ttlMs: hourMs, parts: [{ account: "agent:main", amounts: cents(40), against: "spent:tool/exec" }] })
      spent.give({ do: "settle", id: hold.id, attempt: 1, atMs: hold.atMs, grade: "exact", parts: [{ account: "agent:main", amounts: cents(30) }] })
    }
    spent.give({
      do: "correct",
      id: "back",
      atMs: nowMs,
      corrects: "h1",
      debit: "agent:main",
      credit: "spent:tool/exec",
      amounts: cents(20),
      spend: { agent: "main", tool: "exec" },
      reason: "twice",
    })
    const [mine] = forecastsOf(spent)
    assert.deepEqual(mine?.units[0]?.rates.lastHour, 700_000_000)
    assert.deepEqual(mine?.units[0]?.burners, { agents: [{ name: "main", share: 1 }], models: [{ name: "tool exec", share: 1 }], jobs: [] })
  })

  test("name the three who spend the most, with their shares of everything", (t) => {
    const names = ["a", "a", "a", "a", "b", "b", "b", "c", "c", "d"]
    const spent = burning(t, 20, [budget({ name: "daily", limits: ["50usd"], per: "day" })], (at) => ({
      agent: names[at % 10] ?? "",
      provider: "p",
      model: "m",
      ...(at % 4 === 0 ? { cron: "nightly" } : {}),
    }))
    const { burners } = forecastsOf(spent)[0]?.units[0] ?? assert.fail()
    assert.deepEqual(burners, {
      agents: [
        { name: "a", share: 0.4 },
        { name: "b", share: 0.3 },
        { name: "c", share: 0.2 },
      ],
      models: [{ name: "p/m", share: 1 }],
      jobs: [{ name: "nightly", share: 0.25 }],
    })
  })

  test("a rolling span lets go of what it holds", (t) => {
    const rolling = budget({ name: "rolling", limits: ["10usd"], per: "rolling 8h" }, nowMs - 20 * hourMs)
    const spent = spentLedger(t)
    spent.give(rolling)
    for (let at = 60; at > 0; at--)
      spent.give({ do: "spend", id: `s${at}`, atMs: nowMs - at * quarterMs + 1, account: "agent:main", amounts: cents(25), spend: { agent: "main" } })
    const { verdict, atEnd, left } = forecastsOf(spent)[0]?.units[0] ?? assert.fail()
    assert.deepEqual([verdict, atEnd], ["lasts", 8_000_000_000])
    assert.ok(left <= 2_000_000_000n && left >= 1_500_000_000n, String(left))
  })

  test("the soonest gone is the one that is gone already, then by time; a limit of nothing is a ban and never was there", (t) => {
    const spent = burning(t, 40, [
      budget({ name: "large", limits: ["100usd"], per: "month" }, nowMs - 1),
      budget({ name: "small", limits: ["3usd"], per: "lifetime" }, nowMs - 1),
      budget({ name: "calls", limits: ["20 calls"], per: "lifetime" }, nowMs - 1),
      budget({ name: "none", limits: ["0usd"], per: "day" }, nowMs - 1),
    ])
    const soonest = () => soonestGone(forecastsOf(spent), nowMs)
    assert.deepEqual(soonest(), {
      name: "calls",
      unit: "calls",
      left: "20",
      goneAt: new Date(nowMs + 5 * hourMs).toISOString(),
      resetsAt: null,
      basis: "last hour",
      zone: "UTC",
    })
    assert.equal(goneWords(soonest() ?? assert.fail()), "calls: 20 calls left, gone about 2026-11-19 22:06 UTC (as in the last hour)")
    spent.give({ do: "spend", id: "rest", atMs: nowMs, account: "agent:main", amounts: cents(400), spend: { agent: "main" } })
    assert.equal(goneWords(soonest() ?? assert.fail()), "small: nothing is left, and it does not reset")
  })

  test("without budgets, and of nothing, there is nothing to tell", (t) => {
    const spent = spentLedger(t)
    assert.deepEqual(forecastsOf(spent), [])
    assert.equal(soonestGone([], nowMs), null)
    spent.give(budget({ name: "daily", limits: ["5usd"], per: "day" }))
    assert.equal(forecastsOf(spent)[0]?.units[0]?.verdict, "unclear")
  })
})

describe("a forecast reads", () => {
  test("as text on few lines, and as JSON with whole amounts", (t) => {
    const spent = burning(t, 40, [
      budget({ name: "daily", limits: ["2usd"], per: "day", zone: "Europe/Berlin" }, nowMs - 1),
      budget({ name: "ever", limits: ["1m calls"], per: "lifetime", match: ["agent=nobody"] }),
    ])
    const forecasts = forecastsOf(spent)
    const text = forecastText(forecasts, nowMs, terminal)
    assert.match(text, /^daily {2}day\n {2}█?░{19,20} \$0\.00 spent, \$2\.00 left of \$2\.00\n/)
    assert.match(text, /\n {4}rate {4}\$0\.40\/h in the last hour, \$0\.40\/h in the last 24 h\n/)
    assert.match(
      text,
      /\n {4}ahead {3}gone about \d\d:\d\d Europe\/Berlin, before it resets 00:00; would come to \$\d+\.\d\d by then \(as in the last hour\)\n/,
    )
    assert.match(text, /\n {4}by {6}agent main 100 %; model anthropic\/claude 100 %\n/)
    assert.match(text, /\never {2}lifetime\n.*0 calls spent, 1\.00M calls left of 1\.00M calls\n.*\n {4}ahead {3}too little to tell\n$/)
    const json = JSON.parse(JSON.stringify(forecastJson(forecasts, nowMs))) as {
      schemaVersion: number
      budgets: { units: { perHour: object; goneAt: string; verdict: string }[] }[]
    }
    assert.deepEqual(
      [json.schemaVersion, json.budgets[0]?.units[0]?.perHour],
      [1, { lastHour: "400000000", lastDay: "400000000", sameHours: null, sameHoursDays: 0 }],
    )
    assert.equal(json.budgets[0]?.units[0]?.goneAt, new Date(nowMs + 5 * hourMs).toISOString())
  })

  test("as one line of the money in status", (t) => {
    const spent = burning(t, 40, [budget({ name: "daily", limits: ["2usd"], per: "day" }, nowMs - 1)])
    const money = moneyNow(spent.ledger.read(), nowMs)
    assert.match(
      moneyLines(money, terminal).at(-1) ?? "",
      /^ {2}gone first {11}daily: \$2\.00 left, gone about 2026-\d\d-\d\d \d\d:\d\d UTC \(as in the last hour\)$/,
    )
    assert.doesNotMatch(moneyLines({ ...money, soonest: null }, terminal).join(), /gone/)
  })

  test("of no budget as the way to one", () => {
    assert.match(forecastText([], nowMs, terminal), /^There is no budget/)
  })
})
