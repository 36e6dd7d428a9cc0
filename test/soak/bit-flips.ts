/** One bit flipped at a time, anywhere in journal.db: see test/drill/trials.ts. */
import type { RunOptions } from "../../scripts/runnable.ts"
import { flipAtRandom } from "../drill/trials.ts"
import { atRandom } from "../drill/at-random.ts"

const count = 20_000

export const about = `${count.toLocaleString("en")} single bits flipped anywhere in journal.db, each found: [SEED]`

export function run(options: RunOptions): object {
  return atRandom(options, (t, trials) => {
    const missed = flipAtRandom(t, { ...trials, count })
    return { tried: count, missed: missed.map((bit) => `bit ${bit % 8} of byte ${Math.floor(bit / 8)}`) }
  })
}
