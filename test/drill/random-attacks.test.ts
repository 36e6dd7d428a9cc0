/** Attacks at random on the rows of a ledger: `npm run soak -- row-attacks` commits more of them. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { attackAtRandom } from "./trials.ts"
import { excusing } from "./weakened.ts"

describe("attacks at random, with the page key and without the signing key", () => {
  test("250 of them: every one is found", (t) => {
    const { attacks, missed, idle } = attackAtRandom(t, { count: 250, seed: 20_261_120 })
    assert.deepEqual([attacks, missed], [250, []])
    assert.ok(idle < 25, `${idle} changed nothing`)
  })

  for (const [what, excused] of [
    ["tiles", /the tree on disk/],
    ["roots of checkpoints", /signed over other entries|journal ends at/],
    ["stored checkpoints", /^the checkpoint of size|but the note sovereign/],
    ["the note outside", /the note sovereign/],
    ["sealed contents", /sealed content|content is gone/],
  ] as const) {
    test(`a verification without a look at ${what} misses some of them, and that is told`, (t) => {
      assert.notDeepEqual(attackAtRandom(t, { count: 200, seed: 7, mostMissed: 1, verify: excusing(excused) }).missed, [])
    })
  }
})
