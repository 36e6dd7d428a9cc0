/** Windows of a subscription on a real gateway: the host is asked while a budget limits them, and what is used up is refused at the door. */
import assert from "node:assert/strict"
import { join } from "node:path"
import { after, before, describe, it } from "node:test"
import { builtPlugin } from "./built-plugin.ts"
import { eventually, ledgerOf, ofType, type LedgerCommandLine } from "./ledger.ts"
import { pluginId } from "./plugin.ts"
import { startFixture, type GatewayFixture } from "./shared-gateway.ts"
import { runTurn } from "./turn.ts"

describe("a budget for a subscription's windows", () => {
  let fixture: GatewayFixture
  let ledger: LedgerCommandLine
  const turn = (message: string) => runTurn(fixture.client, message, { sessionKey: "agent:main:windows" })
  const set = (limit: string, ...more: readonly string[]) =>
    ledger.json("budget", "set", "share", "--limit", limit, "--per", "day", "--match", "provider=mock", ...more)
  const reported = async () => ofType(await ledger.events(), "window.reported")

  before(async () => {
    const { tarballPath, cliPath } = await builtPlugin()
    fixture = await startFixture({
      tarballPath,
      environment: { SL_TEST_SUBSCRIPTION: "83" },
      prepare: async (home) => {
        ledger = ledgerOf(home, { cliPath })
        const others = { load: { paths: [join(import.meta.dirname, "subscription-plugin")] }, entries: { subscription: { enabled: true } } }
        home.editConfig({ plugins: { allow: [pluginId, "subscription"], ...others } })
        await ledger.json("key", "create")
      },
    })
  })
  after(() => fixture.stop())

  it("asks nobody while no budget limits a window", async () => {
    assert.equal((await turn("SAY nothing is limited")).status, "ok")
    await ledger.json("budget", "set", "money", "--limit", "1000usd", "--per", "day")
    assert.equal((await turn("SAY money is limited")).status, "ok")
    assert.deepEqual(await reported(), [])
  })

  it("refuses what has no room, in percent and with the time it resets; no request leaves", async () => {
    await set("80%", "--window", "5h")
    const told = await eventually("what the host was told", reported, (events) => events.length > 0, 60_000)
    assert.deepEqual(
      told.map(({ facts }) => [facts["provider"], facts["label"], facts["usedMillipercent"], facts["plan"]]),
      [
        ["mock", "5h", 83_000, "Pro"],
        ["mock", "Week", 12_500, "Pro"],
      ],
    )
    const asked = fixture.model.requests.length
    const { status, text } = await turn("SAY this must not be heard")
    assert.equal(status, "error")
    assert.match(
      text,
      /Sovereign Ledger stopped this call to mock\/mock-1: the window 5h of mock is used to 83 %, the limit is 80 %, resets \d\d:\d\d \(budget share\)/,
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
