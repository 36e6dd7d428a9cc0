/** Listing and showing entries: every filter against a plain search through the stream of events. */
import assert from "node:assert/strict"
import { rmSync } from "node:fs"
import { after, describe, test } from "node:test"
import { Fault } from "../../src/base/fault.ts"
import { eventTypes, type NewEvent } from "../../src/format/event.ts"
import { filteredSequences, listEvents, showEvent, type EventFilter } from "../../src/views/event-list.ts"
import type { LedgerAccess } from "../../src/views/ledger-access.ts"
import { eventAt, temporaryLedger } from "../ledger-fixture.ts"

const size = 301
const ledger = temporaryLedger({ after })
ledger.append(size - 1)
ledger.close()
let opened: LedgerAccess | undefined
const access = () => (opened ??= ledger.read())

const categoryOf = (event: NewEvent) => eventTypes[event.type].category
const expected = (keep: (event: NewEvent, sequence: number) => boolean) =>
  Array.from({ length: size - 1 }, (_, i) => size - 1 - i).filter((sequence) => keep(eventAt(sequence), sequence))
const session = "agent:main:telegram:direct:4242"

const filters: readonly (readonly [string, EventFilter, (event: NewEvent, sequence: number) => boolean])[] = [
  ["type", { type: "tool.denied" }, (event) => event.type === "tool.denied"],
  ["alias", { type: "tool.result" }, (event) => event.type === "tool.returned"],
  ["category", { category: "tool" }, (event) => categoryOf(event) === "tool"],
  ["session", { session }, (event) => event.scope?.session === session],
  ["from and to", { from: 20, to: 40 }, (_, n) => n >= 20 && n <= 40],
  ["from", { from: 290 }, (_, n) => n >= 290],
  ["category and session", { category: "message", session }, (event) => categoryOf(event) === "message" && event.scope?.session === session],
  ["type, from and to", { type: "tool.invoked", from: 50, to: 200 }, (event, n) => event.type === "tool.invoked" && n >= 50 && n <= 200],
  ["category and a type of another", { category: "tool", type: "message.received" }, () => false],
  ["a type that never happened", { type: "gateway.started" }, () => false],
  ["a type nobody knows", { type: "moon.landed" }, () => false],
  ["a category nobody knows", { category: "moon" }, () => false],
  ["a session nobody knows", { session: "agent:moon" }, () => false],
  ["from behind to", { from: 40, to: 20 }, () => false],
  ["from behind the end", { from: 4_000 }, () => false],
]

describe("listing events", () => {
  for (const [what, filter, keep] of filters) {
    test(`by ${what}`, () => {
      const { events, total } = listEvents(access(), filter, 1_000, 0)
      assert.deepEqual(
        events.map(({ sequence }) => sequence),
        expected(keep),
      )
      assert.equal(total, events.length)
      assert.deepEqual([...filteredSequences(access(), filter, "ASC")], expected(keep).reverse())
    })
  }

  test("newest first, page by page, each entry once", () => {
    const seen: number[] = []
    for (let offset = 0; offset < size + 40; offset += 40) {
      const { events, total } = listEvents(access(), {}, 40, offset)
      assert.equal(total, size)
      seen.push(...events.map(({ sequence }) => sequence))
    }
    assert.deepEqual(
      seen,
      Array.from({ length: size }, (_, i) => size - 1 - i),
    )
    assert.deepEqual(listEvents(access(), {}, 0, 0).events, [])
  })

  test("what is said of an event", () => {
    const event = eventAt(3 * 7 + 2)
    const [view] = listEvents(access(), { from: 23, to: 23 }, 1, 0).events
    assert.ok(view)
    assert.deepEqual(
      [view.id, view.type, view.category, view.sessionId, view.sender],
      [event.id, "message.received", "message", event.scope?.session, event.scope?.sender || null],
    )
    assert.equal(view.createdAt.length, 24)
    const { id, ...facts } = view.facts
    assert.deepEqual([id, facts], [event.id, event.facts])
    assert.match(view.description, /characters came in on telegram/)
  })

  test("a preview is one line of at most 500 characters; none without content", () => {
    const lines = temporaryLedger({ after })
    lines.record(
      { type: "message.received", id: "m:1", facts: { length: 1 }, content: { text: "one\n\ttwo   three", list: [1, { a: "b" }], none: null } },
      { type: "message.received", id: "m:2", facts: { length: 1 }, content: { text: "x".repeat(2_000) } },
      { type: "message.received", id: "m:3", facts: { length: 1 }, content: {} },
      { type: "message.received", id: "m:4", facts: { length: 1 } },
    )
    const previews = listEvents(lines.read(), { from: 1 }, 9, 0).events.map(({ preview }) => preview)
    assert.deepEqual(previews, [null, "", "x".repeat(500), 'one two three · [1,{"a":"b"}] · null'])
  })
})

describe("showing one event", () => {
  test("by sequence, by #sequence, by id", () => {
    const event = eventAt(120)
    for (const wanted of ["120", "#120", event.id]) {
      const whole = showEvent(access(), wanted)
      assert.deepEqual([whole.sequence, whole.id, whole.content ?? undefined], [120, event.id, event.content])
      assert.equal(whole.previousHash, showEvent(access(), "119").hash)
    }
    assert.deepEqual([showEvent(access(), "0").type, showEvent(access(), "0").contentState], ["journal.opened", "none"])
  })

  for (const wanted of ["301", "99999999999999999999", "-1", "#", "", "x", "1.5", "tool.invoked:9999", "1; DROP TABLE entries"]) {
    test(`${JSON.stringify(wanted)}: there is none`, () => {
      assert.throws(
        () => showEvent(access(), wanted),
        (error) => error instanceof Fault && error.code === "event.unknown",
      )
    })
  }

  test("content says whether it is open, erased or not to be opened", (t) => {
    const copy = ledger.copy(t)
    const state = (n: number) => {
      const reading = copy.read()
      const { contentState, content, preview } = showEvent(reading, String(n))
      reading.close()
      return [contentState, content === null, preview === null]
    }
    assert.deepEqual(state(2), ["open", false, false])
    copy.destroyKeys(`session = '${eventAt(2).scope?.session}'`)
    assert.deepEqual(state(2), ["erased", true, true])
    rmSync(copy.files.scopes)
    assert.deepEqual(state(2), ["unreadable", true, true])
    assert.deepEqual(state(3), ["none", true, true])
  })
})
