/** Ledger time: a wall clock that is set opens no period and ends no hold, whichever way and however often; sleep, another boot and an operator do. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import fc from "fast-check"
import { clockToleranceMs } from "../../src/ledger/ledger-clock.ts"
import { emptyState } from "../../src/ledger/state.ts"
import { LedgerBook } from "../../src/operations/spend/ledger-book.ts"
import { FakeClocks } from "../fake-clocks.ts"
import { day, hour, Machine, minute, noon, resetOf, second, usd } from "./clock-machine.ts"

const jumps: readonly (readonly [name: string, ms: number])[] = [
  ["a second", second],
  ["a minute", minute],
  ["an hour", hour],
  ["a day", day],
  ["a month", 31 * day],
  ["to the next year", 400 * day],
]

describe("a wall clock that is set forward", () => {
  for (const [name, ms] of jumps) {
    test(`by ${name} opens no period`, () => {
      const machine = new Machine()
      machine.clocks.set(ms)
      assert.equal(machine.spends(), false)
      assert.deepEqual(machine.tick(), ms > clockToleranceMs ? ["clock.jumped"] : [])
      assert.deepEqual([machine.spends(), machine.tick(), machine.count("budget.opened")], [false, [], 0])
      // By the clock that nobody sets the day ends when it ends.
      machine.pass(11 * hour + 50 * minute)
      assert.equal(machine.spends(), false)
      machine.pass(10 * minute)
      assert.equal(machine.spends(), true)
      assert.equal(machine.spends(), false)
    })

    test(`by ${name} and back needs nobody`, () => {
      const machine = new Machine()
      machine.clocks.set(ms)
      machine.tick()
      machine.clocks.set(-ms)
      assert.deepEqual([machine.tick(), machine.clock.standing().state, machine.spends()], [[], "agrees", false])
      machine.clocks.set(30 * day)
      assert.deepEqual(machine.tick(), ["clock.jumped"], "another time is told again")
    })

    test(`by ${name} while no writer runs is found by the next one`, () => {
      const machine = new Machine()
      machine.clocks.pass(10 * minute)
      machine.clocks.set(ms)
      machine.restart()
      assert.equal(machine.spends(), false)
      assert.equal(machine.count("budget.opened"), 0)
      assert.equal(machine.clock.standing().state, ms > clockToleranceMs ? "ahead" : "agrees")
    })
  }

  const edges: readonly (readonly [name: string, atMs: number, per: string, zone: string])[] = [
    ["over the hour that clocks leap in Berlin", Date.UTC(2026, 2, 28, 23, 10), "day", "Europe/Berlin"],
    ["over the hour that Berlin has twice", Date.UTC(2026, 9, 24, 22, 10), "day", "Europe/Berlin"],
    ["over the end of a month", Date.UTC(2026, 1, 27, 12), "month", "UTC"],
    ["over the end of an hour", Date.UTC(2026, 10, 25, 12, 10), "hour", "UTC"],
    ["over the end of a week", Date.UTC(2026, 10, 25, 12), "week", "America/New_York"],
    ["over a rolling span", noon, "rolling 8h", "UTC"],
  ]
  for (const [name, atMs, per, zone] of edges)
    test(`${name} opens no period, and ${per} ends at its time`, () => {
      const machine = new Machine(atMs, per, zone)
      machine.clocks.set(33 * day)
      assert.equal(machine.spends(), false)
      const resetsAtMs = resetOf(machine)
      assert.ok(resetsAtMs > atMs && resetsAtMs < atMs + 8 * day, new Date(resetsAtMs).toISOString())
      machine.pass(resetsAtMs - atMs - clockToleranceMs - second)
      assert.equal(machine.spends(), false)
      machine.pass(clockToleranceMs + second)
      assert.equal(machine.spends(), true)
    })

  test("ends no hold", () => {
    const machine = new Machine(noon, "lifetime")
    machine.give({ do: "remove-budget", budget: "cap", atMs: machine.nowMs })
    const parts = [{ account: "agent:main" as const, amounts: { moneyNanos: usd } }]
    machine.give({ do: "hold", id: "long", parts, spend: {}, ttlMs: 30 * minute, atMs: machine.nowMs })
    machine.clocks.set(day)
    assert.deepEqual(machine.tick(), ["clock.jumped"])
    machine.clocks.pass(24 * minute)
    assert.deepEqual(machine.tick(), [])
    machine.clocks.pass(6 * minute)
    assert.deepEqual(machine.tick(), ["hold.expired"])
  })

  test("again and again by less than the tolerance gets no further than once", () => {
    const machine = new Machine()
    for (let step = 0; step < 500; step++) {
      machine.clocks.set(4 * minute)
      machine.clocks.pass(second)
      machine.tick()
      if (step % 50 === 0) machine.restart()
    }
    assert.equal(machine.spends(), false)
    assert.ok(machine.nowMs <= noon + 500 * second + clockToleranceMs + second)
  })

  test("of a second more at a time is not overlooked", () => {
    const machine = new Machine()
    for (let step = 0; step < 2_000; step++) {
      machine.clocks.set(900)
      assert.ok(machine.nowMs > 0)
    }
    assert.ok(machine.nowMs <= noon + clockToleranceMs)
  })

  test("and accepted is the time from there on; holds last as much longer", () => {
    const machine = new Machine()
    const parts = [{ account: "agent:main" as const, amounts: { tokens: 1n, moneyNanos: 0n } }]
    machine.give({ do: "hold", id: "open", parts, spend: {}, ttlMs: 30 * minute, atMs: machine.nowMs })
    machine.clocks.set(day)
    machine.tick()
    const accepted = machine.clock.acceptance("operator") ?? assert.fail("there is something to accept")
    assert.equal(machine.spends(), false, "asking alone changes nothing")
    machine.give(accepted)
    assert.equal(machine.nowMs, noon + day)
    assert.deepEqual(machine.tick(), [], "the hold has its half hour still, less the tolerance")
    assert.equal(machine.spends(), true)
    assert.equal(machine.clock.acceptance("operator"), undefined)
    machine.restart()
    assert.deepEqual([machine.spends(), machine.clock.standing().state], [false, "agrees"])
    machine.pass(24 * minute)
    assert.ok(machine.book.state.holds.has("open"))
    machine.pass(minute)
    assert.ok(!machine.book.state.holds.has("open"))
  })
})

describe("a wall clock that is set back", () => {
  for (const [name, ms] of jumps)
    test(`by ${name} stops no period: ledger time goes on`, () => {
      const machine = new Machine()
      machine.pass(hour)
      const before = machine.nowMs
      machine.clocks.set(-ms)
      assert.deepEqual(machine.tick(), ms > clockToleranceMs ? ["clock.jumped"] : [])
      assert.ok(machine.nowMs >= before - ms)
      machine.pass(11 * hour + clockToleranceMs)
      assert.equal(machine.spends(), true)
      assert.ok(machine.nowMs >= before + 11 * hour)
    })
})

describe("time that passed while nobody looked", () => {
  test("in a machine that slept is no jump", () => {
    const machine = new Machine()
    machine.clocks.sleep(13 * hour)
    assert.deepEqual([machine.tick(), machine.spends()], [[], true])
  })

  test("while no writer ran is no jump, slept through or not", () => {
    const machine = new Machine()
    machine.clocks.pass(hour)
    machine.clocks.sleep(12 * hour)
    machine.restart()
    assert.deepEqual([machine.tick(), machine.spends()], [[], true])
  })

  test("in a container with an uptime of its own that began anew is no jump", () => {
    const machine = new Machine()
    machine.clocks.pass(13 * hour)
    machine.clocks.uptimeMs = 30 * minute
    machine.restart()
    assert.deepEqual([machine.tick(), machine.spends()], [[], true])
  })

  test("in another life of the machine is what its clock says", () => {
    const machine = new Machine()
    machine.clocks.reboot("second", 13 * hour)
    machine.restart()
    assert.deepEqual([machine.tick(), machine.spends()], [[], true])
    assert.equal(machine.count("clock.anchored"), 2, "each life has its own point")
  })

  test("where lives have no names is what the clock says at a start", () => {
    const machine = new Machine()
    machine.clocks.boot = undefined
    machine.clocks.set(day)
    machine.restart()
    assert.equal(machine.spends(), true)
    machine.clocks.set(day)
    assert.equal(machine.spends(), false, "but not within one writer's")
  })

  test("cannot be less than none: a clock that begins in 1970 stands at the last event, and goes on", () => {
    const machine = new Machine()
    machine.clocks.reboot("second", -noon)
    machine.restart()
    assert.equal(machine.spends(), false)
    machine.pass(12 * hour + clockToleranceMs)
    assert.equal(machine.spends(), true)
  })

  test("is learnt from the network once, in the first minutes of a life", () => {
    const machine = new Machine()
    machine.clocks.reboot("second", 0)
    machine.restart()
    machine.clocks.set(13 * hour)
    assert.deepEqual(machine.tick(), ["clock.accepted"])
    assert.equal(machine.spends(), true)
    machine.clocks.set(day)
    assert.deepEqual([machine.tick(), machine.spends()], [["clock.jumped"], false])
    machine.restart()
    assert.deepEqual([machine.tick(), machine.spends()], [[], false])
  })
})

describe("the point on record", () => {
  test("is written with the first event, and once a day", () => {
    const machine = new Machine()
    assert.deepEqual(machine.recorded.map(({ type }) => type).slice(0, 2), ["budget.set", "clock.anchored"])
    machine.restart()
    for (let step = 0; step < 30; step++) {
      machine.pass(2 * hour)
      machine.spends()
    }
    assert.equal(machine.count("clock.anchored"), 3)
  })

  test("carries a clock that differs by as much as a crystal does for years", () => {
    const machine = new Machine()
    for (let step = 0; step < 700; step++) {
      machine.clocks.pass(day)
      machine.clocks.set(-9 * second)
      assert.deepEqual(machine.tick(), [])
    }
    assert.equal(machine.clock.standing().state, "agrees")
  })

  test("of a ledger without an event is of now: there is nothing to open", () => {
    const clocks = new FakeClocks(noon)
    const book = new LedgerBook(emptyState(), clocks.read())
    clocks.set(40 * day)
    assert.deepEqual([book.clock?.hasNews(), book.clock?.nowMs()], [false, noon + 40 * day])
  })
})

test("ledger time never goes back, nor further than passing time and the tolerance, whatever happens to the clocks", () => {
  const move = fc.oneof(
    fc.record({ do: fc.constant("pass" as const), ms: fc.integer({ min: 0, max: 2 * hour }) }),
    fc.record({ do: fc.constant("sleep" as const), ms: fc.integer({ min: 0, max: 8 * hour }) }),
    fc.record({ do: fc.constant("set" as const), ms: fc.integer({ min: -40 * day, max: 40 * day }) }),
    fc.record({ do: fc.constant("restart" as const), ms: fc.constant(0) }),
  )
  fc.assert(
    fc.property(fc.array(move, { maxLength: 40 }), (moves) => {
      const machine = new Machine()
      let trueMs = noon
      for (const { do: what, ms } of moves) {
        if (what === "restart") machine.restart()
        else machine.clocks[what](ms)
        if (what !== "set") trueMs += ms
        machine.tick()
        const last = machine.book.state.lastMs
        assert.ok(machine.nowMs >= last && Math.max(...machine.recorded.map(({ facts }) => facts.atMs)) === last, "not back")
        assert.ok(Math.abs(machine.nowMs - trueMs) <= clockToleranceMs + (trueMs - noon) * 200e-6 + second, `${machine.nowMs - trueMs} ms off`)
        machine.spends()
      }
    }),
    { numRuns: 300 },
  )
})
