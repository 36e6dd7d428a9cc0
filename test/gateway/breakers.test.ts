/**
 * Breakers in a real gateway: a loop is cut off at its fourth call and the person reads why, the same work with results that differ is not.
 */
import assert from "node:assert/strict"
import { after, before, describe, it } from "node:test"
import { capFixture, type CapFixture } from "./cap-fixture.ts"
import type { JsonObject } from "./home.ts"
import { eventually, ofType } from "./ledger.ts"
import { runTurn, sendChat } from "./turn.ts"

let fixture: CapFixture

const exec = (command: string) => `TOOL exec ${JSON.stringify({ command })}`
const loop = (command: string, word: string, count = 121) => [...Array.from({ length: count }, () => exec(command)), `SAY ${word} loop done`].join("\n")
const words = /Sovereign Ledger stopped this call to .*: this run is in a loop: exec was called 4 times with the same arguments, .*threshold 4/
const requests = () => fixture.model.requests.length

/** Of this session, oldest first. */
async function toolsOf(session: string): Promise<readonly string[]> {
  const events = await fixture.ledger.events({ session, category: "tool" })
  return events.filter(({ type, facts }) => /returned|denied/.test(type) && facts["tool"] === "exec").map(({ type }) => type)
}

async function trips(): Promise<readonly JsonObject[]> {
  return ofType(await fixture.ledger.events({ type: "breaker.tripped" }), "breaker.tripped").map(({ facts }) => facts)
}

describe("breakers", () => {
  before(async () => {
    fixture = await capFixture()
    await fixture.budget("1000usd")
  })
  after(async () => void (await fixture.removeBudget("daily")))

  for (const [id, model] of [
    ["custom", "custom/house-1"],
    ["openai", "openai/gpt-5.4"],
  ] as const)
    it(`cut a loop of 121 identical calls at the fourth, by provider id ${id}, and whoever ${id === "custom" ? "asked" : "watches"} reads why`, async () => {
      const session = `agent:main:breaker-${id}`
      await fixture.useModel(session, model)
      const [asked, before] = [requests(), (await trips()).length]
      const told = id === "custom" ? runTurn : sendChat
      const { status, text } = await told(fixture.client, loop("echo again", id), { sessionKey: session })
      assert.match(text, words)
      assert.equal(status, id === "custom" ? "ok" : "aborted")
      assert.equal(requests() - asked, 4)
      await fixture.settled()
      const tools = await eventually(
        "the end of the fourth call, which whoever watches may hear of before the ledger does",
        () => toolsOf(session),
        ({ length }) => length >= 4,
      )
      assert.deepEqual(tools, ["tool.returned", "tool.returned", "tool.returned", "tool.denied"])
      const { breaker, counted, mode } = (await trips())[before] ?? {}
      assert.deepEqual([breaker, counted, mode], ["identical-calls", "4", "block"])
      assert.equal(await fixture.postedNanos(), fixture.countedNanos())
      assert.equal((await runTurn(fixture.client, `SAY ${id} goes on`, { sessionKey: session })).text, `${id} goes on`)
    })

  it("let the same call go on while its results differ", async () => {
    const session = "agent:main:breaker-work"
    const { text } = await runTurn(fixture.client, loop("head -c 9 /dev/urandom | base64", "differing", 12), { sessionKey: session })
    assert.equal(text, "differing loop done")
    assert.equal((await toolsOf(session)).length, 12)
  })
})
