/** Schedules on all processors, each part of them in a process of its own. */
import { spawn } from "node:child_process"
import { availableParallelism } from "node:os"
import { join } from "node:path"

export type Simulated = { readonly schedules: number; readonly steps: number; readonly faults: number; readonly calls: number; readonly refused: number }

/** Of `run.ts`, when a schedule failed; no other failure of a process has it. */
export const failedStatus = 3

const program = join(import.meta.dirname, "run.ts")
/** What lives for a schedule is gone with it, and code that runs for minutes needs no compiler for the first seconds: a tenth less of the processor. */
const flags = ["--no-warnings", "--no-maglev", "--max-semi-space-size=16"]

/** @throws with the story of the first schedule that failed, which begins with its seed */
export async function simulate({ from, schedules }: { readonly from: number; readonly schedules: number }): Promise<Simulated> {
  const parts = Math.min(availableParallelism(), schedules)
  const each = Math.ceil(schedules / parts)
  const results = await Promise.all(Array.from({ length: parts }, (_, part) => run(from + part * each, Math.max(0, Math.min(each, schedules - part * each)))))
  return results.reduce((sum, one) => ({
    schedules: sum.schedules + one.schedules,
    steps: sum.steps + one.steps,
    faults: sum.faults + one.faults,
    calls: sum.calls + one.calls,
    refused: sum.refused + one.refused,
  }))
}

function run(from: number, schedules: number): Promise<Simulated> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...flags, program, "--from", String(from), "--schedules", String(schedules)], {
      stdio: ["ignore", "pipe", "pipe"],
    })
    let [said, story] = ["", ""]
    child.stdout.on("data", (part: Buffer) => (said += part.toString("utf8")))
    child.stderr.on("data", (part: Buffer) => (story += part.toString("utf8")))
    child.once("error", reject)
    child.once("close", (status) => (status === 0 ? resolve(JSON.parse(said) as Simulated) : reject(new Error(story))))
  })
}
