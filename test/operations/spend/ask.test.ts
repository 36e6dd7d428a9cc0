/** Owners asked for more before a real journal: at both doors, by chats and commands, across a restart; what comes late or twice is on record and does nothing. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import type { Answer } from "../../../src/operations/intake.ts"
import type { Ending } from "../../ledger-fixture.ts"
import { boundOfBig, config, SpendRig } from "./spend-rig.ts"

const owner = { channel: "telegram", id: "801", isClient: false }
const minuteMs = 60_000

/** A lifetime budget with room for one call and no more, and owners asked for up to $1. */
function asking(t: Ending, ask: unknown = { amount: "1usd" }): SpendRig {
  const rig = new SpendRig(t, { ...config, spend: { ...config.spend, ask } })
  rig.budget("0.6usd")
  rig.call("r1", rig.permit(rig.runBegins("r1")), { input: 100_000, output: 6_000 })
  rig.runEnds("r1")
  return rig
}

function refusedWith(rig: SpendRig, run = "r2"): string {
  const { verdict, words = "" } = rig.runBegins(run)
  assert.equal(verdict, "deny")
  return words
}

/** A budget of no calls for one tool, and the question that its call leads to. */
function toolAsked(rig: SpendRig): NonNullable<Answer["ask"]> {
  rig.budget("0 calls", "tools", { match: ["tool=web_search"] })
  const { verdict, ask: question } = rig.tool("r1", "c1")
  assert.equal(verdict, "deny", "who knows of no question refuses")
  return question ?? assert.fail("not asked")
}

const answerTool = (rig: SpendRig, extension: string, decision: string) => rig.tell("extension-answered", { extension, decision })
const draws = (rig: SpendRig) => rig.holds().filter(({ basis, draw }) => basis?.door === "tool" && draw !== undefined).length

function codeIn(words: string): string {
  return /budget approve ([A-Z2-9]{6})\b/.exec(words)?.[1] ?? assert.fail(words)
}

const approve = (rig: SpendRig, extension: string, more: object = { chat: owner }) => rig.order({ do: "approve-extension", extension, ...more })
const whyNot = (answer: ReturnType<SpendRig["order"]>) => ("refused" in answer ? answer.refused.why : "done")

describe("a run that has no room", () => {
  test("is refused with a code, and the next run of the session goes through once an owner approves it, with as much as was missing", (t) => {
    const rig = asking(t)
    const words = refusedWith(rig)
    assert.match(
      words,
      /left of \$0\.60.* An owner may approve up to \$1\.00 more for one run of this session within 10 minutes: \/budget approve [A-Z2-9]{6} \(or \/budget deny [A-Z2-9]{6}\)\.$/,
    )
    const code = codeIn(words)
    assert.equal(codeIn(refusedWith(rig, "r3")), code, "refused again it is the same question")
    assert.equal(whyNot(approve(rig, code.toLowerCase())), "done")
    const spent = rig.spent()
    const permit = rig.permit(rig.runBegins("r4"))
    assert.equal(rig.held(), 600_000_000n - spent)
    rig.call("r4", permit)
    assert.equal(rig.spent() - spent, 4_500_000n, "what the budget still had comes first")
    assert.match(refusedWith(rig, "r5"), /An owner may approve/)
    assert.deepEqual(
      rig.recorded("extension.granted").map(({ facts }) => String(facts["reason"]).replace(/~.*/, "~")),
      ["/budget approve in telegram by owner ~"],
    )
  })

  test("is not asked for where the setting is not there, says otherwise, or gives less than is missing", (t) => {
    for (const ask of [false, { amount: "1usd", models: false }, { amount: "0.01usd" }, { amount: "5 calls" }]) {
      const rig = asking(t, ask)
      assert.doesNotMatch(refusedWith(rig), /owner/)
      assert.equal(rig.recorded("extension.asked").length, 0)
    }
  })

  test("is never asked for while anything stands still, for a model without a price, or for a job", (t) => {
    const rig = asking(t)
    assert.doesNotMatch(rig.runBegins("r2", { provider: "mock", model: "gift" }).words ?? "", /owner/)
    assert.doesNotMatch(rig.runBegins("r3", undefined, { job: "nightly" }).words ?? "", /owner/)
    for (const target of ["agent:main", "daily", "all"]) {
      rig.order({ do: "freeze", target })
      assert.doesNotMatch(refusedWith(rig), /owner/)
      rig.order({ do: "unfreeze", target })
    }
    assert.equal(rig.recorded("extension.asked").length, 0)
  })

  for (const snapshot of [false, true])
    test(`is let by the next writer, too, ${snapshot ? "with" : "without"} a snapshot`, (t) => {
      const rig = asking(t)
      const code = codeIn(refusedWith(rig))
      rig.restart({ snapshot })
      assert.equal(whyNot(approve(rig, code)), "done")
      rig.restart({ snapshot })
      rig.permit(rig.runBegins("r3"))
    })
})

describe("an answer", () => {
  test("counts once: a second one, one that comes late and one to nothing do nothing, and are on record", (t) => {
    const rig = asking(t)
    const code = codeIn(refusedWith(rig))
    assert.equal(whyNot(approve(rig, "ABCDEF")), "extension-unknown")
    assert.equal(whyNot(approve(rig, code)), "done")
    assert.equal(whyNot(approve(rig, code)), "extension-closed")
    rig.pass(10 * minuteMs)
    const later = codeIn(refusedWith(rig))
    rig.pass(10 * minuteMs)
    assert.equal(whyNot(approve(rig, later)), "extension-closed")
    assert.match(refusedWith(rig), /owner/)
    assert.equal(rig.recorded("extension.expired").length, 2)
    assert.deepEqual(
      rig.recorded("change.refused").map(({ facts }) => facts["why"]),
      ["extension-unknown", "extension-closed", "extension-closed"],
    )
  })

  test("that denies ends it", (t) => {
    const rig = asking(t)
    const code = codeIn(refusedWith(rig))
    assert.equal(whyNot(rig.order({ do: "deny-extension", extension: code, chat: { ...owner, isClient: true } })), "done")
    assert.equal(whyNot(approve(rig, code)), "extension-closed")
    assert.notEqual(codeIn(refusedWith(rig)), code)
  })

  test("is taken from an owner only: from no client of the gateway, from nothing below it, and not without the credential", (t) => {
    const rig = asking(t)
    const code = codeIn(refusedWith(rig))
    rig.gatewayPids.add(77)
    assert.equal(whyNot(approve(rig, code, { chat: { ...owner, isClient: true } })), "chat")
    assert.equal(whyNot(rig.order({ do: "approve-extension", extension: code }, { under: [77] })), "agent")
    rig.order({ do: "set-credential", new: "only the operator knows" })
    const answer = approve(rig, code)
    assert.match("refused" in answer ? answer.refused.words : "", new RegExp(`on the machine: sovereign-ledger budget approve ${code} --credential-file -$`))
    assert.match(refusedWith(rig), new RegExp(`on the machine: sovereign-ledger budget approve ${code}\\.$`))
    assert.equal(whyNot(rig.order({ do: "approve-extension", extension: code }, { credential: "a guess that is wrong" })), "credential")
    assert.equal(whyNot(rig.order({ do: "approve-extension", extension: code }, { credential: "only the operator knows" })), "done")
  })

  test("lets one run have it, and no other: not of another session, and not after the first", (t) => {
    const rig = asking(t)
    assert.equal(whyNot(approve(rig, codeIn(refusedWith(rig)))), "done")
    assert.equal(rig.runBegins("elsewhere", undefined, { session: "agent:main:other" }).verdict, "deny")
    const permit = rig.permit(rig.runBegins("r3"))
    rig.call("r3", permit, { input: 100_000, output: 1_000 })
    assert.equal(rig.runBegins("r4").verdict, "deny")
    assert.equal(rig.wants("r3").verdict, "allow", "the same run goes on with what is left")
    assert.ok(boundOfBig > 0n)
  })
})

describe("a tool that has no room", () => {
  const ask = { amount: ["1usd", "2 calls"] }

  test("waits for the host's approval, held before anybody answers, and is posted when it ran; the run has what is left", (t) => {
    const rig = asking(t, ask)
    const { extension, title, description, timeoutMs } = toolAsked(rig)
    assert.deepEqual([title, timeoutMs], ["Spend up to 2 calls more for this run?", 570_000])
    assert.match(
      description,
      /^web_search needs up to 1 call more than tools has left\. Allowed once, this run may spend up to 2 calls more of tools within 10 minutes, whatever for\. Extension [A-Z2-9]{6}\.$/,
    )
    assert.equal(draws(rig), 1)
    assert.equal(rig.tool("r1", "c1", "web_search", { again: true }).ask?.extension, extension, "asked again after a lost answer it waits all the same")
    answerTool(rig, extension, "allow-once")
    rig.toolEnds("r1", "c1")
    assert.equal(rig.state.extensions.get(extension)?.drawn.get("tools")?.spent.calls, 1n)
    assert.equal(rig.state.budgets.get("tools")?.spent.calls, 0n)
    assert.equal(rig.tool("r2", "c2").ask?.title, title, "another run asks for itself")
    assert.equal(rig.tool("r1", "c3").verdict, "allow")
    rig.toolEnds("r1", "c3")
    assert.ok(rig.tool("r1", "c4").ask)
  })

  for (const decision of ["deny", "timeout", "cancelled", "anything else"])
    test(`is given back with "${decision}", before the host tells that it did not run, and a late approval does nothing`, (t) => {
      const rig = asking(t, ask)
      const { extension } = toolAsked(rig)
      answerTool(rig, extension, decision)
      assert.deepEqual([draws(rig), rig.state.extensions.get(extension)?.state], [0, "denied"])
      rig.toolBlocked("r1", "c1")
      answerTool(rig, extension, "allow-once")
      assert.deepEqual([draws(rig), rig.state.extensions.get(extension)?.state], [0, "denied"])
      assert.equal(rig.recorded("change.refused").length, 1)
    })

  test("is given back at the end of its run, where the host never told of an answer", (t) => {
    const rig = asking(t, ask)
    toolAsked(rig)
    rig.atMs += 10
    rig.runEnds("r1")
    rig.pass(10_000)
    assert.deepEqual([draws(rig), rig.state.budgets.get("tools")?.frozen], [0, undefined])
  })

  test("is not asked for where tools are left out, or once a credential is asked for, which the host does not know", (t) => {
    const without = asking(t, { ...ask, tools: false })
    without.budget("0 calls", "tools", { match: ["tool=web_search"] })
    assert.equal(without.tool("r1", "c1").ask, undefined)
    const rig = asking(t, ask)
    const { extension } = toolAsked(rig)
    rig.order({ do: "set-credential", new: "only the operator knows" })
    answerTool(rig, extension, "allow-once")
    assert.equal(rig.state.extensions.get(extension)?.state, "denied")
    assert.equal(rig.tool("r1", "c2").ask, undefined)
  })

  test("that a model asked for under a name of its own making says nothing that could pass for more than a name", (t) => {
    const rig = asking(t, ask)
    rig.budget("0 calls", "tools", { match: ["tool=*"] })
    const { title = "", description = "" } = rig.tool("r1", "c1", `harmless\u001b[2K\nApproved already ${"x".repeat(300)}`).ask ?? {}
    assert.ok(title.length <= 80 && description.length <= 512)
    assert.match(`${title}${description}`, /^[\x20-\x7e]*$/)
    assert.doesNotMatch(description, /Approved already/)
  })

  test("is not answered for a run that was refused: its code is for chats and the machine", (t) => {
    const rig = asking(t, { amount: "1usd" })
    const code = codeIn(refusedWith(rig))
    answerTool(rig, code, "allow-once")
    assert.equal(rig.state.extensions.get(code)?.state, "asked")
  })
})
