/**
 * Downgrades in a real gateway: while a budget runs low, runs use the cheaper model, by the model's own log, and whoever waits reads it once.
 */
import assert from "node:assert/strict"
import { after, before, describe, it } from "node:test"
import { capFixture, type CapFixture } from "./cap-fixture.ts"
import { eventually, ofType } from "./ledger.ts"
import { runTurn, sendChat } from "./turn.ts"

let fixture: CapFixture

const bea = { id: 711, firstName: "Bea", username: "bea_test" }
const words = /^Sovereign Ledger: the budget low is used to 82 %; this run uses cheap\/small-1 instead of mock\/mock-1\.$/
const turn = (message: string, session: string) => runTurn(fixture.client, message, { sessionKey: session })
const requests = () => fixture.model.requests.length
/** The scripted model's log since then: by which provider, and with what status. */
const askedOf = (from: number) => fixture.model.requests.slice(from).map(({ provider, status }) => `${provider || "mock"} ${status}`)
const low = (limit: string) => fixture.order({ do: "set-budget", budget: "low", limits: [limit], per: "lifetime" })

/** What a web chat shows of turns: answers, and notices beside them. The last turn is there so that what comes of those before it has come. */
async function chatShows(messages: readonly string[], last: string, session: string): Promise<readonly string[]> {
  const shown: string[] = []
  const stop = fixture.client.onEvent(({ event, payload }) => {
    const { content } = (payload["message"] ?? {}) as { readonly content?: readonly { readonly text?: string }[] }
    if (event === "chat" && payload["state"] === "final" && payload["sessionKey"] === session) shown.push(...(content ?? []).map(({ text }) => text ?? ""))
  })
  for (const message of [...messages, `SAY ${last}`]) await sendChat(fixture.client, message, { sessionKey: session })
  stop()
  return shown.slice(0, shown.indexOf(last))
}

async function telegramShows(message: string, last: string): Promise<readonly string[]> {
  const sent = fixture.telegram.sent.length
  fixture.telegram.receive(bea, message)
  const texts = () => fixture.telegram.sent.slice(sent).map(({ text }) => text)
  return eventually("an answer", texts, (all) => all.includes(last), 30_000)
}

describe("while a budget runs low", () => {
  before(async () => {
    fixture = await capFixture()
    await low("100usd")
  })
  after(async () => {
    for (const name of ["low", "daily"]) await fixture.removeBudget(name)
  })

  it("a run uses its own model until the share is reached, and the cheaper one from then on", async () => {
    const asked = requests()
    assert.equal((await turn("SAY with room", "agent:main:low")).text, "with room")
    await fixture.order({ do: "spend", id: "downgrades", account: "agent:nobody", amounts: ["82usd"] })
    assert.equal((await turn(`TOOL exec {"command":"echo low"}\nSAY running low`, "agent:main:low")).text, "running low")
    assert.deepEqual(askedOf(asked), ["mock 200", "cheap 200", "cheap 200"])
    await fixture.settled()
    const [downgraded] = ofType(await fixture.ledger.events({ type: "model.downgraded" }), "model.downgraded")
    const { from, to, budget, levelPercent, usedPercent, told } = downgraded?.facts ?? {}
    assert.deepEqual([from, to, budget, levelPercent, usedPercent, told], ["mock/mock-1", "cheap/small-1", "low", 80, 82, undefined])
  })

  it("who waits in a web chat reads it once, beside the answer, and no word of the host that the other model is not available", async () => {
    const [answer, notice, ...more] = await chatShows(["SAY web one", "SAY web two"], "web three", "agent:main:low-web")
    assert.equal(answer, "web one")
    assert.match(notice ?? "", words)
    assert.deepEqual(more, ["web two"])
  })

  it("who waits on Telegram reads it once, before the answer", async () => {
    const [notice, ...more] = await telegramShows("SAY tele one", "tele one")
    assert.match(notice ?? "", words)
    assert.deepEqual([more, await telegramShows("SAY tele two", "tele two")], [["tele one"], ["tele two"]])
  })

  it("a model that was chosen in the session gives way too, and comes back with the room", async () => {
    const session = "agent:main:low-chosen"
    await fixture.useModel(session, "custom/house-1")
    const asked = requests()
    await turn("SAY chosen", session)
    await low("1000usd")
    await turn("SAY chosen again", session)
    await low("100usd")
    assert.deepEqual(askedOf(asked), ["cheap 200", "custom 200"])
  })

  it("the cheaper model is refused where it has no room either", async () => {
    await fixture.budget("0.001usd")
    const asked = requests()
    const { status, text } = await turn("SAY must not be heard", "agent:main:low")
    await fixture.removeBudget("daily")
    assert.match(text, /Sovereign Ledger stopped this call to cheap\/small-1: needs up to .*\(budget daily\)/)
    assert.deepEqual([status, requests() - asked], ["error", 0])
  })

  it("an operator sees it", async () => {
    assert.match((await fixture.ledger.run(["budget", "list"])).stdout, /from 80 % on runs use cheap\/small-1, reached/)
    assert.match((await fixture.ledger.run(["status"])).stdout, /low .*; runs use cheap\/small-1 from 80 % on/)
  })
})
