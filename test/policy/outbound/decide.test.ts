/** The gate's rules, one by one: what arms, how often, until when, and what a late answer may still do. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { decideOffered, decideReceived } from "../../../src/policy/outbound/decide.ts"
import type { OutboundEvent } from "../../../src/policy/outbound/events.ts"
import { evolveOutbound, sawMessage } from "../../../src/policy/outbound/evolve.ts"
import { parseOutbound, type OutboundRule } from "../../../src/policy/outbound/outbound-rule.ts"
import { emptyOutbound } from "../../../src/policy/outbound/state.ts"

const of = { channel: "telegram", peer: "p1" }

function gate(settings: object = {}) {
  const rule = parseOutbound({ channel: "telegram", protectedTo: ["1"], allowedFrom: ["1"], duplicateWindowMs: 0, ...settings }) as OutboundRule
  const state = emptyOutbound()
  const follow = (events: readonly OutboundEvent[]) => (events.forEach((event) => evolveOutbound(state, event)), events)
  let sends = 0
  return {
    state,
    hears: (atMs: number, text: string, { message, mayArm = true, peer = "p1" }: { message?: string; mayArm?: boolean; peer?: string } = {}) => {
      const events = decideReceived(state, rule, { ...of, peer, atMs, message, sender: "s1", mayArm, text })
      follow(events)
      if (message !== undefined) sawMessage(state, message, atMs)
      return events.length > 0
    },
    /** Why not, or how many uses are left. */
    offers: (atMs: number, { digest = `d${sends}`, kind = "text" as const, peer = "p1" } = {}) => {
      const { events, refused } = decideOffered(state, rule, { ...of, peer, atMs, send: `send-${sends++}`, digest, kind })
      follow(events)
      const allowed = events.find((event) => event.type === "outbound.allowed")
      assert.equal(allowed === undefined, refused !== undefined)
      return refused ?? allowed?.facts.usesLeft
    },
    orders: (event: OutboundEvent) => follow([event]),
  }
}

describe("what arms", () => {
  test("the trigger by who may, with a body that says something in any script", () => {
    const { hears, state } = gate()
    for (const [text, arms] of [
      ["friday: is it raining?", true],
      ["  FRIDAY:   42", true],
      ["friday: 雨ですか", true],
      ["friday:", false],
      ["friday: 👍 …", false],
      ["is it friday: yes", false],
      ["hello", false],
    ] as const) {
      state.arms.clear()
      assert.deepEqual([hears(1_000, text), state.arms.size], [arms, arms ? 1 : 0], text)
    }
    assert.equal(hears(1_000, "friday: go", { mayArm: false }), false)
    assert.equal(gate({ requireBodyAfterTrigger: false }).hears(1, "friday:"), true)
  })

  test("a message arms once, however often it is delivered, also when it said nothing the first time", () => {
    const { hears, offers } = gate({ maxUsesPerArm: 1 })
    assert.equal(hears(1_000, "friday: go", { message: "m1" }), true)
    assert.equal(offers(2_000), 0)
    assert.equal(hears(3_000, "friday: go", { message: "m1" }), false)
    assert.equal(offers(4_000), "not-armed")
    assert.equal(hears(5_000, "hello", { message: "m2" }), false)
    assert.equal(hears(6_000, "friday: go", { message: "m2" }), false, "an edit that is delivered as the same message")
  })

  test("a new trigger replaces what was armed, it does not add to it", () => {
    const { hears, offers, state } = gate({ maxUsesPerArm: 3 })
    hears(1_000, "friday: one", { message: "a" })
    assert.deepEqual([offers(1_100), offers(1_200)], [2, 1])
    hears(1_300, "friday: two", { message: "b" })
    assert.deepEqual([state.arms.get("telegram:p1")?.uses, offers(1_400), offers(1_500), offers(1_600), offers(1_700)], [3, 2, 1, 0, "not-armed"])
  })

  test("conversations are apart", () => {
    const { hears, offers } = gate()
    hears(1_000, "friday: one")
    assert.equal(offers(1_100, { peer: "p2" }), "not-armed")
  })
})

describe("what leaves", () => {
  test("exactly as many as were allowed, each keeping the arm open for as long again", () => {
    const { hears, offers } = gate({ maxUsesPerArm: 2, armTtlMs: 20_000, missedResponseTtlMs: 30_000 })
    hears(0, "friday: one")
    assert.equal(offers(19_999), 1)
    assert.equal(offers(39_998), 0)
    assert.equal(offers(40_000), "not-armed")
  })

  test("an arm that is over lets nothing through once its request was answered", () => {
    const { hears, offers } = gate({ armTtlMs: 15_000 })
    hears(0, "friday: one")
    assert.equal(offers(1_000), 2)
    assert.equal(offers(16_000), "expired")
  })

  test("the same words twice in a moment leave once; after the first failed, again", () => {
    const { hears, offers, orders, state } = gate({ duplicateWindowMs: 10_000 })
    hears(0, "friday: one")
    assert.equal(offers(1_000, { digest: "same" }), 2)
    assert.equal(offers(2_000, { digest: "same" }), "duplicate")
    assert.equal(state.arms.get("telegram:p1")?.uses, 2, "no use is spent on it")
    orders({ type: "outbound.told", facts: { ...of, atMs: 3_000, send: "send-0", success: false } })
    assert.equal(offers(4_000, { digest: "same" }), 1)
    assert.equal(offers(14_001, { digest: "same" }), 0)
  })

  test("a media message costs a use too", () => {
    const { hears, offers } = gate({ maxUsesPerArm: 1 })
    hears(0, "friday: one")
    assert.equal(offers(1_000, { kind: "media" as never }), 0)
    assert.equal(offers(1_001), "not-armed")
  })
})

describe("a late answer", () => {
  const late = { armTtlMs: 15_000, missedResponseTtlMs: 60_000 }

  test("one, and once, to what nobody answered yet", () => {
    const { hears, offers } = gate(late)
    hears(0, "friday: one")
    assert.equal(offers(30_000), 0)
    assert.equal(offers(30_001), "not-armed")
  })

  test("none to what was asked too long ago, and it is on record as missed", () => {
    const { hears, offers, state } = gate(late)
    hears(0, "friday: one")
    assert.equal(offers(60_001), "missed")
    assert.equal(state.requests.get("telegram:p1")?.status, "missed")
    assert.equal(offers(60_002), "not-armed")
  })

  test("none to what another request took the place of, or an operator disarmed", () => {
    const { hears, offers, orders } = gate(late)
    hears(0, "friday: one", { message: "a" })
    hears(1, "friday: two", { message: "b" })
    assert.equal(offers(2), 2)
    assert.equal(offers(20_000), "expired", "the first request is not recovered in place of the second")
    hears(30_000, "friday: three", { message: "c" })
    orders({ type: "outbound.disarmed", facts: { ...of, atMs: 30_001 } })
    assert.equal(offers(30_002), "not-armed")
  })

  test("none to what was answered by an operator's order", () => {
    const { hears, offers, orders } = gate(late)
    hears(0, "friday: one")
    orders({ type: "outbound.armed", facts: { ...of, atMs: 1, uses: 1, expiresAtMs: 10_000 } })
    assert.equal(offers(2), 0)
    assert.equal(offers(20_000), "not-armed")
  })

  test("a clock that was put back recovers nothing", () => {
    const { hears, offers } = gate(late)
    hears(100_000, "friday: one")
    assert.equal(offers(10), 2, "the arm is still open, and no longer than it was to be")
  })
})
