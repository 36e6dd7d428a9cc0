/** Twenty reloads and an upgrade under load: see test/gateway/reload-run.ts. */
import type { RunOptions } from "../../scripts/runnable.ts"
import { startOwnLedger } from "../gateway/ledger-fixture.ts"
import { assertApart, reloadAndUpgrade, type ReloadRun } from "../gateway/reload-run.ts"
import { runTurn } from "../gateway/turn.ts"

const reloads = 20

export const about = `${reloads} plugin reloads and an upgrade, while agents work and commands read and order checkpoints`

export async function run({ say }: RunOptions): Promise<ReloadRun> {
  const fixture = await startOwnLedger()
  try {
    await runTurn(fixture.client, "SAY the plugin is at work", { sessionKey: "agent:main:before" })
    await assertApart(fixture)
    const result = await reloadAndUpgrade(fixture, reloads, say)
    await assertApart(fixture)
    return result
  } finally {
    await fixture.stop()
  }
}
