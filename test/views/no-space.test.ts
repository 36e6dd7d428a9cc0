/** Where nothing more can be written, commands that read answer what they always answer: their tables are built in memory. On a real small disk. */
import assert from "node:assert/strict"
import { execFileSync } from "node:child_process"
import { rmSync } from "node:fs"
import { test } from "node:test"
import { JournalReader } from "../../src/journal/reader.ts"
import { storeCheckpoint } from "../../src/operations/checkpoint.ts"
import { entryOf } from "../../src/operations/entry-of.ts"
import { openLedger } from "../../src/operations/open-ledger.ts"
import { ViewStore } from "../../src/projections/view-store.ts"
import { openKeyStore, type OpenKeys } from "../../src/vault/key-store.ts"
import { findMasterSecret } from "../../src/vault/master-key.ts"
import type { StatusReport } from "../../src/views/status.ts"
import { eventAt, startMs } from "../ledger-fixture.ts"
import { asRootOnLinux, fillDisk } from "../writer/full-disk.ts"
import { makeRig, type Ended, type Rig } from "../writer/rig.ts"

const diskBytes = 16 * 1024 * 1024
/** More than commands apply in one transaction. */
const entries = 9_000

function seed(rig: Rig): void {
  const ledger = openLedger(rig.files, { keyFile: rig.keyFile, environment: {} }, { nowMs: startMs, version: "test" })
  for (let first = ledger.journal.size; first < entries; first = ledger.journal.size) {
    const events = Array.from({ length: Math.min(500, entries - first) }, (_, i) => ({ ...eventAt(first + i), content: undefined }))
    ledger.journal.append(
      events.map((event) => entryOf(event as never, ledger.scopes, startMs)),
      startMs,
    )
  }
  storeCheckpoint(ledger.journal, 0, startMs)
  ledger.close()
}

function keysOf(rig: Rig): OpenKeys {
  const secret = findMasterSecret({ keyFile: rig.keyFile, environment: {} })
  assert.ok(secret)
  return openKeyStore(rig.directory, secret)
}

/** How far the file of the projections has come. */
function reachedIn(rig: Rig, bringTo?: number): number {
  const keys = keysOf(rig)
  const views = ViewStore.open(rig.files.views, keys.viewsKey)
  const reader = JournalReader.open(rig.files, keys)
  try {
    if (bringTo !== undefined) views.applySlice(reader, bringTo, bringTo)
    return views.reached()
  } finally {
    views.close()
    reader.close()
  }
}

type Answers = { readonly status: StatusReport; readonly statusExit: number | null; readonly others: readonly Ended[] }

const asking = ["events list --type tool.denied", "export csv --category message"]

/** What the commands that ask projections say. */
async function answersOf(rig: Rig): Promise<Answers> {
  const others: Ended[] = []
  for (const command of asking) others.push(await rig.run([...command.split(" "), ...placesOf(rig)]))
  const { status, stdout, stderr } = await rig.run(["status", "--json", ...placesOf(rig)])
  assert.equal(stderr, "")
  return { status: JSON.parse(stdout) as StatusReport, statusExit: status, others }
}

function placesOf(rig: Rig): readonly string[] {
  return ["--data-dir", rig.directory, "--key-file", rig.keyFile, "--head-note", rig.files.headNote]
}

for (const [where, leftBytes] of [
  ["with no byte left", 0],
  ["that fills up while they are brought forward", 600_000],
] as const) {
  test(`a disk ${where}: everything is answered`, asRootOnLinux, async (t) => {
    const rig = makeRig(t, { diskBytes })
    seed(rig)
    const expected = await answersOf(rig)
    assert.deepEqual([expected.statusExit, expected.status.problem], [0, null])
    for (const suffix of ["", "-wal", "-shm"]) rmSync(rig.files.views + suffix, { force: true })
    assert.equal(reachedIn(rig, leftBytes === 0 ? 100 : 0), leftBytes === 0 ? 100 : 0)
    const freeSpace = fillDisk(rig, leftBytes)
    const { status, statusExit, others } = await answersOf(rig)
    assert.deepEqual(others, expected.others)
    assert.deepEqual([status.activity, status.tools, status.gaps], [expected.status.activity, expected.status.tools, expected.status.gaps])
    if (leftBytes === 0) {
      assert.deepEqual([status.recording, status.problem?.code, statusExit], ["ready", "store.no-space", 1])
      assert.match(status.problem?.message ?? "", /^The disk of \S+ is full: 0 bytes are left\.$/)
    }
    freeSpace()
    const reached = reachedIn(rig)
    if (leftBytes > 0) assert.ok(reached > 0 && reached < entries, `it was to fill up in the middle, and the file has come to ${reached}`)
    assert.equal((await rig.run(["status", ...placesOf(rig)])).status, 0)
    assert.equal(reachedIn(rig), entries, "with space the file is brought forward again")
  })
}

test("a file system that cannot be written, with projections that lag: everything is answered", asRootOnLinux, async (t) => {
  const rig = makeRig(t, { diskBytes })
  seed(rig)
  const expected = await answersOf(rig)
  for (const suffix of ["", "-wal", "-shm"]) rmSync(rig.files.views + suffix, { force: true })
  reachedIn(rig, 100)
  execFileSync("mount", ["-o", "remount,ro", rig.directory])
  const { status, statusExit, others } = await answersOf(rig)
  execFileSync("mount", ["-o", "remount,rw", rig.directory])
  assert.deepEqual(others, expected.others)
  assert.deepEqual([status.activity, statusExit], [expected.status.activity, 0])
})
