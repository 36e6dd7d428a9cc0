/** Windows of a subscription on a real gateway: the host is asked while a budget limits them, and what is used up is refused at the door. */
import assert from "node:assert/strict"
import { before, describe, it } from "node:test"
import { eventually, ofType, type LedgerCommandLine } from "./ledger.ts"
import { suiteLedger, type SharedLedger } from "./shared-ledger.ts"
import { runTurn } from "./turn.ts"

const session = "agent:main:subscription"

/** Where a gateway has served many suites before, the host sometimes answers none of the plugin's questions for minutes: seen, and not explained yet. */
const skip = process.env["CI"] === "true" && "the host does not always answer in a gateway that many suites share: npm test -- --only gateway/subscription"

describe("a budget for a subscription's windows", { skip }, () => {
  let fixture: SharedLedger
  let ledger: LedgerCommandLine
  const turn = (message: string) => runTurn(fixture.client, message, { sessionKey: session })
  const set = (limit: string, ...more: readonly string[]) =>
    ledger.json("budget", "set", "share", "--limit", limit, "--per", "day", "--match", "provider=metered", ...more)
  const reported = async () => ofType(await ledger.events(), "window.reported")

  before(async () => {
    fixture = await suiteLedger("subscription", { quotaMinutes: 15 })
    ledger = fixture.ledger
    await fixture.client.request("sessions.patch", { key: session, model: "metered/metered-1" })
  })

  it("puts on record which plans there are, and asks for no budget's sake while none limits a window", async () => {
    const sampled = async () => ofType(await ledger.events(), "quota.sampled")
    const [quota] = await eventually("what the host says of plans", sampled, (events) => events.length > 0, 120_000)
    assert.deepEqual([quota?.facts["provider"], quota?.facts["plan"]], ["metered", "Pro"])
    const shown = (await ledger.json("quotas"))["quotas"] as readonly {
      readonly displayName: string
      readonly windows: readonly { readonly label: string; readonly usedPercent: number }[]
    }[]
    assert.deepEqual(
      shown.map(({ displayName, windows }) => [displayName, ...windows.map(({ label, usedPercent }) => `${label} ${usedPercent}`).sort()]),
      [["Metered", "5h 83", "Week 12.5"]],
    )
    assert.equal((await turn("SAY nothing is limited")).status, "ok")
    await ledger.json("budget", "set", "money", "--limit", "1000usd", "--per", "day")
    assert.equal((await turn("SAY money is limited")).status, "ok")
    assert.deepEqual(await reported(), [])
  })

  it("refuses what has no room, in percent and with the time it resets; no request leaves", async () => {
    await set("80%", "--window", "5h")
    const told = await eventually("what the host was told", reported, (events) => events.length > 0, 120_000)
    assert.deepEqual(
      told.slice(0, 2).map(({ facts }) => [facts["provider"], facts["label"], facts["usedMillipercent"], facts["plan"]]),
      [
        ["metered", "5h", 83_000, "Pro"],
        ["metered", "Week", 12_500, "Pro"],
      ],
    )
    const asked = fixture.model.requests.length
    const { status, text } = await turn("SAY this must not be heard")
    assert.equal(status, "error")
    assert.match(
      text,
      /Sovereign Ledger stopped this call to metered\/metered-1: the window 5h of metered is used to 83 %, the limit is 80 %, resets \d\d:\d\d \(budget share\)/,
    )
    assert.equal(fixture.model.requests.length, asked)
    assert.equal((await ofType(await ledger.events(), "spend.refused")).at(-1)?.facts["why"], "over-window")
  })

  it("lets it go on when the limit is above what is used", async () => {
    await set("90%", "--window", "5h")
    assert.equal((await turn("SAY there is room again")).status, "ok")
    assert.equal((await ledger.verify()).verdict, "valid")
  })
})
