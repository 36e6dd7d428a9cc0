/** An agent that turns against its ledger: what a door sees is denied, what none sees is on record and alerted, and the cap holds all the same. */
import assert from "node:assert/strict"
import { readdirSync } from "node:fs"
import { join } from "node:path"
import { after, before, describe, it } from "node:test"
import { capFixture, type CapFixture } from "./cap-fixture.ts"
import { eventually, ofType } from "./ledger.ts"
import { lastToolTexts } from "./ledger-fixture.ts"
import { pluginId } from "./plugin.ts"
import { runTurn } from "./turn.ts"

const session = "agent:main:attacker"

describe("an agent against its ledger", () => {
  let fixture: CapFixture
  let keyFile = ""

  /** Runs a command as the agent and answers what the agent was told. */
  async function attempt(command: string, word: string): Promise<string> {
    await runTurn(fixture.client, `TOOL exec ${JSON.stringify({ command })}\nSAY ${word}`, { sessionKey: session })
    return lastToolTexts(fixture.model.requests, word).at(-1) ?? ""
  }

  before(async () => {
    fixture = await capFixture()
    await fixture.budget("1000usd")
    const directory = join(fixture.home.directory, ".config/sovereign-ledger")
    keyFile = join(directory, readdirSync(directory)[0] ?? "")
  })

  after(async () => void (await fixture.removeBudget("daily")))

  it("cannot disable the plugin, read the key, loosen a budget, unfreeze or approve more for itself where a door sees it", async () => {
    const cli = fixture.cliPath.replace(/cli\.mjs$/, "sovereign-ledger/cli.mjs")
    for (const [command, what] of [
      [`openclaw config set plugins.entries.${pluginId}.enabled false`, "host config"],
      [`openclaw plugins disable ${pluginId}`, "plugin files"],
      [`cat ${keyFile}`, "master key"],
      [`rm -rf ${fixture.ledger.dataDirectory}`, "data directory"],
      ["sovereign-ledger budget remove daily", "data directory"],
      ["openclaw ledger unfreeze all", "data directory"],
      ["sovereign-ledger budget approve K7QM2R", "data directory"],
      ["openclaw gateway call plugin.approval.resolve --params {}", "data directory"],
      [`node ${cli} operator set-credential`, "data directory"],
    ] as const) {
      const told = await attempt(command, `tried ${what}`)
      assert.match(told, new RegExp(`Sovereign Ledger refused exec: it (changes|reads) the ledger's own ${what}, which is the operator's alone`), command)
    }
    const denied = await eventually(
      "the refusals",
      () => fixture.ledger.events({ session }),
      (events) => ofType(events, "tool.denied").length >= 9,
    )
    assert.equal(ofType(denied, "tool.invoked", { verdict: "deny", rule: "guard.self" }).length, 9)
    assert.ok(ofType(denied, "guard.touched").length >= 9)
  })

  it("finds nobody who listens below a gateway, in a script that no door looks into", async () => {
    await fixture.order({ do: "freeze", target: "agent:nobody", reason: "to be unfrozen" })
    // What an agent hides in a program of its own: it speaks to the writer as a command does, and says what it runs under.
    const gateway = fixture.gateway.pid
    const answer = await fixture.order({ do: "unfreeze", target: "agent:nobody" }, { under: [gateway] })
    assert.equal((answer["refused"] as { readonly why: string }).why, "agent")
    const removed = await fixture.order({ do: "remove-budget", budget: "daily" }, { under: [gateway] })
    assert.equal((removed["refused"] as { readonly why: string }).why, "agent")
    const refused = ofType(await fixture.ledger.events(), "change.refused", { why: "agent" })
    assert.equal(refused.length, 2)
    await fixture.order({ do: "unfreeze", target: "agent:nobody" })
  })

  it("needs the operator's credential for loosening, once there is one", async () => {
    assert.equal((await fixture.order({ do: "set-credential", new: "only the operator knows" }))["done"], true)
    for (const credential of [undefined, "a guess that is wrong"]) {
      const answer = await fixture.order({ do: "set-budget", budget: "daily", limits: ["9999usd"], per: "day" }, credential === undefined ? {} : { credential })
      assert.equal((answer["refused"] as { readonly why: string }).why, "credential")
    }
    assert.equal((await fixture.order({ do: "set-budget", budget: "daily", limits: ["999usd"], per: "day" }))["done"], true, "tightening is free")
    const credential = "only the operator knows"
    assert.equal((await fixture.budget("999usd"))["done"], true)
    assert.equal((await fixture.order({ do: "set-budget", budget: "daily", limits: ["1000usd"], per: "day" }, { credential }))["done"], true)
    assert.equal((await fixture.order({ do: "set-credential" }))["refused"] !== undefined, true)
    assert.equal((await fixture.order({ do: "set-credential" }, { credential }))["done"], true)
  })

  it("gets no more tool calls than its budget has, however it numbers them", async () => {
    await fixture.order({ do: "set-budget", budget: "ids", limits: ["2 calls"], per: "lifetime", match: ["tool=exec"] })
    const calls = [1, 2, 3].map((n) => `TOOL exec {"command":"echo again ${n}"}`).join("\n")
    await runTurn(fixture.client, `${calls}\nSAY used ids again`, { sessionKey: session })
    await fixture.order({ do: "remove-budget", budget: "ids" })
    const texts = lastToolTexts(fixture.model.requests, "used ids again").slice(-3)
    assert.equal(texts.filter((text) => text.includes("refused exec")).length, 1)
  })

  it("is shown to the operator", async () => {
    const { alerts } = await fixture.ledger.json("status")
    const types = (alerts as { readonly newest: readonly { readonly type: string }[] }).newest.map(({ type }) => type)
    for (const type of ["change.refused", "guard.touched"]) assert.ok(types.includes(type) || types.length >= 20, type)
  })
})
