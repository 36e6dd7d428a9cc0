/** Wherever a removal is cut off, the ledger is what it was, or what it was to be: nothing between, and the next one completes it. */
import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { readdirSync } from "node:fs"
import { dirname, join } from "node:path"
import { after, describe, test } from "node:test"
import { snapshotText } from "../../../src/ledger/snapshot.ts"
import { ledgerState } from "../../../src/projections/ledger-state.ts"
import type { PruneStep } from "../../../src/operations/prune/prune.ts"
import type { TestLedger } from "../../ledger-fixture.ts"
import { removeFrom, sixDays } from "./pruned-ledger.ts"

const template = sixDays({ after })
const stateOf = (ledger: TestLedger) => {
  const access = ledger.read()
  return snapshotText(access.ask((views) => ledgerState(access.reader, views)))
}
const whole = stateOf(template)

/** From the switch on there is only forwards. */
const steps: readonly (readonly [PruneStep, "nothing" | "all"])[] = [
  ["planned", "nothing"],
  ["copying", "nothing"],
  ["copied", "nothing"],
  ["let go", "nothing"],
  ["entered", "nothing"],
  ["finished", "nothing"],
  ["switching", "all"],
  ["journal.db", "all"],
  ["views.db", "all"],
  ["switched", "all"],
]

describe("a removal that is killed", () => {
  for (const [step, gone] of steps) {
    test(`at "${step}": ${gone} is removed once somebody opens it for writing`, async (t) => {
      const ledger = template.copy(t)
      ledger.close()
      const root = dirname(ledger.directory)
      const child = spawnSync(process.execPath, [join(import.meta.dirname, "..", "dying-prune.ts"), root, step], { encoding: "utf8" })
      assert.deepEqual([child.signal, child.stderr], ["SIGKILL", ""])
      const size = ledger.open().journal.size
      const report = ledger.verify()
      assert.deepEqual([report.verdict, report.problems], ["valid", []])
      assert.equal(report.entriesRemoved > 0, gone === "all")
      assert.equal(stateOf(ledger), whole)
      const done = await removeFrom(ledger, { days: 3, contentDays: new Map([["tool", 1]]) })
      assert.equal(done.closedBy === null, gone === "all")
      const again = ledger.verify()
      assert.deepEqual([again.verdict, again.problems, again.entriesRemoved > 2_000], ["valid", [], true])
      assert.equal(again.to + 1 - size, gone === "all" ? 0 : 1)
      assert.equal(stateOf(ledger), whole)
      assert.deepEqual(
        readdirSync(ledger.directory).filter((name) => /\.next|prune\.json/.test(name)),
        [],
      )
    })
  }
})
