/**
 * The writer or the gateway dies without a word, as in a power cut: what was acknowledged is on record, and work goes on by itself. A gateway of its own takes
 * a minute, so the automatic runs leave it to `npm run soak -- gateway-kill`; sixty kills of the writer are in each of them (test/writer/kill.test.ts).
 */
import { after, before, describe, it } from "node:test"
import { killGateway, killWriters } from "./kill-run.ts"
import { startOwnLedger, type LedgerFixture } from "./ledger-fixture.ts"

const skip = process.env["CI"] === "true" && "a gateway of its own: npm run soak -- gateway-kill"

describe("kill -9", { skip }, () => {
  let fixture: LedgerFixture

  before(async () => {
    fixture = await startOwnLedger()
  })

  after(() => fixture?.stop())

  it("of the writer, three times: nothing is lost, nothing is doubled, no call is refused", () => killWriters(fixture, 3))

  it("of the gateway: every guarded call that ran is on record, and the next gateway goes on", async () => {
    fixture = await killGateway(fixture, 1)
  })
})
