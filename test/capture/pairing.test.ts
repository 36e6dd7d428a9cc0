/** What belongs together can be found by the facts alone, and nothing is counted twice. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import fc from "fast-check"
import { CaptureMemory } from "../../src/capture/capture-memory.ts"
import { hookRows } from "../../src/capture/hook-rows.ts"
import type { HookRow, Picked } from "../../src/capture/hook-row.ts"
import type { NewEvent } from "../../src/format/event.ts"
import { runs } from "./nasty.ts"
import { captured, context, eventsOf, openParts, variants } from "./vectors.ts"

const rowOf = (hook: string): HookRow => hookRows.find((row) => row.hook === hook) ?? assert.fail(hook)
const made = (hook: string, event: object, ctx: object = {}): readonly NewEvent[] => eventsOf(rowOf(hook), { event, ctx })
const factsOf = (hook: string, event: object, ctx: object = {}): Readonly<Record<string, unknown>> => made(hook, event, ctx)[0]?.facts ?? assert.fail(hook)

const asked = (toolName: string, toolCallId: string, params: object = {}) => factsOf("before_tool_call", { toolName, toolCallId, params, runId: "r1" })

describe("a call through the host's Tool Search", () => {
  for (const [words, outerId, nestedId] of [
    ["an ordinary id", "call_4_0", "call_4_0"],
    ["an id with a colon", "fc:7", "fc:7"],
    ["an id of two parts", "call_abc|fc_def", "call_abc_fc_def"],
  ] as const) {
    test(`${words}: the inner call names the outer one`, () => {
      const outer = asked("tool_call", outerId, { id: "probe_echo" })
      const inner = asked("probe_echo", `tool_search_code:${nestedId}:probe_echo:12`)
      assert.equal(inner["outer"], outer["nestedAs"] ?? outer["call"])
      assert.deepEqual([outer["wrapper"], inner["wrapper"], outer["outer"]], [true, undefined, undefined])
    })
  }

  test("a refusal is the inner call's, also where the host has only words for it; words that look like it are no refusal elsewhere", () => {
    const inner = "tool_search_code:call_4_0:probe_echo:1"
    const ended = (toolName: string, toolCallId: string, error: string) => {
      const [event] = made("after_tool_call", { toolName, toolCallId, error, result: { details: { status: "error", error } }, runId: "r1" })
      return [event?.type, (event?.facts as { readonly deniedBy?: string } | undefined)?.deniedBy, event?.content?.["reason"]]
    }
    const words = 'Tool "openclaw:core:probe_echo" was blocked before execution: not on Sundays'
    assert.deepEqual(ended("probe_echo", inner, words), ["tool.denied", "blocked", "not on Sundays"])
    for (const [tool, call, error] of [
      ["tool_call", "call_4_0", words],
      ["probe_echo", "call_4_0", words],
      ["probe_echo", inner, `It says: ${words}`],
    ] as const)
      assert.deepEqual(ended(tool, call, error), ["tool.returned", undefined, undefined], tool)
  })

  test("a tool whose name has a colon", () => assert.equal(asked("a:b", "tool_search_code:call_1:a:b:1")["outer"], "call_1"))

  test("what the model asks for is a pseudonym until the host's catalogue knows it", () => {
    const params = { id: "openclaw:core:probe_echo" }
    const told = (tool: object) => factsOf("after_tool_call", { toolName: "tool_call", toolCallId: "c1", params, result: { details: { tool } } })["inner"]
    assert.match(String(asked("tool_call", "c1", params)["inner"]), /^~/)
    assert.equal(told({ id: "openclaw:core:probe_echo", name: "probe_echo" }), "probe_echo")
    assert.match(String(told({ id: "openclaw:core:other", name: "other" })), /^~/)
  })

  test("ids that only look like one", () => {
    for (const id of ["tool_search_code:", "tool_search_code:x", "tool_search_code:direct:read:1", "tool_search_code::read:1", "tool_search_code:a:read:x"]) {
      assert.equal(asked("read", id)["outer"], undefined, id)
    }
  })

  test("an address does not become an id on its way", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."CANARY@.|_ +", "é"), maxLength: 20 }), (noise) => {
        const outer = made("before_tool_call", { toolName: "tool_call", toolCallId: `CANARY@${noise}`, params: {} })
        for (const event of outer) assert.doesNotMatch(openParts(event), /CANARY/)
      }),
      runs(500),
    )
  })
})

describe("runs nobody asked for", () => {
  const child = "47551670-7308-4592-8c24-98a95be38835"
  for (const [kind, event, ctx] of [
    ["announce", {}, { runId: `announce:v1:agent:main:subagent:x:${child}`, sessionKey: "agent:main:in1", trigger: "user" }],
    ["compaction", {}, { runId: `${child}:compaction:cmp-3`, sessionKey: "agent:main:in1" }],
    ["subagent", {}, { runId: child, sessionKey: "agent:main:subagent:x", trigger: "user" }],
    ["cron", {}, { runId: child, sessionKey: `agent:main:cron:${child}:run:x` }],
    ["cron", {}, { runId: child, sessionKey: "agent:main:main", trigger: "cron" }],
    ["heartbeat", {}, { runId: child, sessionKey: "agent:main:main", trigger: "heartbeat" }],
    [undefined, {}, { runId: child, sessionKey: "agent:main:main", trigger: "user" }],
  ] as const) {
    test(`${kind ?? "an ordinary turn"}: ${ctx.runId}`, () => {
      for (const hook of ["before_agent_run", "agent_end", "model_call_started", "model_call_ended", "llm_input", "llm_output", "before_agent_reply"]) {
        const facts = factsOf(hook, { ...event, success: true }, ctx)
        assert.equal(facts["runKind"], kind, hook)
        assert.equal(facts["childRun"], kind === "announce" ? child : undefined)
      }
    })
  }

  test("the usage of a subagent names the session that began it, by a pseudonym, as far as that was heard of", () => {
    const memory = new CaptureMemory()
    const [child, parent] = ["agent:helper:subagent:x", "agent:main:telegram:direct:777"]
    const message = { role: "assistant", provider: "p", model: "m", usage: { input: 1, output: 1 } }
    const row = rowOf("transcript")
    const reported = (sessionKey: string) => {
      const [event] = row.map(captured(row, { event: { sessionKey, message }, ctx: {} }, undefined, memory), context)
      const { facts, content } = event ?? assert.fail("no usage")
      // What is erased with the other session must not stand in this one's content.
      assert.doesNotMatch(JSON.stringify(content), /777/)
      return (facts as Picked)["parent"]
    }
    assert.equal(reported(child), undefined)
    memory.parents.note(child, parent)
    assert.equal(reported(child), context.pseudonym(parent))
    assert.equal(reported(parent), undefined)
  })

  test("a run that was stopped has neither success nor an error", () => {
    const ended = (event: object) => factsOf("agent_end", { messages: [], ...event })["aborted"]
    assert.deepEqual(
      [ended({ success: false }), ended({ success: false, error: "x" }), ended({ success: true }), ended({})],
      [true, undefined, undefined, undefined],
    )
  })

  test("what is no id of a run is not called one: an execution of a job, and the request that a row answers", () => {
    const started = { action: "started", jobId: "j1", job: { id: "j1", payload: { kind: "agentTurn", message: "go" } }, runId: "manual-1" }
    const row = (own?: object) => factsOf("before_message_write", { message: { role: "user", content: "go", idempotencyKey: "r1:user", __openclaw: own } })
    const named = ({ run, execution, request }: Readonly<Record<string, unknown>>) => ({ run, execution, request })
    assert.deepEqual(named(factsOf("cron_changed", started)), { run: undefined, execution: "manual-1", request: undefined })
    assert.deepEqual(named(row()), { run: undefined, execution: undefined, request: "r1" })
    assert.deepEqual(named(row({ runId: "r2" })), { run: "r2", execution: undefined, request: "r1" })
  })

  test("an attempt whose model call failed is no success, whatever the host says", () => {
    const asked = { role: "user", content: "go" }
    const ended = (...answers: readonly object[]) => {
      const [event] = made("agent_end", { messages: [asked, ...answers], success: true })
      const { success, errorLength, aborted } = (event?.facts ?? {}) as Record<string, unknown>
      return { success, errorLength, aborted, error: event?.content?.["error"] }
    }
    const failed = { role: "assistant", content: [], stopReason: "error", errorMessage: "503 overloaded" }
    const answered = { role: "assistant", content: [{ type: "text", text: "done" }], stopReason: "stop" }
    assert.deepEqual(ended(failed), { success: false, errorLength: 14, aborted: undefined, error: "503 overloaded" })
    assert.deepEqual(ended({ ...failed, errorMessage: undefined }), { success: false, errorLength: 5, aborted: undefined, error: "error" })
    assert.deepEqual(ended(failed, answered), { success: true, errorLength: undefined, aborted: undefined, error: undefined })
    assert.deepEqual(ended(), { success: true, errorLength: undefined, aborted: undefined, error: undefined })
  })
})

describe("nothing is counted twice", () => {
  test("the usage of a model call is reported by the transcript alone, and by the call's own stream where no transcript tells it", () => {
    for (const { row, payload } of variants) {
      if (row.source === "transcript" || row.hook === "call-told") continue
      for (const event of eventsOf(row, payload)) assert.notEqual(event.type, "usage.reported", row.hook)
    }
    const [written] = made("before_message_write", { message: { role: "assistant", content: [], usage: { input: 5, output: 2, cost: { total: 1 } } } })
    assert.doesNotMatch(JSON.stringify(written), /tokens|nanos/i)
  })

  test("an execution of a job begins once and ends once, however often its run is tried", () => {
    const job = { id: "j1", payload: { kind: "agentTurn", message: "go" } }
    const attempt = [
      made("before_agent_run", { prompt: "go", messages: [] }, { trigger: "cron", jobId: "j1" }),
      made("agent_end", { success: false, error: "429" }, { trigger: "cron" }),
    ]
    const types = [
      made("cron_changed", { action: "started", jobId: "j1", job, runAtMs: 5 }),
      ...[1, 2, 3].flatMap(() => attempt),
      made("cron_changed", { action: "finished", jobId: "j1", job, runAtMs: 5, status: "error" }),
      made("cron_changed", { action: "scheduled", jobId: "j1", job, nextRunAtMs: 9 }),
    ].flatMap((events) => events.map(({ type }) => type))
    assert.deepEqual(
      types.filter((type) => type.startsWith("cron.")),
      ["cron.executed", "cron.failed", "cron.changed"],
    )
  })

  test("the job is told at every door of a run, also where the host names only the session it opened for it", () => {
    const sessionKey = `agent:main:cron:j1:run:${"0".repeat(8)}`
    for (const hook of ["before_agent_run", "agent_end", "before_agent_reply", "agent_turn_prepare"]) {
      const jobs = [{ sessionKey }, { sessionKey, jobId: "j2" }, { sessionKey: "agent:main:cron:j3" }, { sessionKey: "agent:main:main" }, {}]
      assert.deepEqual(
        jobs.map((ctx) => factsOf(hook, { messages: [], success: true }, ctx)["job"]),
        ["j1", "j2", "j3", undefined, undefined],
        hook,
      )
    }
  })

  test("the heartbeat is no job of anybody", () => {
    const job = { id: "j2", payload: { kind: "heartbeat" } }
    const types = ["started", "finished"].flatMap((action) => made("cron_changed", { action, jobId: "j2", job, status: "ok" }).map(({ type }) => type))
    assert.deepEqual(types, ["cron.changed", "cron.changed"])
  })
})

describe("a history", () => {
  const histories = new Set(["messages", "historyMessages", "tools"])
  /** Its last item tells how the attempt ended. */
  const lastItemReaders = new Set(["agent_end"])

  for (const { row, variant, payload } of variants) {
    test(`${row.hook} ${variant}: is counted, and not read`, () => {
      let reads = 0
      const watched = (list: unknown) =>
        Array.isArray(list)
          ? new Proxy(list, {
              get: (target, key, receiver) => {
                const isLast = lastItemReaders.has(row.hook) && key === String(target.length - 1)
                if (key !== "length" && !isLast) reads++
                return Reflect.get(target, key, receiver) as unknown
              },
            })
          : list
      const event = Object.fromEntries(Object.entries(payload.event).map(([key, value]) => [key, histories.has(key) ? watched(value) : value]))
      const picked = row.pick(event as Picked, payload.ctx)
      assert.equal(reads, 0)
      for (const key of histories) assert.ok(!Array.isArray(picked[key]), key)
    })
  }
})
