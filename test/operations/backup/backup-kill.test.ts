/** kill -9 of backups and restores; `npm run soak -- backup-kill` does two hundred. */
import assert from "node:assert/strict"
import { test } from "node:test"
import { killBackups } from "./backup-kill-run.ts"

test("ten kills of a backup or a restore: nothing is lost, the next one comes to its end, and no destroyed key is back", { timeout: 300_000 }, async (t) => {
  const { midway, completed } = await killBackups(t, { kills: 10, seed: 5, say: (line) => t.diagnostic(line) })
  assert.ok(midway > 0, `${midway} were killed before their end, ${completed} while files changed their places`)
})
