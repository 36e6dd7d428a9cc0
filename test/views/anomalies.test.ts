/** What each detector finds, and what it does not: one labelled line a case, hits and near misses. */
import assert from "node:assert/strict"
import { after, describe, test, type TestContext } from "node:test"
import type { NewEvent } from "../../src/format/event.ts"
import { noPermissionWords } from "../../src/format/gap.ts"
import { usualThresholds } from "../../src/policy/anomalies/thresholds.ts"
import { anomaliesIn, type Anomalies } from "../../src/views/anomalies/detector-list.ts"
import { startMs } from "../ledger-fixture.ts"
import { reportedLedger, type ReportedLedger } from "./reported-ledger.ts"

type Name = Exclude<keyof Anomalies, "truncated">
type Case = { readonly detector: Name; readonly label: string; readonly found: number; readonly make: (ledger: ReportedLedger) => void }

/** Of each case its own, far from the others', so that all of them stand in one ledger. */
let day = "2026-04-01T"
const dayOf = (index: number) => `${new Date(Date.UTC(2026, 3, 1 + 10 * index)).toISOString().slice(0, 10)}T`
const at = (minute: number, second = 0) =>
  `${day}${String(10 + Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}:${String(second).padStart(2, "0")}Z`
const denied = (ledger: ReportedLedger, seconds: readonly number[], tool = "exec") => {
  for (const second of seconds) ledger.tool(at(Math.floor(second / 60), second % 60), tool, { outcome: "denied" })
}
const install = (facts: object): NewEvent => ({ type: "install.requested", id: "i", facts: { kind: "skill", target: "weather", version: "1.0.0", ...facts } })
const tripped = (breaker: string, more: object = {}): NewEvent =>
  ({
    type: "breaker.tripped",
    id: "b",
    facts: { breaker, cut: "run:r", mode: "block", counted: "4", threshold: "4", unit: "calls", sinceMs: 0, atMs: 0, ...more },
  }) as unknown as NewEvent
/** Hours before the day's noon that cost a dollar each. */
const usualHours = (ledger: ReportedLedger, hours: number) => {
  for (let hour = 1; hour <= hours; hour++) ledger.call(new Date(Date.parse(`${day}12:00:00Z`) - hour * 3_600_000).toISOString(), "m", 1_000_000_000)
}
const heartbeat = (ledger: ReportedLedger, minutes: readonly number[], nanos: number) => {
  for (const minute of minutes) {
    const run = `beat-${minute}`
    ledger.event(at(minute), {
      type: "run.started",
      id: run,
      scope: { session: "agent:main:main" },
      facts: { run, runKind: "heartbeat", trigger: "heartbeat" },
    } as unknown as NewEvent)
    ledger.call(at(minute, 5), "m", nanos, { run })
  }
}

const cases: readonly Case[] = [
  { detector: "denialSpikes", label: "five within five minutes", found: 1, make: (ledger) => denied(ledger, [0, 60, 120, 180, 299]) },
  { detector: "denialSpikes", label: "five within the window to the second", found: 1, make: (ledger) => denied(ledger, [0, 1, 2, 3, 300]) },
  { detector: "denialSpikes", label: "five, a second longer than the window", found: 0, make: (ledger) => denied(ledger, [0, 60, 120, 180, 301]) },
  { detector: "denialSpikes", label: "of two tools", found: 1, make: (ledger) => (denied(ledger, [0, 10, 20]), denied(ledger, [30, 40], "write")) },
  { detector: "denialSpikes", label: "four", found: 0, make: (ledger) => denied(ledger, [0, 1, 2, 3]) },
  { detector: "denialSpikes", label: "ten that go on are one", found: 1, make: (ledger) => denied(ledger, [0, 60, 120, 180, 240, 300, 360, 420, 480, 540]) },
  {
    detector: "denialSpikes",
    label: "two bursts an hour apart",
    found: 2,
    make: (ledger) => denied(ledger, [0, 1, 2, 3, 4, 3_600, 3_601, 3_602, 3_603, 3_604]),
  },
  {
    detector: "denialSpikes",
    label: "five calls that were not denied",
    found: 0,
    make: (ledger) => [0, 1, 2, 3, 4].forEach((second) => ledger.tool(at(0, second), "exec")),
  },
  {
    detector: "spendSpikes",
    label: "an hour of ten times the usual",
    found: 1,
    make: (ledger) => (usualHours(ledger, 12), ledger.call(`${day}12:10:00Z`, "m", 10_000_000_000)),
  },
  {
    detector: "spendSpikes",
    label: "an hour of exactly five times",
    found: 0,
    make: (ledger) => (usualHours(ledger, 12), ledger.call(`${day}12:10:00Z`, "m", 5_000_000_000)),
  },
  {
    detector: "spendSpikes",
    label: "with too few hours before to know what is usual",
    found: 0,
    make: (ledger) => (usualHours(ledger, 5), ledger.call(`${day}12:10:00Z`, "m", 10_000_000_000)),
  },
  {
    detector: "spendSpikes",
    label: "many times of nearly nothing",
    found: 0,
    make: (ledger) => (
      [1, 2, 3, 4, 5, 6, 7].forEach((hour) => ledger.call(`${day}0${hour}:00:00Z`, "m", 1_000_000)),
      ledger.call(`${day}12:10:00Z`, "m", 900_000_000)
    ),
  },
  { detector: "idleBurn", label: "heartbeats of a dollar while nobody writes", found: 1, make: (ledger) => heartbeat(ledger, [0, 30, 60], 400_000_000) },
  { detector: "idleBurn", label: "heartbeats that cost next to nothing", found: 0, make: (ledger) => heartbeat(ledger, [0, 30, 60], 1_000_000) },
  {
    detector: "idleBurn",
    label: "heartbeats between messages",
    found: 0,
    make: (ledger) => (heartbeat(ledger, [0, 30, 60], 400_000_000), [1, 31, 61].forEach((minute) => ledger.send(at(minute), "ada", `hello ${minute}`))),
  },
  { detector: "firstSeenTools", label: "a tool of today", found: 1, make: (ledger) => ledger.tool(at(0), "sessions_spawn") },
  {
    detector: "firstSeenTools",
    label: "a tool of last week, too",
    found: 0,
    make: (ledger) => (ledger.tool(new Date(Date.parse(`${day}10:00:00Z`) - 6 * 86_400_000).toISOString(), "cron"), ledger.tool(at(0), "cron")),
  },
  {
    detector: "duplicates",
    label: "the same words twice in a minute",
    found: 1,
    make: (ledger) => (ledger.send(at(0), "ada", "done"), ledger.send(at(1), "ada", "done")),
  },
  { detector: "duplicates", label: "a second too late", found: 0, make: (ledger) => (ledger.send(at(0), "ada", "done"), ledger.send(at(1, 1), "ada", "done")) },
  {
    detector: "duplicates",
    label: "the same words to another",
    found: 0,
    make: (ledger) => (ledger.send(at(0), "ada", "done"), ledger.send(at(0, 9), "bob", "done")),
  },
]

const nothing = { dupWindowMs: 60_000, lookbackDays: 9, thresholds: usualThresholds, zone: "UTC" }

describe("detectors of what happened", () => {
  const ledger = reportedLedger({ after })
  for (const [index, { make }] of cases.entries()) {
    day = dayOf(index)
    make(ledger)
  }
  ledger.close()
  for (const [index, { detector, label, found: count }] of cases.entries()) {
    test(`${detector}: ${label}: ${count}`, () => {
      const fromMs = Date.parse(`${dayOf(index)}00:00:00Z`)
      const anomalies = anomaliesIn(ledger.read(), { ...nothing, fromMs, toMs: fromMs + 86_400_000 })
      assert.equal(anomalies[detector].length, count, JSON.stringify(anomalies[detector]))
    })
  }

  test("a spike says from when to when, of which tools, and by whom mostly", () => {
    const index = cases.findIndex(({ label }) => label === "of two tools")
    const fromMs = Date.parse(`${dayOf(index)}00:00:00Z`)
    const [{ firstSequence, lastSequence, ...spike } = assert.fail()] = anomaliesIn(ledger.read(), {
      ...nothing,
      fromMs,
      toMs: fromMs + 86_400_000,
    }).denialSpikes
    assert.deepEqual(spike, {
      ...{ first: `${dayOf(index)}10:00:00.000Z`, last: `${dayOf(index)}10:00:40.000Z`, count: 5, reason: "guard.deny" },
      byTool: [
        { tool: "exec", count: 3 },
        { tool: "write", count: 2 },
      ],
    })
    assert.ok(firstSequence < lastSequence)
  })
})

/** What the ledger records at the time of its own clock: an event, and which detector it is one for. */
const recorded: readonly (readonly [event: NewEvent, detector: Name | undefined])[] = [
  [install({ scan: "ok", critical: 0 }), "installs"],
  [install({ scan: "ok", critical: 1 }), "installs"],
  [install({ scan: "failed" }), "installs"],
  [install({}), "installs"],
  [tripped("silent-spend"), "idleBurn"],
  [tripped("unattended-spend"), "idleBurn"],
  [tripped("identical-calls"), "loops"],
  [tripped("similar-calls", { mode: "warn" }), "loops"],
  [{ type: "capture.gap", id: "g", facts: { reason: "the queue was full", count: 3, byType: { llm_input: 3 }, fromMs: 0, toMs: 1 } }, "gaps"],
  // The missing permission is said elsewhere.
  [{ type: "capture.gap", id: "g", facts: { reason: noPermissionWords, count: 3, byType: {}, fromMs: 0, toMs: 1 } }, undefined],
  [{ type: "witness.disagreed", id: "w", facts: { witness: "w", finding: "ahead", seenSize: 9, size: 3 } }, "integrity"],
  [{ type: "ledger.reconciled", id: "r", facts: { postings: 3, violations: 2 } } as unknown as NewEvent, "integrity"],
  [{ type: "ledger.reconciled", id: "r", facts: { postings: 3, violations: 0 } } as unknown as NewEvent, undefined],
]

describe("detectors of what is on record", () => {
  const ledger = reportedLedger({ after })
  ledger.record(...recorded.map(([event]) => event))
  ledger.close()
  const found = (fromMs: number) => anomaliesIn(ledger.read(), { ...nothing, fromMs, toMs: startMs + 86_400_000 })

  test("find each by its own, and nothing else", () => {
    const anomalies = found(startMs - 1_000)
    for (const detector of ["installs", "idleBurn", "loops", "gaps", "integrity"] as const)
      assert.equal(anomalies[detector].length, recorded.filter(([, of]) => of === detector).length, detector)
    assert.deepEqual(
      anomalies.installs.map(({ marked }) => marked),
      [false, true, true, false],
    )
    assert.deepEqual(
      anomalies.loops.map(({ cutOff }) => cutOff),
      [true, false],
    )
    assert.deepEqual(
      anomalies.integrity.map(({ severity }) => severity),
      ["critical", "critical"],
    )
  })

  test("find nothing of another day", () => {
    const { truncated, ...anomalies } = found(startMs + 3_600_000)
    assert.deepEqual([truncated, ...Object.values(anomalies)], [false, ...Object.values(anomalies).map(() => [])])
  })
})

describe("a journal that somebody changed", () => {
  const changed = (t: TestContext, sql: string) => {
    const ledger = reportedLedger(t)
    for (let n = 0; n < 600; n++) ledger.tool(at(0, n % 60), "exec")
    ledger.close()
    if (sql !== "") ledger.edit((journal) => journal.exec(sql))
    const fromMs = Date.parse("2026-11-01T00:00:00Z")
    return anomaliesIn(ledger.read(), { fromMs, toMs: 4_000_000_000_000, zone: "UTC", dupWindowMs: 60_000, lookbackDays: 30, thresholds: usualThresholds })
  }

  test("shows the entries that are gone, and those that are not the tree's", (t) => {
    const holes = changed(t, "DELETE FROM entries WHERE sequence IN (40, 41, 256)")
    assert.deepEqual(holes.sequenceHoles, [
      { from: 40, to: 41, count: 2 },
      { from: 256, to: 256, count: 1 },
    ])
    const swapped = changed(t, "UPDATE entries SET header = (SELECT header FROM entries WHERE sequence = 51) WHERE sequence = 50")
    assert.deepEqual(
      swapped.integrity.map(({ what, sequence, severity }) => [what, sequence, severity]),
      [["tampered", 50, "critical"]],
    )
  })

  test("and nothing where nobody did", (t) => {
    const { integrity, sequenceHoles } = changed(t, "")
    assert.deepEqual([integrity, sequenceHoles], [[], []])
  })
})
