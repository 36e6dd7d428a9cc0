/** A session's report: its order, what is one line of it, what it comes to, and that a changed entry does not lead to the root. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import type { NewEvent } from "../../src/format/event.ts"
import { sessionReport, type SessionQuestion } from "../../src/views/reports/session-report.ts"
import { reportedLedger, type ReportedLedger } from "./reported-ledger.ts"
import type { Ending } from "../ledger-fixture.ts"

const session = "agent:main:telegram:direct:4242"

function reported(ledger: Pick<ReportedLedger, "read">, options: Partial<SessionQuestion> = {}) {
  return sessionReport(ledger.read(), { session, raw: false, limit: undefined, includeMetadata: false, ...options })
}

/** A question, a tool, an answer that is drafted, offered and sent, and a second person in the same session. */
function conversation(t: Ending): ReportedLedger {
  const ledger = reportedLedger(t)
  const { event, tool, call, send } = ledger
  const scope = { session }
  const run = "run-7"
  const told = (second: number, type: string, facts: object, content?: object) =>
    event(at(second), { type, id: `${type}:${second}`, scope, facts, ...(content ? { content } : {}) } as NewEvent)
  told(0, "message.received", { channel: "telegram", length: 5 }, { text: "hello", from: "4242" })
  told(1, "prompt.submitted", { run, promptLength: 5, historyMessages: 0 }, { prompt: "hello" })
  call(at(2), "claude-sonnet-4-5", 30_000_000, { run, session })
  tool(at(3), "read", { run, session })
  tool(at(4), "read", { run, session, outcome: "failed" })
  tool(at(5), "exec", { run, session, outcome: "denied" })
  told(6, "model.responded", { run, provider: "anthropic", model: "claude-sonnet-4-5", answerLength: 8 }, { answer: "All good" })
  told(7, "message.written", { role: "assistant", length: 8 }, { said: { role: "assistant", content: [{ type: "text", text: "All good" }] } })
  told(8, "usage.reported", { role: "assistant", provider: "anthropic", model: "claude-haiku-4-5", run, inputTokens: 3, outputTokens: 1, reportedNanos: "5" })
  told(9, "message.offered", { channel: "telegram", length: 8 }, { text: "All good", to: "4242" })
  send(at(10), "4242", "All good", { session, run })
  send(at(11), "4243", "All good", { session, run })
  send(at(12), "4242", "Bye", { session, run })
  event(at(13), {
    type: "message.received",
    id: "second",
    scope: { session, sender: "77" },
    facts: { channel: "telegram", length: 2 },
    content: { text: "me" },
  })
  event(at(14), {
    type: "message.received",
    id: "other",
    scope: { session: "agent:main:main" },
    facts: { channel: "telegram", length: 2 },
    content: { text: "no" },
  })
  return ledger
}

function at(second: number): string {
  return new Date(Date.parse("2026-11-17T10:00:00Z") + second * 1_000).toISOString()
}

describe("a session's report", () => {
  test("is in the order of time, and an answer with its way out is one entry", (t) => {
    const ledger = conversation(t)
    ledger.checkpoint()
    const { timeline, start, end, durationMs, events } = reported(ledger)
    assert.deepEqual([start, end, durationMs, events], [at(0), at(13), 13_000, { total: 18, shown: 18, truncated: false }])
    const folded = timeline.find(({ count }) => count > 1)
    assert.deepEqual(
      [folded?.types, folded?.count, folded?.at, folded?.preview],
      [["model.responded", "message.written", "message.offered", "message.sent"], 4, at(6), "All good"],
    )
    assert.equal(timeline.filter(({ preview }) => preview === "All good").length, 2) // and to somebody else
    assert.equal(timeline.length, 15)
    assert.deepEqual(
      timeline.map((entry) => entry.at),
      timeline.map((entry) => entry.at).toSorted(),
    )
  })

  test("raw, every event is one entry; metadata are there when asked for", (t) => {
    const ledger = conversation(t)
    const raw = reported(ledger, { raw: true, includeMetadata: true })
    assert.deepEqual([raw.timeline.length, raw.timeline.every(({ count, metadata }) => count === 1 && metadata?.length === 1)], [18, true])
    assert.ok(reported(ledger).timeline.every((entry) => !("metadata" in entry)))
    assert.equal(reported(ledger, { includeMetadata: true }).timeline.find(({ count }) => count > 1)?.metadata?.length, 4)
  })

  test("adds up tools, models and what was sent", (t) => {
    const { tools, models, outbound, timeline } = reported(conversation(t))
    assert.deepEqual(tools, [
      { tool: "read", calls: 2, errors: 1, denied: 0, timeMs: 80 },
      { tool: "exec", calls: 1, errors: 0, denied: 1, timeMs: 0 },
    ])
    assert.deepEqual(models, [
      { model: "anthropic/claude-sonnet-4-5", calls: 1, tokens: 110, costNanos: "30000000" },
      { model: "anthropic/claude-haiku-4-5", calls: 1, tokens: 4, costNanos: "5" },
    ])
    assert.deepEqual(
      outbound.map(({ recipient, count, preview }) => [recipient, count, preview]),
      [
        ["4242", 1, "All good"],
        ["4243", 1, "All good"],
        ["4242", 1, "Bye"],
      ],
    )
    const outcomes = timeline.flatMap(({ tool, outcome }) => (tool === undefined ? [] : [`${tool} ${outcome}`]))
    assert.deepEqual(outcomes, ["read allowed", "read ok", "read allowed", "read failed", "exec denied", "exec denied"])
  })

  test("the last so many are shown; what its models cost is of all of it", (t) => {
    const ledger = conversation(t)
    const { events, timeline, models } = reported(ledger, { limit: 2 })
    assert.deepEqual([events, timeline.map(({ preview }) => preview)], [{ total: 18, shown: 2, truncated: true }, ["Bye", "me"]])
    assert.equal(models.length, 2)
  })

  test("every entry leads to the signed root, those after the checkpoint not yet, a changed one never", (t) => {
    const ledger = conversation(t)
    ledger.checkpoint()
    ledger.send(at(20), "4242", "after", { session })
    const { verified, failed, unavailable, events, root } = reported(ledger).integrity
    assert.deepEqual([verified, failed, unavailable, events], [18, 0, 1, 19])
    assert.match(root ?? "", /^[0-9a-f]{64}$/)
    const changed = ledger.copy(t)
    changed.edit((journal) => journal.exec("UPDATE entries SET facts = CAST(facts || x'20' AS BLOB) WHERE sequence = 5"))
    assert.deepEqual([reported(changed).integrity.verified, reported(changed).integrity.failed], [17, 1])
  })

  test("without a checkpoint of it nothing is proven yet", (t) => {
    const { verified, unavailable } = reported(conversation(t)).integrity
    assert.deepEqual([verified, unavailable], [0, 18])
  })

  test("of an erased session its scope's id names what is left", (t) => {
    const ledger = conversation(t)
    const { scopes } = ledger.read()
    const ofNobody = scopes?.idsOfSession(session).find((one) => {
      const scope = scopes.byId(one)
      return typeof scope === "object" && scope.sender === ""
    })
    const id = ofNobody?.toString("hex") ?? ""
    ledger.close()
    ledger.destroyKeys(`session = '${session}' AND sender = ''`)
    assert.equal(reported(ledger).events.total, 1) // the other person's
    const left = reported(ledger, { session: id })
    assert.deepEqual([left.events.total, left.tools.length, left.models.length], [17, 2, 2])
    assert.ok(left.timeline.every(({ preview }) => preview === null))
  })

  test("of a session that never was there is nothing", (t) => {
    const { events, timeline, models, start, integrity } = reported(conversation(t), { session: "agent:nobody" })
    assert.deepEqual([events.total, timeline, models, start, integrity.first], [0, [], [], null, null])
  })
})
