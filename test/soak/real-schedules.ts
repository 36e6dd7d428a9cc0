/** Two hundred schedules on writers that are processes, with their files. */
import type { RunOptions } from "../../scripts/runnable.ts"
import { realSchedules } from "../simulator/real-run.ts"

const wanted = 200

export const about = `${wanted} schedules of spending under accidents on the writer's own process, with its files, each answer predicted (arguments: how many, and the first seed)`

export async function run({ args, say }: RunOptions): Promise<object> {
  const [schedules = wanted, from = Math.floor(Date.now() / 1_000) % 1e9] = args.map(Number)
  say(`${schedules} schedules, seeds from ${from} on`)
  const outcomes = await realSchedules({ from, schedules }, say)
  const sum = (of: "steps" | "faults" | "calls" | "refused") => outcomes.reduce((total, outcome) => total + outcome[of], 0)
  return { schedules: outcomes.length, steps: sum("steps"), faults: sum("faults"), calls: sum("calls"), refused: sum("refused") }
}
