/**
 * The hard cap on a real gateway: what was refused never reached the model, the person reads why, and what was spent is what the model counted, to the
 * nano-dollar. By provider ids the host has code of its own for, and by one it knows nothing of.
 */
import assert from "node:assert/strict"
import { after, before, describe, it } from "node:test"
import { askWriter } from "../../src/surfaces/socket/writer-link.ts"
import { socketPath } from "../../src/surfaces/socket/socket-path.ts"
import { builtPlugin } from "./built-plugin.ts"
import type { JsonObject } from "./home.ts"
import { eventually, ledgerOf, ofType } from "./ledger.ts"
import type { LedgerFixture } from "./ledger-fixture.ts"
import { modelProviders, providersConfig } from "./model-providers.ts"
import { startFixture } from "./shared-gateway.ts"
import { runTurn, sendChat } from "./turn.ts"

let fixture: LedgerFixture

/** Asks the writer as a command does. */
async function order(what: JsonObject): Promise<JsonObject> {
  const link = { socketPath: socketPath(fixture.ledger.dataDirectory), role: "cli" as const }
  return (await askWriter(link, "order", 10_000, { order: what })) as JsonObject
}

const budget = (limit: string) => order({ do: "set-budget", budget: "daily", limits: [limit], per: "day" })

/** Everything the ledger posted as spent on models, in nano-dollars. */
async function postedNanos(): Promise<bigint> {
  const events = await fixture.ledger.events()
  const posted = [...ofType(events, "hold.settled"), ...ofType(events, "transfer.posted")]
  return posted
    .flatMap(({ facts }) => facts["movements"] as readonly { readonly debit: string; readonly amounts: Readonly<Record<string, string>> }[])
    .filter(({ debit }) => debit.startsWith("spent:model/"))
    .reduce((sum, { amounts }) => sum + BigInt(amounts["moneyNanos"] ?? 0), 0n)
}

/** What the model's own log says that it came to, at the prices of the host's configuration. */
function countedNanos(): bigint {
  return fixture.model.requests.reduce((sum, { usage }) => {
    if (!usage) return sum
    const { promptTokens, cachedTokens, cacheWriteTokens, outputTokens } = usage
    const fresh = promptTokens - cachedTokens - cacheWriteTokens
    return sum + BigInt(fresh * 3_000 + cachedTokens * 300 + cacheWriteTokens * 3_750 + outputTokens * 15_000)
  }, 0n)
}

const loop = (word: string) => `TOOL exec {"command":"echo two"}\nTOOL exec {"command":"echo three"}\nSAY ${word} loop done`

async function settled(): Promise<void> {
  await eventually("everything is settled", openHolds, (open) => open === 0, 20_000)
}

async function openHolds(): Promise<number> {
  const events = await fixture.ledger.events()
  const ended = ["hold.settled", "hold.released", "hold.expired"].reduce((sum, type) => sum + ofType(events, type).length, 0)
  return ofType(events, "hold.placed").length - ended
}

describe("a hard cap", () => {
  before(async () => {
    const { tarballPath, cliPath } = await builtPlugin()
    const started = await startFixture({
      tarballPath,
      prepareModel: (model) => providersConfig(model),
      prepare: (home) => ledgerOf(home, { cliPath }).json("key", "create"),
    })
    fixture = { ...started, cliPath, ledger: ledgerOf(started.home, { cliPath }) }
  })
  after(() => fixture.stop())

  for (const { id, model } of modelProviders) {
    describe(`with provider id ${id}`, () => {
      const session = `agent:main:cap-${id}`
      const turn = (message: string) => runTurn(fixture.client, message, { sessionKey: session })

      before(async () => {
        fixture.home.editConfig({ agents: { defaults: { model: { primary: `${id}/${model}` } } } })
        await eventually("the model is in use", () => turn("SAY which model"), ({ answer }) => JSON.stringify(answer).includes(model), 60_000)
      })

      it("lets a run go on that has room, and posts what it came to, to the nano-dollar", async () => {
        await budget("1000usd")
        const { status, text } = await turn(`TOOL exec {"command":"echo one"}\nSAY ${id} has room`)
        assert.deepEqual([status, text], ["ok", `${id} has room`])
        await settled()
        assert.equal(await postedNanos(), countedNanos())
        const events = await fixture.ledger.events()
        const holds = ofType(events, "hold.settled").filter(({ facts }) => facts["grade"] === "exact")
        assert.ok(holds.length >= 2)
      })

      it("refuses a run without room: no request leaves, and the person reads why", async () => {
        await budget("0.01usd")
        const asked = fixture.model.requests.length
        const { status, text } = await turn(`SAY ${id} must not be heard`)
        assert.equal(status, "error")
        assert.match(text, /Sovereign Ledger stopped this call to .*needs up to \$[\d.]+, \$[\d.]+ left of \$0\.01, resets \d\d:\d\d \(budget daily\)/)
        assert.equal(fixture.model.requests.length, asked)
      })

      it("stops a loop in the middle: the third request does not leave, and who watches reads why", async () => {
        await budget("1000usd")
        await order({ do: "set-budget", budget: `two-${id}`, limits: ["2 calls"], per: "lifetime", match: [`provider=${id}`] })
        const asked = fixture.model.requests.length
        const { status, text } = await sendChat(fixture.client, loop(id), { sessionKey: session })
        await order({ do: "remove-budget", budget: `two-${id}` })
        assert.equal(status, "aborted")
        assert.match(text, /Sovereign Ledger stopped this call to .*needs up to 1 call, 0 calls left of 2 calls, which does not reset \(budget two-/)
        await settled()
        assert.equal(fixture.model.requests.length - asked, 2)
        assert.equal(await postedNanos(), countedNanos())
        const stopped = ofType(await fixture.ledger.events("--session", session), "call.stopped", { provider: id })
        assert.deepEqual(
          stopped.map(({ facts }) => [facts["why"], facts["stopped"]]),
          [["refused", true]],
        )
      })

      it("stops everything when frozen, and goes on when it is not any more", async () => {
        await budget("1000usd")
        await order({ do: "freeze", target: "all", reason: "drill" })
        const asked = fixture.model.requests.length
        const { status, text } = await turn(`SAY ${id} frozen`)
        assert.equal(status, "error")
        assert.match(text, /Sovereign Ledger stopped this call to .*all spending is frozen \(drill\)/)
        assert.equal(fixture.model.requests.length, asked)
        await order({ do: "unfreeze", target: "all" })
        assert.equal((await turn(`SAY ${id} goes on`)).text, `${id} goes on`)
      })
    })
  }

  it("leaves a record that verifies", async () => {
    await settled()
    assert.equal(await postedNanos(), countedNanos())
    assert.equal((await fixture.ledger.verify()).verdict, "valid")
  })
})
