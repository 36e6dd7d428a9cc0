/** kill -9 of rotations, erasures, removals and re-sealings, or of the writer they talk to; `npm run soak -- vault-kill` does three hundred. */
import assert from "node:assert/strict"
import { test } from "node:test"
import { makeRig } from "./rig.ts"
import { killVault } from "./vault-kill-run.ts"

const trials = process.env["CI"] === "true" ? 12 : 8

test(`${trials} kills: nothing is lost, no key is lost, the same command comes to its end`, { timeout: 600_000 }, async (t) => {
  const met = await killVault({ rig: makeRig(t, { bare: true }), trials, seed: 7, log: (line) => t.diagnostic(line) })
  assert.ok(met > 0, "at least one was killed before its end")
})
