/** Runs schedules of delegation from a seed on, and tells the story of the first that fails.  node test/orchestrator-simulator/run.ts [--from SEED] [--schedules N] */
import { parseArgs } from "node:util"
import { runSchedule } from "./schedule.ts"

/** As of the other simulators: when a schedule failed. */
const failedStatus = 3

const { values } = parseArgs({ options: { from: { type: "string", default: "1" }, schedules: { type: "string", default: "1000" } } })
const from = Number(values.from)
const sum = { schedules: 0, steps: 0, accidents: 0, refused: 0, retried: 0 }
for (let seed = from; seed < from + Number(values.schedules); seed++) {
  try {
    const { steps, accidents, refused, retried } = runSchedule(seed)
    Object.assign(sum, { schedules: sum.schedules + 1, steps: sum.steps + steps, accidents: sum.accidents + accidents })
    Object.assign(sum, { refused: sum.refused + refused, retried: sum.retried + retried })
  } catch (error) {
    process.stderr.write(error instanceof Error ? `${error.message}\n${String((error.cause as Error | undefined)?.stack)}\n` : String(error))
    process.exitCode = failedStatus
    break
  }
}
process.stdout.write(`${JSON.stringify(sum)}\n`)
