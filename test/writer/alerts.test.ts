/** Alerts by a real writer to receivers on this machine: each thing that matters arrives, in the shape of its receiver, signed, and at least once whatever happens to the writer. */
import assert from "node:assert/strict"
import { createHmac } from "node:crypto"
import { describe, test, type TestContext } from "node:test"
import { startReceiver, type Receiver } from "../alerts/receivers.ts"
import { lineOf, observeCall } from "./load.ts"
import { makeRig, until } from "./rig.ts"

const secret = "a secret of two, the writer and the receiver"

async function receiver(t: TestContext, options: Parameters<typeof startReceiver>[0] = {}): Promise<Receiver> {
  const started = await startReceiver(options)
  t.after(() => started.stop())
  return started
}

function gateway(t: TestContext, alerts: object) {
  const rig = makeRig(t)
  const config = { guard: { tools: [], deny: [] }, userId: null, hashed: { promptText: false, toolArgs: false }, alerts: { alerts } }
  const client = rig.client({}, () => rig.link({ config }))
  const observe = (hook: "guard-disabled" | "hook-unavailable", event: object) => client.observe(hook, Date.now(), lineOf(hook, event, undefined))
  const flags = ["--data-dir", rig.directory, "--key-file", rig.keyFile, "--head-note", rig.files.headNote]
  return {
    rig,
    client,
    switchOff: () => observe("guard-disabled", { reason: "entry disabled" }),
    lacks: (hook: string) => observe("hook-unavailable", { hook, errorName: "Error", message: "no" }),
    run: (...words: readonly string[]) => rig.run(["alerts", ...words, ...flags]),
    begun: async () => {
      observeCall(client, "first")
      await client.flush(20_000)
      await until(() => rig.entries("alerts.begun").length === 1, "alerts are on")
    },
  }
}

const to = ({ url }: Receiver, more: object = {}) => ({ url, allowPrivate: true, ...more })

describe("alerts by a writer", () => {
  test("what matters arrives in each receiver's own shape, signed, and is on record as delivered", async (t) => {
    const [slack, discord, json] = [await receiver(t, { kind: "slack" }), await receiver(t, { kind: "discord" }), await receiver(t)]
    const webhooks = [to(slack, { kind: "slack", name: "slack" }), to(discord, { kind: "discord", name: "discord" }), to(json, { name: "own", secret })]
    const { rig, client, switchOff, begun, run } = gateway(t, { webhooks })
    await begun()
    switchOff()
    await until(() => [slack, discord, json].every(({ requests }) => requests.length >= 1), "all were told")
    await until(() => rig.entries("alert.delivered").length === 3, "it is on record")
    assert.deepEqual(
      [slack, discord, json].flatMap(({ requests }) => requests.map(({ problem }) => problem)),
      [undefined, undefined, undefined],
    )
    const [own] = json.requests
    assert.ok(own)
    const { kind, severity, words, count, id } = own.body
    assert.deepEqual([kind, severity, words, count], ["guard.disabled", "critical", "the plugin was switched off: entry disabled", 1])
    assert.equal(own.headers["sovereign-ledger-alert"], id)
    const [, seconds, hex] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(own.headers["sovereign-ledger-signature"])) ?? []
    assert.equal(hex, createHmac("sha256", secret).update(`${seconds}.${own.text}`).digest("hex"))
    assert.ok(Math.abs(Date.now() / 1_000 - Number(seconds)) < 300)
    assert.equal(slack.requests[0]?.headers["sovereign-ledger-signature"], undefined)
    // Nothing of an address stands anywhere.
    const whole = JSON.stringify(rig.entries()) + (await run("status", "--json")).stdout + (await run("log", "--json")).stdout
    assert.ok(!whole.includes("secret-path") && !whole.includes(secret))
    const status = JSON.parse((await run("status", "--json")).stdout) as { state: string; receivers: { name: string; delivered: number; signed: boolean }[] }
    assert.deepEqual(
      [status.state, status.receivers.map(({ name, delivered, signed }) => [name, delivered, signed])],
      [
        "on",
        [
          ["slack", 1, false],
          ["discord", 1, false],
          ["own", 1, true],
        ],
      ],
    )
    client.close()
    await rig.stopWriter()
    assert.equal(rig.verify().verdict, "valid")
  })
})
