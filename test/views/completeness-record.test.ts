/** Our side, gathered from a journal; and both sides of a real host, put together. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import type { NewEvent } from "../../src/format/event.ts"
import { readHostStores } from "../../src/history/stores/host-stores.ts"
import { compareWithHost, type Completeness } from "../../src/views/completeness.ts"
import { ledgerRecord, type LedgerRecord } from "../../src/views/completeness-record.ts"
import { temporaryDirectory, temporaryLedger, type TestLedger } from "../ledger-fixture.ts"
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
    ledger.editScopes((scopes) => scopes.exec("UPDATE scopes SET key = NULL WHERE session = 's'"))
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
