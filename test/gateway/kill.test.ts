/** The writer or the gateway dies without a word, as in a power cut: what was acknowledged is on record, and work goes on by itself. */
import { after, before, describe, it } from "node:test"
import { killGateway, killWriters } from "./kill-run.ts"
import { startOwnLedger, type LedgerFixture } from "./ledger-fixture.ts"

describe("kill -9", () => {
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
