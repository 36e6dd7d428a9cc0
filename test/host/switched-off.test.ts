/** The plugin's end, told apart by the host's configuration; and what is said once at its beginning. */
import assert from "node:assert/strict"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { test } from "node:test"
import plugin from "../../src/plugin.ts"
import { coverageOf, grantCommand } from "../../src/views/coverage.ts"
import { coverageLines } from "../../src/surfaces/render/coverage-lines.ts"
import { makeRig, type Rig } from "../writer/rig.ts"
import { builtVersion } from "../writer/versions.ts"
import { dropSharedClient, registerCopy, type PluginCopy, type RegisterOptions } from "./fake-host.ts"

const id = "sovereign-ledger"
const entry = { enabled: true, hooks: { allowConversationAccess: true } }
const on = { plugins: { allow: [id], entries: { [id]: entry } } }

type Test = { readonly after: (step: () => Promise<void>) => void }

/** A copy of the plugin in a host, and a way to change the configuration that the host runs on. */
async function hosted(t: Test, options: Partial<RegisterOptions> = {}) {
  dropSharedClient()
  Reflect.deleteProperty(globalThis, Symbol.for("sovereign-ledger/said"))
  const rig = makeRig(undefined)
  t.after(async () => {
    dropSharedClient()
    await rig.end()
  })
  let current: unknown = on
  const { directory } = await builtVersion("1.2.3")
  const copy = (more: Partial<RegisterOptions> = {}) =>
    registerCopy({ default: plugin }, { rig, rootDir: directory, hostConfig: on, current: () => current, ...options, ...more })
  return { rig, copy, run: (config: unknown) => void (current = config) }
}

async function begin(copy: PluginCopy): Promise<void> {
  await copy.start()
  copy.fire("gateway_start", { port: 1 })
}

/** As the host ends a copy: its service, its last hook, then the copy itself. */
async function end(copy: PluginCopy): Promise<void> {
  await copy.stop()
  copy.fire("gateway_stop", { reason: "plugin replacement" })
  await copy.dispose()
}

const disabledIn = (rig: Rig) => rig.entries("guard.disabled").map(({ facts }) => facts["reason"])

for (const [how, config, reason] of [
  ["its entry is switched off", { plugins: { allow: [id], entries: { [id]: { ...entry, enabled: false } } } }, "entry disabled"],
  ["it is taken off the list of those allowed", { plugins: { allow: ["telegram"] } }, "not in plugins.allow"],
  ["it is denied", { plugins: { allow: [id], deny: [id], entries: { [id]: entry } } }, "denied in plugins.deny"],
  ["all plugins are switched off", { plugins: { enabled: false, allow: [id], entries: { [id]: entry } } }, "plugins disabled"],
  ["it is uninstalled", { plugins: { entries: { [id]: { enabled: false } } } }, "uninstalled"],
] as const) {
  test(`${how}: on disk before its code is let go`, async (t) => {
    const { rig, copy, run } = await hosted(t)
    const full = copy()
    await begin(full)
    run(config)
    await end(full)
    assert.deepEqual(disabledIn(rig), [reason])
  })
}

test("switched off and on: what was not seen is a gap, and recording goes on", async (t) => {
  const { rig, copy, run } = await hosted(t)
  const first = copy()
  await begin(first)
  run({ plugins: { allow: [id], entries: { [id]: { ...entry, enabled: false } } } })
  await end(first)
  run(on)
  const second = copy()
  await begin(second)
  second.fire("after_tool_call", { toolName: "read", toolCallId: "again", result: "x" })
  await second.dispose()
  const types = rig.entries().map(({ type }) => type)
  assert.deepEqual(types.slice(types.indexOf("guard.disabled")), ["guard.disabled", "capture.gap", "gateway.started", "tool.returned"])
  const [gap] = rig.entries("capture.gap")
  assert.deepEqual([gap?.facts["reason"], gap?.facts["uncounted"], gap?.facts["count"]], ["the plugin was switched off", true, 0])
  assert.ok(Number(gap?.facts["fromMs"]) <= Number(gap?.facts["toMs"]))
})

test("a reload, an ordinary stop, and copies that never ran tell of nothing", async (t) => {
  const { rig, copy } = await hosted(t)
  const full = copy()
  const discovery = copy({ mode: "discovery" })
  await begin(full)
  await end(full)
  const again = copy()
  await begin(again)
  const idle = copy()
  await discovery.dispose()
  await idle.dispose()
  await end(again)
  assert.deepEqual(disabledIn(rig), [])
  assert.equal(rig.entries("gateway.started").length, 2)
})

test("a copy that never ran is not switched off, whatever the configuration says", async (t) => {
  const { rig, copy, run } = await hosted(t)
  const running = copy()
  const inspected = copy()
  await begin(running)
  run({ plugins: { enabled: false } })
  await inspected.dispose()
  assert.deepEqual(disabledIn(rig), [])
})

test("stopped before the gateway has taken up a file that switches it off: told all the same", async (t) => {
  const { rig, copy } = await hosted(t)
  const full = copy()
  await begin(full)
  writeFileSync(join(rig.home, "openclaw.json"), "{ plugins: { allow: ['telegram'], } }")
  await end(full)
  assert.deepEqual(disabledIn(rig), ["not in plugins.allow"])
})

test("a host that may not be asked any more, and a file that cannot be read, tell of nothing", async (t) => {
  const { rig, copy } = await hosted(t, {
    current: () => {
      throw new Error("retired")
    },
  })
  const full = copy()
  await begin(full)
  writeFileSync(join(rig.home, "openclaw.json"), "{ plugins: ")
  await end(full)
  assert.deepEqual(disabledIn(rig), [])
})

const said = (lines: readonly string[]) => lines.map((line) => `[sovereign-ledger] ${line}`)

test("once a process, when it runs, the log says what is recorded and what is not", async (t) => {
  const { copy } = await hosted(t, { hostConfig: { plugins: { entries: { [id]: { enabled: true } } } } })
  const [full, discovery, reloaded] = [copy(), copy({ mode: "discovery" }), copy()]
  discovery.fire("session_start", { sessionId: "s" })
  assert.deepEqual([...full.told, ...discovery.told], [], "nothing before it runs")
  await full.start()
  const host = { off: null, remedy: null, mayReadConversations: false, recapsOff: false }
  assert.deepEqual(full.told, said(coverageLines(coverageOf({ recording: "yes", first: null, host, conversations: "unknown" }))))
  assert.ok(full.told[2]?.includes(grantCommand))
  await full.stop()
  await reloaded.start()
  assert.deepEqual([reloaded.told, discovery.told, full.warnings], [[], [], []])
})

test("without a ledger and a key it says how to set it up; with settings that cannot be read, that nothing is recorded", async (t) => {
  const { copy, rig } = await hosted(t)
  const elsewhere = { dataDir: join(rig.root, "nowhere"), keyFile: join(rig.root, "no.key") }
  const bare = copy({ config: elsewhere })
  await bare.start()
  assert.deepEqual([bare.told[0], bare.told[2]], said(["Recorded: nothing, until the ledger is set up.", "Next: openclaw ledger setup (sets the ledger up)"]))
  Reflect.deleteProperty(globalThis, Symbol.for("sovereign-ledger/said"))
  const broken = copy({ config: { nonsense: true } })
  await broken.start()
  assert.equal(broken.told[0], said(["Recorded: nothing at present."])[0])
  Reflect.deleteProperty(globalThis, Symbol.for("sovereign-ledger/said"))
  const service = copy({ config: { ...elsewhere, socket: join(rig.root, "service.sock") } })
  await service.start()
  assert.match(service.told[0] ?? "", /^\[sovereign-ledger\] Recorded: tool calls/)
})
