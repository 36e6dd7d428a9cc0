/**
 * What comes after its time at the outbound gate, on the host's own Telegram channel: a late answer leaves once, what was allowed before is over. And what is taken out
 * of texts, to whomever they go.
 */
import assert from "node:assert/strict"
import { before, describe, it } from "node:test"
import { eventually, ofType } from "./ledger.ts"
import { suiteLedger, type SharedLedger } from "./shared-ledger.ts"
import { runTurn } from "./turn.ts"

const person = (id: number, name: string) => ({ id, firstName: name, username: `${name.toLowerCase()}_test` })
const [quick, slow, other] = [person(904, "Quinn"), person(905, "Sally"), person(906, "Oscar")]
const armTtlMs = 15_000
const strip = { reasoning: true, secrets: true, internalMarkers: true }
const gate = { channel: "telegram", protectedTo: ["904", "905"], allowedFrom: ["904", "905"], duplicateWindowMs: 0, armTtlMs, strip }

describe("the outbound gate when time is over", () => {
  let fixture: SharedLedger
  const sentTo = ({ id }: { readonly id: number }) => fixture.telegram.sent.filter(({ chatId }) => chatId === String(id)).map(({ text }) => text)
  const send = async ({ id }: { readonly id: number }, message: string) => {
    const args = { channel: "telegram", target: String(id), action: "send", message }
    await runTurn(fixture.client, `TOOL tool_call ${JSON.stringify({ id: "message", args })}\nSAY tried`, { sessionKey: "agent:main:gate-late" })
  }
  const whys = async () => ofType(await fixture.ledger.events({ category: "message" }), "outbound.refused").map(({ facts }) => facts["why"])

  before(async () => {
    fixture = await suiteLedger("gate-late", { gate })
  })

  it("takes out what is internal, and keeps a message of which nothing is left", async () => {
    const token = `ghp_${"a1B2c3D4e5".repeat(4).slice(0, 36)}`
    await send(other, `<scratchpad>he must not know</scratchpad>At six. ANNOUNCE_SKIP It is ${token}`)
    await send(other, "<scratchpad>nothing for him")
    fixture.telegram.receive(other, "SAY <scratchpad>nor this</scratchpad>At seven.")
    await eventually(
      "a reply",
      () => sentTo(other).length,
      (count) => count > 1,
      40_000,
    )
    assert.deepEqual(sentTo(other), ["At six. It is [redacted:github-token]", "At seven."])
    const taken = ofType(await fixture.ledger.events({ category: "message" }), "outbound.stripped").map(({ facts }) => facts)
    assert.deepEqual(
      taken.map(({ kinds, counts, emptied }) => [kinds, counts, emptied]),
      [
        [["reasoning", "internal-marker", "github-token"], [1, 1, 1], undefined],
        [["reasoning"], [1], true],
        [["reasoning"], [1], undefined],
      ],
    )
  })

  it("lets a late answer leave once, and nothing more of what was allowed before", async () => {
    fixture.telegram.receive(quick, "friday: quickly, please\nSAY at once")
    await eventually(
      "a quick answer",
      () => sentTo(quick).length,
      (count) => count > 0,
      40_000,
    )
    // Asked after that answer left, and answered later than its window lasts.
    fixture.telegram.receive(slow, `friday: take your time\nSLOW ${armTtlMs + 1_000}\nSAY at last`)
    await eventually(
      "a late answer",
      () => sentTo(slow).length,
      (count) => count > 0,
      90_000,
    )
    await send(quick, "too late")
    await send(slow, "one too many")
    assert.deepEqual([sentTo(quick), sentTo(slow)], [["at once"], ["at last"]])
    const allowed = ofType(await fixture.ledger.events({ category: "message" }), "outbound.allowed")
    const [first, last] = allowed.map(({ facts }) => facts)
    assert.deepEqual([last?.["recovered"], last?.["usesLeft"]], [true, 0])
    // On a machine so slow that the quick answer was late as well, its window never opened.
    assert.deepEqual(await whys(), [first?.["recovered"] === true ? "not-armed" : "expired", "not-armed"])
  })
})
