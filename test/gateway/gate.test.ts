/** The outbound gate on the host's own Telegram channel: nothing for a protected recipient but what somebody who may asked for, by whatever way. */
import assert from "node:assert/strict"
import { before, describe, it } from "node:test"
import { eventually, ofType, type LedgerCommandLine } from "./ledger.ts"
import { runOpenclaw } from "./openclaw-cli.ts"
import { suiteLedger, type SharedLedger } from "./shared-ledger.ts"
import { runTurn } from "./turn.ts"

const person = (id: number, name: string) => ({ id, firstName: name, username: `${name.toLowerCase()}_test` })
const [guarded, other, framed] = [person(901, "Gina"), person(902, "Otto"), person(903, "Frida")]
const group = { id: -100_777, title: "Everybody" }
const gate = {
  channel: "telegram",
  protectedTo: ["telegram:901", String(group.id)],
  allowedFrom: ["901"],
  maxUsesPerArm: 2,
  duplicateWindowMs: 0,
  wrapperTargets: ["903"],
}
const frame = (text: string) => `↓↓↓ F.R.I.D.A.Y. ↓↓↓\n${text}\n↑↑↑ F.R.I.D.A.Y. ↑↑↑`

describe("the outbound gate", () => {
  let fixture: SharedLedger
  let ledger: LedgerCommandLine
  const sentTo = ({ id }: { readonly id: number }) => fixture.telegram.sent.filter(({ chatId }) => chatId === String(id)).map(({ text }) => text)
  const reached = ({ id }: { readonly id: number }) => fixture.telegram.reached.filter(({ chatId }) => chatId === String(id)).length
  const verdicts = async (type: string) => ofType(await ledger.events({ category: "message" }), type)
  const count = async (type: string) => (await verdicts(type)).length
  const tool = (args: object) => `TOOL tool_call ${JSON.stringify({ id: "message", args: { channel: "telegram", target: "901", ...args } })}`
  const turn = (...lines: readonly string[]) => runTurn(fixture.client, lines.join("\n"), { sessionKey: "agent:main:gate" })
  const more = (what: string, asked: () => number | Promise<number>, than: number) => eventually(what, asked, (now) => now > than, 40_000)
  const refusedRules = async () =>
    ofType(await ledger.events({ category: "tool" }), "tool.invoked", { tool: "message", verdict: "deny" }).map(({ facts }) => facts["rule"])

  before(async () => {
    const groups = { groupPolicy: "open", groups: { "*": { requireMention: false } } }
    fixture = await suiteLedger("gate", { gate }, { host: { channels: { telegram: groups } } })
    ledger = fixture.ledger
  })

  it("lets everybody else have their answers, wrapped where that is wanted, and never twice", async () => {
    fixture.telegram.receive(other, "SAY hello Otto")
    fixture.telegram.receive(framed, "SAY hello Frida")
    await more("answers", () => Math.min(sentTo(other).length, sentTo(framed).length), 0)
    await turn(tool({ action: "send", target: "903", message: frame("framed before") }), "SAY sent")
    assert.deepEqual([sentTo(other), sentTo(framed)], [["hello Otto"], [frame("hello Frida"), frame("framed before")]])
  })

  it("keeps an answer nobody asked for by the trigger, and the host's own words that there was none", async () => {
    fixture.telegram.receive(guarded, "SAY this must not be read")
    await more("refusals", () => count("outbound.refused"), 1)
    assert.equal(reached(guarded), 0)
  })

  it("keeps an answer to a trigger that asks for nothing, and what others ask for", async () => {
    const refused = await count("outbound.refused")
    fixture.telegram.receive(guarded, "friday: 👍 …")
    await more("a refusal", () => count("outbound.refused"), refused)
    fixture.telegram.receive(other, "friday: let me write to her\nSAY to Otto himself")
    await more("his answer", () => sentTo(other).length, 1)
    await turn(tool({ action: "send", message: "because Otto asked" }), "SAY tried")
    assert.deepEqual([reached(guarded), await count("outbound.requested")], [0, 0])
  })

  it("keeps what the tool sends, and everything else the tool does", async () => {
    const refused = await count("outbound.refused")
    await turn(tool({ action: "send", message: "from the tool" }), "SAY tried to send")
    assert.equal(await count("outbound.refused"), refused + 1)
    const poll = { action: "poll", pollQuestion: "well?", pollOption: ["yes", "no"] }
    const { text } = await turn(
      tool(poll),
      tool({ action: "react", messageId: "1", emoji: "👍" }),
      tool({ action: "edit", messageId: "1", message: "changed" }),
      "SAY tried the rest",
    )
    assert.equal(text, "tried the rest")
    assert.deepEqual(await refusedRules(), ["gate poll", "gate react", "gate edit"])
    assert.equal(reached(guarded), 0)
  })

  it("keeps what the host's command line sends, and what it delivers of a turn", async () => {
    await runOpenclaw(fixture.home, ["message", "send", "--channel", "telegram", "--target", "901", "--message", "from the command line", "--json"])
    const refused = await count("outbound.refused")
    const way = ["--deliver", "--reply-channel", "telegram", "--reply-to", "901", "--json"]
    await runOpenclaw(fixture.home, ["agent", "--session-key", "agent:main:gate", "--message", "SAY delivered", ...way])
    await more("a refusal", () => count("outbound.refused"), refused)
    assert.equal(reached(guarded), 0)
  })

  it("keeps what goes to the same chat by another spelling of the host's", async () => {
    const refused = await count("outbound.refused")
    const targets = ["901:7", "telegram:901:direct-topic:7", "telegram:group:901", "tg:901"]
    for (const target of targets)
      await runOpenclaw(fixture.home, ["message", "send", "--channel", "telegram", "--target", target, "--message", `to ${target}`, "--json"])
    assert.equal(await count("outbound.refused"), refused + targets.length)
    const rules = await refusedRules()
    const poll = { action: "poll", pollQuestion: "well?", pollOption: ["yes", "no"] }
    await turn(tool({ ...poll, target: "tg:901" }), tool({ ...poll, target: `${group.id}:5` }), "SAY tried")
    assert.deepEqual((await refusedRules()).slice(rules.length), ["gate poll", "gate poll"])
    assert.deepEqual([reached(guarded), reached(group)], [0, 0])
  })

  it("lets exactly as many through as were asked for, and none more for the same message again", async () => {
    const asked = fixture.telegram.receive(guarded, "friday: are you there?\nSAY I am here")
    await more("an answer", () => sentTo(guarded).length, 0)
    await turn(tool({ action: "send", message: "and one more" }), tool({ action: "send", message: "and one too many" }), "SAY sent")
    assert.deepEqual(sentTo(guarded), ["I am here", "and one more"])
    const allowed = await verdicts("outbound.allowed")
    assert.deepEqual(
      allowed.map(({ facts }) => facts["usesLeft"]),
      [1, 0],
    )
    await more("what became of them", () => count("outbound.told"), 1)
    fixture.telegram.again(asked)
    fixture.telegram.again(asked, "friday: are you there? Say it again\nSAY I am here again")
    // Updates come in order: what comes after them is heard after them.
    const before = sentTo(other).length
    fixture.telegram.receive(other, "SAY all heard")
    await more("what came after them", () => sentTo(other).length, before)
    await turn(tool({ action: "send", message: "asked for once" }), "SAY tried")
    assert.deepEqual([sentTo(guarded).length, await count("outbound.requested")], [2, 1])
  })

  it("lets one of two that race for the last use through", async () => {
    await ledger.json("gate", "arm", "telegram:901", "--uses", "1")
    const sends = ["this one", "or this one"].map((message) => ({
      name: "tool_call",
      args: { id: "message", args: { channel: "telegram", target: "901", action: "send", message } },
    }))
    const before = sentTo(guarded).length
    await Promise.all([
      turn(`TOOLS ${JSON.stringify(sends)}`, "SAY raced"),
      runTurn(fixture.client, `TOOLS ${JSON.stringify(sends)}\nSAY raced`, { sessionKey: "agent:main:gate-too" }),
    ])
    assert.equal(sentTo(guarded).length, before + 1)
  })

  it("lets a reaction that names nobody go where it was asked for, and nowhere else", async () => {
    const reactions = () => fixture.telegram.reached.filter(({ method }) => method === "setMessageReaction").map(({ chatId }) => chatId)
    const react = `TOOL tool_call ${JSON.stringify({ id: "message", args: { action: "react", emoji: "👍" } })}`
    const [answers, before] = [sentTo(other).length, reactions().length]
    fixture.telegram.receive(other, `${react}\nSAY reacted`)
    await more("an answer", () => sentTo(other).length, answers)
    const rules = await refusedRules()
    fixture.telegram.receive(guarded, `friday: like this\n${react}\nSAY I may not`)
    await more("a refusal", async () => (await refusedRules()).length, rules.length)
    assert.deepEqual(reactions().slice(before), ["902"])
  })

  it("asks in a group for the group and for the person", async () => {
    const refused = await count("outbound.refused")
    fixture.telegram.receive(other, "friday: tell us all\nSAY not for Otto", group)
    await more("a refusal", () => count("outbound.refused"), refused)
    assert.deepEqual(sentTo(group), [])
    fixture.telegram.receive(guarded, "friday: tell us all\nSAY for Gina", group)
    await more("an answer", () => sentTo(group).length, 0)
    assert.deepEqual(sentTo(group), ["for Gina"])
  })

  it("leaves a record that verifies", async () => {
    assert.equal((await ledger.verify()).verdict, "valid")
  })
})
