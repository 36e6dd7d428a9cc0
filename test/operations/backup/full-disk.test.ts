/** Disks that are too small, fill up or cannot be written: a sentence, and everything that was there is there. On real small disks. */
import assert from "node:assert/strict"
import { execFileSync } from "node:child_process"
import { existsSync, mkdtempSync, readdirSync, rmdirSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, test } from "node:test"
import { Fault, type FaultJson } from "../../../src/base/fault.ts"
import { ledgerFiles } from "../../../src/journal/files.ts"
import type { Ending } from "../../ledger-fixture.ts"
import { asRootOnLinux, fillDirectory } from "../../writer/full-disk.ts"
import { backupRig, filesBelow } from "./backup-rig.ts"

function smallDisk(t: Ending, bytes: number): string {
  const directory = mkdtempSync(join(tmpdir(), "sl-small-"))
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${bytes},mode=0700`, "tmpfs", directory])
  t.after(() => {
    execFileSync("umount", ["-l", directory])
    rmdirSync(directory)
  })
  return directory
}

async function faultOf(run: () => unknown): Promise<FaultJson> {
  try {
    await run()
  } catch (error) {
    if (error instanceof Fault) return error.toJSON()
    throw error
  }
  return assert.fail("it was not refused")
}

const bytesBelow = (directory: string) => [...filesBelow(directory)].map(([path, bytes]) => [path, bytes.toString("base64")])
const withoutLocks = (files: ReturnType<typeof bytesBelow>) => files.filter(([path = ""]) => !path.includes("lock"))

describe("a backup", asRootOnLinux, () => {
  test("for which a disk has no room is not begun", async (t) => {
    const rig = backupRig(t)
    rig.ledger.append(3_000)
    rig.ledger.close()
    for (const places of [{ to: smallDisk(t, 1 << 20) }, { keysTo: smallDisk(t, 65_536) }]) {
      const { code, message } = await faultOf(() => rig.create(places))
      assert.equal(code, "backup.no-room", message)
      assert.match(message, /^\d+ bytes are needed in \S+sl-small-\w+; \d+ are left\.$/)
    }
    assert.deepEqual([filesBelow(rig.root).size, rig.ledger.verify().verdict], [0, "valid"])
  })

  for (const which of ["to", "keysTo"] as const) {
    test(`whose disk fills up meanwhile (${which}) leaves those before it as they were, and nothing of itself`, async (t) => {
      const rig = backupRig(t)
      rig.ledger.append(3_000)
      rig.ledger.close()
      const small = smallDisk(t, 20e6)
      const places = { [which]: small }
      const first = await rig.create(places)
      rig.ledger.append(10)
      rig.ledger.close()
      const before = [bytesBelow(rig.root), bytesBelow(small)]
      let empty: (() => void) | undefined
      const fault = await faultOf(() => rig.create({ ...places, onProgress: () => (empty ??= fillDirectory(small)) }))
      assert.equal(fault.code, "store.write-failed")
      assert.match(fault.message, /^Writing to \S+\/sl-small-\S+ failed: .*(?:full|no space left on device)/i)
      empty?.()
      assert.deepEqual([bytesBelow(rig.root), bytesBelow(small)], before)
      const keysFrom = which === "keysTo" ? small : rig.keysTo
      assert.equal(rig.check(first.backup, { keysFrom }).report.verdict, "valid")
      assert.equal((await rig.create(places)).entries, first.entries + 10)
    })
  }

  test("goes to no disk that cannot be written; one that stands on such a disk is checked and restored", async (t) => {
    const rig = backupRig(t)
    rig.ledger.append(600)
    rig.ledger.close()
    const disk = smallDisk(t, 20e6)
    const { backup } = await rig.create({ to: disk, keysTo: disk })
    execFileSync("mount", ["-o", "remount,ro", disk])
    const before = bytesBelow(disk)
    assert.equal((await faultOf(() => rig.create({ to: disk }))).code, "store.write-failed")
    assert.equal((await faultOf(() => rig.create({ keysTo: disk }))).code, "store.write-failed")
    assert.deepEqual(filesBelow(rig.to).size, 0, "no backup without its keys")
    assert.equal(rig.check(backup, { keysFrom: disk }).report.verdict, "valid")
    const restored = rig.restore(backup, { keysFrom: disk })
    assert.ok("report" in restored)
    assert.deepEqual(bytesBelow(disk), before)
    execFileSync("mount", ["-o", "remount,rw", disk])
  })

  test("is not restored where there is no room, or none is left half-way; what is there stays", async (t) => {
    const rig = backupRig(t)
    rig.ledger.append(3_000)
    rig.ledger.close()
    const { backup } = await rig.create()
    const small = ledgerFiles(smallDisk(t, 1 << 20), join(rig.root, "small.note"))
    assert.equal((await faultOf(() => rig.restore(backup, { files: small }))).code, "backup.no-room")
    assert.deepEqual(readdirSync(small.directory), ["writer.lock.sqlite"])
    const files = ledgerFiles(smallDisk(t, 20e6), join(rig.root, "disk.note"))
    rig.restore(backup, { files })
    const before = withoutLocks(bytesBelow(files.directory))
    for (const step of ["onHashing", "onVerifying"] as const) {
      let empty: (() => void) | undefined
      const fault = await faultOf(() => rig.restore(backup, { files, setAside: true, [step]: () => (empty ??= fillDirectory(files.directory)) }))
      assert.equal(fault.code, "store.write-failed", `${step}: ${fault.message}`)
      empty?.()
      assert.deepEqual(withoutLocks(bytesBelow(files.directory)), before, step)
    }
    const again = rig.restore(backup, { files, setAside: true })
    assert.ok("report" in again)
    assert.match(again.setAside ?? "", /\/sl-small-\w+\/set-aside-/, "within: a file does not leave its disk by another name")
    assert.ok(existsSync(join(again.setAside ?? "", "journal.db")))
  })
})
