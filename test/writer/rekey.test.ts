/** `vault rekey` beside a writer at work: nothing is lost, the stand-still is short, and what is refused is told. */
import assert from "node:assert/strict"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { test } from "node:test"
import { assertOnce, startLoad } from "./load.ts"
import { makeRig, until, type Ended, type Rig } from "./rig.ts"

const command = (rig: Rig, ...words: readonly string[]): Promise<Ended> =>
  rig.run([...words, "--data-dir", rig.directory, "--key-file", rig.keyFile, "--head-note", rig.files.headNote])
const codeOf = ({ stdout }: Ended) => (JSON.parse(stdout) as { error: { code: string } }).error.code

test("while events flow and gates wait: the next writer goes on with the new files, every event is there once, and readers are not confused", async (t) => {
  const rig = makeRig(t)
  const client = rig.client()
  const load = startLoad(client, "rekeyed", { gates: 2, observersEveryMs: 20 })
  t.after(load.end)
  await until(() => load.answered.length > 20, "there is a load")
  const before = rig.reading(({ keys }) => [keys.journalKey, keys.scopesKey])
  const { pid } = await rig.status()
  const reader = { goes: true }
  const reads = (async () => {
    let count = 0
    for (; reader.goes; count++) {
      const { status, stdout } = await rig.run(["events", "list", "--limit", "3", "--data-dir", rig.directory, "--key-file", rig.keyFile, "--json"])
      assert.equal(status, 0, stdout)
    }
    return count
  })()
  for (let round = 0; round < 2; round++) {
    const { status, stdout, stderr } = await command(rig, "vault", "rekey", "--json")
    assert.deepEqual([status, stderr], [0, ""], stdout)
    const done = JSON.parse(stdout) as { state: string; resumed: boolean; stoodStillMs: number }
    assert.deepEqual([done.state, done.resumed], ["rekeyed", false])
    const reached = load.answered.length
    await until(() => load.answered.length > reached + 10, "the load goes on")
  }
  reader.goes = false
  assert.ok((await reads) > 0)
  await load.stop()
  await client.flush(10_000)
  assert.notEqual((await rig.status()).pid, pid)
  assertOnce(rig.entries(), [load])
  assert.deepEqual([load.refused, rig.entries("capture.gap")], [[], []])
  assert.equal(rig.entries("vault.rekeyed").length, 2)
  const after = rig.reading(({ keys }) => [keys.journalKey, keys.scopesKey])
  assert.ok(before.every((key, i) => !key.equals(after[i] ?? key)))
  assert.equal(rig.verify().verdict, "valid")
  assert.deepEqual(
    rig.entries("writer.started").map(({ facts }) => [facts["clean"], facts["headNote"]]),
    [
      [true, "agrees"],
      [true, "agrees"],
      [true, "agrees"],
    ],
  )
})

test("people are told what to do, and what is under way; given up, all is as it was", async (t) => {
  const rig = makeRig(t)
  const nothing = await command(rig, "vault", "rekey", "--cancel", "--json")
  assert.deepEqual([nothing.status, codeOf(nothing)], [2, "rekey.not-now"])
  const cut = await rig.run([rig.root, "copied"], { cli: join(import.meta.dirname, "../operations/dying-rekey.ts") })
  assert.equal(cut.signal, "SIGKILL")
  const due = await command(rig, "vault", "status")
  assert.equal(due.status, 1)
  assert.match(due.stdout, /Sealing all data anew has begun\.\nsovereign-ledger vault rekey goes on with it, vault rekey --cancel gives it up\n/)
  const checked = await command(rig, "vault", "check")
  assert.equal(checked.status, 0, checked.stdout)
  assert.equal(codeOf(await command(rig, "vault", "rotate", "--json")), "key.not-next")
  assert.equal((await command(rig, "vault", "rekey", "--cancel")).stdout, "What was begun is given up; the ledger is what it was.\n")
  assert.equal(existsSync(`${rig.files.journal}.next`), false)
  assert.equal((await command(rig, "vault", "status")).status, 0)
  const { stdout } = await command(rig, "vault", "rekey")
  assert.match(
    stdout,
    /^All data is sealed anew: \d+ entries, [\d.]+ .?B\.\nThe writer stood still for [\d.]+ s\. Make new backups, and destroy the old ones:\n/,
  )
  const after = await command(rig, "vault", "check")
  assert.equal(after.status, 0, after.stdout)
  assert.equal(rig.verify().verdict, "valid")
})

test("once there is an operator's credential it is needed, and a refusal is on record", async (t) => {
  const rig = makeRig(t)
  const credential = join(rig.root, "credential")
  writeFileSync(credential, "the operator's own words\n")
  await command(rig, "operator", "set-credential", "--new-file", credential)
  const keys = readFileSync(rig.files.keys)
  const refused = await command(rig, "vault", "rekey")
  assert.deepEqual([refused.status, refused.stderr.split("\n")[0]], [1, "Refused: sealing all data anew needs the operator's credential."])
  assert.deepEqual(readFileSync(rig.files.keys), keys)
  assert.deepEqual(
    rig.entries("change.refused").map(({ facts }) => facts["change"]),
    ["sealing all data anew"],
  )
  assert.equal((await command(rig, "vault", "rekey", "--credential-file", credential)).status, 0)
})
