/** Status: in every state a ledger can be in there is an answer, and what is said of it is so. */
import assert from "node:assert/strict"
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"
import { after, describe, test } from "node:test"
import { createColors } from "picocolors"
import type { Json } from "../../src/base/json.ts"
import { noPermissionWords } from "../../src/format/gap.ts"
import type { Terminal } from "../../src/surfaces/cli/terminal.ts"
import { statusText } from "../../src/surfaces/render/status-text.ts"
import { masterKeyVariable, writeKey } from "../../src/vault/master-key.ts"
import { statusExit, statusReport, type StatusReport } from "../../src/views/status.ts"
import { emptyPlaces, eventAt, ledgerPlaces, startMs, temporaryDirectory, temporaryLedger, type Ending, type TestLedger } from "../ledger-fixture.ts"

type Places = Pick<TestLedger, "files" | "places">

const statusOf = ({ files, places }: Places, writer: Json = null): StatusReport =>
  statusReport({ files, places, version: "test", nowMs: startMs, writer, host: null })
const template = temporaryLedger({ after })
template.append(69)
template.close()

function filled(t: Ending): TestLedger {
  return template.copy(t)
}

describe("status", () => {
  test("nothing there: not set up, and the one command that changes it", (t) => {
    for (const places of [ledgerPlaces(temporaryDirectory(t)), emptyPlaces(t)]) {
      const report = statusOf(places)
      assert.deepEqual([report.recording, report.problem, report.next], ["not set up", null, "sovereign-ledger key create"])
      assert.deepEqual([report.storage.entries, report.integrity.lastSequence, report.keys.source], [0, -1, null])
      assert.ok(report.coverage.notCovered.length > 0)
      assert.equal(statusExit(report), 0)
    }
  })

  test("nothing there, but a key: ready; from the environment with a warning", (t) => {
    const { files, places } = emptyPlaces(t)
    const report = statusOf({ files, places: { ...places, environment: { [masterKeyVariable]: writeKey(Buffer.alloc(32, 1)) } } })
    assert.deepEqual([report.recording, report.next, report.keys.source], ["ready", null, "environment"])
    assert.match(report.keys.warning ?? "", /environment/)
  })

  test("set up and filled", (t) => {
    const ledger = filled(t)
    ledger.checkpoint()
    ledger.append(5)
    ledger.close()
    const report = statusOf(ledger)
    assert.deepEqual([report.recording, report.problem, report.next, report.keys.source, report.keys.warning], ["ready", null, null, "key file", null])
    assert.deepEqual([report.storage.entries, report.storage.oldest], [75, new Date(startMs).toISOString()])
    assert.deepEqual(
      [report.integrity.lastSequence, report.integrity.lastCheckpoint?.size, report.integrity.entriesSinceCheckpoint, report.integrity.headNote],
      [74, 70, 5, "agrees"],
    )
    assert.ok(report.storage.bytes > 10_000)
    assert.equal(
      report.storage.bytes,
      Object.values(report.storage.files).reduce((sum, bytes) => sum + bytes, 0),
    )
    const counted = Object.fromEntries(report.activity.map(({ type, count }) => [type, count]))
    const kinds = Array.from({ length: 74 }, (_, i) => eventAt(i + 1).type)
    for (const type of new Set(kinds)) assert.equal(counted[type], kinds.filter((kind) => kind === type).length, type)
    assert.deepEqual(report.tools, [
      { tool: "exec", invoked: counted["tool.invoked"], denied: 0 },
      { tool: "write", invoked: 0, denied: counted["tool.denied"] },
    ])
    assert.equal(report.keys.verifierKey, ledger.keys().store.verifierKey)
    assert.equal(statusExit(report), 0)
    assert.equal(statusOf(ledger, { pid: 1 }).recording, "on")
  })

  test("how well what was spent is known stands beside it", (t) => {
    const ledger = filled(t)
    assert.deepEqual(statusOf(ledger).grades, { exactNanos: "0", boundNanos: "0", countedNanos: "0" })
    const movements = (nanos: string) => [{ debit: "spent:x", credit: "agent:main", amounts: { moneyNanos: nanos } }] as const
    const settled = (grade: "exact" | "bound", nanos: string) =>
      ({ type: "hold.settled", id: nanos, facts: { atMs: 1, hold: nanos, attempt: 1, grade, movements: movements(nanos) } }) as const
    const spent = {
      type: "transfer.posted",
      id: "s",
      facts: { atMs: 1, transfer: "s", kind: "spend", grade: "counted", movements: movements("1000000000") },
    } as const
    ledger.record(settled("exact", "7000000000"), settled("bound", "2000000000"), spent)
    const { grades } = statusOf(ledger)
    assert.deepEqual(grades, { exactNanos: "7000000000", boundNanos: "2000000000", countedNanos: "1000000000" })
  })

  test("gaps are counted, and the last one is named", (t) => {
    const ledger = filled(t)
    ledger.record({ type: "capture.gap", id: "gap:1", facts: { reason: "writer was away", count: 40, byType: { llm_input: 40 }, fromMs: 1, toMs: 2 } })
    const { gaps } = statusOf(ledger)
    const before = Array.from({ length: 69 }, (_, i) => eventAt(i + 1)).filter(({ type }) => type === "capture.gap").length
    assert.deepEqual(gaps, { count: before + 1, events: 3 * before + 40, last: { at: new Date(startMs + 70).toISOString(), reason: "writer was away" } })
  })

  test("alerts: what was switched off, what was reached for, and what is missing, of the last days, newest first", (t) => {
    const ledger = temporaryLedger(t)
    const gap = (reason: string) => ({ type: "capture.gap", id: "g", facts: { reason, count: 2, byType: { llm_input: 2 }, fromMs: 1, toMs: 2 } }) as const
    ledger.record({ type: "guard.touched", id: "t", facts: { tool: "exec", call: "c", what: "host config", access: "change" } }, gap("the queue was full"))
    ledger.record(gap(noPermissionWords), { type: "guard.disabled", id: "d", facts: { reason: "entry disabled" } })
    const { alerts } = statusOf(ledger)
    assert.deepEqual(
      alerts.newest.map(({ sequence, type, description }) => [sequence, type, description]),
      [
        [4, "guard.disabled", "the plugin was switched off: entry disabled"],
        [2, "capture.gap", "2 events not recorded: the queue was full"],
        [1, "guard.touched", "exec reached for the host config, to change it"],
      ],
    )
    assert.equal(alerts.count, 3)
    const later = statusReport({ ...ledger, version: "test", nowMs: startMs + 8 * 86_400_000, writer: null, host: null })
    assert.deepEqual([later.alerts.count, later.alerts.newest], [0, []])
  })

  test("alerts are listed up to a bound, and counted beyond it", (t) => {
    const ledger = temporaryLedger(t)
    const touched = { type: "guard.touched", id: "t", facts: { tool: "exec", call: "c", what: "host config", access: "read" } } as const
    ledger.record(...Array.from({ length: 30 }, () => touched))
    const { alerts } = statusOf(ledger)
    assert.deepEqual([alerts.count, alerts.newest.length, alerts.newest[0]?.sequence], [30, 20, 30])
  })

  test("what the host's configuration says is in its first lines", (t) => {
    const ledger = filled(t)
    const host = { off: "not in plugins.allow", remedy: "openclaw config set plugins.allow ...", mayReadConversations: false, recapsOff: true }
    const { coverage } = statusReport({ ...ledger, version: "test", nowMs: startMs, writer: null, host })
    assert.match(coverage.notCovered[0]?.what ?? "", /the host does not load the plugin \(not in plugins\.allow\)/)
    assert.equal(coverage.next?.command, host.remedy)
    assert.equal(statusOf(ledger).coverage.recorded.startsWith("tool calls"), true)
  })

  test("whether prompts are seen", (t) => {
    const seenBy = (...types: readonly ("prompt.submitted" | "tool.invoked" | "session.started")[]) => {
      const ledger = temporaryLedger(t)
      const facts = { promptLength: 1, historyMessages: 0, tool: "exec", call: "c", guarded: false, verdict: "allow", resumed: false } as const
      ledger.record(...types.map((type) => ({ type, id: type, facts }) as const))
      return statusOf(ledger).conversationAccess
    }
    assert.equal(seenBy("session.started"), "unknown")
    assert.equal(seenBy("tool.invoked"), "not seen")
    assert.equal(seenBy("tool.invoked", "prompt.submitted"), "seen")
  })

  const broken: readonly (readonly [string, string, string | null, (ledger: TestLedger) => void])[] = [
    ["key file gone", "key.absent", "sovereign-ledger key restore FILE", (ledger) => rmSync(ledger.places.keyFile)],
    ["another key", "key.wrong", null, (ledger) => writeFileSync(ledger.places.keyFile, writeKey(Buffer.alloc(32, 4)))],
    ["an unusable key", "key.malformed", null, (ledger) => writeFileSync(ledger.places.keyFile, "short")],
    ["keys.json damaged", "store.damaged", null, (ledger) => writeFileSync(ledger.files.keys, "{")],
    ["keys.json of a newer format", "store.newer-format", null, (ledger) => writeFileSync(ledger.files.keys, '{"format":3}')],
    ["keys.json gone", "store.incomplete", null, (ledger) => rmSync(ledger.files.keys)],
    ["journal.db damaged", "store.damaged", null, (ledger) => writeFileSync(ledger.files.journal, "x".repeat(9_000))],
    ["journal.db emptied", "store.damaged", null, (ledger) => writeFileSync(ledger.files.journal, "")],
    ["journal.db gone", "store.incomplete", null, (ledger) => rmSync(ledger.files.journal)],
    ["scopes.db damaged", "store.damaged", null, (ledger) => writeFileSync(ledger.files.scopes, "x".repeat(9_000))],
  ]
  for (const [what, code, next, harm] of broken) {
    test(`${what}: off, with a sentence and a remedy`, (t) => {
      const ledger = filled(t)
      harm(ledger)
      const report = statusOf(ledger)
      assert.deepEqual([report.recording, report.problem?.code, report.next], ["off", code, next])
      assert.match(report.problem?.message ?? "", /\w+ \w+/)
      assert.match(report.problem?.remedy ?? "", /\w+ \w+/)
      assert.equal(statusExit(report), 1)
      assert.deepEqual(statusOf(ledger), report, "asking changes nothing")
    })
  }

  test("a key file that others can read is said, and is not used", { skip: process.platform === "win32" }, (t) => {
    const ledger = filled(t)
    writeFileSync(ledger.places.keyFile, "")
    rmSync(ledger.places.keyFile)
    writeFileSync(ledger.places.keyFile, writeKey(Buffer.alloc(32, 4)), { mode: 0o644 })
    assert.deepEqual([statusOf(ledger).recording, statusOf(ledger).problem?.code], ["off", "key.exposed"])
  })

  test("the note outside: missing, another ledger's, scribbled on, not to be read", (t) => {
    const ledger = filled(t)
    ledger.checkpoint()
    ledger.close()
    const other = temporaryLedger(t)
    rmSync(ledger.files.headNote)
    assert.equal(statusOf(ledger).integrity.headNote, "missing")
    other.append(200)
    other.checkpoint()
    writeFileSync(ledger.files.headNote, other.open().journal.checkpoint().note)
    const foreign = statusOf(ledger)
    assert.deepEqual([foreign.integrity.headNote, statusExit(foreign)], ["not signed by this ledger", 1])
    writeFileSync(ledger.files.headNote, "scribble")
    assert.equal(statusOf(ledger).integrity.headNote, "not signed by this ledger")
    rmSync(ledger.files.headNote)
    mkdirSync(ledger.files.headNote)
    assert.equal(statusOf(ledger).integrity.headNote, "unreadable")
  })

  test("a damaged views.db is built again, and status does not notice", (t) => {
    const ledger = filled(t)
    const { activity } = statusOf(ledger)
    writeFileSync(ledger.files.views, "x".repeat(9_000))
    assert.deepEqual(statusOf(ledger).activity, activity)
  })

  test("where the directory's views cannot be made they are computed in memory", (t) => {
    const ledger = filled(t)
    const expected = statusOf(ledger).activity
    for (const suffix of ["", "-wal", "-shm"]) rmSync(ledger.files.views + suffix, { force: true })
    mkdirSync(ledger.files.views)
    assert.deepEqual(statusOf(ledger).activity, expected)
    assert.ok(dirname(ledger.files.views) === ledger.directory)
  })
})

const host = (more: object) => ({ off: null, remedy: null, mayReadConversations: true, recapsOff: true, ...more })

describe("how the record stands", () => {
  const at = (t: Ending, nowMs: number, more: object | null = {}) => {
    const { files, places } = filled(t)
    return statusReport({ files, places, version: "test", nowMs, writer: { clients: 2, waiting: 1 }, host: more === null ? null : host(more) })
  }
  const dayMs = 86_400_000

  test("the conversation hook: enabled, disabled, enabled but silent for a day, or not known", (t) => {
    const hook = (nowMs: number, more?: object | null) => at(t, nowMs, more).standing.conversationHook
    assert.deepEqual([hook(startMs), hook(startMs, { mayReadConversations: false }), hook(startMs, null)], ["ENABLED", "DISABLED", "unknown"])
    assert.equal(hook(startMs + dayMs - 1), "ENABLED", "a ledger of less than a day")
    assert.equal(hook(startMs + 2 * dayMs), "ENABLED but silent")
    const ledger = filled(t)
    ledger.record({ type: "prompt.submitted", id: "p:1", facts: { chars: 3 } } as never)
    ledger.close()
    const { files, places } = ledger
    const heard = (nowMs: number) => statusReport({ files, places, version: "test", nowMs, writer: null, host: host({}) }).standing.conversationHook
    assert.deepEqual([heard(startMs + dayMs + 50), heard(startMs + 3 * dayMs)], ["ENABLED", "ENABLED but silent"])
  })

  test("a step of set-up that is missing stands in the banner with its command; none, and there is no banner", (t) => {
    const text = (report: StatusReport) => statusText(report, { colors: createColors(false) } as Terminal)
    const done = at(t, startMs)
    assert.ok(!text(done).includes("SET-UP"))
    assert.match(
      text(done),
      /\non \S+, \d{4}-\d\d-\d\d \d\d:\d\d UTC\n[^]*\nTree +head #69, root [A-Za-z0-9+/]{43}=[^\n]*\nPrompts +ENABLED\nCapture +2 clients connected, 1 waiting, last entry 0 s ago, 10 gaps\n/,
    )
    const missing = at(t, startMs, { off: "not in plugins.allow", mayReadConversations: false })
    assert.match(
      text(missing),
      /SET-UP IS NOT COMPLETE: the host does not load the plugin \(not in plugins\.allow\); prompts and answers are not seen\. Run: sovereign-ledger setup\n/,
    )
    const bare = statusReport({ ...emptyPlaces(t), version: "test", nowMs: startMs, writer: null, host: host({}) })
    assert.deepEqual([bare.standing.missing, bare.next], [["there is no ledger"], "sovereign-ledger setup"])
  })

  test("what is watched around the agents, and what the scanner found", (t) => {
    const ledger = filled(t)
    const facts = { path: "~p1", change: "modified", hash: "aa", sizeBytes: 3, name: "n", atMs: startMs }
    const scan = { source: "message", severity: "high", check: "c", category: "shell", high: 2, medium: 1, findings: [] }
    ledger.record(
      { type: "workspace-file.changed", id: "w:1", facts } as never,
      { type: "skill-file.changed", id: "w:2", facts: { ...facts, path: "~p2", atMs: startMs - 3 * dayMs } } as never,
      { type: "skill-file.changed", id: "w:3", facts: { ...facts, path: "~p3", change: "removed" } } as never,
      { type: "finding.recorded", id: "f:1", facts: scan } as never,
    )
    ledger.close()
    const { files, places } = ledger
    const report = statusReport({ files, places, version: "test", nowMs: startMs + 3_600_000, writer: null, host: host({}) })
    const { watched, changedOfDay, scan: found } = report.standing.surroundings
    assert.deepEqual([watched, changedOfDay, found?.texts, found?.high, found?.medium], [{ skill: 1, workspace: 1 }, 1, 1, 2, 1])
    const text = statusText(report, { colors: createColors(false) } as Terminal)
    assert.match(text, /\nWatched +1 skill, 1 workspace; 1 change in 24 h; sovereign-ledger inventory\nScanner +60 min ago: 2 high, 1 medium, 1 text in all; /)
  })
})
