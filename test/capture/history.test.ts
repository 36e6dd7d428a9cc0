/** What of a session's messages is told: each of them once, whatever the host does to the history, and never the history again. */
import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { describe, test } from "node:test"
import fc from "fast-check"
import { CaptureMemory } from "../../src/capture/capture-memory.ts"
import { Histories } from "../../src/capture/history.ts"
import { agentEnd } from "../../src/capture/hooks/run.ts"
import type { JsonObject } from "../../src/base/json.ts"
import { eventsOf } from "./vectors.ts"

type Message = { readonly role: string; readonly content: string; readonly timestamp: number }

const turnOf = (n: number, steps = 1): Message[] => [
  { role: "user", content: `ask ${n}`, timestamp: n * 100 },
  ...Array.from({ length: steps }, (_, step) => ({ role: step % 2 ? "toolResult" : "assistant", content: `step ${n}.${step}`, timestamp: n * 100 + step + 1 })),
]
/** As hosts do: other objects each time. */
const copy = (messages: readonly Message[]) => structuredClone(messages) as Message[]
const contents = (messages: readonly unknown[]) => messages.map((message) => (message as Message).timestamp ?? (message as { at: number }).at)

describe("the new part of a history", () => {
  test("is each message once, in order, over many turns of many sessions", () => {
    const turns = fc.array(fc.record({ session: fc.constantFrom("a", "b", "c"), steps: fc.integer({ min: 0, max: 6 }) }), { minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(turns, (made) => {
        const histories = new Histories()
        const all = new Map<string, Message[]>()
        const told = new Map<string, number[]>()
        made.forEach(({ session, steps }, n) => {
          const messages = [...(all.get(session) ?? []), ...turnOf(n + 1, steps)]
          all.set(session, messages)
          const { messages: fresh, count, restarted } = histories.tell(session, copy(messages))
          assert.equal(count, fresh.length)
          assert.equal(restarted, false)
          told.set(session, [...(told.get(session) ?? []), ...contents(fresh)])
        })
        for (const [session, messages] of all) assert.deepEqual(told.get(session), contents(messages))
      }),
    )
  })

  test("has a digest over all that was told, which depends on every message", () => {
    const messages = [...turnOf(1, 3), ...turnOf(2, 2)]
    const histories = new Histories()
    histories.tell("a", copy(messages.slice(0, 4)))
    const { sha256, length } = histories.tell("a", copy(messages))
    const hash = (bytes: string | Buffer) => createHash("sha256").update(bytes).digest()
    const expected = messages.reduce((digest, { role, content }) => hash(Buffer.concat([digest, hash(JSON.stringify({ role, content }))])), Buffer.alloc(32))
    assert.equal(sha256, expected.toString("hex"))
    assert.equal(
      length,
      messages.reduce((sum, { content }) => sum + content.length, 0),
    )
    for (const at of messages.keys()) {
      const other = messages.map((message, i) => (i === at ? { ...message, content: message.content.replace(/.$/, "!") } : message))
      assert.notEqual(new Histories().tell("a", other).sha256, sha256)
    }
  })

  test("goes on after a compaction with what came since, and says that the history began anew", () => {
    const histories = new Histories()
    const before = [1, 2, 3, 4].flatMap((n) => turnOf(n, 3))
    histories.tell("a", before)
    const kept = [{ role: "compactionSummary", content: "so far", timestamp: 450 }, ...before.slice(-3)]
    const { messages, restarted } = histories.tell("a", copy([...kept, ...turnOf(5, 2)]))
    assert.deepEqual([contents(messages), restarted], [[500, 501, 502], true])
    assert.deepEqual(contents(histories.tell("a", copy([...kept, ...turnOf(5, 2), ...turnOf(6)])).messages), [600, 601])
  })

  test("of a history first seen in the middle, or edited behind our back, is this turn and no more", () => {
    const long = Array.from({ length: 300 }, (_, n) => turnOf(n + 1, 2)).flat()
    const first = new Histories().tell("a", long)
    assert.deepEqual([contents(first.messages), first.restarted], [[30_000, 30_001, 30_002], true])
    const histories = new Histories()
    histories.tell("a", long)
    const edited = long.map((message, at) => (at === long.length - 1 ? { ...message, content: "something else" } : message))
    const after = histories.tell("a", [...edited, ...turnOf(301)])
    assert.deepEqual([contents(after.messages), after.restarted], [[30_100, 30_101], true])
    const reset = histories.tell("a", turnOf(1))
    assert.deepEqual([contents(reset.messages), reset.restarted], [[100, 101], false])
  })

  test("costs what is new: messages told before are not looked at, but for the last of them", () => {
    const histories = new Histories()
    let read = 0
    const watched = (message: Message) => new Proxy(message, { get: (target, key) => ((read += 1), Reflect.get(target, key)) })
    const messages: Message[] = []
    const readIn: number[] = []
    for (let n = 1; n <= 500; n++) {
      messages.push(...turnOf(n, 3).map(watched))
      read = 0
      histories.tell("a", messages)
      readIn.push(read)
    }
    assert.ok(Math.max(...readIn.slice(1)) <= (readIn[1] ?? 0), `${readIn[1]} reads in the second turn, ${Math.max(...readIn.slice(1))} at most`)
  })

  test("never throws into the host, and remembers a bounded number of sessions", () => {
    const throwing = new Proxy({}, { get: () => assert.fail("looked at") })
    const memory = new CaptureMemory()
    const payload = (messages: unknown, key: string) => agentEnd.pick({ messages, success: true }, { sessionKey: key }, memory)
    assert.ok(payload([throwing], "s"))
    for (let n = 0; n < 1_200; n++) payload(turnOf(n), `agent:main:${n}`)
    const forgotten = payload([...turnOf(0), ...turnOf(1)], "agent:main:0")
    assert.deepEqual([forgotten["newMessages"], forgotten["historyRestarted"]], [2, true])
  })
})

test("a run's end carries the new messages in its content, what tools returned left to its own event, and only counts in its facts", () => {
  const result = { role: "toolResult", toolCallId: "c1", toolName: "exec", content: [{ type: "text", text: "secret of a file" }], timestamp: 3 }
  const messages = [
    { role: "user", content: "look", timestamp: 1 },
    {
      role: "assistant",
      content: [
        { type: "text", text: "" },
        { type: "toolCall", id: "c1", name: "exec", arguments: { command: "cat secret" } },
        { type: "image", data: "iVBOR" },
      ],
      timestamp: 2,
    },
    result,
  ]
  const [event] = eventsOf(agentEnd, { event: { messages, success: true, runId: "r1" }, ctx: { sessionKey: "agent:main:a" } })
  const { facts, content } = event as unknown as { facts: JsonObject; content: { messages: JsonObject[]; historySha256: string } }
  assert.deepEqual([facts["messageCount"], facts["newMessages"], facts["historyLength"]], [3, 3, 20])
  assert.deepEqual(content.messages.at(2), { role: "toolResult", at: 3, call: "c1", tool: "exec", length: 16 })
  assert.deepEqual(content.messages.at(1)?.["content"], [{ type: "text", text: "" }, { type: "toolCall", id: "c1", name: "exec" }, { type: "image" }])
  assert.match(content.historySha256, /^[0-9a-f]{64}$/)
  assert.ok(!JSON.stringify(facts).includes(content.historySha256))
})
