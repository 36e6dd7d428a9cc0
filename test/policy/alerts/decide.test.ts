/** What is told, when and how often: by tables, and by entries, decisions and clocks in any order. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import fc from "fast-check"
import type { JsonObject } from "../../../src/base/json.ts"
import { eventTypes, type EventType } from "../../../src/format/event.ts"
import { mayAlert, weigh } from "../../../src/policy/alerts/kinds.ts"
import { isQuiet, minutesOf } from "../../../src/policy/alerts/quiet-hours.ts"
import { alertRig, startMs } from "./rig.ts"

const minute = 60_000
const hour = 60 * minute

describe("what is told at all", () => {
  const table: readonly (readonly [EventType, JsonObject, string | undefined])[] = [
    ["guard.disabled", { reason: "entry disabled" }, "critical"],
    ["guard.touched", { tool: "exec", what: "journal", access: "change" }, "critical"],
    ["guard.touched", { tool: "exec", what: "journal", access: "read" }, "warning"],
    ["capture.gap", { reason: "the queue was full", count: 3 }, "warning"],
    ["capture.gap", { reason: "the host gives no access to conversations", count: 3 }, undefined],
    ["capture.hook-unavailable", { hook: "llm_input" }, "warning"],
    ["witness.disagreed", { witness: "w", finding: "ahead" }, "critical"],
    ["anchor.rejected", { authority: "a", why: "other hash" }, "critical"],
    ["checkpoint.anchored", { authority: "a" }, undefined],
    ["ledger.restored", {}, "critical"],
    ["ledger.reconciled", { violations: 0 }, undefined],
    ["ledger.reconciled", { violations: 2 }, "critical"],
    ["receipts.halted", { problem: "digest" }, "critical"],
    ["erasure.repeated", {}, "warning"],
    ["spend.refused", { why: "over-budget", budget: "daily" }, "warning"],
    ["call.stopped", { why: "refused", stopped: true }, "warning"],
    ["call.stopped", { why: "refused", stopped: false }, "critical"],
    ["budget.warned", { budget: "daily", levelPercent: 80 }, "info"],
    ["budget.warned", { budget: "daily", levelPercent: 100 }, "warning"],
    ["budget.frozen", { budget: "daily" }, "warning"],
    ["account.frozen", { account: "agent:main" }, "warning"],
    ["ledger.frozen", {}, "critical"],
    ["ledger.unfrozen", {}, undefined],
    ["breaker.tripped", { breaker: "identical-calls", cut: "session:x", mode: "block" }, "critical"],
    ["breaker.tripped", { breaker: "identical-calls", cut: "session:x", mode: "warn" }, "warning"],
    ["hold.settled", { hold: "h" }, undefined],
    ["hold.settled", { hold: "h", over: { moneyNanos: "1" } }, "warning"],
    ["allowance.opened", { allowance: "main" }, undefined],
    ["allowance.opened", { allowance: "main", short: { moneyNanos: "1" } }, "info"],
    ["prices.doubted", { model: "m" }, "warning"],
    ["clock.jumped", { aheadMs: 1 }, "warning"],
    ["clock.accepted", { by: "boot" }, undefined],
    ["clock.accepted", { by: "operator" }, "warning"],
    ["change.refused", { change: "c", why: "credential" }, "warning"],
    ["receipt-key.revoked", { kid: "k" }, "warning"],
    ["operator.credential-set", {}, "warning"],
    ["outbound.refused", { channel: "telegram", peer: "p", why: "not-armed" }, "warning"],
    ["outbound.missed", { channel: "telegram", peer: "p" }, "info"],
    ["outbound.told", { success: true }, undefined],
    ["outbound.told", { success: false }, "warning"],
    ["outbound.allowed", {}, undefined],
    ["signer.replaced", {}, "warning"],
    ["master.replaced", {}, "warning"],
    ["cron.failed", { job: "j" }, "info"],
    ["alert.given-up", { receiver: "own", kind: "spend.refused" }, "warning"],
    ["alert.given-up", { receiver: "own", kind: "alert.given-up" }, undefined],
    ["alert.given-up", { receiver: "own", kind: "test" }, undefined],
    ["spend.refused", { why: "over-budget", imported: true }, undefined],
    ["tool.invoked", { tool: "exec" }, undefined],
  ]
  for (const [type, facts, severity] of table)
    test(`${type} ${JSON.stringify(facts)}: ${severity ?? "nobody"}`, () => assert.equal(weigh(type, facts)?.severity, severity))

  test("the table above has every type that may be told", () => {
    const tested = new Set(table.flatMap(([type, , severity]) => (severity === undefined ? [] : [type])))
    assert.deepEqual(
      Object.keys(eventTypes).filter((type) => mayAlert(type) && !tested.has(type as EventType)),
      [],
    )
  })
})

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

  const times: readonly (readonly [string, string, boolean, string])[] = [
    ["2026-06-01T19:59Z", "Europe/Berlin", false, "a minute before ten in summer"],
    ["2026-06-01T20:00Z", "Europe/Berlin", true, "ten in summer"],
    ["2026-06-02T04:59Z", "Europe/Berlin", true, "a minute before seven in summer"],
    ["2026-06-02T05:00Z", "Europe/Berlin", false, "seven in summer"],
    ["2026-12-01T20:59Z", "Europe/Berlin", false, "a minute before ten in winter"],
    ["2026-12-01T21:00Z", "Europe/Berlin", true, "ten in winter"],
    ["2026-12-02T06:00Z", "Europe/Berlin", false, "seven in winter"],
    ["2026-10-25T00:30Z", "Europe/Berlin", true, "half past two, the first time, in the night of twenty-five hours"],
    ["2026-10-25T01:30Z", "Europe/Berlin", true, "half past two, the second time"],
    ["2026-10-25T05:59Z", "Europe/Berlin", true, "a minute before seven after that night: nine hours and an hour more"],
    ["2026-10-25T06:00Z", "Europe/Berlin", false, "seven after that night"],
    ["2026-03-29T00:59Z", "Europe/Berlin", true, "a minute before two in the night of twenty-three hours"],
    ["2026-03-29T05:00Z", "Europe/Berlin", false, "seven after that night, an hour sooner"],
    ["2026-03-29T04:59Z", "Europe/Berlin", true, "a minute before it"],
    ["2026-06-01T16:30Z", "Asia/Kolkata", true, "ten at half an hour's offset"],
    ["2026-06-01T00:00Z", "UTC", true, "midnight is no hour twenty-four"],
  ]
  for (const [time, zone, is, words] of times)
    test(`${words}: ${is ? "quiet" : "not quiet"}`, () => assert.equal(isQuiet({ fromMinute: 22 * 60, toMinute: 7 * 60, zone }, Date.parse(time)), is))

  test("hours of one day do not go over midnight", () => {
    const lunch = { fromMinute: 12 * 60, toMinute: 13 * 60, zone: "UTC" }
    assert.deepEqual(
      ["11:59", "12:00", "12:59", "13:00"].map((time) => isQuiet(lunch, Date.parse(`2026-06-01T${time}Z`))),
      [false, true, true, false],
    )
  })

  test("times are read as clocks show them", () => {
    assert.deepEqual(["00:00", "7:05", "23:59", "24:00", "7", "07:60", 7].map(minutesOf), [0, 425, 1_439, undefined, undefined, undefined, undefined])
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
