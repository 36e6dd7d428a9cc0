/** A gateway asks which model a run is to have: what the writer answers by the prices in force, what is on record, and what the doors then hold. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import type { Ending } from "../../ledger-fixture.ts"
import { boundOfBig, boundOfSmall, config, SpendRig } from "./spend-rig.ts"

const chain = [{ budget: "daily", at: 80, model: "mock/small" }]
const words = "Sovereign Ledger: the budget daily is used to 84 %; this run uses mock/small instead of mock/big."

/** 1 USD, of which one open call of the big model holds 0.525, and another 0.315. */
function nearlyUsed(t: Ending, downgrades: readonly object[] = chain, prices: readonly object[] = config.spend.prices): SpendRig {
  const rig = new SpendRig(t, { ...config, spend: { ...config.spend, prices, downgrades } })
  rig.budget("1usd")
  rig.permit(rig.runBegins("before"))
  assert.ok("done" in rig.order({ do: "spend", id: "s", account: "agent:main", amounts: ["0.315usd"], spend: { agent: "main" } }))
  return rig
}

function routed(rig: SpendRig, run: string, more: object = {}, how: { again?: boolean } = {}) {
  const picked = { run, session: "agent:main:main", agent: "main", provider: "mock", model: "big", promptLength: 5, tells: true, ...more }
  const { verdict, model, words } = rig.ask("before_model_resolve", picked, how).answer()
  assert.equal(verdict, "allow")
  return { model: model && `${model.provider}/${model.model}`, words }
}

describe("a run that is about to get its model", () => {
  test("is given the cheaper one, told so, and held at its price", (t) => {
    const rig = nearlyUsed(t)
    assert.deepEqual(routed(rig, "r1"), { model: "mock/small", words })
    assert.deepEqual(
      rig
        .recorded("model.downgraded")
        .map(({ facts: { run, agent, from, to, budget, levelPercent, usedPercent, unit, told } }) => [
          run,
          agent,
          from,
          to,
          budget,
          levelPercent,
          usedPercent,
          unit,
          told,
        ]),
      [["r1", "main", "mock/big", "mock/small", "daily", 80, 84, "moneyNanos", true]],
    )
    assert.equal(rig.recorded("prompt.routed").length, 1)
    rig.permit(rig.runBegins("r1", { provider: "mock", model: "small" }))
    assert.equal(rig.held(), boundOfBig + boundOfSmall)
    assert.deepEqual(routed(rig, "r2"), { model: "mock/small", words: undefined }, "one session is told once")
    assert.match(rig.runBegins("r3").words ?? "", /mock\/small would need up to/, "the door holds all the same")
  })

  test("keeps its own below the share, when it is the cheap one, and when nobody is to be told it is not", (t) => {
    const rig = nearlyUsed(t)
    assert.equal(routed(rig, "r1", { model: "small" }).model, undefined)
    assert.deepEqual(routed(rig, "r2", { tells: false }), { model: "mock/small", words: undefined })
    rig.budget("10usd")
    assert.equal(routed(rig, "r3").model, undefined)
  })

  test("hears the same when it is asked about again, and it is on record once, also by another writer", (t) => {
    const rig = nearlyUsed(t)
    routed(rig, "r1")
    routed(rig, "r1", {}, { again: true })
    rig.restart({ snapshot: true })
    assert.equal(routed(rig, "r1").model, "mock/small")
    assert.equal(rig.recorded("model.downgraded").length, 1)
    rig.restart()
    assert.deepEqual(routed(rig, "r2"), { model: "mock/small", words: undefined }, "who was told is known after a restart")
  })

  test("is given no model that is dearer in what it reads or in what it writes, and none without a price", (t) => {
    for (const price of [
      { input: "2", output: "16" },
      { input: "3.01", output: "1" },
    ]) {
      const prices = [...config.spend.prices, { model: "mock/other", ...price }]
      assert.equal(routed(nearlyUsed(t, [{ budget: "daily", at: 80, model: "mock/other" }], prices), "r1").model, undefined, JSON.stringify(price))
    }
    const chains = [...chain, { budget: "daily", at: 81, model: "mock/nobody-priced-it" }]
    assert.equal(routed(nearlyUsed(t, chains), "r1").model, "mock/small")
  })

  test("of a model without a price is given one that has one", (t) => {
    assert.equal(routed(nearlyUsed(t), "r1", { model: "unknown" }).model, "mock/small")
  })
})

describe("the doors of a gateway", () => {
  test("ask for models only while there is a step of a budget that is there", (t) => {
    const rig = new SpendRig(t, { ...config, spend: { ...config.spend, downgrades: chain } })
    assert.deepEqual(rig.told, [])
    rig.budget("1usd")
    rig.use({ ...config, spend: { ...config.spend, downgrades: [] } })
    assert.deepEqual(rig.told, [{ hard: true, downgrades: true }, { hard: true }])
  })

  test("are told of steps that settings change, and a client that says nothing of them changes none", (t) => {
    const rig = nearlyUsed(t)
    rig.use(config)
    assert.equal(routed(rig, "r1").model, "mock/small")
    rig.use({ ...config, spend: { ...config.spend, downgrades: [{ ...chain[0], at: 90 }] } })
    assert.equal(routed(rig, "r2").model, undefined)
    assert.equal(rig.recorded("downgrades.set").length, 2)
  })
})
