/** What long runs of crimes at random share: a seed that is told, an end that is kept, and a failure that names what was missed. */
import type { RunOptions } from "../../scripts/runnable.ts"
import type { Ending } from "../ledger-fixture.ts"
import type { Trials } from "./trials.ts"

export type Tried = { readonly tried: number; readonly missed: readonly string[] }

/** @throws when one was not found. */
export function atRandom({ args, say }: RunOptions, run: (t: Ending, trials: Pick<Trials, "seed" | "say">) => Tried): object {
  const seed = Number(args[0] ?? Math.floor(Math.random() * 2 ** 31))
  say(`seed ${seed}`)
  const ends: (() => void)[] = []
  try {
    const tally = run({ after: (end) => ends.push(end) }, { seed, say })
    if (tally.missed.length > 0)
      throw new Error(`seed ${seed}: ${tally.missed.length} of ${tally.tried} were not found: ${tally.missed.slice(0, 5).join("; ")}`)
    return { seed, ...tally }
  } finally {
    for (const end of ends.reverse()) end()
  }
}
