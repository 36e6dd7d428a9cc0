/** Runs schedules of the gate from a seed on, and tells the story of the first that fails.  node test/gate-simulator/run.ts [--from SEED] [--schedules N] */
import { parseArgs } from "node:util"
import { runGateSchedule } from "./schedule.ts"

/** As of the other simulator: when a schedule failed. */
const failedStatus = 3

const { values } = parseArgs({ options: { from: { type: "string", default: "1" }, schedules: { type: "string", default: "1000" } } })
const from = Number(values.from)
const sum = { schedules: 0, steps: 0, faults: 0, left: 0, kept: 0 }
for (let seed = from; seed < from + Number(values.schedules); seed++) {
  try {
    const { steps, faults, left, kept } = await runGateSchedule(seed)
    Object.assign(sum, { schedules: sum.schedules + 1, steps: sum.steps + steps, faults: sum.faults + faults, left: sum.left + left, kept: sum.kept + kept })
  } catch (error) {
    process.stderr.write(error instanceof Error ? `${error.message}\n${String((error.cause as Error | undefined)?.stack)}\n` : String(error))
    process.exitCode = failedStatus
    break
  }
}
process.stdout.write(`${JSON.stringify(sum)}\n`)
