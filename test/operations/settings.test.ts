/** Settings that decide anything are on record before they decide, once, and every entry tells under which of them it was recorded. */
import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import type { ClientConfig, Peer } from "../../src/operations/client-config.ts"
import { intakeOf, open, plainly, tool } from "./intake-rig.ts"

test("settings are journaled when they are loaded, once as long as they are the same", (t) => {
  const { intake, drain, types, peer, recorded } = intakeOf(t)
  const other: ClientConfig = { guard: { tools: [], deny: ["*"] }, userId: "jane", hashed: plainly }
  for (const config of [open, open, other, undefined, other]) intake.join(peer(config))
  drain()
  assert.deepEqual(types(), ["config.loaded", "config.loaded"])
  assert.deepEqual(
    recorded().map(({ facts }) => [facts["guardedPatterns"], facts["deniedPatterns"]]),
    [
      [1, 0],
      [0, 1],
    ],
  )
  assert.doesNotMatch(JSON.stringify(recorded()), /jane/)
})

test("clients with different settings that come by turns: each is journaled once, and every entry tells under which it was recorded", (t) => {
  const configs = ["a", "b", "c"].map((userId, i): ClientConfig => ({
    guard: { tools: ["exec", "write"].slice(i), deny: [] },
    userId,
    hashed: { promptText: i === 1, toolArgs: false },
  }))
  const step = fc.record({ client: fc.nat({ max: 2 }), kind: fc.constantFrom("join", "observe", "gate", "drain") })
  fc.assert(
    fc.property(fc.array(step, { minLength: 8, maxLength: 40 }), (steps) => {
      const { intake, drain, recorded, peer } = intakeOf(t)
      const peers = new Map<number, Peer>()
      const sent: number[] = []
      steps.forEach(({ client, kind }, n) => {
        if (kind === "join" || !peers.has(client)) {
          peers.set(client, peer(configs[client], `${n}`.padStart(16, "0")))
          intake.join(peers.get(client) as Peer)
        }
        if (kind === "drain") drain()
        if (kind === "observe") intake.observe(peers.get(client) as Peer, tool(n + 1, `tool_${client}`), () => {})
        if (kind === "gate") intake.gate(peers.get(client) as Peer, tool(n + 1, `tool_${client}`), () => {})
        sent[client] ??= 1
      })
      drain()
      const digests: unknown[] = []
      let last: unknown
      for (const { type, facts } of recorded()) {
        if (type === "config.loaded") {
          last = facts["digest"]
          assert.equal(digests[2 - Number(facts["guardedPatterns"])], undefined, "it was journaled before")
          digests[2 - Number(facts["guardedPatterns"])] = last
        } else {
          assert.equal(facts["config"] ?? last, digests[Number(String(facts["tool"]).slice(5))])
          assert.notEqual(facts["config"], last, "it is said only where it is not plain")
        }
      }
      assert.deepEqual(Object.keys(digests), Object.keys(sent))
    }),
    { numRuns: 30 },
  )
})

test("of more settings than are kept in mind the one longest unused is journaled again", (t) => {
  const { intake, drain, types, peer } = intakeOf(t)
  const join = (n: number) => intake.join(peer({ ...open, userId: `user ${n}` }))
  for (let n = 0; n < 64; n++) join(n)
  for (let turn = 0; turn < 3; turn++) for (let n = 0; n < 64; n++) join(n)
  drain()
  assert.equal(types().length, 64)
  join(64)
  for (let n = 1; n < 65; n++) join(n)
  drain()
  assert.equal(types().length, 65)
  join(0)
  drain()
  assert.equal(types().length, 66)
})
