/** Digests: whose turn it is, what is told of a report and to whom, and that every kind of receiver takes it. */
import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { describe, test } from "node:test"
import { parseAlerts } from "../../../src/policy/alerts/alert-rule.ts"
import { digestOf, dueDigest, isOfNothing } from "../../../src/policy/alerts/digest.ts"
import { emptyAlerts } from "../../../src/policy/alerts/state.ts"
import { evolveAlerts } from "../../../src/policy/alerts/evolve.ts"
import { digestBody } from "../../../src/policy/alerts/shapes/digest.ts"
import type { JsonObject } from "../../../src/base/json.ts"
import { detectors } from "../../../src/views/anomalies/detector-list.ts"
import { problems } from "../../alerts/receivers.ts"
import { alertRig, startMs } from "./rig.ts"

const yesterday = { period: "daily" as const, label: "2026-05-31" }
const lastWeek = { period: "weekly" as const, label: "2026-W22" }
const context = { nowMs: startMs, origin: "ledger.test/1" }
const rule = parseAlerts({
  alerts: { webhooks: [{ url: "https://hooks.example.com/a", name: "own", minSeverity: "info" }] },
  reportWebhook: "https://hooks.example.com/b",
})

const report: JsonObject = {
  ...{ schemaVersion: 1, generatedAt: "2026-06-01T00:02:00.000Z", settings: { dupWindowSec: 60, lookbackDays: 30, topTools: 10 } },
  period: { kind: "daily", from: "2026-05-31T00:00:00.000Z", to: "2026-06-01T00:00:00.000Z", label: "2026-05-31", tz: "UTC" },
  activity: { total: 12_345, byCategory: [{ category: "tool", count: 12_345 }] },
  cron: { executed: 3, failed: 1, byType: [], configured: [], configuredFrom: null },
  topTools: {
    total: 2,
    truncated: false,
    tools: ["exec", "<!channel> @everyone [x](http://evil.example)"].map((tool) => ({ tool, invoked: 5, failed: 0, denied: 0 })),
  },
  modelSpend: { calls: 7, costNanos: "1234000000", truncated: false, byModel: [{ model: "a/b", calls: 7, tokens: 9, costNanos: "1234000000" }], unpriced: [] },
  outbound: { sent: 4, failed: 2, byChannel: [{ channel: "telegram", sent: 4, failed: 2 }] },
  anomalies: {
    ...Object.fromEntries(Object.keys(detectors).map((name) => [name, []])),
    duplicates: [
      {
        channel: "telegram",
        recipient: "+15550109999",
        count: 2,
        length: 5,
        first: "2026-05-31T10:00:00.000Z",
        last: "2026-05-31T10:00:01.000Z",
        sequences: [4, 5],
      },
    ],
    ...{ integrity: [], sequenceHoles: [], gaps: [], denialSpikes: [], installs: [], spendSpikes: [], idleBurn: [], loops: [] },
    firstSeenTools: [{ tool: "exec", calls: 1, firstQuarter: "2026-05-31T10:00:00.000Z" }],
    truncated: false,
  },
  integrity: { lastEvent: { id: "x", sequence: 99, at: "2026-05-31T23:00:00.000Z", hash: "00" }, checkpoint: null, anchored: null, removedBefore: null },
}

function made(of = yesterday as Parameters<typeof digestOf>[1], told: unknown = report) {
  assert.ok(rule)
  return digestOf(told, of, rule, context)
}

describe("digests", () => {
  test("a day is told once, then the week; what was told last stands on record", () => {
    const state = emptyAlerts()
    const over = [yesterday, lastWeek]
    assert.deepEqual(dueDigest(state, over), yesterday)
    const event = made()
    assert.ok(event)
    evolveAlerts(state, { sequence: 7, timeMs: startMs, type: event.type, facts: event.facts as unknown as JsonObject })
    assert.deepEqual(dueDigest(state, over), lastWeek)
    assert.deepEqual(dueDigest(state, [yesterday]), undefined)
    assert.deepEqual(dueDigest(state, [{ period: "daily", label: "2026-06-01" }]), { period: "daily", label: "2026-06-01" })
    assert.deepEqual(
      [...state.pending.values()].map(({ receiver, sequence }) => [receiver, sequence]),
      [["report", 7]],
    )
    // It is nothing that other alerts are counted with.
    assert.deepEqual([state.recent.others.length, state.waiting.size, state.windows.size], [0, 0, 0])
  })

  test("goes to the receiver of reports alone, which is told of nothing else", () => {
    assert.deepEqual(made()?.facts.receivers, ["report"])
    const rig = alertRig()
    const withReports = parseAlerts({ alerts: { webhooks: [] }, reportWebhook: "https://hooks.example.com/b" })
    assert.ok(withReports)
    Object.assign(rig.rule, withReports)
    rig.record("guard.disabled", { reason: "test" })
    assert.deepEqual(
      rig.raised().map(({ receivers }) => receivers),
      [[]],
    )
  })

  test("of one day there is one name, whenever it is made, and whoever is told", () => {
    assert.ok(rule)
    const later = digestOf(report, yesterday, rule, { ...context, nowMs: startMs + 1 })
    assert.equal(made()?.facts.alert, later?.facts.alert)
    const weekly = { ...report, period: { ...(report["period"] as object), kind: "weekly", label: "2026-W22" } }
    assert.notEqual(made(lastWeek, weekly)?.facts.alert, later?.facts.alert)
  })

  test("recipients are hashes in what leaves; nothing else is", () => {
    const projection = made()?.content["projection"] as JsonObject
    const text = JSON.stringify(projection)
    assert.ok(!text.includes("+1555") && text.includes(`"recipient":"sha256:${createHash("sha256").update("+15550109999").digest("hex").slice(0, 16)}"`), text)
    assert.deepEqual({ ...projection, anomalies: null }, { ...report, anomalies: null })
  })

  test("an answer that is no report of that time is not told", () => {
    for (const answer of [undefined, null, {}, { period: { kind: "weekly", label: "2026-05-31" } }, { period: { kind: "daily", label: "2026-05-30" } }])
      assert.equal(rule && digestOf(answer, yesterday, rule, context), undefined)
  })

  test("nothing happened", () => {
    assert.equal(isOfNothing({ activity: { total: 0 }, modelSpend: { costNanos: "0" } }), true)
    for (const told of [undefined, {}, { activity: { total: 1 }, modelSpend: { costNanos: "0" } }, { activity: { total: 0 }, modelSpend: { costNanos: "5" } }])
      assert.equal(isOfNothing(told), false)
  })

  for (const kind of ["slack", "discord", "json"] as const) {
    test(`${kind} takes it, and nothing in it is a mention or a link`, () => {
      const event = made()
      assert.ok(event)
      const body = digestBody(kind, event.facts, event.content["projection"] as JsonObject, context.origin) as Readonly<Record<string, unknown>>
      assert.equal(problems[kind](body), undefined)
      const { projection, ...others } = body
      const shown = JSON.stringify(others)
      assert.ok(!/<!channel>|@everyone|http:\/\/evil/.test(kind === "json" ? JSON.stringify(others["blocks"]) : shown), shown)
      assert.match(shown, /12,345 events/)
      assert.match(shown, /\$1\.23|\\\\?\$1\.23/)
      assert.equal(projection !== undefined, kind === "json")
    })
  }
})
