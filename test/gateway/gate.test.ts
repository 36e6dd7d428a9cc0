/** The outbound gate on the host's own Telegram channel: nothing for a protected recipient but what somebody who may asked for, by whatever way. */
import assert from "node:assert/strict"
import { before, describe, it } from "node:test"
import { eventually, ofType, type LedgerCommandLine } from "./ledger.ts"
import { runOpenclaw } from "./openclaw-cli.ts"
import { suiteLedger, type SharedLedger } from "./shared-ledger.ts"
import { runTurn } from "./turn.ts"

const person = (id: number, name: string) => ({ id, firstName: name, username: `${name.toLowerCase()}_test` })
const [guarded, other, framed] = [person(901, "Gina"), person(902, "Otto"), person(903, "Frida")]
const gate = {
  channel: "telegram",
  protectedTo: ["telegram:901"],
  allowedFrom: ["901"],
  maxUsesPerArm: 2,
  duplicateWindowMs: 0,
  wrapperTargets: ["903"],
}

describe("the outbound gate", () => {
  let fixture: SharedLedger
  let ledger: LedgerCommandLine
  const sentTo = ({ id }: { readonly id: number }) => fixture.telegram.sent.filter(({ chatId }) => chatId === String(id)).map(({ text }) => text)
  const reached = ({ id }: { readonly id: number }) => fixture.telegram.reached.filter(({ chatId }) => chatId === String(id)).length
  const verdicts = async (type: string) => ofType(await ledger.events({ category: "message" }), type)
  const tool = (args: object) => `TOOL tool_call ${JSON.stringify({ id: "message", args: { channel: "telegram", target: "901", ...args } })}`
  const turn = (...lines: readonly string[]) => runTurn(fixture.client, lines.join("\n"), { sessionKey: "agent:main:gate" })
  const more = (what: string, count: () => number | Promise<number>, than: number) => eventually(what, count, (now) => now > than, 40_000)

  before(async () => {
    fixture = await suiteLedger("gate", { gate })
    ledger = fixture.ledger
  })

  it("lets everybody else have their answers, wrapped where that is wanted", async () => {
    fixture.telegram.receive(other, "SAY hello Otto")
    fixture.telegram.receive(framed, "SAY hello Frida")
    await more("answers", () => Math.min(sentTo(other).length, sentTo(framed).length), 0)
    assert.deepEqual([sentTo(other), sentTo(framed)], [["hello Otto"], ["↓↓↓ F.R.I.D.A.Y. ↓↓↓\nhello Frida\n↑↑↑ F.R.I.D.A.Y. ↑↑↑"]])
  })

  it("keeps an answer nobody asked for by the trigger, and the host's own words that there was none", async () => {
    fixture.telegram.receive(guarded, "SAY this must not be read")
    await more("refusals", async () => (await verdicts("outbound.refused")).length, 1)
    assert.equal(reached(guarded), 0)
  })

  it("keeps what the tool sends, and everything else the tool does", async () => {
    const before = (await verdicts("outbound.refused")).length
    await turn(tool({ action: "send", message: "from the tool" }), "SAY tried to send")
    assert.equal((await verdicts("outbound.refused")).length, before + 1)
    const poll = { action: "poll", pollQuestion: "well?", pollOption: ["yes", "no"] }
    const { text } = await turn(
      tool(poll),
      tool({ action: "react", messageId: "1", emoji: "👍" }),
      tool({ action: "edit", messageId: "1", message: "changed" }),
      "SAY tried the rest",
    )
    assert.equal(text, "tried the rest")
    const denied = ofType(await ledger.events({ category: "tool" }), "tool.invoked", { tool: "message", verdict: "deny" })
    assert.deepEqual(
      denied.map(({ facts }) => facts["rule"]),
      ["gate poll", "gate react", "gate edit"],
    )
    assert.equal(reached(guarded), 0)
  })

  it("keeps what the host's command line sends", async () => {
    await runOpenclaw(fixture.home, ["message", "send", "--channel", "telegram", "--target", "901", "--message", "from the command line", "--json"])
    assert.equal(reached(guarded), 0)
  })

  it("lets exactly as many through as were asked for", async () => {
    fixture.telegram.receive(guarded, "friday: are you there?\nSAY I am here")
    await more("an answer", () => sentTo(guarded).length, 0)
    await turn(tool({ action: "send", message: "and one more" }), tool({ action: "send", message: "and one too many" }), "SAY sent")
    assert.deepEqual(sentTo(guarded), ["I am here", "and one more"])
    const allowed = await verdicts("outbound.allowed")
    assert.deepEqual(
      allowed.map(({ facts }) => facts["usesLeft"]),
      [1, 0],
    )
    await more("what became of them", async () => (await verdicts("outbound.told")).length, 1)
  })

  it("leaves a record that verifies", async () => {
    assert.equal((await ledger.verify()).verdict, "valid")
  })
})
