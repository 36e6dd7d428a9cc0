/** The outbound gate in a real writer: what it let through stays on record through kills and restarts, and its commands say what stands. */
import assert from "node:assert/strict"
import { describe, test, type TestContext } from "node:test"
import { listEvents, showEvent } from "../../src/views/event-list.ts"
import { lineOf } from "./load.ts"
import { makeRig, until, type Rig } from "./rig.ts"

const gate = { channel: "telegram", protectedTo: ["4242"], allowedFrom: ["4242"], maxUsesPerArm: 2, duplicateWindowMs: 0 }
const flags = (rig: Rig) => ["--data-dir", rig.directory, "--key-file", rig.keyFile, "--head-note", rig.files.headNote]

const asked = { guard: { tools: [], deny: [] }, userId: null, hashed: { promptText: false, toolArgs: false } }

function gateway(t: TestContext, settings: object = gate) {
  const rig = makeRig(t)
  const config = { ...asked, gate: settings }
  const client = rig.client({}, () => rig.link({ config }))
  const ask = async (line: string) => {
    const answer = await client.gate(line)
    return answer instanceof Error ? answer.message : answer.verdict === "allow" ? "allow" : (answer.words ?? "deny")
  }
  return {
    rig,
    client,
    hears: (content: string, messageId: string, from = "4242") =>
      ask(
        lineOf(
          "message_received",
          { from: `telegram:${from}`, senderId: from, messageId, content },
          { channelId: "telegram", conversationId: `telegram:${from}` },
        ),
      ),
    offers: (content: string, to = "telegram:4242") => ask(lineOf("message_sending", { to, content }, { channelId: "telegram", conversationId: to })),
    run: (...words: readonly string[]) => rig.run(["gate", ...words, ...flags(rig)]),
  }
}

const unasked = "nobody who may has asked for it"

describe("the outbound gate", () => {
  test("what was let through is spent also after the writer was killed, and a redelivered message arms nothing", async (t) => {
    const { rig, hears, offers, client } = gateway(t)
    assert.equal(await offers("too early"), unasked)
    await hears("friday: are you there?", "m1")
    assert.equal(await offers("yes"), "allow")
    for (const pid of rig.writerPids()) process.kill(pid, "SIGKILL")
    assert.equal(await offers("and more"), "allow")
    assert.equal(await offers("too many"), unasked)
    await rig.stopWriter()
    await hears("friday: are you there?", "m1")
    assert.equal(await offers("still none"), unasked)
    assert.equal(rig.entries("outbound.requested").length, 1)
    assert.deepEqual(
      rig.entries("outbound.allowed").map(({ facts }) => facts["usesLeft"]),
      [1, 0],
    )
    await client.close()
    await rig.stopWriter()
    assert.equal(rig.verify().verdict, "valid")
  })

  test("a message asks although another conversation had one of the same number", async (t) => {
    const { hears, offers } = gateway(t, { ...gate, protectedTo: ["4242", "4343"], allowedFrom: ["4242", "4343"] })
    await hears("friday: go", "57")
    await hears("friday: go", "57", "4343")
    assert.equal(await offers("yes", "telegram:4343"), "allow")
  })

  test("of many that race for the last uses as many leave as there are", async (t) => {
    const { hears, offers } = gateway(t)
    await hears("friday: go", "m1")
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => offers(`answer ${n}`)))
    assert.equal(answers.filter((answer) => answer === "allow").length, 2)
  })

  test("nobody arms who may not, and a recipient that came here as another than the gateway asked about gets nothing", async (t) => {
    const { hears, offers } = gateway(t)
    await hears("friday: let me", "m1", "666")
    assert.equal(await offers("hello"), unasked)
    assert.equal(await offers("hello", "telegram:4243"), "its recipient cannot be told")
  })

  test("shows the settings in force, each gateway's where they differ, and says so where nobody can be asked", async (t) => {
    const { rig, run, client, hears } = gateway(t)
    const beside = (settings: object) => rig.client({}, () => rig.link({ config: { ...asked, gate: settings } }))
    await hears("hello", "m1")
    const status = async () => (await run("status")).stdout
    assert.match(await status(), /^Outbound gate {2}on\nChannels +telegram\n[^]*An arm +2 messages, 120 s\nLast day/)
    const other = beside({ ...gate, channel: "signal", maxUsesPerArm: 7 })
    await other.gate(lineOf("message_received", { from: "+1", content: "hello" }, { channelId: "signal" }))
    const both = await status()
    assert.equal(both.match(/^Gateway {8}/gm)?.length, 2, both)
    assert.match(both, /Channels +telegram\n[^]*2 messages[^]*Channels +signal\n[^]*7 messages/)
    // Whom an operator means is protected by any of them.
    assert.deepEqual([(await run("arm", "signal:4242")).status, (await run("arm", "telegram:4242")).status], [0, 0])
    await other.close()
    // What was loaded last is not what is in force.
    await until(async () => /^Outbound gate {2}on\nChannels +telegram\n/.test(await status()), "one gateway is left")
    assert.equal((await run("arm", "signal:4242")).status, 2)
    await client.close()
    await until(async () => /as a gateway told it last; none is connected/.test(await status()), "no gateway is left")
    for (const pid of rig.writerPids()) process.kill(pid, "SIGKILL")
    await until(() => rig.writerPids().length === 0, "the writer is gone")
    assert.match(await status(), /Channels +signal\n[^]*as a gateway told it last; no writer runs to ask/)
  })

  test("tells of whom nobody told what became of it, and what to do", async (t) => {
    const { rig, hears, offers, run, client } = gateway(t)
    await hears("friday: go", "m1")
    await offers("one")
    await offers("two")
    client.observe("message_sent", Date.now(), lineOf("message_sent", { to: "telegram:4242", content: "two", success: true }, { channelId: "telegram" }))
    await client.flush(60_000)
    const { unknown } = JSON.parse((await run("status", "--json")).stdout) as {
      readonly unknown: readonly { readonly recipient: string; readonly request: string }[]
    }
    const [request] = rig.entries("outbound.requested").map(({ facts }) => facts["request"])
    assert.deepEqual(
      unknown.map((one) => [one.recipient, one.request]),
      [["telegram:4242", request]],
    )
    assert.match((await run("status")).stdout, /nobody told what became of it\n {2}telegram:4242 {2}20[^]*sovereign-ledger gate arm telegram:4242 --uses 1/)
    const log = (await run("log")).stdout
    assert.match(
      log,
      /allowed {2}telegram:4242 {2}1 message left, nobody told what became of it, for telegram:~[^]*allowed {2}telegram:4242 {2}0 messages left, sent\n/,
    )
    assert.match((await run("log", "--unknown")).stdout, /^ +#\d+ .*allowed {2}telegram:4242 {2}1 message left, nobody told[^\n]*\n$/)
  })

  test("its commands: status, log, arm and disarm", async (t) => {
    const { rig, hears, offers, run, client } = gateway(t)
    await hears("friday: go", "m1")
    await offers("one")
    const armed = await run("arm", "telegram:4242", "--uses", "3", "--reason", "by phone")
    assert.deepEqual([armed.status, armed.stderr], [0, ""])
    assert.match(armed.stdout, /^telegram:4242: 3 may leave until 20\d\d-/)
    const status = await run("status")
    assert.equal(status.status, 0, status.stderr)
    assert.match(
      status.stdout,
      /Outbound gate {2}on\nChannels +telegram\nProtected +1 recipient; 1 person may ask[^]*Armed now\n {2}telegram:4242 {2}3 messages until [^]*Not covered/,
    )
    assert.match(status.stdout, /1 asked for, 1 let through, 0 refused, 0 missed; of 1 message nobody told what became of it/)
    assert.equal((await run("disarm", "4242")).status, 0)
    assert.equal(await offers("none"), unasked)
    const log = await run("log")
    assert.match(
      log.stdout,
      /requested {2}telegram:4242[^]*allowed {2}telegram:4242[^]*armed {2}telegram:4242[^]*disarmed {2}telegram:4242[^]*refused {2}telegram:4242 {2}not-armed\n$/,
    )
    const other = await run("arm", "telegram:7")
    assert.deepEqual([other.status, /telegram:7 is no protected recipient on telegram/.test(other.stderr)], [2, true])
    await client.close()
    await rig.stopWriter()
    const away = await run("arm", "telegram:4242")
    assert.deepEqual([away.status, /No gateway has an outbound gate now/.test(away.stderr)], [2, true])
  })
})

test("what the gate records of a person goes with them", async (t) => {
  const { rig, hears, client } = gateway(t)
  await hears("friday: my password is hunter2hunter2", "m1")
  await client.close()
  await rig.stopWriter()
  const names = () =>
    JSON.stringify(
      rig.reading((access) => listEvents(access, { type: "outbound.requested" }, 10, 0).events.map(({ sequence }) => showEvent(access, String(sequence)))),
    )
  assert.match(names(), /telegram:4242/)
  assert.doesNotMatch(names(), /hunter2/)
  const erased = await rig.run(["erase", "--sender", "4242", "--yes", ...flags(rig)])
  assert.equal(erased.status, 0, erased.stderr)
  await rig.stopWriter()
  assert.doesNotMatch(names(), /4242/)
  assert.match((await rig.run(["gate", "log", ...flags(rig)])).stdout, /requested {2}telegram:~/)
})
