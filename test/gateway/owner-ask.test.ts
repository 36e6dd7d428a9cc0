/**
 * "Approve more for this run?" on a real gateway: a refused run carries a code, an owner answers it in a channel, and the next run of the session spends as much
 * more as was approved and not one call beyond. A tool that has no room waits for the host's own approval, held before it runs.
 */
import assert from "node:assert/strict"
import { after, before, describe, it } from "node:test"
import { answerApprovals, type Decision } from "./approvals.ts"
import type { JsonObject } from "./home.ts"
import { addJob, runJob } from "./jobs.ts"
import { lastToolTexts, withSettings } from "./ledger-fixture.ts"
import { eventually, ofType, type LedgerCommandLine } from "./ledger.ts"
import { owner, ownerChat, stranger } from "./owner-chat.ts"
import type { SharedLedger } from "./shared-ledger.ts"
import { runTurn, sendChat } from "./turn.ts"

describe("asking an owner for more", () => {
  const { fixture: made, order, said } = ownerChat("owner-ask", { ask: { amount: ["2 calls", "1usd"] } })
  let fixture: SharedLedger
  let ledger: LedgerCommandLine
  const stops: (() => Promise<void>)[] = []

  const turn = (message: string, name: string) => runTurn(fixture.client, message, { sessionKey: `agent:main:${name}` })
  const requests = () => fixture.model.requests.length

  /** A budget for the model calls of one session, which is full. */
  async function full(name: string, match = `session=agent:main:${name}`): Promise<void> {
    await order({ do: "set-budget", budget: name, limits: ["0 calls"], per: "lifetime", match: [match, "provider=*"] })
  }

  async function refusedWith(name: string): Promise<string> {
    const { text } = await turn("SAY not yet", name)
    const asked = /up to 2 calls more for one run of this session within \d+ minutes?: \/budget approve ([A-Z2-9]{6}) \(or \/budget deny \1\)/
    return asked.exec(text)?.[1] ?? assert.fail(text)
  }

  const stateOf = async (code: string) => (await extensions()).find(({ extension }) => extension === code)?.["state"]
  const extensions = async () => (await ledger.json("budget", "extensions"))["extensions"] as readonly JsonObject[]

  before(async () => {
    fixture = made()
    ledger = fixture.ledger
    await runTurn(fixture.client, "SAY begun", { sessionKey: "agent:main:begun" })
    await full("begun-too") // doors are told that something blocks long before anything is refused
  })

  after(async () => {
    for (const stop of stops) await stop()
  })

  it("lets the next run of the session make exactly as many calls more as an owner approved, once", async () => {
    await full("granted")
    const code = await refusedWith("granted")
    assert.match(await said(owner, `/budget approve ${code}`), new RegExp(`^Approved: ${code}\\. Send the message again`))
    const asked = requests()
    const { text } = await turn(`TOOL exec {"command":"echo one"}\nTOOL exec {"command":"echo two"}\nSAY all of it`, "granted")
    assert.match(text, /Sovereign Ledger stopped this call to .*An owner may approve up to 2 calls more/)
    assert.equal(requests() - asked, 2)
    assert.equal(await stateOf(code), "used up")
    assert.match(await said(owner, `/budget approve ${code}`), /^Refused: what was asked for under the code [A-Z2-9]{6} is granted already/)
    assert.ok(ofType(await ledger.events({ type: "change.refused" }), "change.refused", { why: "extension-closed" }).length > 0)
    assert.match((await ledger.run(["budget", "list"])).stdout, /granted .*0 calls spent of 0 calls, 0 calls left/s)
  })

  it("gives a run of another session nothing, and the next one of its own what was approved", async () => {
    await full("both", "agent=main")
    const code = await refusedWith("mine")
    assert.equal((await order({ do: "approve-extension", extension: code }))["done"], true)
    assert.match((await turn("SAY not mine", "other")).text, /Sovereign Ledger stopped this call/)
    assert.equal((await turn("SAY mine", "mine")).text, "mine")
    assert.match((await turn("SAY mine again", "mine")).text, /Sovereign Ledger stopped this call/)
    await order({ do: "remove-budget", budget: "both" })
  })

  it("spends nothing after a denial, and asks anew under another code", async () => {
    await full("denied")
    const code = await refusedWith("denied")
    assert.match(await said(owner, `/budget deny ${code}`), /^Denied: nothing more is spent/)
    assert.match(await said(owner, `/budget approve ${code}`), /^Refused: .* is denied already/)
    assert.notEqual(await refusedWith("denied"), code)
  })

  it("takes an answer from nobody but an owner: no stranger, no client, and nothing that an agent says, sends, runs or hears", async () => {
    await full("attacked")
    const code = await refusedWith("attacked")
    const words = `/budget approve ${code}`
    assert.doesNotMatch(await said(stranger, words), /Approved/)
    assert.match(
      (await sendChat(fixture.client, words)).text,
      /^Refused: letting a run spend more is for an owner in a channel, not for a client of the gateway/,
    )
    const send = (id: string, args: JsonObject) => `TOOL tool_call ${JSON.stringify({ id, args })}`
    await turn(`SAY ${words}`, "agent")
    await turn(`TOOL exec ${JSON.stringify({ command: `echo ${words}` })}\nSAY heard`, "agent")
    await turn(`${send("sessions_send", { sessionKey: "agent:main:main", message: words, timeoutSeconds: 5 })}\nSAY sent`, "agent")
    await turn(`${send("message", { action: "send", channel: "telegram", target: String(owner.id), message: words })}\nSAY written`, "agent")
    await runJob(fixture.client, await addJob(fixture.client, "approves", words))
    const commands = [
      `sovereign-ledger budget approve ${code}`,
      `openclaw gateway call plugin.approval.resolve --params '{"id":"plugin:1","decision":"allow-once"}'`,
    ]
    for (const [n, command] of commands.entries()) {
      await turn(`TOOL exec ${JSON.stringify({ command })}\nSAY attack ${n}`, "agent")
      assert.match(lastToolTexts(fixture.model.requests, `attack ${n}`).at(-1) ?? "", /Sovereign Ledger refused exec: it changes the ledger's own/)
    }
    const below = await order({ do: "approve-extension", extension: code }, { under: [fixture.gateway.pid] })
    assert.equal((below["refused"] as JsonObject)["why"], "agent")
    assert.equal(await stateOf(code), "asked")
  })

  it("lets a tool wait for the host's approval, held before it runs; the rest is for the same run, and a denied one does not run", async () => {
    await order({ do: "set-budget", budget: "tool", limits: ["0 calls"], per: "lifetime", match: ["tool=exec"] })
    const decisions: Decision[] = ["allow-once", "deny"]
    const approver = await answerApprovals(fixture.home, () => decisions.shift() ?? "none")
    stops.push(async () => approver.close())
    const calls = ["one", "two", "three"].map((word) => `TOOL exec ${JSON.stringify({ command: `echo ${word} ran` })}`).join("\n")
    const { status } = await sendChat(fixture.client, `${calls}\nSAY waited`, { sessionKey: "agent:main:waits" })
    const question = "Spend up to 2 calls more for this run?"
    assert.deepEqual([status, approver.asked], ["ok", [question, question]])
    const texts = lastToolTexts(fixture.model.requests, "waited")
    assert.deepEqual(
      ["one", "two", "three"].map((word, at) => texts[at]?.includes(`${word} ran`)),
      [true, true, false],
    )
    const denied = () => ledger.events({ session: "agent:main:waits" })
    await eventually("the end of the tools", denied, (all) => ofType(all, "tool.denied").length > 0 && ofType(all, "tool.returned").length > 1)
    const ofTools = (await extensions()).filter(({ door }) => door === "tool")
    assert.deepEqual(
      ofTools.map(({ state }) => state),
      ["denied", "used up"],
    )
    const code = ofTools[1]?.["extension"]
    const drawn = (await ledger.events({ category: "spend" })).filter(({ facts }) =>
      [facts["extension"], (facts["draws"] as JsonObject)?.["extension"]].includes(code),
    )
    assert.deepEqual(
      drawn.map(({ type }) => type),
      ["extension.asked", "hold.placed", "extension.granted", "hold.placed"],
    )
  })

  it("refuses a tool at once where the host has nobody to ask, and gives back what was held", async () => {
    const { status } = await turn(`TOOL exec {"command":"echo nobody"}\nSAY nobody`, "waits-for-nobody")
    assert.equal(status, "ok")
    assert.match(lastToolTexts(fixture.model.requests, "nobody").at(-1) ?? "", /approval unavailable/i)
    const shown = await eventually("no hold of a tool", extensions, (all) => all.every(({ state, door }) => door === "model" || state !== "asked"))
    assert.equal(shown.find(({ door }) => door === "tool")?.["state"], "denied")
    await order({ do: "remove-budget", budget: "tool" })
  })

  const long = process.env["CI"] === "true" && "it waits for more than a minute"
  it("spends nothing on an approval that comes too late, and the host has given a tool up by then", { skip: long }, async () => {
    const approver = await answerApprovals(fixture.home, () => "none")
    stops.push(async () => approver.close())
    await withSettings(fixture, { config: { ask: { amount: ["2 calls"], expiresMinutes: 1 } } }, async () => {
      await full("late")
      await order({ do: "set-budget", budget: "tool", limits: ["0 calls"], per: "lifetime", match: ["tool=exec"] })
      const waits = sendChat(fixture.client, `TOOL exec {"command":"echo late"}\nSAY gave up`, { sessionKey: "agent:main:gives-up", timeoutMs: 150_000 })
      const code = await refusedWith("late")
      const expired = async () => ofType(await ledger.events({ type: "extension.expired" }), "extension.expired", { extension: code })
      await eventually("its time is over", expired, (events) => events.length > 0, 150_000)
      assert.match(await said(owner, `/budget approve ${code}`), /^Refused: .* is expired already/)
      assert.match((await turn("SAY not late", "late")).text, /Sovereign Ledger stopped this call/)
      assert.equal((await waits).status, "ok")
      assert.match(lastToolTexts(fixture.model.requests, "gave up").at(-1) ?? "", /timed out/i)
      const [denied] = ofType(await ledger.events({ type: "extension.denied" }), "extension.denied", { reason: "the host's approval: timeout" })
      assert.ok(denied)
      await order({ do: "remove-budget", budget: "tool" })
    })
  })
})
