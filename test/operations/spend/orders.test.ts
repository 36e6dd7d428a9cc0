/** Orders: who tightens needs nothing; who loosens needs the credential once there is one, and is refused below a gateway whatever it has. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import type { OrderAnswer } from "../../../src/operations/spend/ledger-orders.ts"
import { boundOfBig, budgeted, config, cost, SpendRig, usage } from "./spend-rig.ts"

const refusedFor = (answer: OrderAnswer) => ("refused" in answer ? answer.refused.why : "done")
const credential = "correct horse battery"
const daily = { do: "set-budget", budget: "daily", per: "lifetime", match: [] }

/** Each lets somebody spend more. */
const loosening: readonly (readonly [name: string, order: object])[] = [
  ["a higher limit", { ...daily, limits: ["11usd"] }],
  ["another unit in the place of the limit's", { ...daily, limits: ["10 calls"] }],
  ["only warning", { ...daily, limits: ["10usd"], mode: "warn" }],
  ["another match", { ...daily, limits: ["1usd"], match: ["agent=other"] }],
  ["another period", { ...daily, limits: ["1usd"], per: "day" }],
  ["no budget", { do: "remove-budget", budget: "daily" }],
  ["unfreezing", { do: "unfreeze", target: "all" }],
  ["more for an account that is bounded", { do: "allocate", id: "a2", account: "agent:main", amounts: ["1usd"] }],
  ["a transfer to it", { do: "transfer", id: "t1", from: "agent:other", to: "agent:main", amounts: ["0.01usd"] }],
  ["a correction that gives back", { do: "correct", id: "c1", corrects: "x", from: "spent:unattributed", to: "agent:main", amounts: ["0.01usd"] }],
  ["a correction that gives from nowhere", { do: "correct", id: "c2", corrects: "x", from: "budget:unallocated", to: "agent:main", amounts: ["1usd"] }],
  ["another credential", { do: "set-credential", new: "one of my own" }],
  ["no credential", { do: "set-credential" }],
]

const tightening: readonly (readonly [name: string, order: object])[] = [
  ["a lower limit", { ...daily, limits: ["9usd"] }],
  ["a further unit", { ...daily, limits: ["9usd", "50 calls"] }],
  ["one more budget", { ...daily, budget: "other", limits: ["1usd"] }],
  ["freezing", { do: "freeze", target: "agent:main", reason: "look" }],
  ["a bound for an account that has none", { do: "allocate", id: "a3", account: "agent:third", amounts: ["1usd"] }],
  ["a spend", { do: "spend", id: "s1", account: "agent:main", amounts: ["0.01usd"] }],
  ["a correction that takes more", { do: "correct", id: "c3", corrects: "s1", from: "agent:main", to: "spent:unattributed", amounts: ["0.01usd"] }],
]

function bounded(t: Parameters<typeof budgeted>[0], secret?: string): SpendRig {
  const rig = budgeted(t)
  for (const [id, account] of [
    ["a0", "agent:main"],
    ["a1", "agent:other"],
  ])
    rig.order({ do: "allocate", id, account, amounts: ["5usd"] })
  rig.order({ do: "spend", id: "s0", account: "agent:main", amounts: ["0.01usd"] })
  rig.order({ do: "freeze", target: "budget", reason: "x" })
  if (secret !== undefined) rig.order({ do: "set-credential", new: secret })
  return rig
}

describe("loosening", () => {
  for (const [name, order] of loosening)
    test(`${name}: needs the credential, and is refused below a gateway even with it`, (t) => {
      const rig = bounded(t, credential)
      const before = rig.recorded().length
      assert.equal(refusedFor(rig.order(order)), "credential")
      assert.equal(refusedFor(rig.order(order, { credential: "not the one" })), "credential")
      rig.gatewayPids.add(4_711)
      assert.equal(refusedFor(rig.order(order, { credential, under: [1, 4_711] })), "agent")
      assert.deepEqual(
        rig
          .recorded()
          .slice(before)
          .map(({ type }) => type),
        ["change.refused", "change.refused", "change.refused"],
      )
      assert.doesNotMatch(JSON.stringify(rig.recorded()), /not the one|battery/)
      assert.notEqual(refusedFor(rig.order(order, { credential, under: [1, 4_712] })), "credential")
    })

  test("without a credential anybody may, but not below a gateway; nor may an agent set the first one", (t) => {
    const rig = bounded(t)
    rig.gatewayPids.add(4_711)
    for (const [, order] of loosening) assert.equal(refusedFor(rig.order(order, { under: [4_711] })), "agent")
    assert.equal(rig.state.credential, undefined)
    assert.equal(refusedFor(rig.order({ do: "set-credential", new: "operator's own" })), "done")
  })
})

describe("tightening", () => {
  for (const [name, order] of tightening)
    test(`${name}: needs nothing, from anywhere`, (t) => {
      const rig = bounded(t, credential)
      rig.gatewayPids.add(4_711)
      assert.equal(refusedFor(rig.order(order, { under: [4_711] })), "done")
    })
})

describe("a credential", () => {
  test("is known after a restart, and taken away by whoever has it", (t) => {
    const rig = bounded(t, credential)
    rig.restart({ snapshot: true })
    assert.equal(refusedFor(rig.order({ do: "remove-budget", budget: "daily" })), "credential")
    assert.equal(refusedFor(rig.order({ do: "set-credential" }, { credential })), "done")
    assert.equal(rig.state.credential, undefined)
    rig.restart()
    assert.equal(refusedFor(rig.order({ do: "remove-budget", budget: "daily" })), "done")
  })

  test("is at least eight characters", (t) => {
    const rig = bounded(t)
    assert.throws(() => rig.order({ do: "set-credential", new: "1234567" }), /at least 8 characters/)
  })
})

describe("an order", () => {
  test("by a session's label limits that session's calls, written as people write it; a pattern of labels is refused", (t) => {
    const rig = new SpendRig(t)
    rig.budget("0.1usd", "one", { match: ["session=Agent:main:Main"] })
    assert.equal(rig.runBegins("r1").verdict, "deny")
    assert.equal(rig.runBegins("r2", undefined, { session: "agent:main:other" }).verdict, "allow")
    assert.throws(() => rig.budget("1usd", "two", { match: ["session=agent:*"] }), /matched by their whole name/)
    assert.doesNotMatch(JSON.stringify(rig.ledgerEvents()), /agent:main:main/i)
  })

  test("of settings, by a session's label, limits that session's calls as well", (t) => {
    const budgets = [{ name: "one", limit: "0.1usd", per: "lifetime", match: ["session=Agent:main:Main"] }]
    const rig = new SpendRig(t, { ...config, spend: { ...config.spend, budgets } })
    assert.equal(rig.runBegins("r1").verdict, "deny")
    assert.equal(rig.runBegins("r2", undefined, { session: "agent:main:other" }).verdict, "allow")
  })

  test("for a spend in a session is held to that session's budget, however its label is written", (t) => {
    const rig = new SpendRig(t)
    rig.budget("0.1usd", "one", { match: ["session=agent:main:main"] })
    const order = { do: "hold", id: "job", account: "agent:main", amounts: ["0.2usd"], ttl: "1m" }
    assert.equal(refusedFor(rig.order({ ...order, spend: { agent: "main", session: "Agent:Main:main" } })), "over-budget")
    assert.equal(refusedFor(rig.order({ ...order, spend: { agent: "main", session: "agent:main:other" } })), "done")
  })

  test("about what is the ledger's own is refused: no hold is ended and no report taken beforehand", (t) => {
    const rig = budgeted(t)
    const permit = rig.permit(rig.runBegins("r1"))
    const of = { id: permit.hold, attempt: 1, account: "agent:main", amounts: ["0usd"] }
    const report = "usage.reported:0d6bd0b5-46c1-4c5a-9f6e-6f2a4a3c1b11/m1"
    for (const order of [
      { ...of, do: "settle" },
      { ...of, do: "release" },
      { ...of, do: "hold" },
      { ...of, do: "spend", id: report },
      { ...of, do: "allocate", id: `correction:${report}` },
    ])
      assert.throws(() => rig.order(order), /the ledger's own/, JSON.stringify(order))
    assert.equal(rig.held(), boundOfBig)
    rig.callBegins("r1", permit)
    rig.usage("r1", usage)
    assert.deepEqual([rig.held(), rig.spent()], [0n, cost])
  })

  test("of another program holds, settles and releases; again it is the same, and what it cannot hold is on record", (t) => {
    const rig = budgeted(t, "1usd")
    const hold = { do: "hold", id: "h1", account: "agent:script", amounts: ["0.6usd"] }
    assert.deepEqual(rig.order(hold), {
      done: true,
      attempt: 1,
      events: rig
        .ledgerEvents()
        .slice(-1)
        .map(({ type, facts }) => ({ type, facts: withoutId(facts) })),
    })
    assert.deepEqual(rig.order(hold), { done: true, attempt: 1, repeated: true, events: [] })
    assert.equal(refusedFor(rig.order({ ...hold, id: "h2" })), "over-budget")
    assert.equal(rig.recorded("spend.refused").length, 1)
    const settle = { do: "settle", id: "h1", account: "agent:script", amounts: ["0.25usd"] }
    assert.equal(refusedFor(rig.order(settle)), "done")
    assert.equal(refusedFor(rig.order(settle)), "done")
    assert.deepEqual([rig.held(), rig.spent()], [0n, 250_000_000n])
    assert.equal(refusedFor(rig.order({ do: "release", id: "h1" })), "hold-closed")
    rig.order({ ...hold, id: "h3" })
    rig.pass(600_000)
    assert.deepEqual([rig.held(), rig.spent()], [0n, 250_000_000n])
  })

  test("that reaches several warning levels at once warns of each, by a name of its own", (t) => {
    const rig = new SpendRig(t)
    rig.order({ do: "set-budget", budget: "daily", limits: ["1usd", "10 calls"], per: "lifetime", match: [], warn: ["50", "80"] })
    rig.order({ do: "spend", account: "agent:main", amounts: ["0.9usd", "9 calls"], spend: { agent: "main" }, id: "one" })
    const warned = rig.recorded("budget.warned").map(({ facts }) => facts)
    assert.deepEqual(warned.map(({ unit, levelPercent }) => `${String(unit)} ${String(levelPercent)}`).toSorted(), [
      "calls 50",
      "calls 80",
      "moneyNanos 50",
      "moneyNanos 80",
    ])
    assert.equal(new Set(warned.map(({ id }) => id)).size, 4)
  })

  test("that makes no sense says why, and leaves nothing", (t) => {
    const rig = budgeted(t)
    const before = rig.recorded().length
    for (const order of [
      {},
      { do: "moon" },
      { do: "hold", id: "x" },
      { do: "spend", id: "x".repeat(300), account: "agent:main", amounts: ["1usd"] },
      { do: "freeze" },
    ])
      assert.throws(() => rig.order(order), { code: "cli.usage" }, JSON.stringify(order))
    assert.equal(rig.recorded().length, before)
  })
})

function withoutId(facts: object): object {
  const { id: _id, ...rest } = facts as { readonly id?: string }
  return rest
}

describe("in a chat", () => {
  const owner = { channel: "telegram", id: "801", isClient: false }
  const asked = (rig: SpendRig, what: string, chat: object = owner) => rig.order({ do: what, target: "all", chat })

  test("an owner freezes and unfreezes; who it was stands as a pseudonym in the reason", (t) => {
    const rig = budgeted(t)
    assert.equal(refusedFor(asked(rig, "freeze")), "done")
    assert.match(String(rig.state.frozen), /^\/freeze in telegram by owner ~[\w-]{19}$/)
    assert.equal(refusedFor(asked(rig, "unfreeze")), "done")
    assert.equal(rig.state.frozen, undefined)
    assert.doesNotMatch(JSON.stringify(rig.recorded()), /801/)
  })

  test("nobody unfreezes once there is a credential, whatever stands beside the order", (t) => {
    const rig = budgeted(t)
    rig.order({ do: "set-credential", new: credential })
    assert.equal(refusedFor(asked(rig, "freeze")), "done")
    assert.equal(refusedFor(rig.order({ do: "unfreeze", target: "all", chat: owner }, { credential })), "credential")
    assert.notEqual(rig.state.frozen, undefined)
  })

  for (const [name, chat] of [
    ["a client of the gateway", { ...owner, isClient: true }],
    ["one of whom it is not said that it is none", { channel: "telegram", id: "801" }],
    ["one without an id", { channel: "telegram", isClient: false }],
    ["one who says nothing", {}],
  ] as const)
    test(`${name} freezes, and unfreezes nothing`, (t) => {
      const rig = budgeted(t)
      assert.equal(refusedFor(asked(rig, "freeze", chat)), "done")
      assert.equal(refusedFor(asked(rig, "unfreeze", chat)), "chat")
      assert.equal(rig.recorded().at(-1)?.type, "change.refused")
    })

  test("asks for nothing else", (t) => {
    assert.throws(() => budgeted(t).order({ ...daily, limits: ["1usd"], chat: owner }), /A chat freezes and unfreezes/)
  })
})
