/** kill -9 of the writer between any two steps of runs that spend; `npm run soak -- ledger-kill` does sixty. */
import assert from "node:assert/strict"
import { test } from "node:test"
import { ledgerKills } from "./ledger-kill-run.ts"

test("six kills of the writer while runs spend: what was promised is held, nothing is charged twice or for nothing, nothing stays held", async () => {
  const { holds, runs } = await ledgerKills(6)
  assert.ok(runs > 6 && holds > 3 * runs, `${runs} runs, ${holds} holds`)
})
