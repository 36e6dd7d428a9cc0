/**
 * The ledger watches over itself in a real gateway: what the log says at the start, the plugin switched off in every way there is and on again, a reload and
 * an ordinary stop that are none of that, and an agent that reaches for what is the ledger's. The last suite of the gateway that suites share: the plugin is
 * uninstalled under it and installed again, and the gateway is stopped.
 */
import assert from "node:assert/strict"
import { join } from "node:path"
import { before, describe, it } from "node:test"
import { coverageLines } from "../../src/surfaces/render/coverage-lines.ts"
import { coverageOf, grantCommand } from "../../src/views/coverage.ts"
import { builtPlugin } from "./built-plugin.ts"
import type { GatewayClient } from "./gateway-client.ts"
import type { Gateway } from "./gateway.ts"
import type { GatewayHome, JsonObject } from "./home.ts"
import { guardSettings } from "./ledger-fixture.ts"
import { eventually, ofType, type LedgerCommandLine } from "./ledger.ts"
import { mustSucceed, withHostOnPath } from "./openclaw-cli.ts"
import { applyToGateway, enablePlugin, pluginId, reloadPlugin, upgradePlugin } from "./plugin.ts"
import { sharedLedger, suiteLedger } from "./shared-ledger.ts"
import { runTurn } from "./turn.ts"

/** For a command that gives several of the host's, each of which loads all of it. */
const patienceMs = 400_000
const gapWords = "the plugin was switched off"
/** As the home is configured for these tests: no permission, no recaps. */
const standing = { off: null, remedy: null, mayReadConversations: false, recapsOff: true }

describe("the ledger watches over itself", () => {
  let home: GatewayHome
  let gateway: Gateway
  let client: GatewayClient
  /** Of this suite, and what suites share. */
  let ledger: LedgerCommandLine
  let whole: LedgerCommandLine
  let sharedPlugins: JsonObject
  let earlierLog = 0

  before(async () => {
    const shared = await sharedLedger()
    whole = shared.ledger
    sharedPlugins = shared.home.readConfig()["plugins"] as JsonObject
    earlierLog = shared.gateway.readLog().length
    ;({ home, gateway, client, ledger } = await suiteLedger("watched", { guard: guardSettings }, { lacks: "key", allowConversationAccess: false }))
  })

  /** What the plugin has said in the gateway's log. */
  const said = (from = 0) =>
    [
      ...gateway
        .readLog()
        .slice(from)
        .matchAll(/\[sovereign-ledger\] (.*)$/gm),
    ].map(([, line = ""]) => line.trim())
  const disabled = async () => ofType(await ledger.events({ type: "guard.disabled" }), "guard.disabled").map(({ facts }) => facts["reason"])
  const gaps = async () => ofType(await ledger.events({ type: "capture.gap" }), "capture.gap", { reason: gapWords })
  /** Gaps apart: whether anything but the start came before there was a key is chance. */
  const watch = async () => {
    const { exitCode, stdout } = await ledger.run(["watch", "--once", "--except", "permission,gaps", "--json"])
    const { checks } = JSON.parse(stdout) as { readonly checks: readonly { readonly name: string; readonly state: string }[] }
    return { exitCode, wrong: checks.filter(({ state }) => state !== "good").map(({ name }) => name) }
  }
  const recordedIn = async (sessionKey: string) => (await ledger.events()).filter(({ sessionId }) => sessionId === sessionKey)

  it("says in the gateway's log what is recorded and what is not: three lines, as status", () => {
    const granted = { ...standing, mayReadConversations: true }
    assert.deepEqual(said().slice(0, 3), coverageLines(coverageOf({ recording: "yes", first: null, host: granted, conversations: "unknown" })))
  })

  it("says, before it is set up, that nothing is recorded", async () => {
    const seen = await eventually(
      "the log's line",
      () => said(earlierLog),
      (lines) => lines.length > 0,
    )
    assert.ok(
      seen.every((line) => line.startsWith("NOT RECORDING. No master key was found")),
      seen.join("\n"),
    )
    assert.equal((await watch()).exitCode, 1)
  })

  it("records by itself once it is set up; status says what is not covered, and the command that grants it", async () => {
    await ledger.json("key", "create")
    await eventually(
      "the gateway's start, which was kept until then",
      () => ledger.events({ type: "gateway.started" }),
      (events) => events.length > 0,
      90_000,
    )
    const lines = coverageLines(coverageOf({ recording: "yes", first: null, host: standing, conversations: "unknown" }))
    assert.ok(lines[2].includes(grantCommand))
    const status = (await ledger.run(["status"])).stdout
    for (const line of lines) assert.ok(status.includes(`${line}\n`), `${line}\n${status}`)
    assert.deepEqual(await watch(), { exitCode: 0, wrong: [] })
  })

  it("records beside the call what of the ledger's own an agent reaches for", async () => {
    const calls = [
      ["read", { path: join(ledger.dataDirectory, "keys.json") }, "data directory"],
      ["exec", { command: "cat $OPENCLAW_CONFIG_PATH | wc -c" }, "host config"],
      ["exec", { command: "tr '\\0' '\\n' < /proc/$PPID/environ | wc -l" }, "gateway environment"],
      ["exec", { command: "echo ordinary" }, undefined],
    ] as const
    const sessionKey = "agent:main:reaching"
    await runTurn(client, `${calls.map(([tool, params]) => `TOOL ${tool} ${JSON.stringify(params)}`).join("\n")}\nSAY looked`, { sessionKey })
    const events = await eventually(
      "three touches",
      () => recordedIn(sessionKey),
      (seen) => ofType(seen, "guard.touched").length === 3,
    )
    assert.deepEqual(
      ofType(events, "guard.touched").map(({ facts }) => [facts["tool"], facts["what"], facts["access"]]),
      calls.flatMap(([tool, , what]) => (what === undefined ? [] : [[tool, what, "read"]])),
    )
    for (const touched of ofType(events, "guard.touched")) {
      const call = events.find(({ sequence }) => sequence === touched.sequence - 1)
      assert.deepEqual([call?.type, call?.facts["call"]], ["tool.invoked", touched.facts["call"]])
    }
    assert.deepEqual((await watch()).wrong, ["touched"])
  })

  it("switched off hot, as by `openclaw plugins disable`: on record with the reason, and nothing after it; switched on again: recording, and the gap", async () => {
    await enablePlugin(client, false)
    assert.deepEqual(await eventually("the end on record", disabled, (reasons) => reasons.length > 0), ["entry disabled"])
    assert.ok(gateway.isAlive)
    assert.equal((await runTurn(client, "SAY unseen", { sessionKey: "agent:main:unseen" })).status, "ok")
    assert.deepEqual(await recordedIn("agent:main:unseen"), [])
    const off = await watch()
    assert.equal(off.exitCode, 1)
    assert.ok(off.wrong.includes("plugin") && off.wrong.includes("switched-off"), off.wrong.join())

    await applyToGateway(client, () => home.editConfig({ plugins: { entries: { [pluginId]: { enabled: true } } } }))
    const [gap] = await eventually("the gap", gaps, (found) => found.length > 0)
    assert.deepEqual([gap?.facts["uncounted"], gap?.facts["count"]], [true, 0])
    const [end] = await ledger.events({ type: "guard.disabled" })
    const starts = await ledger.events({ type: "gateway.started" })
    const start = starts.find(({ sequence }) => sequence > (gap?.sequence ?? 0))
    assert.deepEqual([gap?.facts["fromMs"], gap?.facts["toMs"]], [end?.facts["atMs"], start?.facts["atMs"]])
    assert.equal((await runTurn(client, "SAY seen again", { sessionKey: "agent:main:seen" })).status, "ok")
    await eventually(
      "the turn",
      () => recordedIn("agent:main:seen"),
      (events) => events.length > 0,
    )
    assert.ok(!(await watch()).wrong.includes("switched-off"))
  })

  it("taken off the list of allowed plugins, and put back; an entry of its own keeps it on", async () => {
    const earlier = { ended: (await disabled()).length, gaps: (await gaps()).length }
    const { entries } = home.readConfig()["plugins"] as JsonObject
    await applyToGateway(client, () => home.editConfig({ plugins: { allow: ["telegram"] } }))
    assert.equal((await runTurn(client, "SAY still seen", { sessionKey: "agent:main:still-seen" })).status, "ok")
    await eventually(
      "the turn",
      () => recordedIn("agent:main:still-seen"),
      (events) => events.length > 0,
    )
    assert.equal((await disabled()).length, earlier.ended)

    await applyToGateway(client, () => home.editConfig({ plugins: { entries: null } }))
    const reasons = await eventually("the end on record", disabled, (found) => found.length > earlier.ended)
    assert.deepEqual(reasons.slice(earlier.ended), ["not in plugins.allow"])
    await applyToGateway(client, () => home.editConfig({ plugins: { allow: [pluginId], entries: entries ?? null } }))
    await eventually("the gap", gaps, (found) => found.length > earlier.gaps)
  })

  it("a reload and a change of settings are none of that", async () => {
    const before = await disabled()
    const starts = async () => (await ledger.events({ type: "gateway.started" })).length
    const first = await starts()
    await reloadPlugin(client)
    await applyToGateway(client, () => home.editConfig({ plugins: { entries: { [pluginId]: { config: { userId: "somebody else" } } } } }))
    await eventually("two more starts", starts, (count) => count >= first + 2)
    assert.deepEqual(await disabled(), before)
  })

  it("uninstalled by its own command: on record before it is gone, as switched off, which the host does first; the writer ends, what is others' stays", async () => {
    const before = (await disabled()).length
    const others = ((home.readConfig()["plugins"] as JsonObject)["allow"] as readonly string[]).filter((id) => id !== pluginId)
    const { stdout } = await mustSucceed("uninstall", ledger.run(["uninstall", "--yes", "--json"], withHostOnPath(home), patienceMs))
    const { uninstalled, writerEnded, staying } = JSON.parse(stdout) as JsonObject
    assert.deepEqual([uninstalled, typeof writerEnded], [true, "number"], stdout)
    assert.ok((staying as readonly JsonObject[]).some(({ path }) => path === ledger.dataDirectory))
    assert.deepEqual((await disabled()).slice(before), ["entry disabled"])
    const plugins = home.readConfig()["plugins"] as JsonObject
    assert.deepEqual([plugins["allow"] ?? [], pluginId in (plugins["entries"] as JsonObject)], [others, false])
    assert.deepEqual([await ledger.writer(), (await ledger.verify()).verdict, gateway.isAlive], [null, "valid", true])
  })

  it("installed again, setup under the running gateway has it record again, beside the plugins that were allowed", async () => {
    await upgradePlugin(client, (await builtPlugin()).tarballPath)
    const starts = async () => (await ledger.events({ type: "gateway.started" })).length
    const earlier = await starts()
    const { stdout } = await mustSucceed("setup", ledger.run(["setup", "--yes", "--json"], withHostOnPath(home), patienceMs))
    const { changes, status } = JSON.parse(stdout) as { readonly changes: readonly string[]; readonly status: JsonObject }
    assert.ok(changes.includes(`plugins.entries.${pluginId}.hooks.allowConversationAccess`), stdout)
    assert.equal(status["directory"], ledger.dataDirectory)
    assert.deepEqual(
      ((home.readConfig()["plugins"] as JsonObject)["allow"] as readonly string[]).filter((id) => id === "telegram"),
      ["telegram"],
    )
    await eventually("a start in the ledger that setup named", starts, (count) => count > earlier, 60_000)
  })

  it("with its former settings it records there, and an ordinary stop is on record as one: nothing is switched off", async () => {
    const lastOf = async (type: string) => (await whole.events({ type })).at(-1)?.sequence ?? -1
    const earlier = await lastOf("gateway.started")
    await applyToGateway(client, () => {
      home.editConfig({ plugins: { entries: { [pluginId]: null } } })
      home.editConfig({ plugins: sharedPlugins })
    })
    await eventually(
      "the start on record",
      () => lastOf("gateway.started"),
      (sequence) => sequence > earlier,
    )
    client.close()
    await gateway.stop()
    assert.deepEqual(await whole.events({ type: "guard.disabled" }), [])
    assert.ok((await lastOf("gateway.stopped")) > (await lastOf("gateway.started")))
  })
})
