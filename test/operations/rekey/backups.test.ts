/** Backups of before all data was sealed anew, and of after. */
import assert from "node:assert/strict"
import { test } from "node:test"
import { rekey } from "../../../src/operations/rekey/rekey.ts"
import { backupRig, faultOf } from "../backup/backup-rig.ts"
import { startMs } from "../../ledger-fixture.ts"

test("a backup of a time before all data was sealed anew is refused once the keys of then are replaced, and one of after it is not", async (t) => {
  const rig = backupRig(t)
  rig.ledger.append(300)
  rig.ledger.close()
  const first = await rig.create()
  await rekey(rig.ledger.files, rig.ledger.places, { nowMs: startMs, version: "test", letGo: () => Promise.resolve() })
  assert.equal(rig.check(first.backup).report.verdict, "valid", "with the keys of then, as long as they are there")
  const second = await rig.create()
  assert.equal(faultOf(() => rig.check(first.backup)).code, "backup.before-rekey")
  assert.equal(faultOf(() => rig.restore(first.backup)).code, "backup.before-rekey")
  assert.equal(rig.check(second.backup).report.verdict, "valid")
  const restored = rig.restore(second.backup)
  assert.ok("report" in restored)
  assert.equal(restored.report.verdict, "valid")
})
