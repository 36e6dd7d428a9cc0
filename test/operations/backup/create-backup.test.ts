/** A backup is one moment of the ledger, whole or not there at all, and the keys in their place are one set. */
import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { once } from "node:events"
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { describe, test } from "node:test"
import { Fault } from "../../../src/base/fault.ts"
import { parseSignedCheckpoint } from "../../../src/format/checkpoint.ts"
import { tryLock } from "../../../src/vault/lock.ts"
import { onProcessEnd } from "../../gateway/cleanup.ts"
import { temporaryDirectory, type TestLedger } from "../../ledger-fixture.ts"
import { removeFrom } from "../prune/pruned-ledger.ts"
import { backupRig, filesBelow } from "./backup-rig.ts"

const faultOf = (code: string) => (error: unknown) => error instanceof Fault && error.code === code

async function whileWriting(ledger: TestLedger, run: () => Promise<void>): Promise<void> {
  ledger.close()
  const script = join(import.meta.dirname, "../../drill/busy-writer.ts")
  const child = spawn(process.execPath, ["--no-warnings", script, dirname(ledger.directory)], { stdio: ["pipe", "pipe", "inherit"] })
  const forget = onProcessEnd(() => child.kill("SIGKILL"))
  const ended = once(child, "exit")
  try {
    await once(child.stdout, "data")
    await run()
  } finally {
    child.stdin.end()
    assert.deepEqual(await ended, [0, null])
    forget()
  }
}

describe("a backup", () => {
  test("of a ledger from which something was removed has what is left, and is as good", async (t) => {
    const rig = backupRig(t)
    rig.ledger.append(3_000)
    rig.ledger.checkpoint()
    const { removedEntries } = await removeFrom(rig.ledger, { maxBytes: 1_000_000 })
    rig.ledger.close()
    const { backup, entries } = await rig.create()
    const { report } = rig.check(backup)
    assert.ok(removedEntries > 500)
    assert.deepEqual([report.verdict, report.problems, report.entriesRemoved, report.to + 1], ["valid", [], removedEntries, entries])
  })

  test("has the journal, its keys.json, the checkpoint over it and what they were; the keys of scopes stand elsewhere", async (t) => {
    const rig = backupRig(t)
    rig.ledger.append(700)
    rig.ledger.close()
    const { backup, entries, covered, root, keys } = await rig.create()
    assert.deepEqual(readdirSync(backup).sort(), ["head.note", "journal.db", "keys.json", "manifest.json"])
    assert.deepEqual([entries, covered], [701, 701], "a checkpoint was stored first")
    assert.match(basename(backup), new RegExp(`^${rig.ledger.keys().store.storeId}-\\d{8}T\\d{9}Z-701$`))
    const noted = parseSignedCheckpoint(readFileSync(join(backup, "head.note"), "utf8"))
    assert.deepEqual([noted?.size, noted?.root.toString("base64")], [701, root])
    assert.equal(readFileSync(rig.ledger.files.headNote, "utf8"), readFileSync(join(backup, "head.note"), "utf8"))
    const { files } = JSON.parse(readFileSync(join(backup, "manifest.json"), "utf8")) as { files: Record<string, { bytes: number; sha256: string }> }
    for (const [name, { bytes, sha256 }] of Object.entries(files)) {
      const found = readFileSync(join(backup, name))
      assert.deepEqual([found.length, createHash("sha256").update(found).digest("hex")], [bytes, sha256])
    }
    assert.deepEqual(Object.keys(files).sort(), ["head.note", "journal.db", "keys.json"])
    assert.deepEqual([keys.open, keys.erased], [10, 0])
    assert.deepEqual(readdirSync(rig.to), [basename(backup)])
    assert.deepEqual(readdirSync(keys.directory).sort(), ["keys.json", "scopes.db"])
    for (const path of [...filesBelow(rig.to).keys(), ...filesBelow(rig.keysTo).keys()]) assert.equal(statSync(path).mode & 0o777, 0o600, path)
    for (const path of [backup, keys.directory]) assert.equal(statSync(path).mode & 0o777, 0o700, path)
    const { report, behind, note, keysFrom } = rig.check(backup)
    assert.deepEqual([report.verdict, report.entries, report.problems, behind, note, keysFrom], ["valid", 701, [], 0, "agrees", "keys place"])
    assert.deepEqual(readdirSync(backup).sort(), ["head.note", "journal.db", "keys.json", "manifest.json"], "a check leaves nothing behind")
  })

  test("of a ledger that is written to all the time is one moment of it, every time, and has what was there when it began", async (t) => {
    const rig = backupRig(t)
    rig.ledger.append(300)
    rig.ledger.checkpoint()
    const sizes: number[] = []
    await whileWriting(rig.ledger, async () => {
      for (let i = 0; i < 12; i++) {
        const before = rig.ledger.read().reader.size()
        const { backup, entries } = await rig.create({ askWriter: () => Promise.resolve(true) })
        const { report } = rig.check(backup)
        assert.deepEqual([report.verdict, report.problems, report.entries], ["valid", [], entries], `backup ${i}`)
        assert.ok(entries >= before, `${entries} of ${before}`)
        sizes.push(entries)
      }
    })
    assert.ok(new Set(sizes).size > 8, `somebody wrote meanwhile: ${sizes.join(" ")}`)
    assert.equal(rig.ledger.verify().verdict, "valid")
  })

  test("made while the signing key is handed over has the keys.json that is in step with it", async (t) => {
    const rig = backupRig(t)
    rig.ledger.append(300)
    rig.ledger.checkpoint()
    let handedOver = false
    const { backup } = await rig.create({
      askWriter: () => Promise.resolve(true),
      onProgress: () => {
        if (!handedOver) rig.ledger.handOver()
        handedOver = true
      },
    })
    assert.ok(handedOver)
    assert.equal(rig.check(backup).report.verdict, "valid")
  })

  test("is made by one at a time, and what a killed process left is removed by the next", async (t) => {
    const rig = backupRig(t)
    rig.ledger.append(20)
    rig.ledger.close()
    const { storeId } = rig.ledger.keys().store
    const lock = tryLock(rig.ledger.files.backupLock) ?? assert.fail()
    await assert.rejects(rig.create(), faultOf("backup.running"))
    lock.release()
    const { keys } = await rig.create()
    const leave = [join(rig.to, `.making-${storeId}`), join(rig.to, `.leaving-${storeId}-20261120T000000000Z-7`), join(rig.to, ".making-ffffffffffffffff")]
    for (const directory of leave) {
      mkdirSync(directory)
      writeFileSync(join(directory, "journal.db"), "half")
    }
    for (const name of [".new-scopes.db", ".new-scopes.db-journal", "keys.json.4711.tmp"]) writeFileSync(join(keys.directory, name), "old keys")
    await rig.create()
    assert.deepEqual(
      readdirSync(rig.to)
        .filter((name) => name.startsWith("."))
        .sort(),
      [".making-ffffffffffffffff"],
      "another ledger's is its own business",
    )
    assert.deepEqual(readdirSync(keys.directory).sort(), ["keys.json", "scopes.db"])
  })

  test("keeps so many of its own ledger, and removes nothing else", async (t) => {
    const rig = backupRig(t)
    rig.ledger.append(20)
    rig.ledger.close()
    const [first, second, third] = [await rig.create(), await rig.create(), await rig.create()]
    const other = backupRig(t)
    const foreign = await other.create({ to: rig.to })
    renameSync(join(second.backup, "manifest.json"), join(second.backup, "manifest.gone")) // no whole backup any more
    const { storeId } = rig.ledger.keys().store
    for (const name of [`${storeId}-notes`, `${storeId}-20200101T000000000Z-9`, "notes.txt"]) mkdirSync(join(rig.to, name))
    writeFileSync(join(first.backup, "why.txt"), "keep this one")
    const fourth = await rig.create({ keep: 2 })
    assert.deepEqual([fourth.removed, fourth.left], [[], [basename(first.backup)]], "something of somebody else's stands in it")
    const fifth = await rig.create({ keep: 2 })
    assert.deepEqual([fifth.removed, fifth.left], [[basename(third.backup)], [basename(first.backup)]])
    const names = [first, second, fourth, fifth, foreign].map(({ backup }) => basename(backup))
    assert.deepEqual(readdirSync(rig.to).sort(), [...names, `${storeId}-notes`, `${storeId}-20200101T000000000Z-9`, "notes.txt"].sort())
    const back = await rig.create({ keep: 1, nowMs: 1_000 })
    assert.ok(existsSync(back.backup), "the new one stays, though a clock was set back")
  })

  test("goes where there is a place for it: not into the ledger's own directory, not into one that is not there", async (t) => {
    const rig = backupRig(t)
    rig.ledger.close()
    const inside = join(rig.ledger.directory, "backups")
    mkdirSync(inside)
    for (const [to, keysTo] of [
      [inside, rig.keysTo],
      [rig.to, inside],
      [rig.ledger.directory, rig.keysTo],
      [join(rig.root, "unmounted"), rig.keysTo],
      [rig.ledger.files.keys, rig.keysTo],
    ] as const) {
      await assert.rejects(rig.create({ to, keysTo }), faultOf("backup.no-place"))
    }
    assert.deepEqual([filesBelow(rig.to).size, filesBelow(rig.keysTo).size, filesBelow(inside).size], [0, 0, 0])
    const empty = temporaryDirectory(t)
    await rig.create({ to: empty, keysTo: empty })
    assert.deepEqual(readdirSync(empty).length, 2, "beside each other, where nothing else is said")
  })
})
