/** One set of subscriptions, taken up again after each reload, also by a copy of the plugin that has lost its files. */
import assert from "node:assert/strict"
import { setImmediate as turn } from "node:timers/promises"
import { test } from "node:test"
import type { HostApi } from "../../src/host/host-api.ts"
import { Subscriptions, type Diagnostics } from "../../src/host/subscriptions.ts"

/** A host that remembers who listens, in whose module nothing is found any more once it is `gone`. */
function host() {
  const listening = { transcript: 0, "agent-event": 0, diagnostic: 0 }
  const listen = (source: keyof typeof listening) => () => {
    listening[source]++
    return () => void listening[source]--
  }
  let gone = false
  let loads = 0
  const load = () => {
    loads++
    return gone ? Promise.reject<Diagnostics>(new Error("no such module")) : Promise.resolve({ onDiagnosticEvent: listen("diagnostic") })
  }
  const api = { runtime: { events: { onSessionTranscriptUpdate: listen("transcript"), onAgentEvent: listen("agent-event") } } } as unknown as HostApi
  const told: string[] = []
  const subscriptions = new Subscriptions(load)
  const open = async () => {
    subscriptions.open(api, ({ hook }) => void told.push(hook))
    await turn()
  }
  return { subscriptions, open, listening, told, loads: () => loads, goes: (is: boolean) => void (gone = is) }
}

const each = { transcript: 1, "agent-event": 1, diagnostic: 1 }
const none = { transcript: 0, "agent-event": 0, diagnostic: 0 }

test("each is taken up once, and let go of", async () => {
  const { subscriptions, open, listening, told } = host()
  await open()
  await open()
  assert.deepEqual(listening, each)
  subscriptions.close()
  assert.deepEqual([listening, subscriptions.isOpen, told], [none, false, []])
})

test("the host's module is loaded once: later it may not be found any more", async () => {
  const { subscriptions, open, listening, told, loads, goes } = host()
  await open()
  subscriptions.close()
  goes(true)
  await open()
  assert.deepEqual([listening, told, loads()], [each, [], 1])
})

test("a module that is not found is told of, and looked for again the next time", async () => {
  const { subscriptions, open, listening, told, goes } = host()
  goes(true)
  await open()
  assert.deepEqual([listening, told], [{ ...each, diagnostic: 0 }, ["hook-unavailable"]])
  subscriptions.close()
  goes(false)
  await open()
  assert.deepEqual([listening, told.length], [each, 1])
})

test("what comes after everything was let go of is let go of, too", async () => {
  const { subscriptions, listening, open } = host()
  const opening = open()
  subscriptions.close()
  await opening
  assert.deepEqual(listening, none)
})
