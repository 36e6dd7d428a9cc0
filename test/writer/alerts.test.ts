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

  test("a writer that is killed while it tells neither loses an alert nor gives it another name", async (t) => {
    const json = await receiver(t)
    const { rig, client, switchOff, lacks, begun } = gateway(t, { webhooks: [to(json, { name: "own" })] })
    await begun()
    const kill = () => rig.writerPids().forEach((pid) => process.kill(pid, "SIGKILL"))
    let killed = 0
    // The receiver has it, and the writer dies before it hears so: the one moment in which nobody can know.
    json.answer = () => {
      if (killed === 2) return false
      killed++
      kill()
      return true
    }
    switchOff()
    await until(() => killed === 1, "the first was killed")
    lacks("llm_input")
    await until(() => killed === 2, "the second was killed, while it told the same again")
    observeCall(client, "whatever happens next brings a writer")
    await until(() => rig.entries("alert.delivered").length === 2, "both are delivered")
    const names = json.requests.map(({ headers }) => String(headers["sovereign-ledger-alert"]))
    const raised = rig.entries("alert.raised").map(({ facts }) => String(facts["alert"]))
    assert.equal(raised.length, 2, "raised once each, however many writers there were")
    const counts = raised.map((name) => names.filter((one) => one === name).length)
    assert.deepEqual(counts, [3, 1], "the first was told three times by one name, the second once")
    assert.equal(names.length, 4)
    t.diagnostic(`sent again after kills: ${names.length - raised.length} of ${names.length}`)
    // Of one name the text is one, too: who remembers names takes it once.
    assert.equal(new Set(json.requests.filter((_, n) => names[n] === raised[0]).map(({ text }) => text)).size, 1)
    client.close()
    await rig.stopWriter()
    assert.equal(rig.verify().verdict, "valid")
  })

  test("a receiver that is down gets everything when it is back, in order and once, also by the next writer; meanwhile the same is counted", async (t) => {
    const down = await startReceiver()
    await down.stop()
    const { rig, client, switchOff, lacks, begun } = gateway(t, { webhooks: [to(down, { name: "own" })] })
    await begun()
    switchOff()
    await until(() => rig.entries("alert.failed").length >= 1, "the first attempt failed")
    assert.equal(rig.entries("alert.failed")[0]?.facts["why"], "ECONNREFUSED")
    for (let n = 0; n < 3; n++) lacks("llm_input")
    await client.flush(20_000)
    await until(() => rig.entries("alert.raised").length === 2, "both are raised")
    await rig.stopWriter()
    const back = await startReceiver({ port: down.port })
    t.after(() => back.stop())
    lacks("llm_output")
    await until(() => rig.entries("alert.delivered").length === 3, "all are delivered", 90_000)
    assert.deepEqual(
      back.taken.map(({ body }) => [body["kind"], body["words"]]),
      [
        ["guard.disabled", "the plugin was switched off: entry disabled"],
        ["capture.hook-unavailable", "hook llm_input could not be registered"],
        ["capture.hook-unavailable", "hook llm_output could not be registered"],
      ],
    )
    const attempts = rig.entries("alert.failed").map(({ facts }) => facts["attempt"])
    assert.deepEqual(
      attempts,
      attempts.map((_, n) => n + 1),
      "attempts are counted on through the restart",
    )
  })

  test("who is asked to wait does, who will never take it is left alone, and that is told to the others", async (t) => {
    const [busy, picky] = [await receiver(t), await receiver(t)]
    let refused = 0
    busy.answer = (_, response) => {
      if (refused > 0) return false
      refused++
      response.writeHead(429, { "Retry-After": "7" }).end()
      return true
    }
    picky.answer = (_, response) => {
      response.writeHead(422).end()
      return true
    }
    const { rig, switchOff, begun, run } = gateway(t, { webhooks: [to(busy, { name: "busy" }), to(picky, { name: "picky" })] })
    await begun()
    switchOff()
    await until(() => busy.taken.length === 2, "it was told in the end, and of the other one, too")
    const [failed] = rig.entries("alert.failed")
    const at = Date.parse(
      String((JSON.parse((await run("log", "--json")).stdout) as { alerts: { what: string; at: string }[] }).alerts.find(({ what }) => what === "failed")?.at),
    )
    assert.ok(Number(failed?.facts["againMs"]) - at >= 6_900, "not before it said")
    assert.deepEqual(
      busy.taken.map(({ body }) => body["kind"]),
      ["guard.disabled", "alert.given-up"],
    )
    assert.deepEqual(
      rig.entries("alert.given-up").map(({ facts }) => [facts["receiver"], facts["why"], facts["attempts"]]),
      [["picky", "it does not take what is sent", 1]],
    )
    assert.equal(picky.requests.length, 1, "of that it was not taken there, there is nothing said there")
  })

  test("a host that is not public is given no word, and that stands on record", async (t) => {
    const json = await receiver(t)
    const { rig, switchOff, begun } = gateway(t, { webhooks: [{ url: `https://localhost:${json.port}/x`, name: "own" }] })
    await begun()
    switchOff()
    await until(() => rig.entries("alert.failed").length >= 1, "it failed")
    assert.deepEqual([rig.entries("alert.failed")[0]?.facts["why"], json.requests.length], ["its address is not public", 0])
  })

  test("alerts test tells everybody at once, and says who did not take it; without a gateway that names somebody there is nobody", async (t) => {
    const [json, slack] = [await receiver(t), await receiver(t, { kind: "slack" })]
    const { rig, client, begun, run } = gateway(t, {
      webhooks: [to(json, { name: "own", minSeverity: "critical" }), to(slack, { name: "team", kind: "slack" })],
    })
    await begun()
    const good = await run("test")
    assert.deepEqual([good.status, good.stdout.split("\n").toSorted()], [0, ["", "own: delivered", "team: delivered"]])
    const soon = await run("test", "--json")
    assert.deepEqual([soon.status, (JSON.parse(soon.stdout) as { error: { code: string } }).error.code], [2, "alerts.tested"])
    const log = await run("log", "--last", "3")
    assert.match(log.stdout, /raised.*a test: somebody ran sovereign-ledger alerts test\n.*delivered.*\n.*delivered/)
    assert.match((await run("status")).stdout, /^Alerts +on, 2 receivers\n/)
    client.close()
    await rig.stopWriter()
    const other = gateway(t, {})
    observeCall(other.client, "first")
    await other.client.flush(20_000)
    assert.deepEqual(
      [(await other.run("test")).status, (await other.run("status")).stdout.split("\n")[0]],
      [2, "Alerts         off: no gateway names anybody; the setting alerts does (docs/guides/alerts.md)"],
    )
  })
})
