/** Calls added up in SQL: what the views over roll-ups say is what adding up the calls themselves comes to. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { askSql } from "../../src/views/sql.ts"
import { temporaryLedger, type Ending } from "../ledger-fixture.ts"
import { callOf, pricedNanos, told, toldLedger } from "./told-calls.ts"

function asking(t: Ending) {
  const access = toldLedger(t).read()
  return (query: string) => askSql(access, query, 100).rows
}

describe("usage_by views", () => {
  const times = { hour: "substr(timestamp, 1, 13) || ':00:00Z'", day: "date(timestamp)", week: "date(timestamp, '-6 days', 'weekday 1')" }
  const same = ["agent", "session_id", "provider", "channel", "chat_type"].map((column) => [column.replace("_id", ""), column, column])
  const rows = [...Object.entries(times).map(([name, column]) => [name, name, column]), ...same, ["model", "provider, model", "provider, model"]]

  for (const [name = "", keys = "", columns = ""] of rows) {
    test(`usage_by_${name} adds up what llm_usage_events has`, (t) => {
      const ask = asking(t)
      const wanted = ask(`
        SELECT ${columns}, count(*), sum(coalesce(success = 0, 0)), sum(cost_nanos IS NULL), sum(input_tokens), sum(cache_read_tokens), sum(cache_write_tokens),
          sum(output_tokens), sum(total_tokens), sum(cache_read_tokens), sum(input_tokens + cache_write_tokens),
          sum(cache_read_tokens) * 1.0 / nullif(sum(input_tokens + cache_read_tokens + cache_write_tokens), 0),
          sum(coalesce(cost_nanos, 0)), sum(coalesce(cost_nanos, 0)) / 1e9, sum(cost_nanos) / 1e9 / nullif(count(cost_nanos), 0)
        FROM llm_usage_events GROUP BY ${columns} ORDER BY 1, 2`)
      assert.deepEqual(ask(`SELECT * FROM usage_by_${name} ORDER BY ${keys}, 2`), wanted)
      assert.ok(wanted.length > 0)
    })
  }

  test("an answer of unknown cost makes the average neither higher nor lower", (t) => {
    const ask = asking(t)
    const shown = "calls, unpriced_calls, cost_total_nanos, average_cost, cached_tokens, fresh_tokens"
    const nanos = Number(pricedNanos(told.first) + pricedNanos(told.second))
    const fresh = told.first.input + told.first.cacheWrite + 1
    assert.deepEqual(ask(`SELECT ${shown} FROM usage_by_channel WHERE channel = 'telegram'`), [[2, 0, nanos, nanos / 1e9 / 2, 50_001, fresh]])
    assert.deepEqual(ask(`SELECT ${shown} FROM usage_by_agent WHERE agent LIKE '=%'`), [[1, 1, 0, null, 0, 10]])
  })

  test("weeks begin on Mondays, also the first one there was", (t) => {
    const ledger = temporaryLedger(t)
    const days = ["1970-01-01", "1970-01-04", "1970-01-05", "2026-11-29", "2026-11-30"]
    ledger.record(...days.map((day, at) => callOf(`day-${at}`, { input: 1, atMs: Date.parse(day) + 1 })))
    assert.deepEqual(askSql(ledger.read(), "SELECT week, calls FROM usage_by_week", 9).rows, [
      ["1969-12-29", 2],
      ["1970-01-05", 1],
      ["2026-11-23", 1],
      ["2026-11-30", 1],
    ])
  })
})
