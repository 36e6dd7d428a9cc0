/** Which hooks are registered, and what their handlers answer the host when the ledger, the guard or the host itself misbehaves. */
import assert from "node:assert/strict"
import { setImmediate as turn } from "node:timers/promises"
import { test } from "node:test"
import { Fault } from "../../src/base/fault.ts"
import { CaptureMemory } from "../../src/capture/capture-memory.ts"
import { hookRows } from "../../src/capture/hook-rows.ts"
import type { HookHandler, HostApi } from "../../src/host/host-api.ts"
import { HarnessLoader } from "../../src/host/harness.ts"
import { Permits } from "../../src/host/permits.ts"
import { ReplyWays } from "../../src/host/reply-ways.ts"
import { installHooks } from "../../src/host/install-hooks.ts"
import { asksForGuards } from "../../src/host/loose-settings.ts"
import type { SharedLedger } from "../../src/host/shared-ledger.ts"
import { Subscriptions } from "../../src/host/subscriptions.ts"
import { toolGuard } from "../../src/policy/tools.ts"

const typed = hookRows.filter((row) => row.source === undefined).map((row) => row.hook)

type Answer = { readonly verdict: "allow" | "deny"; readonly words?: string } | Fault
type Gate = (line: string) => Promise<Answer>
type Options = { readonly ledger?: () => SharedLedger; readonly gate?: Gate; readonly broken?: string; readonly config?: unknown }

/** The plugin's hooks in a host that only remembers them, with a client that only remembers what it is handed. */
function install({ gate = () => Promise.resolve({ verdict: "allow" }), broken, config = {}, ...options }: Options = {}) {
  const registered: [string, HookHandler][] = []
  const priorities = new Map<string, number | undefined>()
  const observed: { hook: string; line: string }[] = []
  const lost: { reason: string; hook: string }[] = []
  const client = {
    observe: (hook: string, _atMs: number, line: string) => void observed.push({ hook, line }),
    lost: (reason: string, hook: string) => void lost.push({ reason, hook }),
    gate,
  }
  const guard = toolGuard({ tools: ["guarded*"], deny: ["denied*"] })
  const ledger = {
    key: "test",
    client,
    guard,
    maxPayloadBytes: 10_000,
    memory: new CaptureMemory(),
    subscriptions: new Subscriptions(),
    permits: new Permits(),
    reachesForOurs: () => false,
    replyWays: new ReplyWays(),
  }
  const api = {
    pluginConfig: config,
    on: (hook: string, handler: HookHandler, registration?: { readonly priority?: number }) => {
      if (hook === broken) throw new TypeError(`no hook is called ${hook}`)
      registered.push([hook, handler])
      priorities.set(hook, registration?.priority)
    },
  }
  installHooks(api as unknown as HostApi, options.ledger ?? (() => ledger as unknown as SharedLedger), new HarnessLoader(() => Promise.resolve({})))
  const fire = (hook: string, event: unknown, ctx: unknown = {}) => (registered.find(([name]) => name === hook) ?? assert.fail(hook))[1](event, ctx)
  return { registered, priorities, observed, lost, fire }
}

const call = { toolName: "guarded_exec", toolCallId: "c1", params: { command: "ls" } }
const noLedger = () => {
  throw new Error("the ledger is broken")
}

test("every typed hook is registered once, in the order of the list, and nothing that is no hook of the host", () => {
  assert.deepEqual(
    install().registered.map(([hook]) => hook),
    typed,
  )
  assert.equal(new Set(typed).size, typed.length)
  assert.ok(typed.length < hookRows.length)
})

test("every hook is heard before other plugins decide, but for the two in which a plugin can still change what is kept", () => {
  const heard = [...install().priorities]
  const last = heard.filter(([, priority]) => priority === -Number.MAX_SAFE_INTEGER).map(([hook]) => hook)
  assert.deepEqual(last, ["tool_result_persist", "before_message_write"])
  assert.ok(heard.every(([hook, priority]) => last.includes(hook) || priority === Number.MAX_SAFE_INTEGER))
})

test("an observed event is answered at once, with nothing, whatever it is", () => {
  const unreadable = () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    return proxy
  }
  const { fire, lost, observed } = install()
  for (const hook of typed) {
    for (const event of [undefined, null, {}, { toolName: "read", sessionId: "s" }]) assert.equal(fire(hook, event), undefined, hook)
  }
  assert.ok(observed.length > 0)
  assert.deepEqual(lost, [])
  for (const hook of typed.filter((name) => name !== "before_tool_call")) assert.equal(fire(hook, unreadable(), unreadable()), undefined, hook)
})

test("a hook that cannot be registered goes on record, a moment later, and the others are registered", async () => {
  const { registered, observed } = install({ broken: "llm_output" })
  assert.deepEqual(
    registered.map(([hook]) => hook),
    typed.filter((hook) => hook !== "llm_output"),
  )
  assert.equal(observed.length, 0, "registration does no work")
  await turn()
  const told = [...observed]
  assert.deepEqual(
    told.map(({ hook }) => hook),
    ["hook-unavailable"],
  )
  const { h, t, p } = JSON.parse(`{"n":1${told[0]?.line}`) as { h: string; t: number; p: Record<string, unknown> }
  assert.deepEqual([h, p], ["hook-unavailable", { unavailable: "llm_output", error: "TypeError", message: "no hook is called llm_output" }])
  const row = hookRows.find(({ hook }) => hook === h)
  const context = { pseudonym: (text: string) => text, judgeTool: toolGuard({ tools: [], deny: [] }) }
  const [event] = row?.map({ hook: h, atMs: t, picked: p }, context) ?? []
  assert.equal(event?.type, "capture.hook-unavailable")
  assert.partialDeepStrictEqual(event.facts, { hook: "llm_output", error: "TypeError" })
})

const refusals: Readonly<Record<string, readonly [gate: Gate, reason: RegExp]>> = {
  "a denial with words": [() => Promise.resolve({ verdict: "deny", words: "Not on Sundays." }), /^Not on Sundays\.$/],
  "a denial without words": [() => Promise.resolve({ verdict: "deny" }), /^Sovereign Ledger refused guarded_exec\.$/],
  "a fault": [() => Promise.resolve(new Fault("key.absent", { directory: "d", looked: "l" })), /must be on record before it starts.*No master key/],
  "a rejection": [() => Promise.reject(new Error("gone")), /could not be recorded \(gone\)/],
  "a client that throws": [noLedger, /could not be recorded \(the ledger is broken\)/],
}

test("a guarded call runs when the writer allows it, and an unguarded one is never asked about", async () => {
  const asked: string[] = []
  const { fire, observed } = install({ gate: (line) => Promise.resolve(asked.push(line)).then(() => ({ verdict: "allow" })) })
  assert.equal(await fire("before_tool_call", call), undefined)
  assert.deepEqual([asked.length, observed.length], [1, 0])
  assert.equal(fire("before_tool_call", { ...call, toolName: "read" }), undefined)
  assert.deepEqual([asked.length, observed.map(({ hook }) => hook)], [1, ["before_tool_call"]])
  await fire("before_tool_call", { ...call, toolName: "denied_exec" })
  assert.equal(asked.length, 2, "a denied call is asked about too: the denial goes on record")
})

for (const [name, [gate, reason]] of Object.entries(refusals)) {
  test(`a guarded call is blocked by ${name}; one that is not on record is counted`, async () => {
    const { fire, lost } = install({ gate })
    const answer = (await fire("before_tool_call", call)) as { block: boolean; blockReason: string }
    assert.equal(answer.block, true)
    assert.match(answer.blockReason, reason)
    assert.equal(lost.length, name.startsWith("a denial") ? 0 : 1)
  })
}

test("without a ledger a tool is blocked only where the operator asked for guards, and nothing is thrown", () => {
  const without = install({ ledger: noLedger })
  for (const hook of typed) assert.equal(without.fire(hook, call), undefined, hook)
  const guarding = install({ ledger: noLedger, config: { guard: { tools: ["x"] } } })
  for (const hook of typed.filter((name) => name !== "before_tool_call")) assert.equal(guarding.fire(hook, call), undefined, hook)
  const answer = guarding.fire("before_tool_call", call) as { block: boolean; blockReason: string }
  assert.equal(answer.block, true)
  assert.match(answer.blockReason, /the ledger is broken/)
})

test("whether the operator asked for guards is read loosely: in doubt, yes", () => {
  for (const [pluginConfig, asks] of [
    [undefined, false],
    [null, false],
    ["text", false],
    [{}, false],
    [{ guard: undefined }, false],
    [{ guard: {} }, false],
    [{ guard: { tools: [], deny: [] } }, false],
    [{ guard: { tools: ["exec"] } }, true],
    [{ guard: { tools: [], deny: ["exec"] } }, true],
    [{ guard: { tools: "exec" } }, true],
    [{ guard: { misspelt: ["exec"] } }, true],
  ] as const) {
    assert.equal(asksForGuards({ pluginConfig } as unknown as HostApi), asks, JSON.stringify(pluginConfig))
  }
})
