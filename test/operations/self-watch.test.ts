/** A call that reaches for the ledger's own things is followed by an event that says so, in the same commit, for observed and for guarded calls. */
import assert from "node:assert/strict"
import { mkdirSync, symlinkSync } from "node:fs"
import { dirname, join } from "node:path"
import { describe, test } from "node:test"
import type { GatewayPaths } from "../../src/operations/self-watch.ts"
import { showEvent } from "../../src/views/event-list.ts"
import { temporaryLedger } from "../ledger-fixture.ts"
import { intakeOf, open, sender, tool } from "./intake-rig.ts"

const call = (n: number, params: object, name = "exec") => {
  const line = tool(n, name)
  return { ...line, p: { ...line.p, params, run: "run-1", agent: "main" } }
}

describe("a call that reaches for the ledger's own things", () => {
  test("is followed by the event that says so: observed, and guarded", (t) => {
    const rig = intakeOf(t)
    const { directory, files } = rig.ledger
    const peer = rig.peer(open)
    rig.intake.join(peer)
    rig.drain()
    rig.intake.observe(peer, call(1, { path: join(directory, "keys.json") }, "read"), () => {})
    rig.intake.gate(peer, call(2, { command: `rm ${files.headNote}` }), () => {})
    rig.intake.observe(peer, call(3, { command: "ls" }), () => {})
    rig.drain()
    const [, ...recorded] = rig.recorded()
    assert.deepEqual(
      recorded.map(({ type, facts }) => [type, facts["call"], facts["what"], facts["access"]]),
      [
        ["tool.invoked", "call_2", undefined, undefined],
        ["guard.touched", "call_2", "head note", "change"],
        ["tool.invoked", "call_1", undefined, undefined],
        ["guard.touched", "call_1", "data directory", "read"],
        ["tool.invoked", "call_3", undefined, undefined],
      ],
    )
    const touched = recorded[1]?.facts ?? {}
    assert.deepEqual(
      Object.keys(touched).filter((name) => name !== "config"),
      ["id", "agent", "run", "atMs", "via", "tool", "call", "what", "access"],
    )
    assert.equal(touched["id"], recorded[0]?.facts["id"]?.toString().replace("tool.invoked", "guard.touched"))
    assert.ok(!JSON.stringify(touched).includes(dirname(directory)), "nothing of the call's text")
  })

  test("stands in the session of the call, and has no content", (t) => {
    const rig = intakeOf(t)
    const peer = rig.peer(open)
    rig.intake.join(peer)
    const line = call(1, { path: rig.ledger.directory }, "read")
    rig.intake.observe(peer, { ...line, p: { ...line.p, session: "agent:main:x", sender: "telegram:1" } }, () => {})
    rig.drain()
    const { reader } = rig.ledger.read()
    const [invoked, touched] = [reader.entry(2), reader.entry(3)]
    assert.equal(touched?.header.type, "guard.touched")
    assert.deepEqual(touched?.header.scopeId, invoked?.header.scopeId)
    assert.equal(touched?.place, null)
  })

  test("a verdict is the operator's: what is touched is told, not denied", (t) => {
    const rig = intakeOf(t)
    const peer = rig.peer(open)
    rig.intake.join(peer)
    const answers: string[] = []
    rig.intake.gate(peer, call(1, { command: `rm -rf ${rig.ledger.directory}` }), ({ verdict }) => answers.push(verdict))
    rig.drain()
    assert.deepEqual(answers, ["allow"])
    assert.deepEqual(rig.types().slice(-2), ["tool.invoked", "guard.touched"])
  })

  test("a repeat after a lost answer is not told twice", (t) => {
    const rig = intakeOf(t)
    const peer = rig.peer(open)
    rig.intake.join(peer)
    for (let time = 0; time < 2; time++) rig.intake.observe(peer, call(1, { path: rig.ledger.directory }, "read"), () => {})
    rig.drain()
    assert.equal(rig.types().filter((type) => type === "guard.touched").length, 1)
  })

  const told: readonly (readonly [paths: GatewayPaths, params: object, what: string])[] = [
    [{ stateDirectory: "/srv/oc", hostConfig: "/srv/oc/gateway.json" }, { command: "cat $OPENCLAW_CONFIG_PATH" }, "host config"],
    [{ pluginDirectory: "/srv/oc/plugins/sl" }, { command: "rm /srv/oc/plugins/sl/plugin.mjs" }, "plugin files"],
    [{ home: "/home/jane" }, { command: "ls ~/.config/sovereign-ledger" }, "master key"],
    [{ gatewayPid: 4711 }, { command: "kill -USR1 4711" }, "gateway process"],
    [{ workspace: "/srv/oc/ws", hostConfig: "/srv/oc/openclaw.json" }, { command: "cat ../openclaw.json" }, "host config"],
    [{}, { command: `kill -9 ${process.pid}` }, "writer process"],
  ]
  for (const [protect, params, what] of told) {
    test(`what the gateway tells of itself is watched over: ${JSON.stringify(protect)}`, (t) => {
      const rig = intakeOf(t)
      const peer = { ...rig.peer(open), protect }
      rig.intake.join(peer)
      rig.intake.observe(peer, call(1, params), () => {})
      rig.drain()
      assert.equal(rig.recorded().at(-1)?.facts["what"], what)
    })
  }

  test("and where its paths lead by a link", (t) => {
    const ledger = temporaryLedger(t)
    const real = join(dirname(ledger.directory), "real-state")
    const linked = join(dirname(ledger.directory), "state")
    mkdirSync(real)
    symlinkSync(real, linked)
    const rig = intakeOf(t, ledger)
    const peer = { ...rig.peer(open, sender), protect: { hostConfig: linked } }
    rig.intake.join(peer)
    rig.intake.observe(peer, call(1, { path: real }, "write"), () => {})
    rig.drain()
    assert.deepEqual([rig.recorded().at(-1)?.facts["what"], rig.recorded().at(-1)?.facts["access"]], ["host config", "change"])
  })

  test("the paths are on record nowhere", (t) => {
    const rig = intakeOf(t)
    const peer = { ...rig.peer(open), protect: { stateDirectory: "/srv/a-secret-place" } }
    rig.intake.join(peer)
    rig.drain()
    const access = rig.ledger.read()
    const whole = Array.from({ length: access.reader.size() }, (_, sequence) => showEvent(access, String(sequence)))
    assert.equal(whole.at(-1)?.type, "config.loaded")
    assert.ok(!JSON.stringify(whole).includes("a-secret-place"))
  })
})
