/** Intake: every line a client hands over is recorded once, whatever is repeated, unknown or broken. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { Fault } from "../../src/base/fault.ts"
import { hookRows } from "../../src/capture/hook-rows.ts"
import { factsOf } from "../../src/journal/reader.ts"
import type { Answer } from "../../src/operations/intake.ts"
import type { ClientConfig } from "../../src/operations/client-config.ts"
import { eventsOf, gapEvent } from "../../src/operations/record.ts"
import { startMs, temporaryLedger, type Ending } from "../ledger-fixture.ts"
import { intakeOf, open, plainly, sender, tool } from "./intake-rig.ts"

const gapLine = (n: number) => ({ n, gap: { reason: "queue full", byType: { llm_input: 2, llm_output: 3 }, fromMs: startMs, toMs: startMs + 9 } })

describe("observed lines", () => {
  test("are acknowledged after they are on disk, once each", (t) => {
    const { intake, drain, types, peer } = intakeOf(t)
    const done: number[] = []
    const one = peer()
    for (const n of [1, 2, 3]) intake.observe(one, tool(n), () => done.push(n))
    assert.deepEqual([done, types()], [[], []])
    drain()
    assert.deepEqual([done, types()], [[1, 2, 3], Array.from({ length: 3 }, () => "tool.invoked")])
  })

  test("that come again are acknowledged again and not recorded again, waiting or committed", (t) => {
    const { intake, drain, types, peer } = intakeOf(t)
    const done: string[] = []
    const one = peer()
    intake.observe(one, tool(1), () => done.push("first"))
    intake.observe(one, tool(1), () => done.push("again, waiting"))
    drain()
    intake.observe(one, tool(1), () => done.push("again, committed"))
    intake.observe(one, tool(2), () => done.push("next"))
    drain()
    assert.deepEqual(done, ["first", "again, waiting", "again, committed", "next"])
    assert.equal(types().length, 2)
  })

  test("that come again to the next writer are known to it by the journal", (t) => {
    const first = intakeOf(t)
    for (const n of [1, 2, 3]) first.intake.observe(first.peer(), tool(n), () => {})
    first.drain()
    first.ledger.close()
    const { intake, drain, types, peer } = intakeOf(t, first.ledger)
    const done: number[] = []
    assert.deepEqual([intake.markOf(sender), intake.markOf("ffffffffffffffff")], [3, 0])
    for (const n of [2, 3, 4]) intake.observe(peer(), tool(n), () => done.push(n))
    drain()
    assert.deepEqual([done, types().length], [[2, 3, 4], 4])
  })

  test("that were never committed are taken by the next writer", (t) => {
    const first = intakeOf(t)
    first.intake.observe(first.peer(), tool(1), () => assert.fail("acknowledged and lost"))
    first.ledger.close()
    const { intake, drain, types, peer } = intakeOf(t, first.ledger)
    let done = false
    intake.observe(peer(), tool(1), () => (done = true))
    drain()
    assert.deepEqual([done, types()], [true, ["tool.invoked"]])
  })

  test("of two senders are numbered apart", (t) => {
    const { intake, drain, types, peer } = intakeOf(t)
    intake.observe(peer(), tool(1), () => {})
    intake.observe(peer(undefined, "1111111111111111"), tool(1), () => {})
    drain()
    assert.equal(types().length, 2)
  })

  test("gaps are entries with their counts", (t) => {
    const { intake, drain, recorded, peer } = intakeOf(t)
    intake.observe(peer(), gapLine(1), () => {})
    drain()
    const [gap] = recorded()
    assert.equal(gap?.type, "capture.gap")
    assert.deepEqual([gap.facts["count"], gap.facts["reason"], gap.facts["byType"]], [5, "queue full", { llm_input: 2, llm_output: 3 }])
  })

  test("of a hook nobody knows become a gap", (t) => {
    const { intake, drain, recorded, peer } = intakeOf(t)
    intake.observe(peer(), { n: 1, h: "moon_landed", t: startMs, p: {} }, () => {})
    drain()
    const [gap] = recorded()
    assert.deepEqual([gap?.type, gap?.facts["reason"], gap?.facts["count"], gap?.facts["byType"]], ["capture.gap", "unknown hook", 1, { moon_landed: 1 }])
  })

  test("that were cut say so, with the hash of what was kept", (t) => {
    const { intake, drain, recorded, peer } = intakeOf(t)
    intake.observe(peer(), { ...tool(1), cutFromBytes: 100_000 }, () => {})
    drain()
    assert.equal(recorded()[0]?.facts["cutFromBytes"], 100_000)
    assert.equal(recorded()[0]?.facts["keptSha256"], undefined)
  })

  test("with nothing in them, or something else in every field, are recorded as something", (t) => {
    const { intake, drain, types, peer, failures } = intakeOf(t)
    const one = peer()
    let n = 0
    for (const { hook } of hookRows) {
      for (const p of [{}, { event: null, ctx: 7 }, { toolName: 7, params: "x", messages: {}, usage: [], sessionKey: {} }]) {
        intake.observe(one, { n: ++n, h: hook, t: startMs, p }, () => {})
      }
    }
    drain()
    assert.deepEqual(failures, [])
    assert.ok(types().length >= hookRows.length)
  })
})

describe("a mapper that throws", () => {
  const context = { pseudonym: (text: string) => text, judgeTool: () => ({ guarded: false, verdict: "allow" as const }) }

  test("becomes a gap that names the hook and not the payload", () => {
    const picked = new Proxy(
      {},
      {
        get: () => {
          throw new RangeError("secret of the payload")
        },
        ownKeys: () => {
          throw new RangeError("secret")
        },
      },
    )
    for (const { hook } of hookRows) {
      const events = eventsOf({ hook, atMs: startMs, picked }, context)
      if (events[0]?.type !== "capture.gap") continue
      assert.deepEqual(events[0].facts.byType, { [hook]: 1 })
      assert.equal(events[0].facts.reason, "mapper failed: RangeError")
      assert.doesNotMatch(JSON.stringify(events), /secret/)
    }
    assert.equal(eventsOf({ hook: "before_tool_call", atMs: 1, picked }, context)[0]?.type, "capture.gap")
  })

  test("counts add up, and no counts are none", () => {
    assert.equal(gapEvent({ reason: "r", byType: { a: 2, b: 40 }, fromMs: 1, toMs: 2 }).facts["count" as never], 42)
    assert.equal(gapEvent({ reason: "r", byType: {}, fromMs: 1, toMs: 2 }).facts["count" as never], 0)
  })
})

describe("gates", () => {
  function gateOf(config: ClientConfig, t: Ending) {
    const rig = intakeOf(t)
    const one = rig.peer(config)
    rig.intake.join(one)
    const ask = (line: ReturnType<typeof tool>): { answer?: Answer } => {
      const got: { answer?: Answer } = {}
      rig.intake.gate(one, line, (answer) => (got.answer = answer))
      return got
    }
    return { ...rig, ask, one }
  }

  test("are answered after the commit, with the sequence of their record", (t) => {
    const { ask, drain, ledger, recorded } = gateOf(open, t)
    const got = ask(tool(1))
    assert.equal(Object.keys(got).length, 0)
    drain()
    assert.deepEqual([got.answer?.verdict, got.answer?.rule], ["allow", "guard.tools exec"])
    const entry = ledger.read().reader.entry(got.answer?.sequence ?? -1)
    assert.equal(entry?.header.type, "tool.invoked")
    assert.deepEqual([recorded().length, entry && factsOf(entry)["guarded"]], [2, true])
  })

  test("on the deny list are refused with words, and on record", (t) => {
    const { ask, drain, recorded } = gateOf({ ...open, guard: { tools: [], deny: ["ex*"] } }, t)
    const got = ask(tool(1))
    drain()
    assert.equal(got.answer?.verdict, "deny")
    assert.match(got.answer.words ?? "", /guard\.deny ex\*/)
    const invoked = recorded().find(({ type }) => type === "tool.invoked")
    assert.deepEqual([invoked?.facts["verdict"], invoked?.facts["rule"]], ["deny", "guard.deny ex*"])
  })

  test("that cannot be read are refused, and leave a trace", (t) => {
    const { ask, drain, types } = gateOf(open, t)
    const got = ask({ ...tool(1), h: "moon_landed" })
    drain()
    assert.equal(got.answer?.verdict, "deny")
    assert.ok(types().includes("capture.gap"))
  })

  test("the settings that decide are on record before what they decided", (t) => {
    const { ask, intake, drain, types, peer } = gateOf(open, t)
    ask(tool(1))
    drain()
    assert.deepEqual(types(), ["config.loaded", "tool.invoked"])
    for (let n = 1; n <= 300; n++) intake.observe(peer(undefined, "2222222222222222"), tool(n), () => {})
    const changed = peer({ guard: { tools: ["exec"], deny: ["write"] }, userId: null, hashed: plainly }, "3333333333333333")
    intake.join(changed)
    intake.gate(changed, tool(1, "write"), () => {})
    drain()
    assert.deepEqual(types().slice(2, 4), ["config.loaded", "tool.invoked"])
  })

  test("that come again are answered again with the same verdict, and not recorded again", (t) => {
    const { ask, drain, types } = gateOf({ ...open, guard: { tools: [], deny: ["exec"] } }, t)
    const answers = [ask(tool(1)), ask(tool(1))]
    drain()
    answers.push(ask(tool(1)))
    drain()
    assert.deepEqual(
      answers.map(({ answer }) => answer?.verdict),
      ["deny", "deny", "deny"],
    )
    assert.equal(types().filter((type) => type === "tool.invoked").length, 1)
  })

  test("a disk that refuses answers nobody", (t) => {
    const ledger = temporaryLedger(t)
    ledger.open(() => {
      throw Object.assign(new Error("disk full"), { code: "SQLITE_FULL" })
    })
    const { intake, drain, peer, failures } = intakeOf(t, ledger)
    intake.gate(peer(), tool(1), () => assert.fail("answered"))
    intake.observe(peer(), tool(2), () => assert.fail("acknowledged"))
    drain()
    assert.ok(failures[0] instanceof Fault && failures[0].code === "store.write-failed")
  })
})
