/** Our side, gathered from a journal; and both sides of a real host, put together. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import type { NewEvent } from "../../src/format/event.ts"
import { findSources } from "../../src/history/find-sources.ts"
import { readSources } from "../../src/history/read-sources.ts"
import { readHostStores } from "../../src/history/stores/host-stores.ts"
import { importedUsage } from "../../src/operations/import/usage-entry.ts"
import { Prices } from "../../src/operations/spend/prices.ts"
import { compareWithHost, type Completeness } from "../../src/views/completeness.ts"
import { ledgerRecord, type LedgerRecord } from "../../src/views/completeness-record.ts"
import { inThisThread } from "../history/reading.ts"
import { startMs, temporaryDirectory, temporaryLedger, type TestLedger } from "../ledger-fixture.ts"
import { hostStoreVector, makeHost, recordEvents } from "../vectors/host-store/host-store.ts"

const unseenRun = "3aa2b704-7f13-4bcb-8f99-8b30ede832db"
const vector = hostStoreVector()
const question = { fromMs: 0, toMs: 2_000_000_000_000, run: null, limit: 1_000, nowMs: 2_000_000_000_000 }

function recordOf(ledger: TestLedger): LedgerRecord {
  ledger.close()
  return ledgerRecord(ledger.read(), () => {})
}

function called(type: "tool.invoked" | "tool.returned" | "usage.reported", id: string, facts: object, content?: object): NewEvent {
  return { type, id, scope: { session: "s" }, facts: { via: "a hook", atMs: 5, ...facts }, ...(content ? { content } : {}) } as unknown as NewEvent
}

/** What `import --usage-only` records of a host. */
async function importUsage(ledger: TestLedger, stateDirectory: string): Promise<void> {
  const { journal, scopes } = ledger.open()
  const { sources } = findSources(stateDirectory)
  const prices = new Prices()
  await readSources(sources, {
    startReader: inThisThread,
    readers: 1,
    latestMs: 4e12,
    onBatch: (batch) => {
      const { scope, entry } = importedUsage(batch, prices, scopes)
      journal.append([entry(scopes.resolve(scope, startMs))], startMs + journal.size)
    },
    onDone: () => {},
  })
}

describe("our side", () => {
  test("one call is told by several entries; ids that stand as pseudonyms are read from the content while it is there", (t) => {
    const ledger = temporaryLedger(t)
    const { scopes } = ledger.open()
    const call = "call_491701234567"
    const hidden = scopes.pseudonym(call)
    const tool = { run: "r", tool: "exec", call: hidden }
    ledger.record(
      called("tool.invoked", `tool.invoked:r/${hidden}`, tool, { names: { call } }),
      called("tool.returned", `tool.returned:r/${hidden}`, tool, { names: { call } }),
    )
    const [gathered, ...more] = recordOf(ledger).toolCalls
    assert.deepEqual([more.length, gathered?.asked, gathered?.ended, gathered?.call, gathered?.bareCall], [0, 1, 1, hidden, "call491701234567"])
  })

  test("erased content leaves the call, without its id", (t) => {
    const ledger = temporaryLedger(t)
    const hidden = ledger.open().scopes.pseudonym("call_491701234567")
    ledger.record(called("tool.invoked", "x", { run: "r", tool: "exec", call: hidden }, { names: { call: "call_491701234567" } }))
    ledger.close()
    ledger.destroyKeys("session = 's'")
    const [gathered] = recordOf(ledger).toolCalls
    assert.deepEqual([gathered?.call, gathered?.callSha256, gathered?.tool], [hidden, undefined, "exec"])
  })

  test("a session's id is told by the event's id; the same id plain and as a pseudonym is one", (t) => {
    const ledger = temporaryLedger(t)
    const { scopes } = ledger.open()
    const plain = "c3ffa095-ca4e-4cd6-86ba-389ca49f496e"
    ledger.record(
      called("usage.reported", `usage.reported:${plain}/m1`, { role: "assistant", message: "m1", run: "r" }),
      called("usage.reported", `usage.reported:${scopes.pseudonym(plain)}/m2`, { role: "assistant", message: "m2", run: "r" }),
      called("usage.reported", "usage.reported:-/m3", { role: "assistant", message: "m3", run: "r" }),
    )
    const [first, second, third] = recordOf(ledger).modelCalls
    assert.equal(first?.session, second?.session)
    assert.equal(third?.session, undefined)
  })

  test("the record begins with the first event of a hook, not with the journal; gaps keep their counts", (t) => {
    const ledger = temporaryLedger(t)
    assert.equal(recordOf(ledger).sinceMs, null)
    const gap = { reason: "queue full", count: 2, byType: { transcript: 2 }, fromMs: 7, toMs: 9 }
    ledger.record({ type: "capture.gap", id: "g", facts: gap }, called("usage.reported", "usage.reported:s/m", { message: "m", atMs: 12 }))
    const record = recordOf(ledger)
    assert.deepEqual([record.sinceMs, record.gaps, record.size], [12, [gap], 3])
  })
})

describe("what was imported", () => {
  const rowA = "A".repeat(16)
  const column = (value: number) => [value, value]
  const names = ["latencyMs", "stop", "input", "output", "cacheRead", "cacheWrite", "cacheWrite1h", "reasoning", "reported", "kind"]
  const rows = { atMs: [3, 4], model: column(1), run: [1, 0], ...Object.fromEntries(names.map((name) => [name, column(name === "input" ? 5 : -1)])) }
  const models = [
    ["", "", ""],
    ["p", "m", "a"],
  ]
  const facts = { via: "import", count: 2, ids: rowA + "B".repeat(16), models, stops: [""], runs: ["", "r"], rows, computed: column(-1), book: "0" }
  const imported = { type: "usage.imported", id: "i", scope: { session: "s" }, facts } as unknown as NewEvent

  test("is on record row by row, names its runs, and moves no beginning", (t) => {
    const ledger = temporaryLedger(t)
    ledger.record(imported, called("usage.reported", "usage.reported:s/m", { message: "m", row: "C".repeat(16), imported: true, atMs: 1, run: "other" }))
    const { modelCalls, sinceMs, runs } = recordOf(ledger)
    assert.deepEqual(
      modelCalls.map((call) => [call.row, call.imported, call.what, call.atMs]),
      [
        [rowA, true, "p/m", 3],
        ["B".repeat(16), true, "p/m", 4],
        ["C".repeat(16), true, "unknown model", 1],
      ],
    )
    assert.deepEqual(
      [sinceMs, [...runs.values()].map(({ shown, reported }) => [shown, reported])],
      [
        null,
        [
          ["r", 1],
          ["other", 1],
        ],
      ],
    )
  })

  test("is not told again of what was heard, whichever came first", (t) => {
    const heard = called("usage.reported", "usage.reported:s/m", { message: "m", row: rowA, run: "r", role: "assistant" })
    for (const events of [
      [heard, imported],
      [imported, heard],
    ]) {
      const ledger = temporaryLedger(t)
      ledger.record(...events)
      const { modelCalls, sinceMs, runs } = recordOf(ledger)
      assert.deepEqual(
        modelCalls.map((call) => [call.row?.[0], call.imported]),
        [
          ["A", false],
          ["B", true],
        ],
      )
      assert.deepEqual([sinceMs, [...runs.values()].map(({ reported }) => reported)], [5, [1]])
    }
  })
})

describe("both sides of a real host", () => {
  const totalsOf = ({ totals }: Completeness) =>
    Object.fromEntries(
      Object.entries(totals).map(([kind, { matched, missing, extra, inGaps, beforeRecord }]) => [kind, [matched, missing, extra, inGaps, beforeRecord]]),
    )

  test("what the plugin saw is there to the last call; what it was switched off for is missing, what came before it is before", (t) => {
    const { stateDirectory } = makeHost(temporaryDirectory(t))
    const ledger = temporaryLedger(t)
    recordEvents(ledger, vector.events)
    const found = compareWithHost(readHostStores(stateDirectory, { fromMs: 0, toMs: question.toMs }), recordOf(ledger), question)
    assert.deepEqual(totalsOf(found), { "model call": [28, 2, 2, 0, 2], "tool call": [11, 1, 0, 0, 1], run: [21, 1, 1, 0, 1] })
    assert.deepEqual([...new Set(found.missing.map(({ run }) => run))], [unseenRun])
    assert.deepEqual(
      found.missing.map(({ kind, what }) => `${kind} ${what}`),
      ["run main", "model call mock/mock-1", "tool call exec", "model call mock/mock-1"],
    )
    assert.deepEqual(found.problems, [])
  })

  test("what an import brought in afterwards is on record: of calls nothing is missing, and the record began when it did", async (t) => {
    const { stateDirectory } = makeHost(temporaryDirectory(t))
    const ledger = temporaryLedger(t)
    const host = readHostStores(stateDirectory, { fromMs: 0, toMs: question.toMs })
    // The vector was made before rows had names.
    const rows = new Map(host.modelCalls.map(({ session, message, row }) => [`usage.reported:${session}/${message}`, row]))
    const named = vector.events.map((event) => {
      const row = rows.get(event.id)
      return row === undefined ? event : { ...event, facts: { ...event.facts, row } }
    })
    recordEvents(ledger, named)
    const before = compareWithHost(host, recordOf(ledger), question)
    await importUsage(ledger, stateDirectory)
    const found = compareWithHost(host, recordOf(ledger), question)
    // The tool call of that run, and the one before, were not in what was imported; compaction still has no row.
    assert.deepEqual(totalsOf(found), { "model call": [32, 0, 2, 0, 0], "tool call": [11, 1, 0, 0, 1], run: [23, 0, 1, 0, 0] })
    assert.deepEqual([found.grades.imported, found.grades.unseen, found.recordedSince], [4, 0, before.recordedSince])
  })

  test("an import without anything heard compares calls, and says that nothing was heard", async (t) => {
    const { stateDirectory } = makeHost(temporaryDirectory(t))
    const ledger = temporaryLedger(t)
    await importUsage(ledger, stateDirectory)
    const found = compareWithHost(readHostStores(stateDirectory, { fromMs: 0, toMs: question.toMs }), recordOf(ledger), question)
    assert.deepEqual([totalsOf(found)["model call"], found.grades.imported, found.recordedSince, found.verdict], [[31, 0, 0, 0, 0], 31, null, "not compared"])
    assert.match(found.problems.join(), /only what was imported/)
  })

  test("with the run it was switched off for left out, nothing is missing", (t) => {
    const { stateDirectory } = makeHost(temporaryDirectory(t))
    const ledger = temporaryLedger(t)
    recordEvents(ledger, vector.events)
    const host = readHostStores(stateDirectory, { fromMs: 0, toMs: question.toMs })
    const untilMs = Math.min(...host.runs.filter(({ run }) => run === unseenRun).map(({ atMs }) => atMs))
    const found = compareWithHost(host, recordOf(ledger), { ...question, toMs: untilMs })
    assert.deepEqual([found.verdict, found.grades.seenShare], ["complete", 1])
  })

  test("every event that is taken out of our record is missed, and nothing else is", (t) => {
    const { stateDirectory } = makeHost(temporaryDirectory(t))
    const host = readHostStores(stateDirectory, { fromMs: 0, toMs: question.toMs })
    for (const [type, kind] of [
      ["usage.reported", "model call"],
      ["tool.", "tool call"],
    ] as const) {
      const candidates = [...new Set(vector.events.filter((event) => event.type.startsWith(type)).map(callOf))].filter((_, index) => index % 6 === 1)
      assert.ok(candidates.length >= 2)
      for (const candidate of candidates) {
        const ledger = temporaryLedger(t)
        recordEvents(
          ledger,
          vector.events.filter((event) => !event.type.startsWith(type) || callOf(event) !== candidate),
        )
        const found = compareWithHost(host, recordOf(ledger), question)
        const missing = found.missing.filter(({ run }) => run !== unseenRun)
        assert.deepEqual(
          missing.map((item) => item.kind),
          [kind],
          candidate,
        )
      }
    }
  })
})

function callOf({ facts, id }: (typeof vector.events)[number]): string {
  return facts["call"] === undefined ? id : `${String(facts["run"])}/${String(facts["call"])}`
}
