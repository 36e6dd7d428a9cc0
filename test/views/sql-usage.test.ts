/** Model calls in SQL: a row a call however often it was told of, and the same sums as `spend`. */
import assert from "node:assert/strict"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, test } from "node:test"
import type { NewEvent } from "../../src/format/event.ts"
import { openPlainDatabase } from "../../src/vault/database.ts"
import { exportSqlite } from "../../src/views/export-sqlite.ts"
import { spendReport, type SpendKey } from "../../src/views/spend.ts"
import { askSql } from "../../src/views/sql.ts"
import { startMs, temporaryDirectory, temporaryLedger, type Ending } from "../ledger-fixture.ts"

/** Long enough not to turn up in a random id. */
const peer = "447700900123456"
const session = `agent:main:telegram:direct:${peer}`
const row = (letter: string) => letter.repeat(16)

/** Of the call of `row`, as the plugin heard it; by another id it is the same call. */
function heard(name: string, facts: object, id = name): NewEvent {
  const told = { row: row(name), agent: "main", via: "transcript", role: "assistant", provider: "anthropic", model: "m-1", api: "anthropic-messages" }
  return { type: "usage.reported", id: `usage.reported:s/${id}`, scope: { session }, facts: { ...told, ...facts } } as unknown as NewEvent
}

/** Three calls in columns: one that failed, one that nobody priced, one of a heartbeat. */
const read = {
  type: "usage.imported",
  id: "usage.imported:x/3",
  scope: { session: "agent:old:main" },
  facts: {
    agent: "old",
    via: "import",
    count: 3,
    ids: row("d") + row("e") + row("f"),
    models: [
      ["", "", ""],
      ["openai", "g-1", "openai-responses"],
    ],
    stops: ["", "error", "stop"],
    runs: [""],
    book: "00",
    rows: {
      atMs: [startMs - 5_000, startMs - 4_000, startMs - 3_001],
      latencyMs: [-1, 1_500, -1],
      model: [1, 1, 1],
      stop: [1, 2, 0],
      input: [1, 2, 3],
      output: [10, 20, 30],
      cacheRead: [100, 200, 300],
      cacheWrite: [1_000, 2_000, 3_000],
      cacheWrite1h: [0, 2_000, 0],
      reasoning: [0, 5, 0],
      reported: [-1, -1, 9_000_000],
      run: [0, 0, 0],
      kind: [-1, -1, 4],
    },
    computed: [1_000_000, -1, -1],
  },
} as unknown as NewEvent

function usedLedger(t: Ending) {
  const ledger = temporaryLedger(t)
  const counts = { inputTokens: 7, outputTokens: 3, cacheReadTokens: 50, cacheWriteTokens: 11, cacheWrite1hTokens: 4, reasoningTokens: 2 }
  const place = { channel: "telegram", chatType: "direct", sender: "~who", run: "r-1", response: "resp-1" }
  const cost = { reportedNanos: "2000000", computedNanos: "1999999" }
  ledger.record(
    heard("a", { ...counts, ...place, ...cost, stopReason: "stop", latencyMs: 1_200, atMs: startMs + 123 }),
    heard("a", { ...counts, ...place, ...cost, stopReason: "stop", latencyMs: 9_999, atMs: startMs + 124 }, "again"),
    heard("b", { inputTokens: 1, stopReason: "aborted", atMs: startMs + 200, reportedNanos: "0" }),
    heard("c", { outputTokens: 5, stopReason: "toolUse", atMs: startMs + 300, imported: true, computedNanos: "500" }),
    read,
  )
  const access = ledger.read()
  const ask = (query: string) => askSql(access, query, 100).rows
  return { ledger, access, ask }
}

describe("llm_usage_events", () => {
  test("has a row a call, whichever events told of it", (t) => {
    const { access, ask, ledger } = usedLedger(t)
    const { columns, rows } = askSql(access, "SELECT * FROM llm_usage_events ORDER BY id", 100)
    const calls = rows.map((cells) => Object.fromEntries(columns.map((column, at) => [column, cells[at]])))
    assert.deepEqual(
      calls.map(({ id }) => id),
      ["a", "b", "c", "d", "e", "f"].map(row),
    )
    const scope = ledger.open().scopes.resolve({ session }, startMs).name
    assert.deepEqual(calls[0], {
      id: row("a"),
      timestamp: new Date(startMs + 123).toISOString(),
      sequence: 1,
      imported: 0,
      agent: "main",
      session_id: scope,
      sender: "~who",
      parent_session: null,
      run: "r-1",
      kind: "turn",
      cron: null,
      project: null,
      channel: "telegram",
      chat_type: "direct",
      provider: "anthropic",
      model: "m-1",
      api: "anthropic-messages",
      response_id: "resp-1",
      stop_reason: "stop",
      success: 1,
      latency_ms: 1_200,
      input_tokens: 7,
      cache_read_tokens: 50,
      cache_write_tokens: 11,
      output_tokens: 3,
      total_tokens: 71,
      cache_write_1h_tokens: 4,
      reasoning_tokens: 2,
      reported_nanos: 2_000_000,
      computed_nanos: 1_999_999,
      cost_nanos: 1_999_999,
      cost_usd: 0.001999999,
    })
    assert.deepEqual(ask("SELECT success, imported, kind, latency_ms, reported_nanos, computed_nanos, cost_nanos FROM llm_usage_events ORDER BY id"), [
      [1, 0, "turn", 1_200, 2_000_000, 1_999_999, 1_999_999],
      [0, 0, "turn", null, 0, null, null],
      [1, 1, "turn", null, null, 500, 500],
      [0, 1, "turn", null, null, 1_000_000, 1_000_000],
      [1, 1, "turn", 1_500, null, null, null],
      [null, 1, "heartbeat", null, 9_000_000, null, 9_000_000],
    ])
    assert.deepEqual(ask("SELECT timestamp, sequence FROM llm_usage_events WHERE agent = 'old' AND kind = 'heartbeat'"), [
      [new Date(startMs - 3_001).toISOString(), 5],
    ])
  })

  test("adds up to what spend says, by every key both have", (t) => {
    const { access, ask } = usedLedger(t)
    const spend = (by: readonly SpendKey[]) => spendReport(access, { by, fromMs: 0, toMs: startMs * 2, zone: "UTC", limit: 100, order: "cost" })
    const { total } = spend([])
    const sums = `count(*), sum(success = 0), sum(input_tokens), sum(output_tokens), sum(cache_read_tokens), sum(cache_write_tokens), sum(total_tokens),
      sum(cost_nanos), sum(reported_nanos), sum(computed_nanos), sum(cost_nanos IS NULL)`
    const { calls, failed, input, output, cache_read, cache_write, tokens, cost, reported, computed, unpriced } = total
    assert.deepEqual(ask(`SELECT ${sums} FROM llm_usage_events`), [
      [calls, failed, input, output, cache_read, cache_write, tokens, cost, reported, computed, unpriced],
    ])
    assert.deepEqual([calls, failed, cost, unpriced], [6, 2, 1_999_999 + 500 + 1_000_000 + 9_000_000, 2])
    for (const [key, column] of [
      ["agent", "agent"],
      ["kind", "kind"],
      ["channel", "coalesce(channel, '')"],
      ["model", "provider || '/' || model"],
    ] as const) {
      const told = spend([key]).rows.map((row) => [row.keys[key], row.calls, row.cost, row.tokens])
      const asked = ask(`SELECT ${column}, count(*), sum(coalesce(cost_nanos, 0)), sum(total_tokens) FROM llm_usage_events GROUP BY 1`)
      assert.deepEqual(
        asked,
        told.toSorted((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1)),
      )
    }
  })
})

describe("forged figures", () => {
  test("that no sum can hold keep no view from being built", (t) => {
    const ledger = temporaryLedger(t)
    const most = String(Number.MAX_SAFE_INTEGER)
    for (let call = 0; call < 1_100; call++)
      ledger.record(heard(`c${call}`, { inputTokens: 1, atMs: startMs, computedNanos: most, row: String(call).padStart(16, "r") }))
    const { facts } = read as unknown as { readonly facts: object }
    ledger.record({ ...read, facts: { ...facts, computed: [7.5e16, 7.5e16, 7.5e16] } } as unknown as NewEvent)
    const access = ledger.read()
    const { total } = spendReport(access, { by: [], fromMs: 0, toMs: startMs * 2, zone: "UTC", limit: 9, order: "cost" })
    assert.deepEqual([total.calls, total.cost >= Number.MAX_SAFE_INTEGER], [1_103, true])
    assert.deepEqual(askSql(access, "SELECT computed_nanos FROM llm_usage_events WHERE agent = 'old'", 9).rows, [[null], [null], [null]])
  })
})

describe("spend by day", () => {
  test("goes on from day to day, and of too many shows the latest", (t) => {
    const ledger = temporaryLedger(t)
    const costs = [5_000, 1_000, 9_000]
    ledger.record(...costs.map((nanos, day) => heard("abc"[day] ?? "", { inputTokens: 1, atMs: startMs + day * 86_400_000, computedNanos: String(nanos) })))
    const spend = (limit: number) =>
      spendReport(ledger.read(), { by: ["day"], fromMs: 0, toMs: startMs * 2, zone: "UTC", limit, order: "cost" }).rows.map(({ cost }) => cost)
    assert.deepEqual(spend(10), costs)
    assert.deepEqual(spend(2), [1_000, 9_000])
  })
})

describe("governance", () => {
  test("tells the same calls by the names others use", (t) => {
    const { access, ask } = usedLedger(t)
    const { columns, rows } = askSql(access, "SELECT * FROM governance WHERE agent_id = 'main' ORDER BY event_ts LIMIT 1", 100)
    const call = Object.fromEntries(columns.map((column, at) => [column, rows[0]?.[at]]))
    const { event_id, event_ts, session_id, session_key, sequence, ...rest } = call
    assert.deepEqual([event_id, event_ts, sequence], [row("a"), new Date(startMs + 123).toISOString(), 1])
    assert.deepEqual(ask("SELECT DISTINCT session_id FROM llm_usage_events WHERE agent = 'main'"), [[session_id ?? ""]])
    assert.equal(session_id, session_key)
    assert.deepEqual(rest, {
      agent_id: "main",
      channel: "telegram",
      chat_type: "direct",
      origin_provider: "telegram",
      provider: "anthropic",
      model: "m-1",
      api: "anthropic-messages",
      stop_reason: "stop",
      input_tokens: 7,
      output_tokens: 3,
      cache_read_tokens: 50,
      cache_write_tokens: 11,
      total_tokens: 71,
      cost_input: null,
      cost_output: null,
      cost_cache_read: null,
      cost_cache_write: null,
      cost_total: 0.001999999,
      cost_total_nanos: 1_999_999,
      imported: 0,
    })
    const sums = "count(*), sum(total_tokens), sum(imported)"
    assert.deepEqual(ask(`SELECT ${sums}, sum(cost_total_nanos) FROM governance`), ask(`SELECT ${sums}, sum(cost_nanos) FROM llm_usage_events`))
  })
})

describe("what each class of tokens cost", () => {
  // Nano-dollars per million tokens: 1 a token of input, 2 from a cache, 3 written to one, 4 for an hour, 5 of output.
  const rates = [1e6, 2e6, 3e6, 4e6, 5e6]

  test("comes from the rates of the call, heard or imported, and adds up to its cost", (t) => {
    const ledger = temporaryLedger(t)
    const counts = { inputTokens: 7, outputTokens: 3, cacheReadTokens: 50, cacheWriteTokens: 11, cacheWrite1hTokens: 4 }
    const { facts } = read as unknown as { readonly facts: object }
    const computed = [1 + 50 + 200 + 3_000, -1, 2 * (3 + 600 + 9_000 + 150)]
    ledger.record(heard("a", { ...counts, computedNanos: "159", rates }), {
      ...read,
      facts: { ...facts, computed, rates: [rates, rates.map((rate) => rate * 2)], rate: [0, -1, 1] },
    } as unknown as NewEvent)
    const access = ledger.read()
    const nanos = ["input", "output", "cache_read", "cache_write", "total"].map((name) => `round(cost_${name} * 1e9, 3)`).join(", ")
    assert.deepEqual(askSql(access, `SELECT event_id, ${nanos} FROM governance ORDER BY event_id`, 100).rows, [
      [row("a"), 7, 15, 100, 21 + 16, 159],
      [row("d"), 1, 50, 200, 3_000, 3_251],
      [row("e"), null, null, null, null, null],
      [row("f"), 6, 300, 1_200, 18_000, 19_506],
    ])
  })

  test("is told of every row of an import by one number, where all have the same rates", (t) => {
    const ledger = temporaryLedger(t)
    const { facts } = read as unknown as { readonly facts: object }
    ledger.record({ ...read, facts: { ...facts, rates: [rates], rate: 0 } } as unknown as NewEvent)
    assert.deepEqual(askSql(ledger.read(), "SELECT round(cost_input * 1e9, 3) FROM governance ORDER BY event_id", 100).rows, [[1], [2], [3]])
  })
})

describe("export sqlite", () => {
  test("has both as tables, of the same sums, and nothing of the names in sessions", (t) => {
    const { access, ask } = usedLedger(t)
    const path = join(temporaryDirectory(t), "ledger.sqlite")
    writeFileSync(path, "")
    exportSqlite(access, path, "2026-11-28T00:00:00.000Z")
    const out = openPlainDatabase(path)
    t.after(() => out.close())
    for (const query of [
      "SELECT count(*), sum(total_tokens), sum(cost_nanos), total(cost_usd), sum(imported) FROM llm_usage_events",
      "SELECT * FROM llm_usage_events ORDER BY id",
      "SELECT * FROM governance ORDER BY event_id",
    ])
      assert.deepEqual(out.prepare(query).raw().all(), ask(query), query)
    assert.equal(JSON.stringify(ask("SELECT * FROM llm_usage_events, governance")).includes(peer), false)
  })
})
