/** Delegation at the host's hooks: what is answered, told and sent, with a writer and without one. */
import assert from "node:assert/strict"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { test } from "node:test"
import plugin from "../../src/plugin.ts"
import { eventually } from "../gateway/ledger.ts"
import { makeRig, type Rig } from "../writer/rig.ts"
import { builtVersion } from "../writer/versions.ts"
import { dropSharedClient, registerCopy } from "./fake-host.ts"

type Run = { readonly sessionKey: string; readonly message: string; readonly idempotencyKey?: string; readonly deliver?: boolean }
type Options = { readonly orchestrator?: unknown; readonly bare?: boolean; readonly fails?: boolean }
type Answer =
  | {
      readonly block?: boolean
      readonly blockReason?: string
      readonly params?: { readonly task: string; readonly label?: string }
      readonly prependContext?: string
    }
  | undefined

const front = { sessionKey: "agent:main:main", runId: "run-front", agentId: "main", trigger: "user" }
const orchestrator = "agent:main:subagent:00000000-0000-4000-8000-000000000001"
const worker = "agent:main:subagent:00000000-0000-4000-8000-000000000002"
const accepted = (key: string, runId: string) => ({ details: { status: "accepted", childSessionKey: key, runId } })

async function hosted(t: { readonly after: (step: () => Promise<void>) => void }, { orchestrator: setting, bare = false, fails = false }: Options = {}) {
  dropSharedClient()
  const rig: Rig = makeRig(undefined, bare ? { bare: true } : {})
  t.after(async () => {
    dropSharedClient()
    await rig.end()
  })
  const sent: Run[] = []
  const runs = (run: Run) => {
    sent.push(run)
    return fails ? Promise.reject(new Error("this host runs nothing")) : Promise.resolve({ runId: "r" })
  }
  const { directory } = await builtVersion("1.2.3")
  const config = { guard: { tools: [], deny: [] }, orchestrator: setting ?? { enabled: true, enforceMainDelegation: true } }
  const copy = registerCopy({ default: plugin }, { rig, rootDir: directory, config, runs })
  await copy.start()
  copy.fire("gateway_start", { port: 1 })
  let calls = 0
  const tool = async (toolName: string, params: object = {}, ctx: object = front, toolCallId = `call-${calls++}`) =>
    (await copy.fire("before_tool_call", { toolName, params, toolCallId }, ctx)) as Answer
  return {
    rig,
    copy,
    sent,
    tool,
    prompt: async (event: object, ctx: object = front) => (await copy.fire("before_prompt_build", { messages: [], ...event }, ctx)) as Answer,
    /** While the writer is being started nobody waits for a prompt. */
    ready: () =>
      eventually(
        "a writer",
        () => tool("sessions_history", {}, { ...front, sessionKey: "agent:main:hook:1" }).then(() => rig.entries("tool.invoked").length),
        (count) => count > 0,
        60_000,
      ),
    spawns: async (key: string, ctx: object = front, params: object = { task: "Do it" }) => {
      const call = `spawn-${calls++}`
      const answer = await tool("sessions_spawn", params, ctx, call)
      copy.fire("after_tool_call", { toolName: "sessions_spawn", params, toolCallId: call, result: accepted(key, `run-of-${key}`) }, ctx)
      return answer
    },
  }
}

const inOrchestrator = { sessionKey: orchestrator, runId: "run-o", agentId: "main" }

test("a front session is told how, starts its orchestrator, and has its failed work given out again once", async (t) => {
  const { rig, copy, sent, tool, prompt, spawns, ready } = await hosted(t)
  await ready()
  assert.match((await prompt({ prompt: "please count the sheep" }))?.prependContext ?? "", /^<orchestrator-mode>\n[^]*There is no orchestrator yet/)
  assert.match((await tool("exec", { command: "ls" }))?.blockReason ?? "", /^Sovereign Ledger refused exec: this session hands work on/)
  assert.equal(await tool("tool_call", { id: "sessions_spawn" }), undefined)
  const started = await spawns(orchestrator, front, { task: " " })
  assert.match(started?.params?.task ?? "", /^You are the orchestrator of the session agent:main:main\.\n[^]*The task:\nplease count the sheep$/)
  assert.match((await tool("sessions_spawn", { task: "another" }))?.blockReason ?? "", new RegExp(`already, ${orchestrator}`))
  assert.equal((await spawns(worker, inOrchestrator))?.params, undefined)
  assert.match((await tool("exec", {}, inOrchestrator))?.blockReason ?? "", /attempt 1/)
  assert.match((await tool("exec", {}, inOrchestrator))?.blockReason ?? "", /attempt 2/)
  assert.equal(await tool("exec", {}, inOrchestrator), undefined)
  assert.ok(copy.warnings.some((words) => words.includes("attempt 3")))
  assert.equal(await tool("exec", {}, { sessionKey: worker, runId: "run-w" }), undefined)
  const ctx = { runId: `run-of-${worker}`, childSessionKey: worker, requesterSessionKey: orchestrator }
  copy.fire("subagent_progress", { phase: "started", runId: ctx.runId, childSessionKey: worker }, ctx)
  copy.fire("subagent_progress", { phase: "ended", runId: ctx.runId, childSessionKey: worker, outcome: "timeout" }, ctx)
  copy.fire("subagent_ended", { targetSessionKey: worker, runId: ctx.runId, outcome: "timeout" }, ctx)
  await eventually(
    "told",
    () => rig.entries("orchestrator.told").length,
    (count) => count > 0,
  )
  assert.deepEqual(
    sent.map(({ sessionKey, deliver }) => [sessionKey, deliver]),
    [[orchestrator, false]],
  )
  assert.match(sent[0]?.message ?? "", /outcome: timeout\nattempt: 1\/2\n[^]*task: Do it\n/)
  assert.equal(rig.entries("orchestrator.retried")[0]?.facts["retry"], sent[0]?.idempotencyKey)
  copy.fire("session_end", { sessionKey: front.sessionKey, reason: "shutdown" }, front)
  copy.fire("session_end", { sessionKey: front.sessionKey, reason: "reset" }, front)
  await eventually(
    "let go",
    () => rig.entries("orchestrator.unbound").length,
    (count) => count === 1,
  )
  assert.equal((await tool("sessions_spawn", { task: "anew" }))?.block, undefined)
})

test("what a host cannot run is on record as not told", async (t) => {
  const { rig, copy, spawns } = await hosted(t, { fails: true })
  await spawns(orchestrator)
  await spawns(worker, inOrchestrator)
  copy.fire("subagent_ended", { targetSessionKey: worker, runId: `run-of-${worker}`, outcome: "error" }, { requesterSessionKey: orchestrator })
  await eventually(
    "told",
    () => rig.entries("orchestrator.told").map(({ facts }) => facts["success"]),
    (told) => told.length === 1 && told[0] === false,
  )
})

test("without a writer nothing is kept from going on but what needs nobody's word", async (t) => {
  const { tool, prompt, sent, copy } = await hosted(t, { bare: true })
  assert.equal((await tool("exec"))?.block, true)
  assert.equal((await tool("read"))?.block, true)
  for (const name of ["sessions_spawn", "sessions_send", "sessions_history", "tool_call"]) assert.equal(await tool(name, { task: "x" }), undefined, name)
  assert.equal(await tool("exec", {}, inOrchestrator), undefined)
  assert.equal(await tool("exec", {}, { ...front, sessionKey: "agent:main:cron:nightly" }), undefined)
  assert.equal(await prompt({ prompt: "hello" }), undefined)
  copy.fire("subagent_ended", { targetSessionKey: worker, runId: "r", outcome: "error" }, { requesterSessionKey: orchestrator })
  assert.deepEqual(sent, [])
})

test("while it is off the host is answered nothing, at once", async (t) => {
  for (const orchestratorOff of [{ enforceMainDelegation: true }, false, { enabled: false }]) {
    const { copy, rig, spawns } = await hosted(t, { orchestrator: orchestratorOff })
    for (const toolName of ["exec", "sessions_spawn", "sessions_send"])
      assert.equal(copy.fire("before_tool_call", { toolName, params: {}, toolCallId: "c" }, front), undefined, "it waits for nobody")
    assert.equal(copy.fire("before_prompt_build", { prompt: "hello", messages: [] }, front), undefined)
    assert.equal(await spawns(orchestrator), undefined)
    await eventually(
      "what fired",
      () => rig.entries("tool.returned").length,
      (count) => count === 1,
    )
    assert.deepEqual(
      rig.entries().filter(({ type }) => type.startsWith("orchestrator.")),
      [],
    )
  }
})

test("an operator's own words, and a file that cannot be read", async (t) => {
  const files = makeRig(t)
  const promptFile = join(files.root, "front.md")
  writeFileSync(promptFile, "Ask the other one first.\n")
  const setting = { enabled: true, promptFile, contractFile: join(files.root, "none.md"), allowedMainTools: ["exec"] }
  const { prompt, copy, spawns, ready } = await hosted(t, { orchestrator: setting })
  await ready()
  assert.match((await prompt({ prompt: "hello" }))?.prependContext ?? "", /^<orchestrator-mode>\nAsk the other one first\.\n/)
  assert.match((await spawns(orchestrator))?.params?.task ?? "", /^You are the orchestrator/)
  assert.ok(copy.warnings.some((words) => /none\.md cannot be read .*the built-in one is used/.test(words)))
  assert.ok(copy.warnings.some((words) => /allowedMainTools is without exec/.test(words)))
})
