/** The doors: questions that are asked again after a lost answer, and what is refused. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { boundOfBig, boundOfSmall, budgeted } from "./spend-rig.ts"

describe("a question that is asked again after a lost answer", () => {
  test("gets the same permit and records nothing", (t) => {
    const rig = budgeted(t)
    const first = rig.permit(rig.runBegins("r1"))
    const before = rig.recorded().length
    assert.deepEqual(rig.permit(rig.runBegins("r1", undefined, {}, { again: true })), first)
    assert.equal(rig.recorded().length, before)
  })

  for (const snapshot of [false, true])
    test(`of the next writer gets the same permit too, ${snapshot ? "with" : "without"} a snapshot: it never heard who the run is for`, (t) => {
      const rig = budgeted(t)
      rig.budget("1.1usd", "telegram", { match: ["channel=telegram"] })
      rig.runBegins("r1")
      const wanted = rig.permit(rig.wants("r1"))
      rig.restart({ snapshot })
      const before = rig.recorded().length
      assert.deepEqual(rig.permit(rig.wants("r1", undefined, {}, { again: true })), wanted)
      assert.equal(rig.recorded("hold.placed").length, 2)
      assert.equal(rig.recorded().slice(before).length, 0)
      assert.equal(rig.wants("r1").verdict, "deny", "a third call of the run is still one for the channel")
    })

  test("that was refused is decided anew, and what it then holds is on record", (t) => {
    const rig = budgeted(t, "0.4usd")
    assert.equal(rig.runBegins("r1").verdict, "deny")
    rig.budget("5usd")
    assert.equal(rig.permit(rig.runBegins("r1", undefined, {}, { again: true })).attempt, 1)
    assert.equal(rig.held(), boundOfBig)
  })

  test("with a larger one in the place of a smaller gives the smaller back once", (t) => {
    const rig = budgeted(t)
    const { hold, attempt } = rig.permit(rig.runBegins("r1", undefined, { knownBytes: 10 }))
    const instead = { instead: hold, insteadAttempt: attempt }
    const larger = rig.permit(rig.wants("r1", undefined, instead))
    assert.deepEqual(rig.permit(rig.wants("r1", undefined, instead, { again: true })), larger)
    assert.deepEqual([rig.holds().map(({ id }) => id), rig.recorded("hold.released").length], [[larger.hold], 1])
  })

  test("does not give back a call that has begun, nor a hold of another kind", (t) => {
    const rig = budgeted(t)
    const { hold, attempt } = rig.permit(rig.runBegins("r1"))
    rig.callBegins("r1", { hold, attempt })
    rig.tool("r1", "c1")
    const tool = rig.holds().find(({ basis }) => basis?.door === "tool") ?? assert.fail()
    rig.wants("r1", undefined, { instead: hold, insteadAttempt: attempt })
    rig.wants("r1", undefined, { instead: tool.id, insteadAttempt: 1 })
    assert.equal(rig.holds().length, 4)
  })
})

describe("a question by whom sees all that is sent", () => {
  test("holds no more than that, and than may be answered", (t) => {
    const rig = budgeted(t)
    const permit = rig.permit(rig.wants("r1", undefined, { knownBytes: 1_000, whole: true, maxTokens: 100 }))
    assert.deepEqual([rig.held(), permit.inputTokens, permit.outputTokens], [1_000n * 3_750n + 100n * 15_000n, 1_000, 100])
    assert.deepEqual(rig.permit(rig.wants("r1", undefined, { knownBytes: 1_000, whole: true, maxTokens: 100 }, { again: true })), permit)
  })
})

describe("what is refused", () => {
  test("two runs that race for the last cent: one is told yes, the other no, in one commit", (t) => {
    const rig = budgeted(t, "0.6usd")
    const asked = ["r1", "r2"].map((run) => rig.ask("before_agent_run", { run, agent: "main", provider: "mock", model: "big" }, { drain: false }))
    rig.drain()
    assert.deepEqual(
      asked.map(({ answer }) => answer().verdict),
      ["allow", "deny"],
    )
    assert.equal(rig.held(), boundOfBig)
  })

  test("says what is missing and which model would fit", (t) => {
    const rig = budgeted(t, "0.1usd")
    const { words } = rig.runBegins("r1")
    assert.match(words ?? "", /^Sovereign Ledger stopped this call to mock\/big: needs up to \$0\.525, \$0\.10 left of \$0\.10/)
    assert.match(words ?? "", /mock\/small would need up to \$0\.0165\.$/)
    const [refusal] = rig.recorded("spend.refused")
    assert.deepEqual([refusal?.facts["needed"], refusal?.facts["left"], refusal?.facts["model"]], [`${boundOfBig}`, "100000000", "big"])
    assert.doesNotMatch(rig.runBegins("r1", { provider: "mock", model: "small" }).words ?? "", /would need/)
    assert.equal(rig.held(), boundOfSmall)
  })

  test("a model nobody priced under a cap of money, in words that say so; not under a cap of calls", (t) => {
    const rig = budgeted(t)
    const { verdict, words } = rig.runBegins("r1", { provider: "mock", model: "unheard-of" })
    assert.equal(verdict, "deny")
    assert.match(words ?? "", /mock\/unheard-of has no price, and the budget daily counts money; what nobody priced is not free/)
    rig.order({ do: "remove-budget", budget: "daily" })
    rig.order({ do: "set-budget", budget: "daily", limits: ["2 calls"], per: "lifetime", match: [] })
    assert.equal(rig.runBegins("r1", { provider: "mock", model: "unheard-of" }).verdict, "allow")
  })

  test("everything while it stands still; a permit that is out can be given back and no new one is made", (t) => {
    const rig = budgeted(t)
    const permit = rig.permit(rig.runBegins("r1"))
    rig.order({ do: "freeze", target: "all", reason: "stop" })
    assert.match(rig.runBegins("r2").words ?? "", /all spending is frozen \(stop\)/)
    assert.match(rig.tool("r1", "c1").words ?? "", /frozen/)
    rig.tell("call-stopped", { run: "r1", hold: permit.hold, holdAttempt: permit.attempt, why: "frozen", stopped: true })
    assert.deepEqual([rig.held(), rig.told], [0n, [{ hard: true }, { hard: true, frozen: "stop" }]])
    rig.order({ do: "unfreeze", target: "all" })
    rig.order({ do: "remove-budget", budget: "daily" })
    assert.deepEqual(rig.told.slice(2), [{ hard: true }, { hard: false }])
    rig.budget("1usd")
  })
})
