/**
 * Runs schedules from a seed on, one after the other, and tells the story of the first that fails, so that it can be run again alone: its end, or all of it.
 *
 *   node test/simulator/run.ts [--from SEED] [--schedules N] [--whole]
 */
import { parseArgs } from "node:util"
import { endOf, runSchedule } from "./schedule.ts"
import { failedStatus } from "./simulate.ts"

const { values } = parseArgs({
  options: { from: { type: "string", default: "1" }, schedules: { type: "string", default: "1000" }, whole: { type: "boolean", default: false } },
})
const from = Number(values.from)
let [schedules, steps, faults, calls, refused] = [0, 0, 0, 0, 0]
for (let seed = from; seed < from + Number(values.schedules); seed++) {
  try {
    const outcome = await runSchedule(seed)
    schedules++
    steps += outcome.steps
    faults += outcome.faults
    calls += outcome.calls
    refused += outcome.refused
  } catch (error) {
    process.stderr.write(
      error instanceof Error ? `${values.whole ? error.message : endOf(error.message)}\n${String((error.cause as Error | undefined)?.stack)}\n` : String(error),
    )
    process.exitCode = failedStatus
    break
  }
}
process.stdout.write(`${JSON.stringify({ schedules, steps, faults, calls, refused })}\n`)
