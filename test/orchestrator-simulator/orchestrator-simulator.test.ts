/** Delegation under accidents: each call, binding and retry is as the guide has it, and every mistake that is planted into it is noticed. */
import assert from "node:assert/strict"
import { rmSync } from "node:fs"
import { after, describe, test } from "node:test"
import { caught, copyOfSources } from "../simulator/mutants.ts"
import { plantedBugs } from "./planted-bugs.ts"
import { runSchedule } from "./schedule.ts"

const schedules = process.env["CI"] === "true" ? 2_000 : 500
const program = "test/orchestrator-simulator/run.ts"
/** Each takes a process: a third of them in CI, another one each day, and all of them otherwise. */
const [part, parts] = process.env["CI"] === "true" ? [Math.floor(Date.now() / 86_400_000) % 3, 3] : [0, 1]
const chosen = plantedBugs.filter((_, index) => index % parts === part)

describe("delegation under accidents", () => {
  test(`goes as the guide has it in ${schedules} schedules`, () => {
    const sum = { steps: 0, accidents: 0, refused: 0, retried: 0 }
    for (let seed = 1; seed <= schedules; seed++) {
      const { steps, accidents, refused, retried } = runSchedule(seed)
      Object.assign(sum, { steps: sum.steps + steps, accidents: sum.accidents + accidents, refused: sum.refused + refused, retried: sum.retried + retried })
    }
    assert.ok(sum.steps >= 60 * schedules && sum.accidents >= 3 * schedules && sum.refused >= schedules && 2 * sum.retried >= schedules, JSON.stringify(sum))
  })

  describe("a simulator that is worth something", () => {
    const directory = copyOfSources()
    after(() => rmSync(directory, { recursive: true, force: true }))
    for (const bug of chosen)
      test(bug.name, async () => {
        const { isCaught, said } = await caught(directory, bug, 1_000, program)
        assert.ok(isCaught, `it was not noticed: ${said.slice(-400)}`)
      })
  })
})
