/** Some of the schedules on a writer that is a process, with sockets, files and SIGKILL: it does as the one in memory does. `npm run soak -- real-schedules` runs 200. */
import assert from "node:assert/strict"
import { test } from "node:test"
import { realSchedules } from "./real-run.ts"

const schedules = process.env["CI"] === "true" ? 20 : 4

test(`a writer's process answers as predicted in ${schedules} schedules, killed and alive`, async () => {
  const outcomes = await realSchedules({ from: 1, schedules })
  assert.equal(outcomes.length, schedules)
  for (const { seed, steps, faults } of outcomes) assert.ok(steps >= 40 && faults >= 3, `schedule ${seed}: ${steps} steps, ${faults} faults`)
})
