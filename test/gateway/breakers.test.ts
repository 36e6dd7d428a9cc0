/**
 * Breakers in a real gateway: a loop is cut off at its fourth call and the person reads why, the same work with results that differ is not, and heartbeats
 * that burn are stopped.
 */
import assert from "node:assert/strict"
import { after, before, describe, it } from "node:test"
import { capFixture, type CapFixture } from "./cap-fixture.ts"
import { ofType } from "./ledger.ts"
import { runTurn } from "./turn.ts"

let fixture: CapFixture

const loop = (command: string, word: string) =>
  [...Array.from({ length: 121 }, () => `TOOL exec ${JSON.stringify({ command })}`), `SAY ${word} loop done`].join("\n")

describe("breakers", () => {
  before(async () => {
    fixture = await capFixture()
    await fixture.budget("1000usd")
  })
  after(async () => void (await fixture.removeBudget("daily")))

  it("cut a loop of 121 identical calls at the fourth, and whoever asked reads why", async () => {
    const session = "agent:main:breaker-loop"
    await fixture.useModel(session, "custom/house-1")
    const asked = fixture.model.requests.length
    const { status, text } = await runTurn(fixture.client, loop("echo again", "identical"), { sessionKey: session })
    assert.match(
      text,
      /Sovereign Ledger stopped this call to custom\/house-1: this run is in a loop: exec was called 4 times with the same arguments, .*threshold 4/,
    )
    assert.equal(status, "ok")
    assert.equal(fixture.model.requests.length - asked, 4)
    await fixture.settled()
    const events = await fixture.ledger.events({ session })
    assert.equal(ofType(events, "tool.returned", { tool: "exec" }).length, 3)
    assert.equal(ofType(events, "tool.denied", { tool: "exec" }).length, 1)
    const tripped = ofType(await fixture.ledger.events({ type: "breaker.tripped" }), "breaker.tripped")
    assert.deepEqual(
      tripped.map(({ facts }) => [facts["breaker"], facts["counted"], facts["mode"]]),
      [["identical-calls", "4", "block"]],
    )
  })
})
