/**
 * A gateway that is too busy, while it reloads the plugin, to read what the writer says: a budget that is set in between is the first thing it goes by. By
 * provider ids the host has code of its own for, and by one it knows nothing of.
 */
import assert from "node:assert/strict"
import { join } from "node:path"
import { after, before, describe, it } from "node:test"
import { socketPath } from "../../src/surfaces/socket/socket-path.ts"
import { onePiece, type OnePiece } from "../writer/one-piece.ts"
import { spendingOf, type Spending } from "./cap-fixture.ts"
import { changeSettings } from "./ledger-fixture.ts"
import { modelProviders } from "./model-providers.ts"
import { suiteLedger, type SharedLedger } from "./shared-ledger.ts"
import { runTurn } from "./turn.ts"

/** A minute of reloads: in CI the client's own test reads both lines in one piece. */
const skip = process.env["CI"] === "true" && "a gateway that nobody shares: npm test -- --only busy-link"

describe("a gateway that reads its greeting's answer late", { skip }, () => {
  let fixture: SharedLedger
  let spending: Spending
  let way: OnePiece
  let putBack: (() => Promise<void>) | undefined

  before(async () => {
    fixture = await suiteLedger("busy-link", {})
    await runTurn(fixture.client, "SAY nothing refuses", { sessionKey: "agent:main:busy-link" })
    spending = await spendingOf(fixture)
    way = await onePiece(join(fixture.home.directory, "way.sock"), socketPath(fixture.ledger.dataDirectory))
    const set = way.holdNext(() => spending.budget("0.01usd"))
    putBack = await changeSettings(fixture, { config: { socket: way.path } })
    await set
  })

  after(async () => {
    await putBack?.()
    way?.close()
  })

  for (const { id, model } of modelProviders)
    it(`refuses a run by ${id} under the budget that was set meanwhile`, async () => {
      const sessionKey = `agent:main:busy-link-${id}`
      await spending.useModel(sessionKey, `${id}/${model}`)
      const asked = fixture.model.requests.length
      const { status, text } = await runTurn(fixture.client, `SAY ${id} must not be heard`, { sessionKey })
      assert.equal(fixture.model.requests.length, asked)
      assert.equal(status, "error")
      assert.match(text, /Sovereign Ledger stopped this call to .*needs up to \$[\d.]+, \$[\d.]+ left of \$0\.01/)
    })
})
