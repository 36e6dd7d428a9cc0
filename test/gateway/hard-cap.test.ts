/**
 * The hard cap on a real gateway: what was refused never reached the model, the person reads why, and what was spent is what the model counted, to the
 * nano-dollar. By provider ids the host has code of its own for, and by one it knows nothing of.
 */
import assert from "node:assert/strict"
import { join } from "node:path"
import { after, before, describe, it } from "node:test"
import { capFixture, type CapFixture } from "./cap-fixture.ts"
import type { JsonObject } from "./home.ts"
import { addJob, heartbeatJob, runJob } from "./jobs.ts"
import { eventually, ofType } from "./ledger.ts"
import { lastToolTexts } from "./ledger-fixture.ts"
import { giftConfig, modelProviders } from "./model-providers.ts"
import { runTurn, sendChat } from "./turn.ts"

let fixture: CapFixture
/** What compactions were posted above what they came to. */
let postedAbove = 0n

const anna = { id: 701, firstName: "Anna", username: "anna_test" }
const loop = (word: string) => `TOOL exec {"command":"echo two"}\nTOOL exec {"command":"echo three"}\nSAY ${word} loop done`

describe("a hard cap", () => {
  before(async () => {
    fixture = await capFixture()
  })
  after(async () => void (await fixture.removeBudget("daily")))

  for (const { id, model } of modelProviders) {
    describe(`with provider id ${id}`, () => {
      const session = `agent:main:cap-${id}`
      const turn = (message: string) => runTurn(fixture.client, message, { sessionKey: session })

      before(() => fixture.useModel(session, `${id}/${model}`))

      it("lets a run go on that has room, and posts what it came to, to the nano-dollar", async () => {
        await fixture.budget("1000usd")
        const { status, text } = await turn(`TOOL exec {"command":"echo one"}\nSAY ${id} has room`)
        assert.deepEqual([status, text], ["ok", `${id} has room`])
        await fixture.settled()
        assert.equal(await fixture.postedNanos(), fixture.countedNanos())
        const events = await fixture.ledger.events()
        const holds = ofType(events, "hold.settled").filter(({ facts }) => facts["grade"] === "exact")
        assert.ok(holds.length >= 2)
      })

      it("refuses a run without room: no request leaves, and the person reads why", async () => {
        await fixture.budget("0.01usd")
        const asked = fixture.model.requests.length
        const { status, text } = await turn(`SAY ${id} must not be heard`)
        assert.equal(status, "error")
        assert.match(text, /Sovereign Ledger stopped this call to .*needs up to \$[\d.]+, \$[\d.]+ left of \$0\.01, resets \d\d:\d\d \(budget daily\)/)
        assert.equal(fixture.model.requests.length, asked)
      })

      it(`stops a loop in the middle: the third request does not leave, and who ${id === "custom" ? "asked" : "watches"} reads why`, async () => {
        await fixture.budget("1000usd")
        await fixture.order({ do: "set-budget", budget: `two-${id}`, limits: ["2 calls"], per: "lifetime", match: [`provider=${id}`] })
        const asked = fixture.model.requests.length
        // In the stream of a provider that is nobody's the refusal is the answer. Runs of the others are aborted, and why is read by who watches.
        const { status, text } = id === "custom" ? await turn(loop(id)) : await sendChat(fixture.client, loop(id), { sessionKey: session })
        await fixture.order({ do: "remove-budget", budget: `two-${id}` })
        assert.equal(status, id === "custom" ? "ok" : "aborted")
        assert.match(text, /Sovereign Ledger stopped this call to .*needs up to 1 call, 0 calls left of 2 calls, which does not reset \(budget two-/)
        await fixture.settled()
        assert.equal(fixture.model.requests.length - asked, 2)
        assert.equal(await fixture.postedNanos(), fixture.countedNanos())
        const stopped = ofType(await fixture.ledger.events({ session }), "call.stopped", { provider: id })
        assert.deepEqual(
          stopped.map(({ facts }) => [facts["why"], facts["stopped"]]),
          [["refused", true]],
        )
      })

      it("stops everything when frozen, and goes on when it is not any more", async () => {
        await fixture.budget("1000usd")
        await fixture.order({ do: "freeze", target: "all", reason: "drill" })
        const asked = fixture.model.requests.length
        const { status, text } = await turn(`SAY ${id} frozen`)
        assert.equal(status, "error")
        assert.match(text, /Sovereign Ledger stopped this call to .*all spending is frozen \(drill\)/)
        assert.equal(fixture.model.requests.length, asked)
        await fixture.order({ do: "unfreeze", target: "all" })
        assert.equal((await turn(`SAY ${id} goes on`)).text, `${id} goes on`)
      })
    })
  }

  describe("wherever a run comes from", () => {
    const turn = (message: string, name: string) => runTurn(fixture.client, message, { sessionKey: `agent:main:${name}` })
    const requests = () => fixture.model.requests.length
    const ofCustom = () => fixture.model.requests.filter(({ provider }) => provider === "custom").length
    const words = /Sovereign Ledger stopped this call to mock\/mock-1: needs up to \$/

    it("stops a loop on Telegram, and the person reads why and nothing else", async () => {
      await fixture.budget("1000usd")
      await fixture.order({ do: "set-budget", budget: "two", limits: ["2 calls"], per: "lifetime", match: ["channel=telegram", "provider=*"] })
      const [asked, sent] = [requests(), fixture.telegram.sent.length]
      fixture.telegram.receive(anna, loop("telegram"))
      await eventually(
        "an answer",
        () => fixture.telegram.sent.length,
        (count) => count > sent,
        30_000,
      )
      await fixture.settled()
      await fixture.order({ do: "remove-budget", budget: "two" })
      assert.equal(requests() - asked, 2)
      assert.deepEqual(
        fixture.telegram.sent.slice(sent).map(({ text }) => text.replace(/\(budget.*/, "")),
        ["Sovereign Ledger stopped this call to mock/mock-1: needs up to 1 call, 0 calls left of 2 calls, which does not reset "],
      )
    })

    it("refuses a message from Telegram, a job and a heartbeat, in words where somebody reads them", async () => {
      await fixture.budget("0.01usd")
      const [asked, sent] = [requests(), fixture.telegram.sent.length]
      fixture.telegram.receive(anna, "SAY nothing to Anna")
      await eventually(
        "an answer",
        () => fixture.telegram.sent.length,
        (count) => count > sent,
        30_000,
      )
      assert.match(fixture.telegram.sent.at(-1)?.text ?? "", words)
      assert.equal(await runJob(fixture.client, await addJob(fixture.client, "capped", "SAY nothing by the clock")), "error")
      await runJob(fixture.client, await heartbeatJob(fixture.client))
      assert.equal(requests(), asked)
      const refused = ofType(await fixture.ledger.events(), "spend.refused", { door: "model", budget: "daily" })
      assert.ok(refused.length >= 3)
    })

    it("stops a subagent while its parent goes on", async () => {
      await fixture.budget("1000usd")
      await fixture.order({ do: "set-budget", budget: "three", limits: ["3 calls"], per: "lifetime", match: ["provider=mock"] })
      const asked = requests()
      const task = `TOOL exec {"command":"echo below"}\nTOOL exec {"command":"echo below again"}\nSAY the work is done`
      await turn(`TOOL tool_call ${JSON.stringify({ id: "sessions_spawn", args: { task } })}\nSAY sent`, "parent")
      await eventually(
        "a refusal",
        () => fixture.ledger.events({ type: "spend.refused" }),
        (events) => ofType(events, "spend.refused", { budget: "three" }).length > 0,
        30_000,
      )
      await fixture.settled()
      await fixture.order({ do: "remove-budget", budget: "three" })
      assert.equal(requests() - asked, 3)
      assert.equal(await fixture.postedNanos(), fixture.countedNanos())
    })

    it("lets two agents race for the last of a budget: one of them gets it", async () => {
      // By a provider to which no earlier test left a call to come: the end of a subagent is told to its parent's model when it comes.
      for (const name of ["left", "right"]) await fixture.useModel(`agent:main:race-${name}`, "custom/house-1")
      await fixture.order({ do: "set-budget", budget: "one", limits: ["1 call"], per: "lifetime", match: ["provider=custom"] })
      const asked = ofCustom()
      const results = await Promise.all(["left", "right"].map((name) => turn(`SAY ${name} got it`, `race-${name}`)))
      await fixture.order({ do: "remove-budget", budget: "one" })
      assert.deepEqual(results.map(({ status }) => status).toSorted(), ["error", "ok"])
      assert.equal(ofCustom() - asked, 1)
    })

    it("refuses a model nobody priced, never at $0", async () => {
      await fixture.useModel("agent:main:unpriced", "gift/nobody-priced-it")
      const asked = requests()
      const { text } = await turn("SAY for nothing", "unpriced")
      assert.match(text, /gift\/nobody-priced-it has no price, and the budget daily counts money; what nobody priced is not free/)
      assert.equal(requests(), asked)
    })

    it("knows a price that is set under the running gateway at the next run, and doubts one that falls to a fraction", async () => {
      const costs = (usd: number) => fixture.home.editConfig(giftConfig(fixture.model, usd))
      const priced = () => turn("SAY priced", "unpriced")
      costs(4)
      await eventually("a run at the new price", priced, ({ text }) => text === "priced", 30_000)
      costs(1)
      const doubts = async () => {
        await priced()
        return fixture.ledger.events({ type: "prices.doubted" })
      }
      const found = await eventually("a doubt", doubts, (events) => ofType(events, "prices.doubted", { model: "gift/nobody-priced-it" }).length > 0, 30_000)
      assert.deepEqual(
        ofType(found, "prices.doubted", { model: "gift/nobody-priced-it", rate: "input" }).map(({ facts }) => [facts["expected"], facts["found"]]),
        [["4000000000", "1000000000"]],
      )
    })

    it("refuses a tool that has no room, tells the agent why, and the run goes on", async () => {
      await fixture.order({ do: "set-budget", budget: "tools", limits: ["1 call"], per: "lifetime", match: ["tool=exec"] })
      const { status, text } = await turn(`TOOL exec {"command":"echo first"}\nTOOL exec {"command":"echo second"}\nSAY tools done`, "tools")
      await fixture.order({ do: "remove-budget", budget: "tools" })
      assert.deepEqual([status, text], ["ok", "tools done"])
      const texts = lastToolTexts(fixture.model.requests, "tools done")
      assert.match(texts[0] ?? "", /first/)
      assert.match(texts[1] ?? "", /Sovereign Ledger refused exec: needs up to 1 call, 0 calls left of 1 call/)
    })

    const threeTurns = async (name: string, model: string) => {
      await fixture.useModel(`agent:main:${name}`, model)
      for (const word of ["one", "two", "three"]) await turn(`SAY ${word}`, name)
      await fixture.settled()
    }

    it("stops a compaction that has no room, and whoever asked for it reads why", async () => {
      await threeTurns("compacted", "custom/house-1")
      await fixture.budget("0.01usd")
      const asked = requests()
      const { reason } = await fixture.client.request("sessions.compact", { key: "agent:main:compacted" })
      await fixture.budget("1000usd")
      assert.match(String(reason), /Sovereign Ledger stopped this call to custom\/house-1: needs up to \$/)
      assert.equal(requests(), asked)
    })

    for (const { name, model, grade } of [
      { name: "compacted", model: "custom/house-1", grade: "exact" },
      { name: "compacted-openai", model: "openai/gpt-5.4", grade: "bound" },
    ])
      it(`holds a compaction by ${model}, and posts ${grade === "exact" ? "what its stream tells" : "its most, where nobody tells its usage"}`, async () => {
        if (grade === "bound") await threeTurns(name, model)
        const [before, posted, counted] = [await fixture.ledger.events({ type: "hold.settled" }), await fixture.postedNanos(), fixture.countedNanos()]
        const { compacted } = await fixture.client.request("sessions.compact", { key: `agent:main:${name}` })
        assert.equal(compacted, true)
        await fixture.settled()
        const after = await fixture.ledger.events({ type: "hold.settled" })
        assert.deepEqual(
          after.slice(before.length).map(({ facts }) => facts["grade"]),
          [grade],
        )
        const above = (await fixture.postedNanos()) - posted - (fixture.countedNanos() - counted)
        assert.equal(above > 0n, grade === "bound")
        postedAbove += above
      })

    it("holds the call that the host makes of its own accord when a turn ends without words, or answers it", async () => {
      await fixture.useModel("agent:main:wordless", "custom/house-1")
      const asked = ofCustom()
      assert.equal((await turn(`TOOL exec {"command":"echo wordless"}\nSAY`, "wordless")).text, "done")
      await fixture.settled()
      assert.deepEqual([ofCustom() - asked, await fixture.postedNanos()], [3, fixture.countedNanos() + postedAbove])
      await fixture.order({ do: "set-budget", budget: "two", limits: ["2 calls"], per: "lifetime", match: ["provider=custom"] })
      const { text } = await turn(`TOOL exec {"command":"echo wordless again"}\nSAY`, "wordless")
      await fixture.order({ do: "remove-budget", budget: "two" })
      assert.match(text, /Sovereign Ledger stopped this call to custom\/house-1: needs up to 1 call, 0 calls left of 2 calls/)
      assert.equal(ofCustom() - asked, 5)
    })

    it("charges each attempt of a run that is tried again for what it came to", async () => {
      const { status } = await turn("FAIL 500 2\nSAY it works again", "retried")
      assert.equal(status, "ok")
      await fixture.settled()
      const events = await fixture.ledger.events({ session: "agent:main:retried" })
      assert.equal(ofType(events, "model.called").length, 3)
    })
  })

  it("shows an operator a real refusal", async () => {
    const asked = fixture.model.requests.length
    const openclaw = join(import.meta.dirname, "../../node_modules/.bin/openclaw")
    const { stdout, exitCode, stderr } = await fixture.ledger.run(["budget", "test", "--openclaw", openclaw])
    assert.equal(exitCode, 0, stderr)
    assert.match(
      stdout,
      /The run was refused, and no request left\. Whoever asked reads:\n\n {2}Sovereign Ledger stopped this call to .*needs up to 1 call, 0 calls left of 0 calls/,
    )
    assert.equal(fixture.model.requests.length, asked)
  })

  it("says what it stands at over the gateway's own protocol, and to other plugins", async () => {
    const status = await fixture.client.request("sovereign-ledger.status", {})
    assert.equal(status["done"], true)
    assert.ok((status["budgets"] as readonly JsonObject[]).some(({ rule }) => (rule as JsonObject)["name"] === "daily"))
    const { account } = await fixture.client.request("sovereign-ledger.balance", { account: "agent:main" })
    assert.match(((account as JsonObject)["balance"] as Record<string, string>)["moneyNanos"] ?? "", /^-\d+$/)
  })

  it("leaves a record that verifies", async () => {
    await fixture.settled()
    assert.equal(await fixture.postedNanos(), fixture.countedNanos() + postedAbove)
    assert.equal((await fixture.ledger.verify()).verdict, "valid")
  })
})
