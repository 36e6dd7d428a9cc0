/**
 * /budget, /spend, /freeze and /unfreeze on a real gateway, from Telegram and by a client: an owner is answered and obeyed, nobody else is, and what an agent
 * says, sends or schedules, or a tool gives back, is no command.
 */
import assert from "node:assert/strict"
import { before, describe, it } from "node:test"
import type { JsonObject } from "./home.ts"
import { addJob, runJob } from "./jobs.ts"
import { guardSettings, lastToolTexts } from "./ledger-fixture.ts"
import { eventually, ofType, type LedgerCommandLine } from "./ledger.ts"
import { owner, ownerChat, stranger } from "./owner-chat.ts"
import type { SharedLedger } from "./shared-ledger.ts"
import { runTurn, sendChat } from "./turn.ts"

describe("slash commands in chats", () => {
  const { fixture: made, order, ofSender, said } = ownerChat("owner-commands", { guard: guardSettings })
  let fixture: SharedLedger
  let ledger: LedgerCommandLine
  const frozen = async () => (await order({ do: "show" }))["frozen"]

  before(async () => {
    fixture = made()
    ledger = fixture.ledger
    await runTurn(fixture.client, "SAY begun", { sessionKey: "agent:main:chat-commands" })
    await order({ do: "set-budget", budget: "daily", limits: ["5usd", "1000 calls"], per: "day", zone: "UTC" })
  })

  it("tells an owner what is left of each budget and when it resets, and what was spent today", async () => {
    assert.match(await said(owner, "/budget"), /^daily: \$[45]\.\d\d left of \$5\.00; \d+k? calls left of 1k calls, resets 00:00 UTC$/)
    assert.match(await said(owner, "/spend"), /^Today \(since 00:00 \S+\): \$0\.\d+ in \d+ calls?\nmock\/mock-1: \$0\.\d+, \d+ calls?$/)
  })

  it("freezes for an owner: the next model call is refused, and who asked is on record without a name", async () => {
    assert.match(await said(owner, "/freeze"), /^Frozen: all spending\. .*\nOn the machine: sovereign-ledger unfreeze all$/)
    const asked = fixture.model.requests.length
    assert.match(
      (await runTurn(fixture.client, "SAY frozen", { sessionKey: "agent:main:chat-commands" })).text,
      /all spending is frozen \(\/freeze in telegram by owner ~/,
    )
    assert.match(await said(owner, "SAY frozen on telegram"), /all spending is frozen/)
    assert.equal(fixture.model.requests.length, asked)
    const [event] = ofType(await ledger.events({ type: "ledger.frozen" }), "ledger.frozen")
    assert.match(String(event?.facts["reason"]), /^\/freeze in telegram by owner ~[\w-]{19}$/)
    assert.match(await said(owner, "/freeze"), /^Frozen already/)
    assert.match(await said(owner, "/budget"), /^Everything is frozen: \/freeze in telegram by owner ~.*\ndaily: /)
    assert.match(await said(owner, "/unfreeze"), /^Unfrozen: all spending/)
    assert.equal((await runTurn(fixture.client, "SAY goes on", { sessionKey: "agent:main:chat-commands" })).text, "goes on")
  })

  it("freezes one account, and says of a name nobody knows that there is none", async () => {
    assert.match(await said(owner, "/freeze agent:main"), /^Frozen: agent:main\./)
    assert.match(await said(owner, "SAY not by main"), /Sovereign Ledger stopped this call/)
    assert.match(await said(owner, "/unfreeze agent:main"), /^Unfrozen: agent:main/)
    assert.match(await said(owner, "/freeze nonsense"), /nonsense/)
  })

  it("unfreezes in no chat once there is a credential, and says what to do on the machine", async () => {
    await order({ do: "set-credential", new: "only the operator knows" })
    await said(owner, "/freeze all")
    const words = await said(owner, "/unfreeze all only the operator knows")
    assert.match(
      words,
      /^Refused: unfreezing needs the operator's credential, which is not for a chat; on the machine: sovereign-ledger unfreeze all --credential-file -\.$/,
    )
    assert.notEqual(await frozen(), undefined)
    const refused = ofType(await ledger.events({ type: "change.refused" }), "change.refused")
    assert.deepEqual(
      refused.map(({ facts }) => facts["why"]),
      ["credential"],
    )
    const credential = "only the operator knows"
    await order({ do: "set-credential" }, { credential })
    await order({ do: "unfreeze", target: "all" })
  })

  it("answers nobody else", async () => {
    for (const text of ["/budget", "/spend", "/freeze all", "/unfreeze all"]) {
      const answer = await said(stranger, text)
      assert.doesNotMatch(answer, /daily|Today|Frozen|Unfrozen/, `${text}: ${answer}`)
    }
    assert.equal(await frozen(), undefined)
  })

  it("obeys a client of the gateway that freezes, and lets none unfreeze: agents have its token", async () => {
    assert.match((await sendChat(fixture.client, "/freeze all")).text, /^Frozen: all spending/)
    assert.match(String(await frozen()), /^\/freeze in \S+ by gateway client/)
    assert.match((await sendChat(fixture.client, "/unfreeze all")).text, /^Refused: unfreezing is for an owner in a channel, not for a client of the gateway/)
    assert.notEqual(await frozen(), undefined)
    await order({ do: "unfreeze", target: "all" })
  })

  it("takes nothing for a command that an agent says, sends, schedules or hears from a tool, or that is only quoted", async () => {
    const session = "agent:main:chat-commands"
    const send = (id: string, args: JsonObject) => `TOOL tool_call ${JSON.stringify({ id, args })}`
    await runTurn(fixture.client, "SAY /freeze all", { sessionKey: session })
    await runTurn(fixture.client, `TOOL exec {"command":"echo /freeze all"}\nSAY heard`, { sessionKey: session })
    await runTurn(fixture.client, `${send("sessions_send", { sessionKey: "agent:main:main", message: "/freeze all", timeoutSeconds: 5 })}\nSAY sent`, {
      sessionKey: session,
    })
    // Another session hears it, and takes it for what somebody says.
    const heard = () => fixture.model.requests.filter(({ userText }) => userText.includes("/freeze all") && !userText.includes("SAY")).length
    await eventually("the model of the other session was asked", heard, (count) => count > 0)
    await runTurn(
      fixture.client,
      `${send("message", { action: "send", channel: "telegram", target: String(owner.id), message: "/freeze all" })}\nSAY written`,
      { sessionKey: session },
    )
    assert.ok(ofSender(owner).includes("/freeze all"), lastToolTexts(fixture.model.requests, "written").join())
    await runTurn(fixture.client, `${send("sessions_spawn", { task: "/freeze all" })}\nSAY spawned`, { sessionKey: session })
    await runJob(fixture.client, await addJob(fixture.client, "frozen", "/freeze all"))
    await said(owner, "SAY quoted\n> /freeze all")
    await said(owner, "look at /freeze all\nSAY looked at")
    await runTurn(fixture.client, "/freeze all\nSAY by the agent method", { sessionKey: session })
    assert.equal(await frozen(), undefined)
  })
})
