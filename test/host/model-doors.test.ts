/** The doors of model calls, in a gateway whose writer is played: what is asked, what begins, what is stopped, and what a person reads. */
import assert from "node:assert/strict"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, test } from "node:test"
import { wantCallAfterTool, wantCallForResult } from "../../src/host/install-model-doors.ts"
import { doorsOf } from "../../src/host/model-door.ts"
import { ReplyWays } from "../../src/host/reply-ways.ts"
import type { SharedLedger } from "../../src/host/shared-ledger.ts"
import { tellWhy } from "../../src/host/tell-why.ts"
import { temporaryDirectory } from "../ledger-fixture.ts"
import { call, ctx, doorRig } from "./door-rig.ts"

describe("a run", () => {
  test("begins with a permit, which its call carries from beginning to end; the next call has to ask anew", async () => {
    const { fire, asked, observed, aborted, ledger } = doorRig()
    assert.equal(await fire("before_agent_run", { prompt: "hello", messages: ["ä".repeat(10)] }), undefined)
    assert.deepEqual([asked.length, asked[0]?.["model"], asked[0]?.["knownBytes"], asked[0]?.["run"]], [1, "big", 25, "r1"])
    fire("model_call_started", call)
    fire("model_call_ended", { ...call, requestPayloadBytes: 500, responseStreamBytes: 60 })
    const holds = observed.map(({ hook, event }) => [hook, event["hold"], event["holdAttempt"]])
    assert.deepEqual(holds, [
      ["model_call_started", "model:00112233445566aa-1", 1],
      ["model_call_ended", "model:00112233445566aa-1", 1],
    ])
    await wantCallAfterTool(ledger, { toolName: "exec" }, { runId: "r1", sessionId: "s1" })
    await wantCallForResult(ledger, { result: { content: "x".repeat(40) } }, { runId: "r1", sessionId: "s1" })
    assert.deepEqual([asked.length, asked[1]?.["knownBytes"], asked[1]?.["model"]], [2, 560, "big"])
    fire("model_call_started", call)
    fire("model_call_ended", call)
    assert.deepEqual(aborted, [])
    fire("model_call_started", call)
    assert.deepEqual([aborted, observed.at(-1)?.hook, observed.at(-1)?.event["why"]], [["s1"], "call-stopped", "no permit"])
  })

  test("that is tried again gives back the permit of its last attempt", async () => {
    const { fire, asked } = doorRig()
    await fire("before_agent_run", { prompt: "hello" })
    await fire("before_agent_run", { prompt: "hello" })
    assert.deepEqual([asked[1]?.["instead"], asked[1]?.["insteadAttempt"]], ["model:00112233445566aa-1", 1])
  })

  test("is blocked in the writer's words, when the writer cannot be asked, and where nothing could stop it later", async () => {
    const { fire, state, harness } = doorRig()
    state.refuses = "needs up to $2, $1 left"
    assert.deepEqual(await fire("before_agent_run", {}), { outcome: "block", reason: state.refuses, message: state.refuses })
    Object.assign(state, { refuses: undefined, fails: true })
    assert.match(((await fire("before_agent_run", {})) as { message: string }).message, /could not be \(no writer\)/)
    state.fails = false
    harness.ready = () => Promise.resolve(undefined)
    assert.match(((await fire("before_agent_run", {})) as { message: string }).message, /gives no way to stop a model call/)
  })

  test("is only observed while nothing may refuse", () => {
    const { fire, asked, observed, aborted } = doorRig({ hard: false })
    assert.equal(fire("before_agent_run", { prompt: "hello" }), undefined)
    fire("model_call_started", call)
    assert.deepEqual([asked, aborted, observed.map(({ hook }) => hook)], [[], [], ["before_agent_run", "model_call_started"]])
  })

  test("whose results are large, and come at once, holds one permit in the end", async () => {
    const { fire, asked, ledger } = doorRig()
    await fire("before_agent_run", { prompt: "hello" })
    fire("model_call_started", call)
    fire("model_call_ended", { ...call, requestPayloadBytes: 500, responseStreamBytes: 60 })
    await wantCallAfterTool(ledger, {}, ctx)
    const large = { result: { content: "x".repeat(70_000) } }
    await Promise.all([1, 2, 3].map(() => wantCallForResult(ledger, large, ctx)))
    const given = asked.map((one) => one["instead"]).filter((instead) => instead !== undefined)
    assert.deepEqual([asked.length, new Set(given).size, asked.at(-1)?.["knownBytes"]], [5, 3, 210_560], "each but the last was given back")
  })

  test("is stopped while everything stands still, and its permit is told of", async () => {
    const { fire, state, aborted, observed } = doorRig()
    await fire("before_agent_run", {})
    state.doors = { hard: true, frozen: "night" }
    fire("model_call_started", call)
    const { hook, event } = observed.at(-1) ?? assert.fail()
    assert.deepEqual([aborted, hook, event["why"], event["hold"]], [["s1"], "call-stopped", "frozen", "model:00112233445566aa-1"])
  })
})

describe("a compaction", () => {
  test("asks by its session, at the model its runs use, or the one that is configured", async () => {
    const { fire, asked, observed, aborted } = doorRig()
    const session = { sessionId: "s1", sessionKey: "agent:main:main", agentId: "main" }
    await fire("before_compaction", { messageCount: 4 }, session)
    assert.deepEqual([asked[0]?.["model"], asked[0]?.["compaction"]], ["primary", true])
    await fire("before_agent_run", {})
    await fire("before_compaction", { messageCount: 4 }, session)
    assert.deepEqual([asked[2]?.["model"], asked[2]?.["instead"]], ["big", "model:00112233445566aa-1"])
    const run = "1c3f0ad4-06f7-4d52-8a4e-1b9b3c7f2a11:compaction:cmp-a"
    fire("model_call_started", { ...call, runId: run }, { ...ctx, runId: run })
    assert.deepEqual([aborted, observed.at(-1)?.event["hold"]], [[], "model:00112233445566aa-3"])
  })
})

describe("the doors before the writer was ever reached", () => {
  test("are what its file says; one that cannot be read means that somebody meant it", (t) => {
    const { ledger, state } = doorRig()
    state.doors = undefined
    const file = join(temporaryDirectory(t), "doors.json")
    const at = (more: object) => doorsOf({ client: { doors: undefined }, blocks: false, doorsFile: file, ...more } as unknown as SharedLedger).hard
    assert.equal(doorsOf(ledger).hard, false)
    assert.equal(at({}), false)
    assert.equal(at({ blocks: true }), true)
    for (const [text, hard] of [
      ['{"hard":true}', true],
      ['{"hard":false}', false],
      ['{"hard":', true],
    ] as const) {
      writeFileSync(file, text)
      assert.equal(at({}), hard, text)
    }
    assert.equal(at({ doorsFile: temporaryDirectory(t) }), true)
  })
})

describe("the doors of a writer that said that nothing may refuse", () => {
  const [told, writerPid] = [{ hard: false, windows: true }, 1]
  const at = (client: object, more: object = {}) => doorsOf({ client, blocks: false, doorsFile: undefined, ...more } as unknown as SharedLedger)

  test("go by its file as well while it is away: somebody may have set a budget since", (t) => {
    const doorsFile = join(temporaryDirectory(t), "doors.json")
    assert.deepEqual(at({ doors: told }, { doorsFile }), told)
    writeFileSync(doorsFile, '{"hard":true}')
    assert.deepEqual(at({ doors: told }, { doorsFile }), { ...told, hard: true })
    assert.deepEqual(at({ doors: told, writerPid }, { doorsFile }), told)
  })

  test("go by the settings as well: it may not have taken them up yet", () => {
    assert.deepEqual(at({ doors: told, writerPid }, { blocks: true }), { ...told, hard: true })
  })
})

describe("whoever waits for the run", () => {
  const telling = (ways: ReplyWays, told: string[]) => ({
    harness: { abortAgentHarnessRun: () => true, emitAgentEvent: () => void told.push("emitted") },
    ways,
    event: {},
    ctx: { runId: "r1", sessionKey: "k" },
    words: "why",
  })

  test("reads why, once, and only of a run that was stopped; what goes wrong in the telling stops nothing", () => {
    const [ways, told]: [ReplyWays, string[]] = [new ReplyWays(), []]
    ways.keep("k", { sendFinalReply: ({ text }: { text: string }) => void told.push(text) }, Date.now())
    assert.equal(
      tellWhy(telling(ways, told), () => false),
      false,
    )
    assert.equal(
      tellWhy(telling(ways, told), () => true),
      true,
    )
    tellWhy(telling(ways, told), () => true)
    assert.deepEqual(told, ["emitted", "emitted", "why", "emitted"])
    ways.keep("k", { sendFinalReply: () => Promise.reject(new Error("gone")) }, Date.now())
    const broken = { ...telling(ways, told), harness: { abortAgentHarnessRun: () => true, emitAgentEvent: () => assert.fail("host") } }
    assert.equal(
      tellWhy(broken, () => true),
      true,
    )
  })

  test("is not answered by a way of half an hour ago, nor by what is none", () => {
    const ways = new ReplyWays()
    const way = { sendFinalReply: () => {} }
    ways.keep("k", way, 0)
    assert.equal(ways.take("k", 30 * 60_000 + 1), undefined)
    ways.keep("k", { sendFinalReply: 7 }, 0)
    ways.keep(7, way, 0)
    assert.deepEqual([ways.take("k", 0), ways.take(undefined, 0)], [undefined, undefined])
    for (let n = 0; n < 300; n++) ways.keep(`k${n}`, way, 0)
    assert.deepEqual([ways.take("k0", 0), ways.take("k299", 0)], [undefined, way])
  })
})
