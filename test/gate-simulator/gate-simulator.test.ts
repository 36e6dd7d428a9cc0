/** The gate under accidents: each message leaves or stays as the guide has it, and every mistake that is planted into it is noticed. `npm run soak -- gate` runs 100,000. */
import assert from "node:assert/strict"
import { rmSync } from "node:fs"
import { after, describe, test } from "node:test"
import { caught, copyOfSources } from "../simulator/mutants.ts"
import { plantedBugs } from "./planted-bugs.ts"
import { runGateSchedule } from "./schedule.ts"

const schedules = process.env["CI"] === "true" ? 10_000 : 1_000
const program = "test/gate-simulator/run.ts"
/** Each takes a process: a third of them in CI, another one each day, and all of them otherwise. */
const [part, parts] = process.env["CI"] === "true" ? [Math.floor(Date.now() / 86_400_000) % 3, 3] : [0, 1]
const chosen = plantedBugs.filter((_, index) => index % parts === part)

describe("the outbound gate under accidents", () => {
  test(`nothing leaves but what may in ${schedules} schedules`, async () => {
    const sum = { steps: 0, faults: 0, left: 0, kept: 0 }
    for (let seed = 1; seed <= schedules; seed++) {
      const { steps, faults, left, kept } = await runGateSchedule(seed)
      Object.assign(sum, { steps: sum.steps + steps, faults: sum.faults + faults, left: sum.left + left, kept: sum.kept + kept })
    }
    assert.ok(sum.steps >= 40 * schedules && sum.faults >= 3 * schedules, JSON.stringify(sum))
    assert.ok(sum.left > schedules && sum.kept > schedules, JSON.stringify(sum))
  })

  describe("a simulator that is worth something", () => {
    const directory = copyOfSources()
    after(() => rmSync(directory, { recursive: true, force: true }))
    for (const bug of chosen)
      test(bug.name, async () => {
        const { isCaught, said } = await caught(directory, bug, 3_000, program)
        assert.ok(isCaught, `it was not noticed: ${said.slice(-400)}`)
      })
  })
})
