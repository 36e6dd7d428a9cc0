/** The life of a run in the ledger: what is held before each call, what it comes to, and what becomes of both when callbacks fail to come or come twice. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { boundOfBig, budgeted, cost, usage } from "./spend-rig.ts"

describe("a run", () => {
  test("holds its first call in the commit of its beginning, begins it, and settles what it came to, to the nano", (t) => {
    const rig = budgeted(t)
    const before = rig.recorded().length
    const permit = rig.permit(rig.runBegins("r1"))
    assert.deepEqual(
      rig
        .recorded()
        .slice(before)
        .map(({ type }) => type),
      ["run.started", "hold.placed"],
    )
    assert.deepEqual([rig.held(), rig.spent(), rig.holds()[0]?.consumedAtMs], [boundOfBig, 0n, undefined])
    rig.pass(10)
    rig.callBegins("r1", permit)
    assert.equal(rig.holds()[0]?.consumedAtMs, rig.atMs)
    rig.callEnds("r1", permit)
    assert.equal(rig.held(), boundOfBig, "an answer waits for its usage")
    rig.usage("r1", { input: 1_001, output: 101, cacheRead: 7, cacheWrite: 9 })
    // 1,001 x 3,000 + 101 x 15,000 + 7 x 3,000 + 9 x 3,750 nano-dollars, a cache read at the input's rate and a write at five quarters of it.
    assert.deepEqual([rig.held(), rig.spent()], [0n, 1_001n * 3_000n + 101n * 15_000n + 7n * 3_000n + 9n * 3_750n])
    const settled = rig.recorded("hold.settled")[0] ?? assert.fail()
    assert.deepEqual([settled.facts["grade"], (settled.facts["basis"] as Record<string, unknown>)["inputTokens"]], ["exact", 1_001])
    const { amounts } = (settled.facts["movements"] as { amounts: Record<string, string> }[])[0] ?? assert.fail()
    assert.deepEqual([amounts["wallMs"], amounts["calls"], amounts["tokens"]], ["1500", "1", "1118"])
  })

  test("is retried: what failed costs nothing, the next attempt has a permit of its own, and the end of the first leaves that alone", (t) => {
    const rig = budgeted(t)
    const first = rig.permit(rig.runBegins("r1"))
    rig.pass(5)
    rig.callBegins("r1", first)
    rig.callFails("r1", first)
    assert.deepEqual([rig.held(), rig.spent()], [0n, 0n])
    rig.pass(5)
    const endedAt = rig.atMs
    rig.pass(900)
    const second = rig.permit(rig.runBegins("r1"))
    assert.notEqual(second.hold, first.hold)
    // The end of the first attempt is told late, with the time it had.
    const at = rig.atMs
    rig.atMs = endedAt
    rig.runEnds("r1")
    rig.atMs = at
    assert.equal(rig.held(), boundOfBig, "the second attempt's hold stands")
    rig.callBegins("r1", second)
    rig.callEnds("r1", second)
    rig.usage("r1", usage)
    rig.pass(1)
    rig.runEnds("r1")
    assert.deepEqual([rig.held(), rig.spent(), rig.holds()], [0n, cost, []])
  })

  test("ends without its next call: that is free again at once", (t) => {
    const rig = budgeted(t)
    rig.call("r1", rig.permit(rig.runBegins("r1")))
    rig.wants("r1")
    assert.equal(rig.held(), boundOfBig)
    rig.pass(1)
    rig.runEnds("r1")
    assert.deepEqual([rig.held(), rig.spent(), rig.recorded("hold.released").length], [0n, cost, 1])
  })

  test("is cut off with its gateway between the permit and the word that its call began: that is posted in full, and what others hold is not", (t) => {
    const rig = budgeted(t)
    const permit = rig.permit(rig.runBegins("r1"))
    const other = { sender: "99112233445566a0" }
    rig.intake.commit(() => rig.spending.departed(other))
    rig.drain()
    rig.pass(5_001)
    assert.deepEqual([rig.held(), rig.spent()], [boundOfBig, 0n], "another process is gone")
    rig.intake.commit(() => rig.spending.departed({ sender: "00112233445566a0" }))
    rig.drain()
    rig.pass(5_001)
    assert.deepEqual([rig.holds(), rig.held(), rig.spent()], [[], 0n, boundOfBig])
    rig.callBegins("r1", permit)
    rig.usage("r1", usage)
    assert.equal(rig.spent(), cost, "what it came to was found out after all")
  })

  test("is cut off with the writer and every gateway: what was permitted before that is posted in full", (t) => {
    const rig = budgeted(t)
    rig.permit(rig.runBegins("r1"))
    rig.restart()
    rig.pass(2_000)
    rig.permit(rig.runBegins("r2"))
    rig.intake.commit(() => rig.spending.departed("everybody of before"))
    rig.drain()
    rig.pass(5_001)
    assert.deepEqual([rig.held(), rig.spent()], [boundOfBig, boundOfBig])
    rig.pass(1)
    rig.runEnds("r2")
  })

  test("begins again without end or failure: nothing of the first attempt is left when time has passed, and none of it is free", (t) => {
    const rig = budgeted(t)
    rig.callBegins("r1", rig.permit(rig.runBegins("r1")))
    rig.call("r1", rig.permit(rig.runBegins("r1"))) // its usage is taken for the first call's
    rig.pass(31 * 60_000)
    assert.deepEqual([rig.holds(), rig.spent()], [[], cost + boundOfBig])
  })

  test("is aborted before its request left: nothing is spent; half-way, it is posted in full", (t) => {
    const rig = budgeted(t)
    const first = rig.permit(rig.runBegins("r1"))
    rig.callBegins("r1", first)
    rig.callEnds("r1", first, { outcome: "error", error: "aborted", requestBytes: undefined, responseBytes: undefined })
    assert.deepEqual([rig.held(), rig.spent()], [0n, 0n])
    const second = rig.permit(rig.runBegins("r2"))
    rig.callBegins("r2", second)
    rig.callEnds("r2", second, { outcome: "error", error: "aborted", requestBytes: 9_000, responseBytes: 300 })
    rig.pass(1)
    rig.runEnds("r2")
    rig.pass(6_000)
    assert.deepEqual([rig.held(), rig.spent()], [0n, boundOfBig])
  })

  test("breaks off in the middle of a long answer: posted in full, as no usage comes", (t) => {
    const rig = budgeted(t)
    const permit = rig.permit(rig.runBegins("r1"))
    rig.callBegins("r1", permit)
    rig.callFails("r1", permit, { responseBytes: 2_001 })
    rig.pass(1)
    rig.runEnds("r1")
    rig.pass(4_999)
    assert.deepEqual([rig.held(), rig.spent()], [boundOfBig, 0n], "a last word may still come")
    rig.pass(1)
    assert.deepEqual([rig.held(), rig.spent()], [0n, boundOfBig])
  })

  test("is stopped where its call begins: what it held is free", (t) => {
    const rig = budgeted(t)
    const permit = rig.permit(rig.runBegins("r1"))
    rig.tell("call-stopped", { run: "r1", hold: permit.hold, holdAttempt: permit.attempt, why: "frozen", stopped: true })
    assert.deepEqual([rig.held(), rig.spent()], [0n, 0n])
  })

  test("compacts: its usage is never told, so its bound is posted a moment after its end", (t) => {
    const rig = budgeted(t)
    const run = "1c3f0ad4-06f7-4d52-8a4e-1b9b3c7f2a11:compaction:cmp-a"
    const permit = rig.permit(rig.ask("call-wanted", { session: "agent:main:main", agent: "main", provider: "mock", model: "big", compaction: true }).answer())
    rig.callBegins(run, permit)
    rig.callEnds(run, permit)
    assert.equal(rig.held(), boundOfBig)
    rig.pass(5_000)
    assert.deepEqual([rig.held(), rig.spent(), rig.recorded("hold.settled")[0]?.facts["grade"]], [0n, boundOfBig, "bound"])
  })
})

describe("callbacks", () => {
  test("that come twice change nothing", (t) => {
    const rig = budgeted(t)
    const permit = rig.permit(rig.runBegins("r1"))
    for (let time = 0; time < 2; time++) rig.callBegins("r1", permit)
    for (let time = 0; time < 2; time++) rig.callEnds("r1", permit)
    rig.usage("r1", usage)
    rig.callEnds("r1", permit)
    rig.callFails("r1", permit)
    for (let time = 0; time < 2; time++) rig.runEnds("r1")
    assert.deepEqual([rig.spent(), rig.held(), rig.recorded("hold.consumed").length], [cost, 0n, 1])
  })

  test("that never come: usage alone is counted, and the hold is free at the run's end", (t) => {
    const rig = budgeted(t)
    rig.runBegins("r1")
    rig.usage("r1", usage)
    rig.pass(1)
    rig.runEnds("r1")
    assert.deepEqual([rig.spent(), rig.held()], [cost, 0n])
  })

  test("with a hold of somebody else's, or of no shape, change nothing", (t) => {
    const rig = budgeted(t)
    const permit = rig.permit(rig.runBegins("r1"))
    for (const hold of ["", "model:ffffffffffffffff-1", 7, {}]) rig.tell("model_call_started", { run: "r1", hold, holdAttempt: 1 })
    rig.tell("model_call_ended", { run: "r1", hold: permit.hold, holdAttempt: 2, outcome: "error" })
    rig.tell("model_call_ended", { run: "r1", hold: permit.hold, outcome: "error" })
    assert.deepEqual([rig.held(), rig.holds()[0]?.consumedAtMs], [boundOfBig, undefined])
  })
})
