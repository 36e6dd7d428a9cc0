/** Who pays: a subagent's calls are its parent's spending, whatever agent it is; a job and the heartbeats have accounts of their own where somebody filled them. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { Parents } from "../../../src/format/parents.ts"
import { availableOf, type LedgerState } from "../../../src/ledger/state.ts"
import type { AccountName } from "../../../src/ledger/accounts.ts"
import { boundOfBig, boundOfSmall, cost, SpendRig, usage } from "./spend-rig.ts"

const small = { provider: "mock", model: "small" }

function left(state: LedgerState, account: AccountName): bigint | undefined {
  return availableOf(state, account, "moneyNanos")
}

function allot(rig: SpendRig, account: AccountName, amount: string): void {
  assert.ok("done" in rig.order({ do: "allocate", id: `of ${account}`, account, amounts: [amount] }))
}

describe("a subagent", () => {
  test("spends from its parent's account, in the parent's budgets and in its own agent's", (t) => {
    const rig = new SpendRig(t)
    rig.budget("1usd", "of-main", { match: ["agent=main"] })
    rig.budget("2usd", "of-helper", { match: ["agent=helper"] })
    allot(rig, "agent:main", "5usd")
    const helper = { agent: "helper", payer: "main" }
    rig.permit(rig.runBegins("child", undefined, helper))
    assert.deepEqual([rig.held("of-main"), rig.held("of-helper")], [boundOfBig, boundOfBig])
    assert.equal(left(rig.state, "agent:main"), 5_000_000_000n - boundOfBig)
    assert.equal(rig.state.accounts.has("agent:helper"), false)
    assert.match(rig.runBegins("other", undefined, helper).words ?? "", /budget of-main/)
    assert.equal(rig.runBegins("own", undefined, { agent: "helper" }).verdict, "allow", "by itself it is no subagent, and main does not pay")
  })

  test("returns the change: what it did not use is its parent's again", (t) => {
    const rig = new SpendRig(t)
    allot(rig, "agent:main", "1usd")
    const permit = rig.permit(rig.runBegins("child", undefined, { agent: "helper", payer: "main" }))
    assert.equal(left(rig.state, "agent:main"), 1_000_000_000n - boundOfBig)
    rig.callBegins("child", permit)
    rig.callEnds("child", permit)
    rig.usage("child", usage)
    assert.equal(left(rig.state, "agent:main"), 1_000_000_000n - cost)
  })

  test("by the hundred they have no more than their parent has, and by another writer neither", (t) => {
    const rig = new SpendRig(t)
    allot(rig, "agent:main", "0.1usd")
    const asks = Array.from({ length: 100 }, (_, index) => {
      if (index === 50) rig.restart()
      return rig.runBegins(`child-${index}`, small, { agent: `helper-${index}`, payer: "main" })
    })
    const allowed = asks.filter(({ verdict }) => verdict === "allow").length
    assert.equal(BigInt(allowed), 100_000_000n / boundOfSmall)
    assert.match(asks.at(-1)?.words ?? "", /left in agent:main/)
  })

  test("pays by its parent also for what comes after its first door, and for usage nobody held", (t) => {
    const rig = new SpendRig(t)
    rig.budget("2usd", "of-main", { match: ["agent=main"] })
    rig.call("child", rig.permit(rig.runBegins("child", undefined, { agent: "helper", payer: "main" })))
    rig.permit(rig.wants("child", undefined, { agent: "helper" }))
    rig.usage("child", usage, { agent: "helper", provider: "mock", model: "small" })
    assert.equal(rig.held("of-main"), boundOfBig)
    assert.ok(rig.spent("of-main") > cost)
  })

  test("is its parent's spending, and its channel's, also while nothing may refuse: a budget that only warns counts it", (t) => {
    const rig = new SpendRig(t)
    rig.budget("2usd", "of-main", { match: ["agent=main"], mode: "warn" })
    rig.budget("2usd", "of-chats", { match: ["channel=telegram"], mode: "warn" })
    rig.tell("before_agent_run", { run: "told", session: "agent:helper:main", agent: "helper", payer: "main", channel: "telegram", prompt: "hello" })
    rig.usage("told", usage, { agent: "helper", session: "agent:helper:main" })
    assert.deepEqual([rig.spent("of-main"), rig.spent("of-chats")], [cost, cost])
    rig.tool("tool", "c1", "web_search", {}, { agent: "helper", payer: "main" })
    rig.usage("tool", usage, { agent: "helper" })
    assert.deepEqual([rig.spent("of-main"), rig.spent("of-chats")], [2n * cost, cost])
  })
})

describe("a session's parents", () => {
  test("lead to the agent at the beginning, through as many as there are, and never in a circle", () => {
    const parents = new Parents()
    parents.note("agent:b:subagent:1", "agent:main:main")
    parents.note("agent:c:subagent:2", "agent:b:subagent:1")
    assert.deepEqual(
      ["agent:c:subagent:2", "agent:b:subagent:1", "agent:main:main", undefined].map((one) => parents.payerOf(one)),
      ["main", "main", undefined, undefined],
    )
    parents.note("agent:x:1", "agent:y:1")
    parents.note("agent:y:1", "agent:x:1")
    assert.ok(["x", "y", undefined].includes(parents.payerOf("agent:x:1")))
    for (let n = 0; n < 10_000; n++) parents.note(`agent:main:subagent:${n}`, "agent:main:main")
    assert.equal(parents.payerOf("agent:c:subagent:2"), undefined, "only the latest are kept")
  })
})

describe("a job and the heartbeats", () => {
  test("spend from the agent's account, until they have one of their own: then from that, and no more than it has", (t) => {
    const rig = new SpendRig(t)
    allot(rig, "agent:main", "5usd")
    const job = { job: "nightly" }
    const beat = { trigger: "heartbeat" }
    rig.permit(rig.runBegins("j1", undefined, job))
    rig.permit(rig.runBegins("h1", undefined, beat))
    assert.equal(left(rig.state, "agent:main"), 5_000_000_000n - 2n * boundOfBig)
    allot(rig, "cron:nightly", "0.6usd")
    allot(rig, "cron:heartbeat", "0.6usd")
    rig.call("j2", rig.permit(rig.runBegins("j2", undefined, job)))
    rig.call("h2", rig.permit(rig.runBegins("h2", undefined, beat)))
    assert.deepEqual([left(rig.state, "cron:nightly"), left(rig.state, "cron:heartbeat")], [600_000_000n - cost, 600_000_000n - cost])
    rig.permit(rig.wants("h2"))
    rig.restart()
    assert.match(rig.wants("h2").words ?? "", /left in cron:heartbeat/, "the next writer knows whose run it is")
    assert.equal(left(rig.state, "agent:main"), 5_000_000_000n - 2n * boundOfBig)
  })
})
