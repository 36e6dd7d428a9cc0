/** How long a tenth of a million simulated schedules take on all processors, each compared with what was predicted of it after every commit. */
import { availableParallelism } from "node:os"
import type { RunOptions } from "../scripts/runnable.ts"
import { simulate } from "../test/simulator/simulate.ts"
import { atMost, shown, type BenchRow } from "./samples.ts"

export const about = "100,000 simulated schedules of spending under accidents"

export async function run({ args, say }: RunOptions): Promise<readonly BenchRow[]> {
  const schedules = args.includes("--quick") ? 5_000 : 100_000
  const begun = performance.now()
  const { steps, faults, calls, refused } = await simulate({ from: 1, schedules })
  const seconds = (performance.now() - begun) / 1_000
  say(`${steps} steps with ${faults} faults; ${calls} calls left, ${refused} were refused`)
  return [
    atMost(`${schedules.toLocaleString("en")} schedules on ${availableParallelism()} processors`, seconds, "s", (90 * schedules) / 100_000),
    shown("a schedule", (seconds * 1_000 * availableParallelism()) / schedules, "ms of one processor"),
  ]
}
