/** Bent proofs from the map of event ids: see test/verify/map-proof-cases.ts. */
import type { RunOptions } from "../../scripts/runnable.ts"
import { expectNoneValid, goodMapProofs } from "../verify/map-proof-cases.ts"

const count = 20_000

export const about = `${count.toLocaleString("en")} proofs from the map of event ids that something was done to, none of which verifies: [SEED]`

export async function run({ args, say }: RunOptions): Promise<object> {
  const seed = Number(args[0] ?? Math.floor(Math.random() * 2 ** 31))
  say(`seed ${seed}`)
  const ends: (() => void)[] = []
  try {
    const judged = expectNoneValid(goodMapProofs({ after: (end) => ends.push(end) }), count, seed)
    say(`${judged} proofs, none valid`)
    return await Promise.resolve({ seed, judged })
  } finally {
    for (const end of ends.reverse()) end()
  }
}
