/** What a removal leaves that was killed while the files changed their places, before other commands than a writer: none of them loses anything by it. */
import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { existsSync, rmSync } from "node:fs"
import { dirname, join } from "node:path"
import { after, describe, test, type TestContext } from "node:test"
import type { PruneStep } from "../../../src/operations/prune/prune.ts"
import { rekey } from "../../../src/operations/rekey/rekey.ts"
import type { TestLedger } from "../../ledger-fixture.ts"
import { backupRig } from "../backup/backup-rig.ts"
import { endMs, sixDays } from "./pruned-ledger.ts"

const template = sixDays({ after })
const options = { nowMs: endMs, version: "test", letGo: () => Promise.resolve() }

function killedAt(ledger: TestLedger, step: PruneStep): void {
  ledger.close()
  const child = spawnSync(process.execPath, [join(import.meta.dirname, "..", "dying-prune.ts"), dirname(ledger.directory), step], { encoding: "utf8" })
  assert.deepEqual([child.signal, child.stderr], ["SIGKILL", ""])
}

function left(t: TestContext, step: PruneStep): TestLedger {
  const ledger = template.copy(t)
  killedAt(ledger, step)
  assert.ok(existsSync(ledger.files.pruning))
  return ledger
}

function assertRemoved(ledger: TestLedger): void {
  const report = ledger.verify()
  assert.deepEqual([report.verdict, report.problems, report.entriesRemoved > 2_000], ["valid", [], true])
  assert.ok(!existsSync(ledger.files.pruning))
}

for (const step of ["switching", "journal.db", "views.db"] as const) {
  describe(`a removal that was killed at "${step}"`, () => {
    test("is completed before all data is sealed anew, whoever opens the ledger meanwhile", async (t) => {
      const ledger = left(t, step)
      let looks = 0
      await rekey(ledger.files, ledger.places, {
        ...options,
        reached: (reached) => {
          if (reached !== "copying" || looks++ > 0) return
          ledger.append(10)
          ledger.close()
        },
      })
      assert.ok(looks > 0)
      assertRemoved(ledger)
    })

    test("is completed before a backup is made", async (t) => {
      const ledger = left(t, step)
      const rig = backupRig(t, ledger)
      const { backup } = await rig.create()
      assertRemoved(ledger)
      assert.equal(rig.check(backup).report.verdict, "valid")
    })

    test("does not take the place of a backup that is put back", async (t) => {
      const ledger = template.copy(t)
      const rig = backupRig(t, ledger)
      const { backup, entries } = await rig.create()
      killedAt(ledger, step)
      rmSync(ledger.files.headNote) // which tells, as it should, that this journal had grown further
      rig.restore(backup, { files: ledger.files, setAside: true, nowMs: endMs })
      ledger.append(10)
      const report = ledger.verify()
      assert.deepEqual([report.verdict, report.entriesRemoved, report.to > entries], ["valid", 0, true])
    })
  })
}
