/** Every planted bug is noticed by the simulator; and the predictor, where it is wrong itself, is contradicted by the ledger. */
import assert from "node:assert/strict"
import { rmSync } from "node:fs"
import { after, describe, test } from "node:test"
import { caught, copyOfSources } from "./mutants.ts"
import { plantedBugs } from "./planted-bugs.ts"
import { wrongPredictions } from "./wrong-predictions.ts"

const schedules = 3_000
/** Each takes a process and a second: a sixth of them in CI, another one each day, and all of them by `npm run soak -- planted`. */
const [part, parts] = process.env["CI"] === "true" ? [Math.floor(Date.now() / 86_400_000) % 6, 6] : [0, 1]
const chosen = [...plantedBugs, ...wrongPredictions].filter((_, index) => index % parts === part)
/** As many as there are processors, at work beside each other. */
const workshops = [copyOfSources(), copyOfSources()] as const

describe("a simulator that is worth something", { concurrency: workshops.length }, () => {
  after(() => {
    for (const directory of workshops) rmSync(directory, { recursive: true, force: true })
  })
  for (const [place, directory] of workshops.entries()) {
    describe(`workshop ${place + 1}`, { concurrency: 1 }, () => {
      for (const [index, bug] of chosen.entries()) {
        if (index % workshops.length !== place) continue
        test(bug.name, async () => {
          const { isCaught, said } = await caught(directory, bug, schedules)
          assert.ok(isCaught, `it was not noticed in ${schedules} schedules: ${said.slice(-400)}`)
        })
      }
    })
  }
})
