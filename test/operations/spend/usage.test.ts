/** Reports of usage: each is counted once, on the hold it is of or without one, early, late, by halves, or after a restart of the writer. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { boundOfBig, budgeted, config, cost, usage } from "./spend-rig.ts"

describe("usage", () => {
  test("that is told twice counts once, on a hold and without one, also after a restart", (t) => {
    const rig = budgeted(t)
    rig.call("r1", rig.permit(rig.runBegins("r1")))
    rig.wants("r1")
    rig.callBegins("r1", rig.holds()[0] && { hold: rig.holds()[0]?.id ?? "", attempt: 1 })
    rig.usage("r1", usage, {}, { again: true })
    rig.tell("transcript", {
      run: "r1",
      sessionId: "0d6bd0b5-46c1-4c5a-9f6e-6f2a4a3c1b11",
      message: "m1",
      role: "assistant",
      usage,
      provider: "mock",
      model: "big",
    })
    assert.deepEqual([rig.spent(), rig.held()], [cost, boundOfBig])
    rig.restart()
    rig.tell("transcript", {
      run: "r1",
      sessionId: "0d6bd0b5-46c1-4c5a-9f6e-6f2a4a3c1b11",
      message: "m1",
      role: "assistant",
      usage,
      provider: "mock",
      model: "big",
    })
    assert.deepEqual([rig.spent(), rig.held()], [cost, boundOfBig])
  })

  test("of an answer of ours is none, and touches no hold", (t) => {
    const rig = budgeted(t)
    rig.callBegins("r1", rig.permit(rig.runBegins("r1")))
    rig.usage("r1", { input: 0, output: 0 }, { ours: true })
    assert.deepEqual([rig.spent(), rig.held(), rig.recorded("usage.reported")[0]?.facts["ours"]], [0n, boundOfBig, true])
  })

  test("of a compaction is told by its stream, and settles its hold with what it came to", (t) => {
    const rig = budgeted(t)
    const run = "1c3f0ad4-06f7-4d52-8a4e-1b9b3c7f2a11:compaction:cmp-a"
    const permit = rig.permit(rig.wants(run, undefined, { knownBytes: 1_000, whole: true }))
    rig.callBegins(run, permit)
    rig.callEnds(run, permit)
    rig.tell("call-told", { run, session: "agent:main:main", provider: "mock", model: "big", call: `${run}:model:1`, stopReason: "stop", usage })
    rig.pass(6_000)
    assert.deepEqual([rig.spent(), rig.held(), rig.recorded("hold.settled").map(({ facts }) => facts["grade"])], [cost, 0n, ["exact"]])
  })

  test("of a call nobody held is counted, at today's price, whatever is left", (t) => {
    const rig = budgeted(t, "0.001usd")
    rig.usage("r9", usage)
    assert.deepEqual([rig.spent(), rig.recorded("transfer.posted")[0]?.facts["kind"]], [cost, "spend"])
    rig.usage("r9", { ...usage, cost: { total: 0.25 } }, { model: "unheard-of" })
    assert.equal(rig.spent(), cost + 250_000_000n, "what the host says, where nobody has a price")
  })

  for (const snapshot of [undefined, false, true] as const)
    test(`that comes after all corrects what was posted in full${snapshot === undefined ? "" : `, by the next writer too, ${snapshot ? "with" : "without"} a snapshot`}`, (t) => {
      const rig = budgeted(t)
      const permit = rig.permit(rig.runBegins("r1"))
      rig.callBegins("r1", permit)
      rig.callEnds("r1", permit)
      rig.pass(1)
      rig.runEnds("r1")
      rig.pass(5_000)
      assert.equal(rig.spent(), boundOfBig)
      if (snapshot !== undefined) rig.restart({ snapshot })
      rig.usage("r1", usage)
      assert.deepEqual([rig.spent(), rig.held()], [cost, 0n])
      assert.deepEqual(rig.recorded("transfer.posted")[0]?.facts["corrects"], permit.hold)
      rig.usage("r1", usage, {}, { again: true })
      if (snapshot !== undefined) rig.restart({ snapshot })
      rig.usage("r1", usage)
      assert.equal(rig.spent(), 2n * cost, "the next report is another call's")
    })

  test("that comes after a hold's time was over corrects it", (t) => {
    const rig = budgeted(t)
    rig.callBegins("r1", rig.permit(rig.runBegins("r1")))
    rig.pass(30 * 60_000)
    assert.equal(rig.spent(), boundOfBig)
    rig.usage("r1", usage)
    assert.equal(rig.spent(), cost)
  })

  test("that comes late and is above what was posted in full is posted too", (t) => {
    const rig = budgeted(t)
    const permit = rig.permit(rig.runBegins("r1"))
    rig.callBegins("r1", permit)
    rig.pass(1)
    rig.runEnds("r1")
    rig.pass(5_000)
    rig.usage("r1", { input: 200_000, output: 1_000 })
    assert.equal(rig.spent(), 200_000n * 3_000n + 1_000n * 15_000n)
  })

  test("above its hold is posted in full and stands everything still", (t) => {
    const rig = budgeted(t)
    const permit = rig.permit(rig.runBegins("r1"))
    rig.callBegins("r1", permit)
    rig.usage("r1", { input: 200_000, output: 10_000 })
    assert.equal(rig.spent(), 750_000_000n)
    const refused = rig.runBegins("r2")
    assert.deepEqual([refused.verdict, /frozen \(settled above its hold\)/.test(refused.words ?? "")], ["deny", true])
  })

  test("of zeros is no word: the call is posted in full at once, and the next call's usage is its own", (t) => {
    const rig = budgeted(t)
    rig.call("r1", rig.permit(rig.runBegins("r1")), { input: 0, output: 0 })
    assert.deepEqual([rig.spent(), rig.held()], [boundOfBig, 0n])
    rig.call("r1")
    rig.usage("r1", usage)
    assert.equal(rig.spent(), boundOfBig + 2n * cost, "also that of a call nobody held")
  })

  test("of zeros in the place of an answer that failed charges nothing", (t) => {
    const rig = budgeted(t)
    const permit = rig.permit(rig.runBegins("r1"))
    rig.callBegins("r1", permit)
    rig.callFails("r1", permit)
    const next = rig.permit(rig.runBegins("r1"))
    rig.callBegins("r1", next)
    rig.usage("r1", { input: 0, output: 0 }, { stopReason: "error" })
    assert.deepEqual([rig.spent(), rig.held()], [0n, boundOfBig])
    rig.usage("r1", usage)
    assert.deepEqual([rig.spent(), rig.held()], [cost, 0n])
  })

  test("that does not count the answer is no whole word: posted in full", (t) => {
    const rig = budgeted(t)
    rig.call("r1", rig.permit(rig.runBegins("r1")), { input: 1_000, output: undefined })
    assert.deepEqual([rig.spent(), rig.held()], [boundOfBig, 0n])
  })

  test("of a cache that was written for an hour is posted at the rate of an hour, the rest at that of five minutes", (t) => {
    const rig = budgeted(t)
    rig.call("r1", rig.permit(rig.runBegins("r1")), { ...usage, cacheWrite: 1_000, cacheWrite1h: 400 })
    assert.equal(rig.spent(), cost + 600n * 3_750n + 400n * 6_000n)
    const { facts } = rig.recorded("hold.settled").at(-1) ?? assert.fail()
    const { cacheWriteTokens, cacheWrite1hTokens } = facts["basis"] as Record<string, number>
    assert.deepEqual([cacheWriteTokens, cacheWrite1hTokens], [1_000, 400])
    rig.call("r1", undefined, { ...usage, cacheWrite1h: 400 })
    assert.equal(rig.spent(), 2n * cost + 600n * 3_750n + 800n * 6_000n, "a part that is larger than its whole counts")
  })

  test("of caches for an hour is within its hold, where the host's configuration asks for them", (t) => {
    const rig = budgeted(t)
    rig.use({ ...config, spend: { ...config.spend, longCaches: true } })
    const permit = rig.permit(rig.runBegins("r1"))
    assert.equal(rig.held(), 100_000n * 6_000n + 10_000n * 15_000n)
    rig.callBegins("r1", permit)
    rig.usage("r1", { input: 0, output: 10_000, cacheWrite: 100_000, cacheWrite1h: 100_000 })
    assert.deepEqual([rig.spent(), rig.runBegins("r2").verdict], [750_000_000n, "allow"])
  })

  test("of another model than the oldest call's settles the call it is of, at that model's price", (t) => {
    const rig = budgeted(t)
    const first = rig.permit(rig.runBegins("r1"))
    rig.callBegins("r1", first)
    const small = { provider: "mock", model: "small" }
    const second = rig.permit(rig.runBegins("r1", small))
    rig.callBegins("r1", second, small)
    rig.usage("r1", usage, small)
    assert.deepEqual([rig.spent(), rig.held()], [100_000n + 40_000n, boundOfBig])
  })
})
