/** kill -9 of the writer under load, in hand-overs and checkpoints too; `npm run soak -- writer-kill` does three hundred. */
import assert from "node:assert/strict"
import { test } from "node:test"
import { killRun } from "./kill-run.ts"

test("six kills of the writer under load: nothing answered is lost, nothing is doubled, every checkpoint that left it still holds, work goes on", async () => {
  const { checkpoints, pairs } = await killRun(6)
  assert.ok(checkpoints > 10 && pairs >= checkpoints, `${checkpoints} checkpoints, ${pairs} pairs`)
})
