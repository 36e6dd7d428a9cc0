/** kill -9 of the writer under load, in hand-overs and checkpoints too; `npm run soak -- writer-kill` does three hundred. */
import assert from "node:assert/strict"
import { test } from "node:test"
import { killRuns } from "./kill-run.ts"

test("sixty kills of the writer under load: nothing answered is lost, nothing is doubled, every checkpoint that left it still holds, work goes on", async () => {
  const { checkpoints, pairs } = await killRuns(60, () => {}, 5)
  assert.ok(checkpoints > 100 && pairs >= checkpoints, `${checkpoints} checkpoints, ${pairs} pairs`)
})
