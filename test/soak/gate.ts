/** A hundred thousand schedules of the outbound gate. */
import type { RunOptions } from "../../scripts/runnable.ts"
import { runGateSchedule, type GateOutcome } from "../gate-simulator/schedule.ts"

const usual = 100_000

export const about = "100,000 simulated schedules of the outbound gate under accidents: nothing leaves but what may (arguments: how many, and the first seed)"

export async function run({ args, say }: RunOptions): Promise<GateOutcome> {
  const [schedules, first] = [Number(args[0] ?? usual), Number(args[1] ?? Date.now() % 1_000_000_000)]
  say(`from seed ${first}`)
  const sum = { steps: 0, faults: 0, left: 0, kept: 0 }
  for (let done = 0; done < schedules; done++) {
    const { steps, faults, left, kept } = await runGateSchedule(first + done)
    Object.assign(sum, { steps: sum.steps + steps, faults: sum.faults + faults, left: sum.left + left, kept: sum.kept + kept })
    if ((done + 1) % 10_000 === 0) say(`${done + 1} of ${schedules}, ${sum.left} left, ${sum.kept} stayed`)
  }
  return sum
}
