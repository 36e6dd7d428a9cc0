/** One client for all copies of the plugin in a process, and its replacement by a copy of other code or with other settings. Copies are real: bundles evaluated twice. */
import assert from "node:assert/strict"
import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { pathToFileURL } from "node:url"
import { test } from "node:test"
import { askWriter } from "../../src/surfaces/socket/writer-link.ts"
import { assertOnce } from "../writer/load.ts"
import { makeRig, until, type Rig } from "../writer/rig.ts"
import { builtVersion, type BuiltVersion } from "../writer/versions.ts"
import { dropSharedClient, isLeaving, registerCopy, sharedClient, type Plugin, type PluginCopy, type RegisterOptions } from "./fake-host.ts"

const older = "1.2.3"
const newer = "1.10.0"
let evaluated = 0

/** The module evaluated once more, as the host does for each agent's copy and at each reload. */
async function copyOf(rig: Rig, { directory }: BuiltVersion, options: Partial<RegisterOptions> = {}): Promise<PluginCopy> {
  const url = `${pathToFileURL(join(directory, "plugin.mjs")).href}?copy=${evaluated++}`
  return registerCopy((await import(url)) as Plugin, { rig, rootDir: directory, ...options })
}

function fireTool(copy: PluginCopy, call: string): void {
  copy.fire("after_tool_call", { toolName: "read", toolCallId: call, result: "done", durationMs: 1 })
}

/** Clients hold two lanes each; the question itself is a connection too. */
async function clientCount(rig: Rig): Promise<number> {
  return ((await rig.status()).clients - 1) / 2
}

function rigFor(t: { readonly after: (step: () => Promise<void>) => void }): Rig {
  dropSharedClient()
  const rig = makeRig(undefined)
  t.after(async () => {
    dropSharedClient()
    await rig.end()
  })
  return rig
}

test("copies of the plugin share one client, whichever copy is told what", async (t) => {
  const rig = rigFor(t)
  const build = await builtVersion(older)
  const full = await copyOf(rig, build)
  const discovery = await copyOf(rig, build, { mode: "discovery" })
  assert.equal(sharedClient(), undefined, "registering does no work")
  const observed = Array.from({ length: 40 }, (_, i) => `shared-${i}`)
  observed.forEach((call, i) => fireTool(i % 2 ? full : discovery, call))
  const answer = await discovery.fire("before_tool_call", { toolName: "guarded_exec", toolCallId: "gate-1", params: {} })
  const denied = (await full.fire("before_tool_call", { toolName: "denied_exec", toolCallId: "gate-2", params: {} })) as {
    block?: boolean
    blockReason?: string
  }
  assert.equal(answer, undefined)
  assert.equal(denied.block, true)
  assert.match(denied.blockReason ?? "", /operator's list/)
  await full.dispose()
  assert.equal(await clientCount(rig), 1)
  assertOnce(rig.entries(), [{ observed, answered: ["gate-1", "gate-2"] }])
  assert.equal(full.subscribers() + discovery.subscribers(), 2, "one subscription a process to transcripts, one to the events of runs")
  assert.deepEqual(full.warnings, [])
})

test("a plugin that was stopped listens no more, and lets go", async (t) => {
  const rig = rigFor(t)
  const old = await copyOf(rig, await builtVersion(older))
  await old.start()
  await old.stop()
  old.fire("gateway_stop", { reason: "plugin replacement" })
  assert.deepEqual([old.subscribers(), isLeaving()], [0, true])
  await until(() => rig.entries("gateway.stopped").length === 1, "its last word is on record")
})

test("after a reload the new copy listens, and not the one whose hooks fired after its stop", async (t) => {
  const rig = rigFor(t)
  const build = await builtVersion(older)
  const old = await copyOf(rig, build)
  await old.start()
  await old.stop()
  old.fire("model_call_started", { callId: "between" })
  assert.deepEqual([old.subscribers(), isLeaving()], [2, false], "what comes between is not lost")
  const next = await copyOf(rig, build)
  await next.start()
  assert.deepEqual([old.subscribers(), next.subscribers()], [0, 2])
  await next.dispose()
})

test("prices that the host's configuration states anew are known before the next run, and told once", async (t) => {
  const rig = rigFor(t)
  const costs = (usd: number, more: object = {}) => ({
    models: { providers: { own: { models: [{ id: "one", cost: { input: usd, output: usd, cacheRead: usd, cacheWrite: usd } }] } } },
    ...more,
  })
  let [config, retired] = [costs(4), false]
  const current = () => (retired ? assert.fail("retired") : config)
  let copy = await copyOf(rig, await builtVersion(older), { hostConfig: costs(4), current })
  const runs = async (expected: number) => {
    copy.fire("before_agent_run", { prompt: "hello" }, { runId: "r1", sessionKey: "agent:main:main" })
    await until(() => rig.entries("prices.loaded").length === expected, `prices loaded ${expected} times`)
  }
  await runs(1)
  config = costs(1)
  await runs(2)
  // The client goes on with the copy that comes after the one which made it.
  retired = true
  copy = await copyOf(rig, await builtVersion(older), { hostConfig: config, current: () => config })
  config = costs(3)
  await runs(3)
  config = costs(3, { gateway: { port: 1 } })
  await runs(3)
  const digests = rig.entries("prices.loaded").map(({ facts }) => facts["digest"])
  assert.equal(new Set(digests).size, 3)
  assert.ok(rig.entries("prices.doubted").some(({ facts }) => facts["model"] === "own/one" && facts["finding"] === "fell"))
  await copy.dispose()
})

test("other settings replace the client, and nothing is lost on the way", async (t) => {
  const rig = rigFor(t)
  const build = await builtVersion(older)
  const observed: string[] = []
  const fire = (copy: PluginCopy, count: number) => {
    for (let i = 0; i < count; i++) {
      observed.push(`settings-${observed.length}`)
      fireTool(copy, observed.at(-1) ?? "")
    }
  }
  const before = await copyOf(rig, build)
  await before.start()
  fire(before, 300)
  const first = sharedClient()
  const after = await copyOf(rig, build, { config: { userId: "somebody else", guard: { tools: [], deny: ["guarded*"] } } })
  await after.start()
  fire(after, 300)
  assert.notEqual(sharedClient(), first)
  assert.equal(before.subscribers(), 0, "the old one has let go of what it listened to")
  assert.equal(after.subscribers(), 2)
  const { block } = (await after.fire("before_tool_call", { toolName: "guarded_exec", toolCallId: "now-denied", params: {} })) as { block?: boolean }
  assert.equal(block, true, "the new settings decide")
  await after.dispose()
  await until(() => rig.entries("tool.returned").length >= observed.length, "the old client has handed over what it held")
  await until(async () => (await clientCount(rig)) === 1, "the old client has let go")
  assertOnce(rig.entries(), [{ observed, answered: ["now-denied"] }])
  assert.ok(rig.entries("config.loaded").length >= 2, "both settings are on record")
})

test("an upgrade in the same process: the new code's writer takes over, no old file is left to run, nothing is lost", async (t) => {
  const rig = rigFor(t)
  const [one, two] = await Promise.all([builtVersion(older), builtVersion(newer)])
  const observed: string[] = []
  const stream = async (copy: PluginCopy, count: number) => {
    for (let i = 0; i < count; i++) {
      observed.push(`upgrade-${observed.length}`)
      fireTool(copy, observed.at(-1) ?? "")
      if (i % 10 === 0) await sleep(1)
    }
  }
  const before = await copyOf(rig, one)
  await before.start()
  await stream(before, 400)
  await before.dispose()
  assert.equal((await rig.status()).version, older)
  await before.stop()
  const after = await copyOf(rig, two)
  await stream(before, 100) // the host still has handlers of the old copy under way
  await after.start()
  await stream(after, 400)
  await after.dispose()
  assert.equal((await rig.status()).version, newer)
  await until(() => rig.entries("tool.returned").length >= observed.length, "the old client has handed over what it held")
  await until(() => rig.writerPids().length === 1, "the old writer is gone")
  assert.deepEqual(
    readdirSync(join(rig.directory, "runtime")).map((name) => name.split("-")[0]),
    [newer],
  )
  assertOnce(rig.entries(), [{ observed, answered: [] }])
  assert.equal(rig.verify().verdict, "valid")
})

test("a service's client asks nothing of the ledger's files: they may be another user's", async (t) => {
  const rig = rigFor(t)
  const socket = join(rig.root, "service.sock")
  await rig.writer(["--service", "--socket", socket])
  const keys = readFileSync(rig.files.keys)
  writeFileSync(rig.files.keys, "{")
  const copy = await copyOf(rig, await builtVersion(older), { config: { socket } })
  assert.equal(await copy.fire("before_tool_call", { toolName: "guarded_exec", toolCallId: "by-service", params: {} }), undefined)
  await copy.dispose()
  writeFileSync(rig.files.keys, keys)
  assert.deepEqual(
    rig.entries("tool.invoked").map(({ facts }) => facts["call"]),
    ["by-service"],
  )
})

test("other settings begin with the doors as they were told, also those of a service, whose files say nothing here", async (t) => {
  const rig = rigFor(t)
  const [socket, dataDir] = [join(rig.root, "service.sock"), join(rig.root, "elsewhere")]
  await rig.writer(["--service", "--socket", socket])
  const begins = (copy: PluginCopy) => copy.fire("before_agent_run", { prompt: "hello" }, { runId: "r1", sessionKey: "agent:main:main" })
  const before = await copyOf(rig, await builtVersion(older), { config: { socket, dataDir } })
  assert.equal(begins(before), undefined)
  await askWriter(rig.link({ program: undefined }), "order", 10_000, { order: { do: "freeze", target: "all", reason: "a drill" } })
  await until(() => sharedClient()?.doors?.hard === true, "the doors are told")
  const after = await copyOf(rig, await builtVersion(older), { config: { socket, dataDir, userId: "somebody else" } })
  const { outcome, message } = ((await begins(after)) ?? {}) as { readonly outcome?: string; readonly message?: string }
  assert.equal(outcome, "block")
  assert.match(message ?? "", /all spending is frozen \(a drill\)/)
  await after.dispose()
})

test("an older copy that starts a writer leaves the newer one's files where they are", async (t) => {
  const rig = rigFor(t)
  const [one, two] = await Promise.all([builtVersion(older), builtVersion(newer)])
  for (const build of [two, one]) {
    const copy = await copyOf(rig, build)
    fireTool(copy, build.version)
    await copy.dispose()
    assert.equal((await rig.status()).version, build.version)
    await rig.stopWriter()
  }
  assert.deepEqual(
    readdirSync(join(rig.directory, "runtime"))
      .map((name) => name.split("-")[0])
      .sort(),
    [newer, older],
  )
})

test("twenty reloads: one client, one writer, nothing lost", async (t) => {
  const rig = rigFor(t)
  const build = await builtVersion(older)
  const observed: string[] = []
  for (let reload = 0; reload < 20; reload++) {
    const copies = [await copyOf(rig, build), await copyOf(rig, build, { mode: "discovery" })]
    await copies[0]?.start()
    for (let i = 0; i < 20; i++) {
      observed.push(`reload-${observed.length}`)
      const copy = copies[i % 2]
      if (copy) fireTool(copy, observed.at(-1) ?? "")
    }
    // Before the last one is stopped: a client that nobody asks for any more leaves after a while, and a slow machine gets there.
    if (reload === 19) await until(async () => (await clientCount(rig)) === 1, "there is one client")
    await copies[0]?.stop()
    for (const copy of copies) await copy.dispose()
  }
  assert.equal(rig.entries("writer.started").length, 1)
  assertOnce(rig.entries(), [{ observed, answered: [] }])
})
