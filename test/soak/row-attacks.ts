/** Attacks on rows by somebody who has the page key and not the signing key: see test/drill/random-attacks.ts. */
import type { RunOptions } from "../../scripts/runnable.ts"
import { attackAtRandom } from "../drill/trials.ts"
import { atRandom } from "../drill/at-random.ts"

const count = 10_000

export const about = `${count.toLocaleString("en")} row edits, deletions, swaps, truncations and splices with the page key, each found: [SEED]`

export function run(options: RunOptions): object {
  return atRandom(options, (t, trials) => {
    const { missed, idle } = attackAtRandom(t, { ...trials, count })
    return { tried: count, idle, missed }
  })
}
