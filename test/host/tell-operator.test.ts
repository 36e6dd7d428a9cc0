/** A gateway is asked to say an alert in a chat: it goes over the host's own way for messages, and what came of it goes back to the writer. */
import assert from "node:assert/strict"
import { AsyncLocalStorage } from "node:async_hooks"
import { test } from "node:test"
import { setImmediate as turn } from "node:timers/promises"
import { objectOf } from "../../src/base/json.ts"
import type { HostApi } from "../../src/host/host-api.ts"
import type { LedgerClient } from "../../src/host/ledger-client.ts"
import { Outside } from "../../src/host/outside.ts"
import { operatorTeller, type LoadSend } from "../../src/host/tell-operator.ts"

const tell = { channel: "telegram", to: "4242", account: undefined, alert: "0123456789abcdef01234567", attempt: 3, text: "critical: something" }

async function said(load: LoadSend, { now: outside } = standing()): Promise<unknown> {
  const observed: string[] = []
  const client = { observe: (hook: string, _: number, rest: string) => observed.push(`${hook} ${rest}`) } as unknown as LedgerClient
  operatorTeller({ api: { config: { channels: {} } } as unknown as HostApi }, { client: () => client, outside: () => outside }, load)(tell)
  for (let n = 0; n < 10; n++) await turn()
  assert.equal(observed.length, 1)
  assert.match(observed[0] ?? "", /^alert-told ,"h":"alert-told"/)
  const { alert, attempt, ...outcome } = objectOf(objectOf(JSON.parse(`{${(observed[0] ?? "").slice("alert-told ,".length)}`))["p"])
  assert.deepEqual([alert, attempt], [tell.alert, tell.attempt])
  return outcome
}

function standing(by: unknown = "copy"): Outside {
  const outside = new Outside()
  outside.stands(by)
  return outside
}

const sender =
  (result: unknown, seen: unknown[] = []): LoadSend =>
  () =>
    Promise.resolve({
      sendDurableMessageBatch: (message) => {
        seen.push(message)
        return result instanceof Error ? Promise.reject(result) : Promise.resolve(result)
      },
    })

test("what was sent is told as taken, over the channel and to whom it was meant", async () => {
  const seen: unknown[] = []
  assert.deepEqual(await said(sender({ status: "sent" }, seen)), { took: true })
  assert.deepEqual(seen, [{ cfg: { channels: {} }, channel: "telegram", to: "4242", payloads: [{ text: "critical: something" }], durability: "best_effort" }])
})

test("what a hook kept from leaving is not tried again", async () => {
  assert.deepEqual(await said(sender({ status: "suppressed", reason: "cancelled_by_message_sending_hook" })), {
    took: false,
    why: "it was kept from leaving",
    final: true,
  })
})

test("what failed is told without the host's words, and a host without such a way as one", async () => {
  assert.deepEqual(await said(sender({ status: "failed", error: new Error("token 123:secret") })), { took: false, why: "the channel did not take it" })
  assert.deepEqual(await said(sender(new Error("token 123:secret"))), { took: false, why: "the host could not be asked" })
  assert.deepEqual(await said(() => Promise.resolve({})), { took: false, why: "this host has no way for it" })
  assert.deepEqual(await said(() => Promise.reject(new Error("no such module"))), { took: false, why: "the host could not be asked" })
})

test("in a reload nothing is said: no copy stands, and the host would ask nobody", async () => {
  const seen: unknown[] = []
  const outside = standing("one")
  outside.leaves("one")
  assert.deepEqual(await said(sender({ status: "sent" }, seen), outside), { took: false, why: "the plugin is being reloaded" })
  assert.deepEqual(seen, [])
  assert.equal(new Outside().now, undefined)
})

test("a copy that leaves late takes nothing from the one that stands", () => {
  const outside = standing("one")
  outside.stands("two")
  outside.leaves("one")
  assert.ok(outside.now)
})

test("it is said outside of what it was heard in", async () => {
  const heardIn = new AsyncLocalStorage<string>()
  const seen: unknown[] = []
  const load: LoadSend = () =>
    Promise.resolve({ sendDurableMessageBatch: () => Promise.resolve(seen.push(heardIn.getStore())).then(() => ({ status: "sent" })) })
  const outside = standing()
  await heardIn.run("the connection of a copy before", () => said(load, outside))
  assert.deepEqual(seen, [undefined])
})
