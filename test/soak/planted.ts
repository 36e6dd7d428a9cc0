/** Every planted bug, and every wrong prediction: each must be noticed. */
import { rmSync } from "node:fs"
import type { RunOptions } from "../../scripts/runnable.ts"
import { caught, copyOfSources } from "../simulator/mutants.ts"
import { plantedBugs } from "../simulator/planted-bugs.ts"
import { wrongPredictions } from "../simulator/wrong-predictions.ts"

export const about = "every bug that is planted into a copy of the sources is noticed by the simulator (argument: schedules for each)"

/** @throws with the names of those that were not noticed */
export async function run({ args, say }: RunOptions): Promise<{ readonly planted: number }> {
  const schedules = Number(args[0] ?? 3_000)
  const all = [...plantedBugs, ...wrongPredictions]
  const directory = copyOfSources()
  const missed: string[] = []
  try {
    for (const bug of all) {
      const { isCaught, tookMs } = await caught(directory, bug, schedules)
      say(`${isCaught ? "noticed" : "MISSED"} in ${(tookMs / 1_000).toFixed(1)} s: ${bug.name}`)
      if (!isCaught) missed.push(bug.name)
    }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
  if (missed.length > 0) throw new Error(`not noticed: ${missed.join("; ")}`)
  return { planted: all.length }
}
