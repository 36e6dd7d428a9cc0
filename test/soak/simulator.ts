/** A million schedules, from a seed that nobody has run. */
import type { RunOptions } from "../../scripts/runnable.ts"
import { simulate, type Simulated } from "../simulator/simulate.ts"

const wanted = 1_000_000

export const about = `${wanted.toLocaleString("en")} simulated schedules of spending under accidents, each answer predicted (arguments: how many, and the first seed)`

export function run({ args, say }: RunOptions): Promise<Simulated> {
  const [schedules = wanted, from = Math.floor(Date.now() / 1_000) % 1e9] = args.map(Number)
  say(`${schedules} schedules, seeds from ${from} on; one alone: node test/simulator/run.ts --from SEED --schedules 1`)
  return simulate({ from, schedules })
}
