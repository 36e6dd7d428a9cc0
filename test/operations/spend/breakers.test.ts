/** Breakers before a writer: a loop is cut off at its fourth call, what is cut stays cut after a restart, and each lifts as it says. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { parseBreakers } from "../../../src/ledger/breakers/breaker-rule.ts"
import { budgeted, config, SpendRig } from "./spend-rig.ts"

const params = { command: "date" }

/** One identical call, asked for and ended. Answers whether it ran. */
function call(rig: SpendRig, run: string, n: number, { result = "the same", ...more }: { result?: string; params?: object; tool?: string } = {}): boolean {
  const { tool = "exec", params: asked = params } = more
  const id = `c${n}`
  const { verdict } = rig.tool(run, id, tool, {}, { params: asked })
  if (verdict === "allow") rig.toolEnds(run, id, tool, { params: asked, result: { content: [{ type: "text", text: result }] } })
  return verdict === "allow"
}

const runs = (rig: SpendRig, count: number, run = "r1") => Array.from({ length: count }, (_, n) => call(rig, run, n))

describe("a loop of identical calls", () => {
  test("is cut at the fourth while a budget blocks: neither the tool nor the next model call is let through, and the numbers are on record", (t) => {
    const rig = budgeted(t)
    rig.call("r1", rig.permit(rig.runBegins("r1")))
    assert.deepEqual(runs(rig, 6), [true, true, true, false, false, false])
    const words =
      /this run is in a loop: exec was called 4 times with the same arguments, and its result was the same each time \(breaker identical-calls, threshold 4\)/
    assert.match(rig.tool("r1", "c9", "web_search").words ?? "", words)
    assert.match(rig.wants("r1").words ?? "", words)
    const [tripped, ...more] = rig.recorded("breaker.tripped")
    const { breaker, cut, mode, counted, threshold, run, tool, agent } = tripped?.facts ?? {}
    assert.deepEqual([breaker, cut, mode, counted, threshold, run, tool, agent], ["identical-calls", "run:r1", "block", "4", "4", "r1", "exec", "main"])
    assert.deepEqual(more, [])
    assert.deepEqual(rig.recorded("spend.refused").at(-1)?.facts["breaker"], "identical-calls")
    assert.deepEqual(rig.holds(), [])
  })

  test("is told of, and goes on, while nothing blocks", (t) => {
    const rig = new SpendRig(t)
    assert.deepEqual(
      runs(rig, 121),
      Array.from({ length: 121 }, () => true),
    )
    assert.deepEqual(
      rig.recorded("breaker.tripped").map(({ facts }) => facts["mode"]),
      ["warn"],
    )
  })

  test("of calls that were asked for at once is cut when their results are there", (t) => {
    const rig = budgeted(t)
    for (let n = 0; n < 4; n++) assert.equal(rig.tool("r1", `c${n}`, "exec", {}, { params }).verdict, "allow")
    for (let n = 0; n < 4; n++) rig.toolEnds("r1", `c${n}`, "exec", { params, result: "same" })
    assert.match(rig.wants("r1").words ?? "", /exec was called 4 times/)
    assert.equal(rig.holds().length, 0)
  })

  test("is another one for every run, and none where results differ", (t) => {
    const rig = budgeted(t)
    for (let n = 0; n < 3; n++) for (const run of ["r1", "r2"]) assert.ok(call(rig, run, n))
    for (let n = 0; n < 40; n++) assert.ok(call(rig, "r3", n, { result: `line ${String.fromCharCode(97 + (n % 26))}${n}` }))
    assert.deepEqual(rig.recorded("breaker.tripped"), [])
    assert.equal(call(rig, "r1", 3), false)
    assert.ok(call(rig, "r2", 9, { params: { command: "uptime" } }))
  })

  test("stays cut after a restart, with a snapshot and without, until its run ends or an operator resets it", (t) => {
    const rig = budgeted(t)
    runs(rig, 4)
    for (const snapshot of [false, true]) {
      rig.restart({ snapshot })
      assert.equal(rig.wants("r1").verdict, "deny", `snapshot ${snapshot}`)
    }
    assert.ok("done" in rig.order({ do: "reset-breaker", cut: "run:r1" }))
    assert.equal(rig.wants("r1").verdict, "allow")
    assert.deepEqual(runs(rig, 4), [true, true, true, false])
    rig.pass(1)
    rig.runEnds("r1")
    assert.equal(rig.wants("r1").verdict, "allow")
    assert.equal(rig.recorded("breaker.reset")[0]?.facts["cut"], "run:r1")
  })

  test("goes on being counted where a restart comes between its calls", (t) => {
    const rig = budgeted(t)
    runs(rig, 2)
    rig.restart()
    assert.deepEqual([call(rig, "r1", 7), call(rig, "r1", 8)], [true, false])
  })

  test("leaves no text of the call in facts, and prints that two runs do not share", (t) => {
    const rig = budgeted(t)
    for (const run of ["r1", "r2"]) call(rig, run, 1, { params: { command: "cat secret-plan" }, result: "the plan" })
    const [first, second] = rig.recorded("tool.returned").map(({ facts }) => facts)
    assert.ok(!/secret|plan/.test(JSON.stringify([first, second])))
    for (const name of ["callPrint", "callShape", "resultPrint", "resultShape"]) {
      assert.match(String(first?.[name]), /^[A-Za-z0-9_-]{12}$/)
      assert.notEqual(first?.[name], second?.[name])
    }
  })
})

const nothing = { input: 0, output: 0 }
/** $0.3 each: 100,000 tokens at $3 a million. */
const dear = { input: 100_000, output: 0 }

describe("a session that spends and says nothing", () => {
  const spends = (rig: SpendRig, run: string, count: number) => {
    for (let n = 0; n < count; n++) rig.usage(run, dear)
  }

  test("is cut at two dollars, in every run, until a user writes to it", (t) => {
    const rig = budgeted(t, "1000usd")
    rig.permit(rig.runBegins("r1", undefined, { trigger: "user" }))
    spends(rig, "r1", 6)
    assert.equal(rig.wants("r1").verdict, "allow")
    spends(rig, "r1", 1)
    assert.match(
      rig.wants("r1", { provider: "mock", model: "small" }).words ?? "",
      /this session spent \$2\.10 without a message that anybody could see \(breaker silent-spend, threshold \$2\.00\)/,
    )
    rig.restart({ snapshot: true })
    assert.equal(rig.runBegins("r1", undefined, { trigger: "user" }).verdict, "deny", "another attempt of the run is no new message")
    assert.equal(rig.runBegins("r2", undefined, { trigger: "user" }).verdict, "allow", "a new message is")
    assert.equal(rig.wants("r2").verdict, "allow")
    const [tripped] = rig.recorded("breaker.tripped")
    assert.equal(tripped?.facts["session"], rig.holds()[0]?.spend.session)
    assert.equal(tripped?.facts["unit"], "usd")
  })

  test("counts anew with every answer that leaves, and what is told of no call is none", (t) => {
    const rig = budgeted(t, "1000usd")
    rig.runBegins("r1")
    for (let round = 0; round < 5; round++) {
      spends(rig, "r1", 6)
      rig.tell("message_sent", { session: "agent:main:main", channel: "telegram", message: `m${round}`, success: true, text: "still at it" })
    }
    for (let n = 0; n < 300; n++) rig.usage("r1", nothing)
    assert.deepEqual(rig.recorded("breaker.tripped"), [])
    spends(rig, "r1", 5)
    rig.tell("message_sent", { session: "agent:main:main", channel: "telegram", message: "lost", success: false, text: "not delivered" })
    rig.tell("reply_payload_sending", { run: "r1", session: "agent:main:main", channel: "webchat", part: "tool", length: 9 })
    spends(rig, "r1", 2)
    assert.equal(rig.recorded("breaker.tripped").length, 1)
  })

  test("of people who share it is one session, whoever of them writes", (t) => {
    const rig = budgeted(t, "1000usd")
    rig.runBegins("r1", undefined, { sender: "777" })
    spends(rig, "r1", 6)
    rig.tell("reply_payload_sending", { run: "r1", session: "agent:main:main", sender: "777", channel: "telegram", part: "final", length: 9 })
    spends(rig, "r1", 6)
    assert.deepEqual(rig.recorded("breaker.tripped"), [])
    spends(rig, "r1", 1)
    assert.equal(rig.wants("r1").verdict, "deny")
    rig.tell("message_received", { session: "agent:main:main", sender: "888", channel: "telegram", message: "m2", text: "are you there?" })
    assert.equal(rig.wants("r1").verdict, "allow")
  })
})

describe("heartbeats and jobs", () => {
  const beat = { trigger: "heartbeat" }
  const job = { session: "agent:main:cron:j1:run:x1", job: "j1", trigger: "cron" }
  const spend = (rig: SpendRig, run: string, more: object, count = 7) => {
    rig.runBegins(run, undefined, more)
    rig.tell("llm_output", { run, session: "agent:main:main", provider: "mock", model: "big", answer: ["all is well"] }) // without a word on what kind of run it is
    const { session } = more as { session?: string }
    for (let n = 0; n < count; n++) rig.usage(run, dear, session === undefined ? {} : { session })
  }

  test("that nobody hears of are cut for the rest of the day, each for itself, and not the session they beat in", (t) => {
    const rig = budgeted(t, "1000usd")
    spend(rig, "h1", beat)
    const words = rig.runBegins("h2", undefined, beat).words ?? ""
    assert.match(words, /heartbeats of main spent \$2\.10 today without telling anybody anything \(breaker unattended-spend, threshold \$2\.00\)/)
    assert.equal(rig.runBegins("r1").verdict, "allow", "a user's run in the same session")
    assert.equal(rig.runBegins("j1", undefined, job).verdict, "allow", "a job")
    rig.restart()
    assert.equal(rig.runBegins("h3", undefined, beat).verdict, "deny", "a restart")
    rig.pass(24 * 3_600_000)
    assert.equal(rig.runBegins("h4", undefined, beat).verdict, "allow", "the next day")
  })

  test("that told somebody something are counted anew", (t) => {
    const rig = budgeted(t, "1000usd")
    for (let n = 0; n < 5; n++) {
      spend(rig, `h${n}`, beat, 5)
      rig.tell("reply_payload_sending", { run: `h${n}`, session: "agent:main:main", channel: "telegram", part: "final", length: 9 })
      spend(rig, `j${n}`, job, 5)
      rig.tell("cron_changed", { job: "j1", action: "finished", status: "ok", delivery: "delivered", payloadKind: "agentTurn" })
    }
    assert.deepEqual(rig.recorded("breaker.tripped"), [])
  })

  test("go on when an operator resets them, which is loosening, and a day's count begins at the zone's midnight", (t) => {
    const settings = { ...config, spend: { ...config.spend, breakers: { zone: "Asia/Kolkata", unattendedSpend: "1usd" } } }
    const rig = new SpendRig(t, settings)
    rig.budget("1000usd")
    spend(rig, "j1", job, 3)
    const [tripped] = [...rig.state.breakers.cuts.values()]
    assert.equal(tripped, undefined)
    spend(rig, "j2", job, 1)
    const { untilMs = 0, cut } = [...rig.state.breakers.cuts.values()][0] ?? {}
    assert.deepEqual([cut, new Date(untilMs).toISOString().slice(11, 16)], ["cron:j1", "18:30"])
    rig.order({ do: "set-credential", new: "open sesame" })
    assert.ok("refused" in rig.order({ do: "reset-breaker", cut: "all" }))
    rig.gatewayPids.add(4_242)
    assert.ok("refused" in rig.order({ do: "reset-breaker", cut: "cron:j1" }, { credential: "open sesame", under: [4_242] }))
    assert.ok("done" in rig.order({ do: "reset-breaker", cut: "cron:j1" }, { credential: "open sesame" }))
    assert.equal(rig.runBegins("j3", undefined, job).verdict, "allow")
    assert.ok("refused" in rig.order({ do: "reset-breaker", cut: "cron:j1" }, { credential: "open sesame" }), "nothing is cut off any more")
  })
})

describe("settings", () => {
  const using = (breakers: object) => ({ ...config, spend: { ...config.spend, breakers } })

  test("decide at which call, whether it is cut without a budget, and whether anything is looked at", (t) => {
    const rig = new SpendRig(t, using({ mode: "block", identicalCalls: 6 }))
    assert.equal(rig.spending.doors.hard, true)
    assert.deepEqual(runs(rig, 7), [true, true, true, true, true, false, false])
    rig.use(using({ mode: "off" }))
    assert.equal(rig.spending.doors.hard, false)
    assert.equal(runs(rig, 9, "r2").filter(Boolean).length, 9)
    rig.use(using({ mode: "warn" }))
    rig.budget("1000usd")
    assert.equal(runs(rig, 9, "r3").filter(Boolean).length, 9)
    assert.deepEqual(
      rig.recorded("breaker.tripped").map(({ facts }) => facts["mode"]),
      ["block", "warn"],
    )
    assert.equal(rig.recorded("breaker.set").length, 3)
  })

  test("loosen nothing without the operator's credential, once there is one", (t) => {
    const rig = new SpendRig(t, using({ mode: "block" }))
    rig.order({ do: "set-credential", new: "open sesame" })
    for (const looser of [{ mode: "auto" }, { mode: "block", identicalCalls: 5 }, { mode: "block", silentSpend: 0 }, { mode: "block", zone: "Asia/Tokyo" }])
      rig.use(using(looser))
    assert.equal(rig.state.breakers.rule.mode, "block")
    assert.equal(rig.recorded("change.refused").length, 1, "told once")
    rig.use(using({ mode: "block", identicalCalls: 3 }))
    assert.equal(rig.state.breakers.rule.identicalCalls, 3)
  })

  for (const [name, breakers] of Object.entries({
    mode: { mode: "sometimes" },
    count: { identicalCalls: 2 },
    fraction: { similarCalls: 4.5 },
    money: { silentSpend: "200k tokens" },
    zone: { zone: "Mars/Olympus" },
    "unknown name": { loops: 4 },
  }))
    test(`with a bad ${name} are refused`, () => void assert.throws(() => parseBreakers(breakers), { code: "cli.usage" }))
})
