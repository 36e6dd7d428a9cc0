/** The door in a provider's stream: what is asked for which call, what leaves, and what is answered in the place of a model. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { CaptureMemory } from "../../src/capture/capture-memory.ts"
import { transcript } from "../../src/capture/hooks/transcript.ts"
import type { HostApi } from "../../src/host/host-api.ts"
import { wantCallAfterTool } from "../../src/host/install-model-doors.ts"
import { installStreamDoors } from "../../src/host/install-stream-doors.ts"
import { isNobodys, loadProviderOwners } from "../../src/host/provider-owners.ts"
import { guardedStream, type StreamFn } from "../../src/host/stream-door.ts"
import { call, ctx, doorRig, type Fields } from "./door-rig.ts"

const wrapping = { provider: "mock", model: "big", agentId: "main" }
const model = { id: "big", provider: "mock", api: "openai-completions", maxTokens: 9_000 }
const context = { systemPrompt: "be brief", messages: [{ role: "user", content: "ä".repeat(500) }], tools: [] }
const compaction = "1c3f0ad4-06f7-4d52-8a4e-1b9b3c7f2a11:compaction:cmp-a"

type Answer = AsyncIterable<Fields> & { readonly result: () => Promise<Fields> }

function streamRig(doors = { hard: true }) {
  const rig = doorRig(doors)
  const left: string[] = []
  const usage = { input: 606, output: 56, totalTokens: 662 }
  const inner: StreamFn = (_model, _context, options) => {
    left.push(String((options as Fields)["requestId"]))
    return { result: () => Promise.resolve({ role: "assistant", stopReason: "stop", usage }) }
  }
  const stream = guardedStream({ ledger: () => rig.ledger, observe: rig.observe }, wrapping, inner)
  /** As the host does it: the stream first, then the hook, in one turn of the loop. */
  const begin = async (event: Fields = call, of: Fields = ctx, options: Fields = {}): Promise<Answer> => {
    const answer = stream(model, context, { requestId: event["callId"], ...options })
    rig.fire("model_call_started", event, of)
    return (await answer) as Answer
  }
  const hooks = () => rig.observed.map(({ hook, event }) => [hook, event["hold"]])
  return { ...rig, left, stream, begin, hooks }
}

describe("a call through its stream", () => {
  test("is asked for there, by its size, and carries its hold from beginning to end", async () => {
    const { begin, fire, asked, left, aborted, hooks } = streamRig()
    await begin()
    fire("model_call_ended", { ...call, requestPayloadBytes: 500, responseStreamBytes: 60 })
    const { knownBytes, whole, maxTokens, run, session } = asked[0] ?? {}
    assert.deepEqual([asked.length, whole, maxTokens, run, session], [1, true, 9_000, "r1", "agent:main:main"])
    assert.ok(Number(knownBytes) > 1_000 && Number(knownBytes) < 6_000, String(knownBytes))
    assert.deepEqual([left, aborted], [["r1:model:1"], []])
    assert.deepEqual(hooks(), [
      ["model_call_started", "model:00112233445566aa-1"],
      ["model_call_ended", "model:00112233445566aa-1"],
    ])
  })

  test("uses the permit of its run's beginning where that is enough, and exchanges it where it is not", async () => {
    const { begin, fire, asked, state, left } = streamRig()
    state.size = { inputTokens: 100_000, outputTokens: 9_000 }
    await fire("before_agent_run", { prompt: "hello" })
    await begin()
    assert.equal(asked.length, 1)
    state.size = { inputTokens: 100, outputTokens: 9_000 }
    await fire("before_agent_run", { prompt: "hello" })
    await begin()
    assert.deepEqual([asked.length, asked[2]?.["instead"], left.length], [3, "model:00112233445566aa-2", 2])
  })

  test("is asked for at no other door, until one comes without its stream: that one has to be asked for before", async () => {
    const { begin, fire, asked, aborted, ledger, left, harness } = streamRig()
    await harness.ready()
    await begin()
    await wantCallAfterTool(ledger, { toolName: "exec" }, ctx)
    await fire("before_compaction", { messageCount: 4 }, { ...ctx, runId: undefined })
    assert.equal(asked.length, 2, "of a compaction the model is another one")
    ledger.lastModels.set("s1", { provider: "mock", model: "big" })
    await fire("before_compaction", { messageCount: 4 }, { ...ctx, runId: undefined })
    assert.equal(asked.length, 2)
    fire("model_call_started", call)
    assert.deepEqual([aborted, left.length], [["s1"], 1], "the name of a call does not pass for a second one")
    await wantCallAfterTool(ledger, { toolName: "exec" }, ctx)
    assert.equal(asked.length, 3)
  })

  test("to another model than its stream's is none of it", async () => {
    const { stream, fire, aborted, harness } = streamRig()
    await harness.ready()
    const answer = stream(model, context, { requestId: call.callId })
    fire("model_call_started", { ...call, model: "small" })
    assert.deepEqual(aborted, ["s1"])
    await answer
  })

  test("of which no hook tells is held all the same, for the run that its name tells", async () => {
    const { stream, asked, left, hooks } = streamRig()
    await stream(model, context, { requestId: "r7:model:1", sessionId: "s7" })
    assert.deepEqual([asked[0]?.["run"], asked[0]?.["agent"], left], ["r7", "main", ["r7:model:1"]])
    assert.deepEqual(hooks(), [["model_call_started", "model:00112233445566aa-1"]])
  })

  test("goes its way while nothing may refuse", () => {
    const { stream, asked, left, observed } = streamRig({ hard: false })
    assert.equal(stream(model, context, { requestId: call.callId }) instanceof Promise, false)
    assert.deepEqual([asked, observed, left.length], [[], [], 1])
  })
})

describe("a refusal in the stream", () => {
  test("is the answer, in the writer's words; no request leaves, and the answer is no call", async () => {
    const { begin, fire, state, left, aborted, observed, ledger } = streamRig()
    state.refuses = "needs up to $2, $1 left"
    const answer = await begin()
    const events: Fields[] = []
    for await (const event of answer) events.push(event)
    const message = await answer.result()
    assert.deepEqual([message["content"], message["stopReason"]], [[{ type: "text", text: state.refuses }], "stop"])
    assert.deepEqual(
      events.map(({ type }) => type),
      ["start", "text_start", "text_delta", "text_end", "done"],
    )
    fire("model_call_ended", { ...call, outcome: "completed" })
    assert.deepEqual(
      observed.map(({ hook, event }) => [hook, event["why"] ?? event["outcome"]]),
      [
        ["model_call_started", undefined],
        ["call-stopped", "refused"],
        ["model_call_ended", "stopped"],
      ],
    )
    assert.deepEqual([left, aborted, observed[1]?.event["stopped"]], [[], [], true])
    const row = { message, sessionId: "s1" }
    assert.equal(transcript.pick(row, {}, ledger.memory)["ours"], true)
    const counted = { ...row, message: { ...message, usage: { totalTokens: 9 } } }
    assert.equal(transcript.pick(counted, {}, ledger.memory)["ours"], undefined, "who counts tokens was asked")
    assert.equal(transcript.pick(row, {}, new CaptureMemory())["ours"], undefined)
  })

  test("is given when the writer cannot be asked, and when everything stands still", async () => {
    const { begin, state, left } = streamRig()
    state.fails = true
    assert.match(JSON.stringify(await (await begin()).result()), /could not be \(no writer\)/)
    Object.assign(state, { fails: false, doors: { hard: true, frozen: "night" } })
    assert.match(JSON.stringify(await (await begin()).result()), /all spending is frozen \(night\)/)
    assert.deepEqual(left, [])
  })

  test("of a compaction is a failure: a summary is not made of it", async () => {
    const { begin, state, left } = streamRig()
    state.refuses = "no room"
    const { stopReason, errorMessage } = await (await begin({ ...call, callId: `${compaction}:model:1` }, { ...ctx, runId: compaction })).result()
    assert.deepEqual([stopReason, errorMessage, left], ["error", "no room", []])
  })
})

describe("a compaction", () => {
  for (const hard of [true, false])
    test(`tells what it came to, which nobody else does, ${hard ? "held" : "while nothing may refuse"}`, async () => {
      const { begin, observed, asked } = streamRig({ hard })
      await begin({ ...call, runId: compaction, callId: `${compaction}:model:1` }, { ...ctx, runId: compaction }, { maxTokens: 4_096 })
      await new Promise(setImmediate)
      const told = observed.find(({ hook }) => hook === "call-told")?.event ?? assert.fail()
      assert.deepEqual([(told["message"] as Fields)["usage"], told["callId"]], [{ input: 606, output: 56, totalTokens: 662 }, `${compaction}:model:1`])
      assert.deepEqual([asked.length, asked[0]?.["maxTokens"]], hard ? [1, 4_096] : [0, undefined])
    })
})

/** What a copy of the plugin that another suite registered has loaded from the real host. */
function forgetOwners(): void {
  Reflect.deleteProperty(globalThis, Symbol.for("sovereign-ledger/provider-owners"))
}

describe("the providers whose streams are wrapped", () => {
  const plain = { api: "openai-completions", models: [] }
  const providers = { house: plain, openai: plain, server: { models: [] }, local: { api: "ollama", models: [] } }
  const config = { models: { providers } }

  test("are those of the configuration that no plugin looks after, once the host has told", async (t) => {
    forgetOwners()
    t.after(forgetOwners)
    const registered: string[] = []
    const made: ((making: unknown) => unknown)[] = []
    const api = {
      config,
      registerProvider: ({ id, wrapStreamFn }: { id: string; wrapStreamFn: (making: unknown) => unknown }) => {
        registered.push(id)
        made.push(wrapStreamFn)
      },
    } as unknown as HostApi
    const { ledger, observe } = doorRig()
    const install = () => installStreamDoors(api, { ledger: () => ledger, observe })
    await loadProviderOwners(() => Promise.reject(new Error("no such module")))
    install()
    assert.deepEqual([registered, isNobodys("house", config)], [[], false], "nobody knows yet")
    const owners: Readonly<Record<string, readonly string[]>> = { openai: ["openai"], server: [] }
    const ownersOf = ({ provider }: { provider: string }) => (provider === "broken" ? assert.fail("host") : owners[provider])
    await loadProviderOwners(() => Promise.resolve({ resolveOwningPluginIdsForProvider: ownersOf }))
    install()
    assert.deepEqual([registered, isNobodys("broken", config)], [["house", "server"], false])
    const wrap = (more: object) => made[0]?.({ provider: "house", modelId: "big", streamFn: () => {}, model, ...more })
    assert.equal(typeof wrap({}), "function")
    for (const left of [{ modelId: "acme/deepseek-v4-pro" }, { modelId: "mimo-v2.5" }, { model: { api: "openai-responses" } }, { streamFn: undefined }])
      assert.equal(wrap(left), undefined, JSON.stringify(left))
  })

  test("leave the other doors alone where the host knows no such thing", () => {
    const { ledger, observe } = doorRig()
    const broken = { config, registerProvider: () => assert.fail("host") } as unknown as HostApi
    installStreamDoors(broken, { ledger: () => ledger, observe })
    installStreamDoors({ config } as unknown as HostApi, { ledger: () => ledger, observe })
  })
})
