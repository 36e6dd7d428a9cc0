/** Work follows the size of a text, whatever stands in it: for every pattern the texts that make it try, and fail, at every place. Counted, not timed. */
import assert from "node:assert/strict"
import { after, before, describe, test } from "node:test"
import { hostileParts } from "./hostile-parts.ts"
import { startWorkCounter, type Work, type WorkCounter } from "./scan-work.ts"

/** Four times the text takes four times the work; were it quadratic, sixteen times. */
const mostGrowth = 6
const smallest = 4_096
/** Up to a bound of its own, a few thousand characters, a pattern may look ahead from every place: what grows faster in small texts is tried in larger ones. */
const largest = 262_144
/** The hungriest of them take a third of it; what takes more is not worth the wait for larger texts. */
const mostPerCharacter = 10_000

describe("redaction is linear", () => {
  let counter: WorkCounter | undefined
  before(() => (counter = startWorkCounter()))
  after(() => counter?.stop())

  for (const [name, parts] of Object.entries(hostileParts)) {
    test(name, async () => {
      for (const part of parts) await assertLinear(part)
    })
  }

  async function assertLinear(part: string): Promise<void> {
    assert.ok(counter)
    let small = await counter.count(part, smallest)
    for (let length = smallest * 4; ; length *= 4) {
      const large = await counter.count(part, length)
      const grown = growth(small, large, length)
      if (grown <= mostGrowth) return
      const isLost = length >= largest || Math.max(large.blocks, large.characters) > mostPerCharacter * length
      assert.ok(!isLost, `${JSON.stringify(part.slice(0, 60))}: ${length} characters take ${grown.toFixed(1)} times the work of a quarter of them`)
      small = large
    }
  }
})

/** Less than a step a character is what nobody waits for. */
function growth(small: Work, large: Work, length: number): number {
  return Math.max(large.blocks / Math.max(small.blocks, length / 4), large.characters / Math.max(small.characters, length / 4))
}
