/**
 * Reloads and an upgrade under load: nothing is lost or doubled, no old code stays, and the host's own databases are left alone. A gateway of its own takes a
 * minute, so the automatic runs leave it to `npm run soak -- reloads`.
 */
import assert from "node:assert/strict"
import { after, before, describe, it } from "node:test"
import { startOwnLedger, type LedgerFixture } from "./ledger-fixture.ts"
import { assertApart, reloadAndUpgrade } from "./reload-run.ts"
import { runTurn } from "./turn.ts"

const skip = process.env["CI"] === "true" && "a gateway of its own: npm run soak -- reloads"

describe("reload and upgrade", { skip }, () => {
  let fixture: LedgerFixture

  before(async () => {
    fixture = await startOwnLedger()
    assert.equal((await runTurn(fixture.client, "SAY the plugin is at work", { sessionKey: "agent:main:before" })).status, "ok")
  })

  after(() => fixture?.stop())

  it("keeps our databases out of the gateway, and the host's databases and their locks to the host", () => assertApart(fixture))

  it("loses and doubles nothing while agents work and commands read and order, and leaves no old code behind", async () => {
    const { verdicts, checkpoints } = await reloadAndUpgrade(fixture, 2, () => {})
    assert.ok(verdicts > 0 && checkpoints > 0)
  })

  it("still does all of that apart from the host afterwards", () => assertApart(fixture))
})
