/** The time in which a plugin was switched off is a gap once it is switched on again: in this writer's life, and over an earlier one's end. */
import assert from "node:assert/strict"
import { rmSync } from "node:fs"
import { describe, test } from "node:test"
import { setTimeout as sleep } from "node:timers/promises"
import type { NewEvent } from "../../src/format/event.ts"
import type { Gap } from "../../src/format/gap.ts"
import { SwitchedOff, switchedOffWords } from "../../src/operations/switched-off.ts"
import { Upkeep } from "../../src/operations/upkeep.ts"
import { switchedOffSince } from "../../src/projections/alerts.ts"
import { startMs, temporaryLedger, type Ending, type TestLedger } from "../ledger-fixture.ts"
import { intakeOf, open } from "./intake-rig.ts"

const off = (atMs: number): NewEvent => ({ type: "guard.disabled", id: "d", facts: { reason: "entry disabled", atMs } })
const on = (atMs: number): NewEvent => ({ type: "gateway.started", id: "g", facts: { port: 1, atMs } })
const other: NewEvent = { type: "session.started", id: "s", facts: { resumed: false } }
const byUser = (event: NewEvent, user: string): NewEvent => ({ ...event, facts: { ...event.facts, ...{ user } } }) as NewEvent

function watched() {
  const later: (readonly [Gap, string])[] = []
  const switched = new SwitchedOff((gap, gateway) => void later.push([gap, gateway]))
  const pass = (events: readonly NewEvent[], gateway = "") =>
    switched.pass(events, gateway).map((event) => (event.type === "capture.gap" ? `gap ${String(event.facts.fromMs)}-${String(event.facts.toMs)}` : event.type))
  return { switched, later, pass }
}

describe("a plugin that is switched off and on", () => {
  test("the gap stands in front of the beginning that ends it, once", () => {
    const { switched, pass, later } = watched()
    switched.known(new Map())
    assert.deepEqual(pass([off(10)]), ["guard.disabled"])
    assert.deepEqual(pass([other]), ["session.started"])
    assert.deepEqual(pass([on(30)]), ["gap 10-30", "gateway.started"])
    assert.deepEqual(pass([on(40)]), ["gateway.started"])
    assert.deepEqual(later, [])
  })

  test("nobody knows how many events it is", () => {
    const { switched } = watched()
    const [, gap] = switched.pass([off(10), on(30)], "")
    assert.deepEqual(gap?.facts, { reason: switchedOffWords, count: 0, byType: {}, fromMs: 10, toMs: 30, uncounted: true })
  })

  test("a clock that was put back makes no time before its beginning", () => {
    const { pass } = watched()
    assert.deepEqual(pass([off(50), on(30)]), ["guard.disabled", "gap 50-50", "gateway.started"])
  })

  test("each gateway has its own", () => {
    const { pass } = watched()
    pass([off(10)], "a")
    assert.deepEqual(pass([on(20)], "b"), ["gateway.started"])
    assert.deepEqual(pass([on(30)], "a"), ["gap 10-30", "gateway.started"])
  })

  test("switched off in an earlier life of the writer: known before it begins, or only after", () => {
    const before = watched()
    before.switched.known(new Map([["a", 5]]))
    assert.deepEqual(before.pass([on(30)], "a"), ["gap 5-30", "gateway.started"])

    const after = watched()
    assert.deepEqual(after.pass([on(30)], "a"), ["gateway.started"])
    assert.deepEqual(after.pass([on(60)], "a"), ["gateway.started"])
    after.switched.known(new Map([["a", 5]]))
    assert.deepEqual(after.later, [[{ reason: switchedOffWords, byType: {}, fromMs: 5, toMs: 30, uncounted: true }, "a"]])
    assert.deepEqual(after.pass([on(90)], "a"), ["gateway.started"])
  })

  test("switched off again before it is known what was: the earlier time is told, the later one goes on", () => {
    const { switched, pass, later } = watched()
    pass([on(20), off(40)], "a")
    switched.known(new Map([["a", 5]]))
    assert.equal(later.length, 1)
    assert.deepEqual(pass([on(60)], "a"), ["gap 40-60", "gateway.started"])
  })
})

describe("what is on record of it", () => {
  const sinceOf = (ledger: TestLedger) => {
    const access = ledger.read()
    return Object.fromEntries(access.ask(switchedOffSince))
  }

  test("by gateway: since when it is off, and nothing once it has begun again", (t) => {
    const ledger = temporaryLedger(t)
    ledger.record(on(1), byUser(off(100), "~a"), off(200), byUser(off(150), "~b"))
    assert.deepEqual(sinceOf(ledger), { "~a": 100, "": 200, "~b": 150 })
    ledger.record(byUser(on(300), "~a"), other)
    assert.deepEqual(sinceOf(ledger), { "": 200, "~b": 150 })
    ledger.record(byUser(off(400), "~a"), on(500))
    assert.deepEqual(sinceOf(ledger), { "~a": 400, "~b": 150 })
  })

  /** An upkeep of a new writer over what is there, and what it is told when. */
  function upkeepOver(t: Ending, ledger: TestLedger) {
    const told: Record<string, number>[] = []
    const upkeep = new Upkeep(ledger.open(), {
      nowMs: () => startMs,
      busy: () => false,
      failed: (error) => assert.fail(String(error)),
      caughtUp: (views) => told.push(Object.fromEntries(switchedOffSince(views))),
    })
    t.after(() => upkeep.close())
    return { told, upkeep }
  }

  test("a new writer knows it at once where the projections are up to date", (t) => {
    const ledger = temporaryLedger(t)
    ledger.record(off(100))
    ledger.read().ask(() => undefined)
    assert.deepEqual(upkeepOver(t, ledger).told, [{ "": 100 }])
  })

  test("and where they are not, as it was at its start: a beginning that came after does not hide it", async (t) => {
    const ledger = temporaryLedger(t)
    ledger.append(450)
    ledger.record(off(100))
    rmSync(ledger.files.views, { force: true })
    const { told, upkeep } = upkeepOver(t, ledger)
    assert.deepEqual(told, [])
    ledger.record(on(900))
    upkeep.committed(1)
    for (const untilMs = Date.now() + 10_000; told.length === 0 && Date.now() < untilMs;) await sleep(5)
    assert.deepEqual(told, [{ "": 100 }])
    for (const untilMs = Date.now() + 10_000; upkeep.projected < ledger.open().journal.size && Date.now() < untilMs;) await sleep(5)
    assert.equal(upkeep.projected, ledger.open().journal.size)
    assert.equal(told.length, 1)
  })
})

describe("through the intake", () => {
  const lines = {
    off: (n: number, t: number) => ({ n, h: "guard-disabled", t, p: { reason: "entry disabled" } }),
    on: (n: number, t: number) => ({ n, h: "gateway_start", t, p: { port: 18_789 } }),
  }

  test("off, and on again: the gap with its times, stamped with the same gateway's user", (t) => {
    const rig = intakeOf(t)
    const peer = rig.peer({ ...open, userId: "jane" })
    rig.intake.switchedOff(new Map())
    rig.intake.join(peer)
    rig.intake.observe(peer, lines.off(1, startMs + 100), () => {})
    rig.intake.observe(peer, lines.on(2, startMs + 900), () => {})
    rig.drain()
    const [, disabled, gap, began] = rig.recorded()
    assert.deepEqual([disabled?.type, gap?.type, began?.type], ["guard.disabled", "capture.gap", "gateway.started"])
    assert.deepEqual([gap?.facts["fromMs"], gap?.facts["toMs"], gap?.facts["uncounted"]], [startMs + 100, startMs + 900, true])
    assert.ok(gap?.facts["user"] !== undefined && gap.facts["user"] === began?.facts["user"])
  })

  test("off in an earlier writer's life, heard of after the gateway began: the gap follows", (t) => {
    const rig = intakeOf(t)
    const peer = rig.peer(open)
    rig.intake.join(peer)
    rig.intake.observe(peer, lines.on(1, startMs + 900), () => {})
    rig.drain()
    rig.intake.switchedOff(new Map([["", startMs + 100]]))
    rig.drain()
    assert.deepEqual(rig.types().slice(-2), ["gateway.started", "capture.gap"])
  })
})
