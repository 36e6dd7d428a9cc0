/** Metrics: what they count, what their labels may hold, how many series there are at most, and a ledger that is asked again and again. */
import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { describe, test } from "node:test"
import { parseBudget } from "../../src/ledger/budget-rule.ts"
import { emptyState } from "../../src/ledger/state.ts"
import { LedgerBook } from "../../src/operations/spend/ledger-book.ts"
import { contentTypes, expositionFor, metricsText } from "../../src/surfaces/render/metrics-text.ts"
import { LiveLedger } from "../../src/views/live-ledger.ts"
import { budgetMetrics } from "../../src/views/metrics-budgets.ts"
import { metricsOf, metricsWithout, type MetricsQuestion } from "../../src/views/metrics.ts"
import type { Metric } from "../../src/views/metric.ts"
import { startMs, temporaryLedger, type Ending, type TestLedger } from "../ledger-fixture.ts"
import { requireTool } from "../tools.ts"
import { cents } from "./spent-ledger.ts"

const question: MetricsQuestion = { nowMs: startMs + 1_000, version: "test", writer: null, host: null }

function liveOf(t: Ending, { files, places }: TestLedger) {
  const live = new LiveLedger(files, () => places)
  t.after(() => live.close())
  return (more: Partial<MetricsQuestion> = {}) => live.ask((access, state) => metricsOf(access, state, { ...question, ...more }))
}

function valueOf(metrics: readonly Metric[], name: string, labels: object = {}): number | undefined {
  const samples = metrics.find((metric) => metric.name === name)?.samples ?? []
  return samples.find((sample) => Object.entries(labels).every(([key, value]) => sample.labels[key] === value))?.value
}

const usage = (n: number, more: object = {}) =>
  ({
    type: "usage.reported",
    id: `u${n}`,
    facts: {
      role: "assistant",
      row: `row${n}`,
      inputTokens: 10,
      outputTokens: 2,
      cacheReadTokens: 5,
      computedNanos: "250000000",
      provider: "p",
      model: "m",
      agent: "main",
      atMs: startMs + n,
      ...more,
    },
  }) as const

describe("metrics", () => {
  test("count each call once, in tokens, dollars and failures, by provider, model, agent and kind", (t) => {
    const ledger = temporaryLedger(t)
    ledger.record(usage(1), usage(2, { runKind: "cron", stopReason: "error" }), usage(1), usage(3, { computedNanos: undefined, model: "free" }))
    const metrics = liveOf(t, ledger)()
    const turn = { provider: "p", model: "m", agent: "main", kind: "turn" }
    assert.deepEqual([valueOf(metrics, "model_calls", turn), valueOf(metrics, "model_calls", { kind: "cron" })], [1, 1])
    assert.deepEqual([valueOf(metrics, "model_cost_dollars", turn), valueOf(metrics, "model_call_failures", { kind: "cron" })], [0.25, 1])
    const classes = ["input", "output", "cache_read", "cache_write"].map((name) => valueOf(metrics, "model_tokens", { ...turn, class: name }))
    assert.deepEqual(classes, [10, 2, 5, 0])
    assert.equal(valueOf(metrics, "unpriced_model_calls"), 1)
    assert.equal(valueOf(metrics, "model_call_failures", turn), undefined, "what never failed has no series")
  })

  test("tell of budgets as they stand, in base units, and whether anything is frozen", (t) => {
    const ledger = temporaryLedger(t)
    const book = new LedgerBook()
    const spend = { agent: "main", model: "m", provider: "p" }
    ledger.record(
      ...book.give({ do: "set-budget", atMs: startMs, rule: parseBudget({ name: "daily", limits: ["5usd", "30s"], per: "day" }) }).events,
      ...book.give({ do: "spend", id: "s", atMs: startMs + 1, spend, account: "agent:main", amounts: cents(150), against: "spent:p/m" }).events,
      ...book.give({ do: "freeze", target: { budget: "daily" }, reason: "a test", atMs: startMs + 2 }).events,
    )
    const metrics = liveOf(t, ledger)()
    const of = (name: string) => valueOf(metrics, name, { budget: "daily" })
    assert.deepEqual([of("budget_limit_dollars"), of("budget_used_dollars"), of("budget_held_dollars"), of("budget_limit_seconds")], [5, 1.5, 0, 30])
    assert.deepEqual([of("budget_used_ratio"), of("budget_blocks")], [0.3, 1])
    assert.equal((of("budget_reset_timestamp_seconds") ?? 0) * 1_000, Math.ceil((startMs + 1) / 86_400_000) * 86_400_000)
    assert.equal(valueOf(metrics, "posted_dollars", { grade: "counted" }), 1.5)
    assert.equal(valueOf(metrics, "frozen", { what: "budget" }), 1)
  })

  test("are up to date at every question", (t) => {
    const ledger = temporaryLedger(t)
    ledger.append(20)
    const ask = liveOf(t, ledger)
    const entries = () => valueOf(ask(), "journal_entries")
    assert.equal(entries(), 21)
    ledger.append(10)
    assert.equal(entries(), 31)
    const counted = () => valueOf(ask(), "entries", { category: "tool" })
    const before = counted()
    ledger.append(7)
    assert.equal(counted(), (before ?? 0) + 3)
  })

  test("have at most five hundred series, whatever models, agents, budgets and reasons there are, and no label of a person", (t) => {
    const ledger = temporaryLedger(t)
    const book = new LedgerBook()
    for (let n = 0; n < 400; n++) ledger.record(usage(n, { model: `m${n}`, agent: `a${n % 50}`, stopReason: n % 2 === 0 ? "error" : "stop" }))
    for (let n = 0; n < 60; n++) {
      ledger.record(
        { type: "capture.gap", id: `g${n}`, facts: { reason: `reason ${n}`, count: 1, byType: {}, fromMs: startMs, toMs: startMs } },
        { type: "spend.refused", id: `r${n}`, facts: { why: `why ${n}`, door: "run" } },
        { type: "outbound.refused", id: `o${n}`, facts: { why: `why ${n}` as never, channel: "whatsapp", peer: "p", atMs: startMs } },
        ...book.give({ do: "set-budget", atMs: startMs, rule: parseBudget({ name: `b${n}`, limits: ["5usd", "9 calls", "1m tokens"], per: "day" }) }).events,
      )
    }
    ledger.append(300)
    const metrics = liveOf(t, ledger)()
    const series = metrics.reduce((sum, { samples }) => sum + samples.length, 0)
    assert.ok(series > 350 && series <= 500, `${series} series`)
    const calls = metrics.find(({ name }) => name === "model_calls")?.samples ?? []
    assert.equal(
      calls.reduce((sum, { value }) => sum + value, 0),
      valueOf(metrics, "entries", { category: "prompt" }),
      "those without a place are counted in other",
    )
    assert.ok(valueOf(metrics, "model_calls", { model: "other", kind: "other" }))
    assert.equal(valueOf(metrics, "budgets_not_shown"), 60 - 12)
    assert.equal((metrics.find(({ name }) => name === "gaps")?.samples ?? []).reduce((sum, { value }) => sum + value, 0) >= 60, true)
    const text = metricsText(metrics, "prometheus")
    for (const word of ["agent:main:main", "telegram", "4242", "+1555", "run-"]) assert.ok(!text.includes(word), word)
  })

  test("of a ledger that cannot be read say so, and of one that comes back tell again", (t) => {
    const ledger = temporaryLedger(t)
    assert.equal(valueOf(metricsWithout(question), "up"), 0)
    const live = new LiveLedger(ledger.files, () => ({ keyFile: "/nowhere", environment: {} }))
    assert.throws(() => live.ask(() => 0), /master key/i)
    const ask = liveOf(t, ledger)
    assert.equal(valueOf(ask(), "up"), 1)
  })

  test("have no two of one name, and names with their base units", () => {
    const names = budgetMetrics(emptyState(), startMs).map(({ name }) => name)
    assert.deepEqual([...new Set(names)], names)
    for (const name of names) assert.match(name, /^[a-z][a-z_]*[a-z]$/)
    assert.ok(names.includes("budget_limit_read_bytes") && names.includes("budget_held_tokens"))
  })
})

describe("their text", () => {
  const metric = (labels: Record<string, string>, value = 1): Metric => ({
    name: "x",
    kind: "counter",
    help: 'A "help"\\ with\na line.',
    samples: [{ labels, value }],
  })

  test("escapes what labels may hold, never cuts a character in two, and ends OpenMetrics", () => {
    const hostile = 'a"b\\c\nd'
    assert.equal(
      metricsText([metric({ l: hostile })], "prometheus"),
      '# HELP sovereign_ledger_x_total A "help"\\\\ with\\na line.\n# TYPE sovereign_ledger_x_total counter\nsovereign_ledger_x_total{l="a\\"b\\\\c\\nd"} 1\n',
    )
    assert.equal(
      metricsText([metric({ l: hostile }, 0.5)], "openmetrics"),
      '# HELP sovereign_ledger_x A \\"help\\"\\\\ with\\na line.\n# TYPE sovereign_ledger_x counter\nsovereign_ledger_x_total{l="a\\"b\\\\c\\nd"} 0.5\n# EOF\n',
    )
    for (const text of [`${"x".repeat(118)}😀😀😀`, `${"x".repeat(119)}😀😀`, "\ud800broken"])
      assert.ok(metricsText([metric({ l: text })], "prometheus").isWellFormed())
    assert.equal(metricsText([{ ...metric({}), samples: [] }], "prometheus"), "\n", "one without a sample is left out")
  })

  test("is the one that is asked for", () => {
    const ofPrometheus =
      "application/openmetrics-text;version=1.0.0;q=0.8,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
    assert.equal(expositionFor(ofPrometheus), "openmetrics")
    for (const accept of [
      undefined,
      "",
      "*/*",
      "text/html",
      "text/plain",
      "application/openmetrics-text;q=0",
      "text/plain, application/openmetrics-text;q=0.1",
    ])
      assert.equal(expositionFor(accept), "prometheus", accept)
    assert.match(contentTypes.prometheus, /version=0\.0\.4/)
  })

  test("is accepted by promtool", requireTool("promtool"), (t) => {
    const ledger = temporaryLedger(t)
    ledger.append(700)
    ledger.record(usage(1, { model: 'od"d\\na\nme' }))
    const text = metricsText(liveOf(t, ledger)(), "prometheus")
    const checked = spawnSync("promtool", ["check", "metrics"], { input: text, encoding: "utf8" })
    assert.deepEqual([checked.status, checked.stdout, checked.stderr], [0, "", ""])
    assert.notEqual(spawnSync("promtool", ["check", "metrics"], { input: text.replace(/ 1\n/, " one\n") }).status, 0, "it does look")
  })
})
