/** Kills of a real gateway and of its writer under load: see test/gateway/kill-run.ts. */
import type { RunOptions } from "../../scripts/runnable.ts"
import { killGateway, killWriters } from "../gateway/kill-run.ts"
import { startOwnLedger } from "../gateway/ledger-fixture.ts"

const writerKills = 12
const gatewayKills = 3

export const about = `${writerKills} kill -9 of the writer and ${gatewayKills} of a real gateway, while agents work`

export async function run({ say }: RunOptions): Promise<object> {
  let fixture = await startOwnLedger()
  try {
    await killWriters(fixture, writerKills)
    say(`the writer was killed ${writerKills} times`)
    for (let round = 1; round <= gatewayKills; round++) {
      fixture = await killGateway(fixture, round)
      say(`the gateway was killed ${round} of ${gatewayKills} times`)
    }
    return { writerKills, gatewayKills, entries: (await fixture.ledger.events()).length }
  } finally {
    await fixture.stop()
  }
}
