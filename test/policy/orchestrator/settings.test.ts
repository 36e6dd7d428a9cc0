/** What an operator may write of delegation, what is put into a call, and what sessions are told. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { isFrontKey, labelOf, parseOrchestrator, type OrchestratorRule } from "../../../src/policy/orchestrator/orchestrator-rule.ts"
import { orchestratorSetting } from "../../../src/policy/orchestrator/orchestrator-setting.ts"
import { childIn, fillSpawn, isAccepted, targetIn, type SpawnAsked } from "../../../src/policy/orchestrator/parameters.ts"
import { routerTools } from "../../../src/policy/orchestrator/router-tools.ts"
import { frontPrompt, preview, retryText, workerHint } from "../../../src/policy/orchestrator/texts.ts"

const rule = (settings: object = {}) => parseOrchestrator({ enabled: true, ...settings }) as OrchestratorRule

describe("the setting", () => {
  test("is off unless it is switched on", () => {
    for (const [written, isOn] of [
      [undefined, false],
      [null, false],
      [false, false],
      [{}, false],
      [{ enforceMainDelegation: true }, false],
      [{ enabled: false }, false],
      [true, true],
      [{ enabled: true }, true],
    ] as const)
      assert.equal(orchestratorSetting({ written }) !== undefined, isOn, JSON.stringify(written))
  })

  test("has bounds, and says what it left out or put into them", () => {
    for (const [given, kept] of [
      [0, 1],
      [3, 3],
      [6, 5],
    ] as const) {
      const { maxRetriesPerTask, warnings } = rule({ maxRetriesPerTask: given })
      assert.deepEqual([maxRetriesPerTask, warnings.length], [kept, given === kept ? 0 : 1])
    }
    const { mainTools, orchestratorTools, warnings } = rule({ allowedMainTools: ["agents_list", "exec", "mcp__x"], allowedOrchestratorTools: ["read"] })
    assert.deepEqual([...mainTools], [...routerTools, "agents_list"])
    assert.deepEqual([...orchestratorTools], routerTools)
    assert.deepEqual([warnings.length, /exec, mcp__x/.test(warnings.join())], [2, true])
  })

  test("is refused where it cannot be read", () => {
    for (const written of [
      "yes",
      [],
      7,
      { enabld: true },
      { enabled: "yes" },
      { maxRetriesPerTask: "2" },
      { threadBinding: "sometimes" },
      { frontSessions: [""] },
    ])
      assert.throws(() => parseOrchestrator(written), { code: "config.invalid" }, JSON.stringify(written))
  })
})

test("front sessions: those that people talk to, and others where they are named", () => {
  const named = { fronts: rule({ frontSessions: ["agent:*:cron:daily*"] }).fronts }
  for (const [key, trigger, isFront] of [
    ["agent:main:main", undefined, true],
    ["agent:main:telegram:group:-7", "user", true],
    ["agent:main:subagent:1", undefined, false],
    ["agent:main:main:subagent:1", undefined, false],
    ["agent:main:cron:nightly", undefined, false],
    ["agent:main:cron:daily:run:1", undefined, true],
    ["agent:main:hook:1", undefined, false],
    ["agent:main:main:heartbeat", undefined, false],
    ["agent:main:main", "heartbeat", false],
    ["agent:main:main", "cron", false],
    ["main", undefined, false],
    ["global", undefined, false],
  ] as const)
    assert.equal(isFrontKey(key, named, trigger), isFront, `${key} ${trigger}`)
})

const asked = (more: Partial<SpawnAsked> = {}): SpawnAsked => ({
  place: "front",
  key: "agent:main:main",
  channel: undefined,
  params: { task: "Do it" },
  rule: rule(),
  contract: "CONTRACT ",
  delegated: "delegated before",
  lastMessage: "what the user said",
  ...more,
})

describe("parameters of a start", () => {
  test("a front session's is labelled, hidden, and has the contract before its task", () => {
    const { fill, filled, task, label } = fillSpawn(asked())
    assert.equal(label, "thread-orchestrator-9e52a9e69d".replace(/[0-9a-f]{10}$/, label?.slice(-10) ?? ""))
    assert.match(label ?? "", /^thread-orchestrator-[0-9a-f]{10}$/)
    assert.deepEqual([fill?.set["label"], fill?.set["mode"], fill?.before, fill?.set["thread"]], [label, "run", "CONTRACT ", undefined])
    assert.deepEqual([filled, task], [["task", "label", "mode"], "Do it"])
    const open = fillSpawn(asked({ params: { task: "x", visible: true, cleanup: "delete", thread: true, runtime: "acp", label: "My Own: Label!" } })).fill?.set
    assert.deepEqual(open, { label: "my-own-label", mode: "run", thread: false, visible: false, cleanup: "keep", runtime: "subagent" })
  })

  test("a thread is bound where that is wanted", () => {
    for (const [threadBinding, channel, thread] of [
      ["never", "discord", undefined],
      ["always", undefined, true],
      ["always", "telegram", true],
      ["auto", "discord", true],
      ["auto", "matrix", true],
      ["auto", "telegram", undefined],
      ["auto", undefined, undefined],
    ] as const)
      assert.equal(fillSpawn(asked({ rule: rule({ threadBinding }), channel })).fill?.set["thread"], thread, `${threadBinding} on ${channel}`)
  })

  test("a missing task is what was delegated last, then what the user said last, then a sentence", () => {
    const none = { params: { task: "  " } }
    const known = { ...none, delegated: undefined }
    for (const [place, more, task] of [
      ["front", none, "what the user said"],
      ["front", { ...none, lastMessage: undefined }, "Be this session's orchestrator, and go on with what the user wants."],
      ["orchestrator", none, "delegated before"],
      ["orchestrator", known, "what the user said"],
      ["orchestrator", { ...known, lastMessage: undefined }, "Hand the goal of this conversation to a worker, and report what it found."],
      ["other", none, "what the user said"],
    ] as const)
      assert.equal(fillSpawn(asked({ place, ...more })).task, task, place)
  })

  test("a worker's that has its task stays as it is", () => {
    for (const place of ["orchestrator", "other"] as const) assert.deepEqual(fillSpawn(asked({ place })).fill, undefined)
    assert.equal(fillSpawn(asked({ place: "other", params: {}, lastMessage: undefined })).fill, undefined)
  })
})

test("labels: small letters, digits, dots, dashes", () => {
  for (const [given, label] of [
    ["My Label", "my-label"],
    ["a/b\\c:d", "abcd"],
    ["x".repeat(80), "x".repeat(64)],
    ["--", undefined],
    ["  ", undefined],
    [7, undefined],
  ] as const)
    assert.equal(labelOf(given), label)
})

test("whom a call is for", () => {
  assert.deepEqual(targetIn({ sessionKey: " agent:x " }), { key: "agent:x" })
  assert.deepEqual(targetIn({ label: "w" }), { labelled: true })
  assert.deepEqual(targetIn({ sessionKey: "", message: "hello" }), {})
})

test("a result that was taken, and the session in it down to four levels", () => {
  const key = "agent:main:subagent:1"
  for (const [result, isError, accepted] of [
    [{ status: "accepted" }, true, true],
    [{ details: { status: "OK" } }, false, true],
    [{ details: { status: "success" } }, false, true],
    [{ details: { status: "forbidden", childSessionKey: key } }, false, false],
    [{ details: { status: "error" } }, false, false],
    [{ details: {} }, false, true],
    [undefined, true, false],
  ] as const)
    assert.equal(isAccepted(result, isError), accepted, JSON.stringify(result))
  assert.deepEqual(childIn({ details: { childSessionKey: key, runId: "r" } }), { key, run: "r" })
  assert.equal(childIn({ a: { b: { c: { childSessionKey: key } } } })?.key, key)
  assert.equal(childIn({ a: { b: { c: { d: { childSessionKey: key } } } } }), undefined)
  assert.equal(childIn({ childSessionKey: "agent:main:main" }), undefined)
})

describe("words", () => {
  test("a snapshot has one line a worker, cut at 180 characters", () => {
    const worker = { status: "running", key: "agent:x", label: undefined, task: `a\n${"b".repeat(300)}` }
    const prompt = frontPrompt({ text: "at most {maxRetries}", maxRetries: 3, orchestrator: "agent:o", workers: [worker] })
    assert.match(prompt, /^<orchestrator-mode>\nat most 3\n[^]*"agent:o"[^]*\n- running agent:x no-label: a b{177}…\n<\/orchestrator-mode>$/)
    assert.equal(preview("b".repeat(181), 180).length, 180)
    assert.equal(preview("b".repeat(180), 180), "b".repeat(180))
  })

  test("a retry has one name a line, and no value ends it", () => {
    const text = retryText({
      ...{ failedChildSession: "agent:w", outcome: "error", attempt: 1, most: 2, task: "one\ntwo</orchestrator-retry>three", label: "w" },
      ...{ agentId: undefined, model: undefined, thinking: undefined, mode: "run", thread: undefined },
    })
    assert.deepEqual(text.split("\n"), [
      ...["<orchestrator-retry>", "failedChildSession: agent:w", "outcome: error", "attempt: 1/2"],
      "action: start it again now with sessions_spawn, with this task and these parameters",
      ...["task: one\\ntwo<\\/orchestrator-retry>three", "label: w", "mode: run", "</orchestrator-retry>"],
    ])
  })

  test("a hint names the tool and shows what it was called with", () => {
    const { label, task } = workerHint("exec", { command: "x".repeat(400) })
    assert.deepEqual([label, /^Use exec with \{"command":"x{240,}…, and report/.test(task)], ["worker-exec", true])
  })
})
