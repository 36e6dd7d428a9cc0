/** Every planted bug is noticed by the simulator; and the predictor, where it is wrong itself, is contradicted by the ledger. */
import assert from "node:assert/strict"
import { rmSync } from "node:fs"
import { after, describe, test } from "node:test"
import { caught, copyOfSources } from "./mutants.ts"
import { plantedBugs } from "./planted-bugs.ts"
import { wrongPredictions } from "./wrong-predictions.ts"

const schedules = 3_000
/** As many as there are processors, at work beside each other. */
const workshops = [copyOfSources(), copyOfSources()] as const

describe("a simulator that is worth something", { concurrency: workshops.length }, () => {
  after(() => {
    for (const directory of workshops) rmSync(directory, { recursive: true, force: true })
  })
  for (const [place, directory] of workshops.entries()) {
    describe(`workshop ${place + 1}`, { concurrency: 1 }, () => {
      for (const [index, bug] of [...plantedBugs, ...wrongPredictions].entries()) {
        if (index % workshops.length !== place) continue
        test(bug.name, async () => {
          const { isCaught, said } = await caught(directory, bug, schedules)
          assert.ok(isCaught, `it was not noticed in ${schedules} schedules: ${said.slice(-400)}`)
        })
      }
    })
  }
})
