/** One attempt after the other: pauses that double, what a receiver asks for, and an end to it. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import type { JsonObject } from "../../../src/base/json.ts"
import { decideOutcome, mostAttempts, nextOf, type Outcome } from "../../../src/policy/alerts/delivery.ts"
import type { Pending } from "../../../src/policy/alerts/state.ts"
import { alertRig } from "./rig.ts"

const hour = 3_600_000
const failed: Outcome = { took: false, why: "ECONNREFUSED" }

function pendingOne() {
  const rig = alertRig()
  rig.refuse()
  rig.raised()
  const first = () => [...rig.state.pending.values()][0] as Pending
  const attempt = (outcome: Outcome, chance = 0) => {
    const event = decideOutcome(first(), outcome, { nowMs: rig.nowMs, chance })
    rig.record(event.type, event.facts as unknown as JsonObject)
    return event
  }
  return { rig, first, attempt }
}

describe("attempts to tell", () => {
  test("pauses double up to an hour, half of each is left to chance, and after so many it is given up", () => {
    const { rig, first, attempt } = pendingOne()
    const pauses: number[] = []
    for (let n = 1; n < mostAttempts; n++) {
      const event = attempt(failed, n % 2 === 0 ? 0.999 : 0)
      assert.ok(event.type === "alert.failed")
      pauses.push(event.facts.againMs - rig.nowMs)
      assert.equal(nextOf(rig.state.pending.values(), event.facts.againMs - 1).size, 0)
      assert.equal(nextOf(rig.state.pending.values(), event.facts.againMs).size, 1)
      rig.nowMs = event.facts.againMs
    }
    assert.deepEqual(pauses.slice(0, 4), [2_500, 9_995, 10_000, 39_980])
    assert.ok(pauses.every((pause) => pause <= hour) && (pauses.at(-1) ?? 0) >= hour / 2)
    assert.equal(first().attempts, mostAttempts - 1)
    const last = attempt(failed)
    assert.ok(last.type === "alert.given-up")
    assert.deepEqual([last.facts.attempts, last.facts.why, rig.state.pending.size], [mostAttempts, "ECONNREFUSED", 0])
  })

  test("who asks to be left alone is, but not for longer than six hours", () => {
    const { rig, attempt } = pendingOne()
    const asked = attempt({ took: false, why: "too much at once", status: 429, afterMs: 90_000 })
    assert.ok(asked.type === "alert.failed")
    assert.equal(asked.facts.againMs, rig.nowMs + 90_000)
    const long = attempt({ took: false, why: "too much at once", status: 429, afterMs: 365 * 24 * hour })
    assert.ok(long.type === "alert.failed")
    assert.equal(long.facts.againMs, rig.nowMs + 6 * hour)
    const short = attempt({ took: false, why: "too much at once", status: 429, afterMs: 1 })
    assert.ok(short.type === "alert.failed" && short.facts.againMs - rig.nowMs >= 10_000, "and never sooner than it would be tried by itself")
  })

  test("what will never be taken is given up at once", () => {
    const { attempt } = pendingOne()
    assert.equal(attempt({ took: false, why: "it does not take what is sent", status: 400, isFinal: true }).type, "alert.given-up")
  })

  test("what is too old is given up, and told to nobody who is the same", () => {
    const { rig } = pendingOne()
    rig.later(24 * hour)
    assert.deepEqual(rig.decide(), [])
    rig.later(1)
    const [event, ...more] = rig.decide()
    assert.ok(event?.type === "alert.given-up")
    assert.deepEqual([event.facts.why, more.length], ["too old", 0])
    assert.deepEqual(
      rig.raised().map(({ kind, receivers }) => [kind, receivers]),
      [["alert.given-up", []]],
    )
  })

  test("one receiver's pause is nobody else's, and each hears in order", () => {
    const webhooks = ["one", "two"].map((name) => ({ url: `https://hooks.example.com/${name}`, name }))
    const rig = alertRig({ webhooks })
    rig.refuse("a")
    rig.refuse("b")
    const [first] = rig.raised()
    assert.ok(first)
    const heads = () => [...nextOf(rig.state.pending.values(), rig.nowMs)].map(([receiver, { raised }]) => [receiver, raised.alert])
    assert.deepEqual(heads(), [
      ["one", first.alert],
      ["two", first.alert],
    ])
    rig.record("alert.failed", { alert: first.alert, receiver: "one", attempt: 1, why: "no answer", againMs: rig.nowMs + 1_000 })
    assert.deepEqual(heads(), [["two", first.alert]])
    // A clock that was put back leaves nobody waiting until it is there again.
    rig.nowMs -= 365 * 24 * hour
    assert.equal(heads().length, 2)
  })
})
