/** What is told when, how often and to whom: by examples, and by entries, decisions and clocks in any order. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import fc from "fast-check"
import type { JsonObject } from "../../../src/base/json.ts"
import { alertRig, startMs } from "./rig.ts"

const minute = 60_000
const hour = 60 * minute

describe("the same once", () => {
  test("a hundred refusals are one alert, and an hour later one more with the ninety-nine", () => {
    const rig = alertRig()
    rig.refuse()
    assert.deepEqual(
      rig.raised().map(({ count, receivers, severity }) => [count, receivers, severity]),
      [[1, ["own"], "warning"]],
    )
    for (let n = 0; n < 99; n++) rig.refuse()
    assert.deepEqual(rig.raised(), [])
    rig.later(hour - 1)
    assert.deepEqual(rig.raised(), [])
    rig.later(1)
    assert.deepEqual(
      rig.raised().map(({ count, repeats, of }) => [count, repeats, of]),
      [[99, true, 3]],
    )
    rig.later(hour)
    assert.deepEqual(rig.raised(), [], "nothing came since")
    rig.refuse()
    assert.deepEqual(
      rig.raised().map(({ count, repeats }) => [count, repeats]),
      [[1, undefined]],
    )
  })

  test("what came together before anybody looked is one, with its count and its times", () => {
    const rig = alertRig()
    rig.refuse()
    rig.later(5_000)
    rig.refuse()
    assert.deepEqual(
      rig.raised().map(({ count, fromMs, toMs }) => [count, fromMs, toMs]),
      [[2, startMs, startMs + 5_000]],
    )
  })

  test("another budget, another tool and another severity are not the same", () => {
    const rig = alertRig()
    rig.refuse("daily")
    rig.refuse("weekly")
    rig.record("guard.touched", { tool: "exec", what: "journal", access: "read" })
    rig.record("guard.touched", { tool: "exec", what: "journal", access: "change" })
    assert.equal(rig.raised().length, 4)
  })

  test("what came while a decision was on its way to disk is counted on, not lost", () => {
    const rig = alertRig()
    rig.refuse()
    const [event] = rig.ask()
    rig.refuse()
    assert.ok(event)
    rig.record(event.type, event.facts as unknown as JsonObject)
    rig.later(hour)
    assert.deepEqual(
      rig.raised().map(({ count, repeats }) => [count, repeats]),
      [[1, true]],
    )
  })

  test("decided twice it has one name, and another ledger's another", () => {
    const rig = alertRig()
    rig.refuse()
    const names = (events: ReturnType<typeof rig.ask>) => events.map(({ facts }) => "alert" in facts && facts.alert)
    assert.deepEqual(names(rig.ask()), names(rig.ask()))
    assert.match(String(names(rig.ask())[0]), /^[0-9a-f]{24}$/)
  })

  test("a clock that is put back a year holds nothing for a year", () => {
    const rig = alertRig()
    rig.refuse()
    rig.raised()
    rig.nowMs -= 365 * 24 * hour
    rig.refuse()
    assert.equal(rig.raised().length, 1)
  })
})

describe("quiet hours", () => {
  const quiet = { quietHours: { from: "22:00", to: "07:00", zone: "Europe/Berlin" } }

  test("everything but what is critical is held, and told together when they are over", () => {
    const rig = alertRig(quiet)
    rig.nowMs = Date.UTC(2026, 5, 1, 20, 30) // 22:30 in Berlin
    rig.refuse("daily")
    rig.refuse("weekly")
    rig.record("guard.disabled", { reason: "entry disabled" })
    assert.deepEqual(
      rig.raised().map(({ kind }) => kind),
      ["guard.disabled"],
    )
    rig.refuse("daily")
    rig.nowMs = Date.UTC(2026, 5, 2, 4, 59)
    assert.deepEqual(rig.raised(), [], "what came again is held, too")
    rig.nowMs = Date.UTC(2026, 5, 2, 5, 0) // 07:00
    const [summary, ...others] = rig.raised()
    assert.deepEqual(others, [])
    assert.deepEqual([summary?.kind, summary?.severity, summary?.count, summary?.receivers], ["summary", "warning", 3, ["own"]])
    assert.deepEqual(
      summary?.parts?.map(({ kind, count }) => [kind, count]),
      [["spend.refused", 3]],
    )
    assert.deepEqual(rig.raised(), [], "once")
  })

  test("switching them off tells what they held", () => {
    const rig = alertRig(quiet)
    rig.nowMs = Date.UTC(2026, 5, 1, 20, 30)
    rig.refuse()
    rig.raised()
    const other = alertRig()
    for (const entry of rig.journal.slice(1)) other.record(entry.type, entry.facts)
    other.nowMs = rig.nowMs
    assert.deepEqual(
      other.raised().map(({ kind }) => kind),
      ["summary"],
    )
  })
})

describe("at most so many an hour", () => {
  test("beyond it things are held, and told together when there is room; what is critical has a bound of its own", () => {
    const rig = alertRig({ mostAnHour: 3 })
    for (let n = 0; n < 10; n++) rig.refuse(`b${n}`)
    assert.equal(rig.raised().length, 3)
    for (let n = 0; n < 5; n++) rig.record("guard.touched", { tool: `t${n}`, what: "journal", access: "change" })
    assert.equal(rig.raised().length, 3)
    rig.later(hour - 1)
    assert.deepEqual(rig.raised(), [])
    rig.later(1)
    const [summary, ...others] = rig.raised()
    assert.deepEqual([summary?.kind, summary?.count, summary?.severity, others.length], ["summary", 9, "critical", 0])
  })

  test("muted kinds are told to nobody, and told when they are not muted any more", () => {
    const rig = alertRig({ mute: ["budget.*", "spend.refused"] })
    rig.refuse()
    rig.record("budget.frozen", { budget: "daily" })
    assert.deepEqual(rig.raised(), [])
  })

  test("nobody is told of what is below his severity, and it is on record all the same", () => {
    const rig = alertRig({ webhooks: [{ url: "https://hooks.example.com/a", name: "own", minSeverity: "critical" }] })
    rig.refuse()
    assert.deepEqual(
      rig.raised().map(({ receivers }) => receivers),
      [[]],
    )
    assert.equal(rig.state.pending.size, 0)
  })

  test("that an alert did not arrive is told to the others, never to who did not take it; what the gate keeps from the operator's chat not to the chat", () => {
    const webhooks = ["one", "two"].map((name) => ({ url: `https://hooks.example.com/${name}`, name }))
    const rig = alertRig({ webhooks, operatorChat: { channel: "telegram", to: "4242" } }, "peer-of-operator")
    rig.record("alert.given-up", { alert: "a", receiver: "one", attempts: 40, why: "no answer", kind: "spend.refused" })
    rig.record("outbound.refused", { channel: "telegram", peer: "peer-of-operator", why: "not-armed" })
    rig.record("outbound.refused", { channel: "telegram", peer: "somebody", why: "not-armed" })
    assert.deepEqual(
      rig.raised().map(({ receivers }) => receivers),
      [
        ["two", "chat"],
        ["one", "two"],
        ["one", "two", "chat"],
      ],
    )
  })

  test("before it begins, and after it has ended, nothing is told; what waited is told to nobody", () => {
    const rig = alertRig()
    rig.refuse()
    rig.raised()
    rig.record("alerts.ended", { waiting: 1 })
    rig.refuse("other")
    assert.deepEqual([rig.raised(), rig.state.pending.size], [[], 0])
    rig.record("alerts.begun", { receivers: 1 })
    assert.deepEqual(rig.raised(), [])
    rig.refuse()
    assert.equal(rig.raised().length, 1)
  })

  test("where the entry that it begins with was removed, what was told and is on its way says so", () => {
    const rig = alertRig()
    rig.refuse()
    rig.raised()
    const other = alertRig()
    other.record("alerts.ended", { waiting: 0 })
    for (const { type, facts } of rig.journal.slice(1)) other.record(type, facts)
    assert.deepEqual([other.state.isOn, other.state.pending.size, other.state.windows.size], [true, 1, 1])
    other.record("alerts.begun", { receivers: 1 })
    assert.equal(other.state.pending.size, 1)
  })

  test("more kinds at once than are told apart are told as one", () => {
    const rig = alertRig({ mostAnHour: 1_000 })
    for (let n = 0; n < 1_500; n++) rig.refuse(`b${n}`)
    let count = 0
    for (let round = 0; round < 20; round++) {
      count += rig.raised().reduce((sum, one) => sum + one.count, 0)
      rig.deliver()
      if (round === 12) rig.later(hour)
    }
    assert.equal(count, 1_500)
  })
})

test("whatever comes in whatever order: nothing is lost, nothing told twice, and the journal alone gives the same state", () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant("refuse" as const), budget: fc.constantFrom("a", "b", "c") }),
    fc.record({ do: fc.constant("critical" as const) }),
    fc.record({ do: fc.constant("decide" as const) }),
    fc.record({ do: fc.constant("late" as const), budget: fc.constantFrom("a", "b") }),
    fc.record({ do: fc.constant("wait" as const), ms: fc.constantFrom(1_000, 10 * minute, 3 * hour, 9 * hour) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const rig = alertRig({ mostAnHour: 2, quietHours: { from: "22:00", to: "07:00" } })
      let caused = 0
      let told = 0
      const names: string[] = []
      const decided = (events: ReturnType<typeof rig.ask>) => {
        for (const { type, facts } of events) {
          if (type !== "alert.raised") continue
          told += facts.count
          names.push(facts.alert)
        }
        rig.deliver()
      }
      const once = () => decided(rig.decide())
      for (const one of steps) {
        if (one.do === "wait") rig.later(one.ms)
        else if (one.do === "decide") once()
        else if (one.do === "late") {
          // Decided, and something more comes before it is on disk.
          const events = rig.ask()
          rig.refuse(one.budget)
          caused++
          for (const { type, facts } of events) rig.record(type, facts as unknown as JsonObject)
          decided(events)
        } else {
          caused++
          if (one.do === "refuse") rig.refuse(one.budget)
          else rig.record("guard.disabled", { reason: "entry disabled" })
        }
      }
      for (let round = 0; round < 60; round++) {
        rig.later(hour)
        once()
      }
      assert.equal(told, caused)
      assert.equal(new Set(names).size, names.length)
      assert.deepEqual(rig.again(), rig.state)
      assert.equal(rig.state.held.size + rig.state.waiting.size, 0)
    }),
    { numRuns: 300 },
  )
})
