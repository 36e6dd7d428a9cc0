/** The writer puts roots of the map of event ids on record: when it is asked, with all that came before, and once for the same entries. */
import assert from "node:assert/strict"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { test } from "node:test"
import { Fault } from "../../src/base/fault.ts"
import { askWriter } from "../../src/surfaces/socket/writer-link.ts"
import { readKeyStore } from "../../src/vault/key-store.ts"
import { checkRoots } from "../../src/views/event-map.ts"
import { gateCall, observeCall } from "./load.ts"
import { makeRig, type Rig } from "./rig.ts"

const flags = (rig: Rig) => ["--data-dir", rig.directory, "--key-file", rig.keyFile, "--head-note", rig.files.headNote]
const roots = (rig: Rig) => rig.entries("map.committed").map(({ sequence, facts }) => [sequence, facts["size"]])

test("a call of a moment ago is proven, and so is one that never was; a stranger checks both with the key alone", async (t) => {
  const rig = makeRig(t)
  const client = rig.client()
  assert.ok(!((await gateCall(client, "first")) instanceof Fault))
  for (let i = 0; i < 400; i++) observeCall(client, `more-${i}`)
  await client.flush(10_000)
  const ids = rig.entries("tool.invoked").map(({ facts }) => String(facts["id"]))
  assert.equal(ids.length, 1)
  const { verifierKey } = readKeyStore(rig.directory)
  for (const [id, words] of [
    [ids[0] ?? "", /VALID[^]*is among the first \d+ entries of sovereign-ledger/],
    ["tool.invoked:-/never", /VALID[^]*tool\.invoked:-\/never was NOT recorded: none of the first \d+ entries/],
  ] as const) {
    const proof = await rig.run(["smt", "proof", id, ...flags(rig)])
    assert.deepEqual([proof.status, proof.stderr], [0, ""])
    const file = join(rig.home, "a.proof")
    writeFileSync(file, proof.stdout)
    const checked = await rig.run(["verify", "--proof", file, "--key", verifierKey, "--data-dir", join(rig.root, "elsewhere")])
    assert.equal(checked.status, 0, checked.stdout + checked.stderr)
    assert.match(checked.stdout, words)
  }
  // The second proof found everything but the root itself on record.
  assert.equal(roots(rig).length, 1)
  assert.deepEqual(
    rig.reading((access) => checkRoots(access).map(({ problem }) => problem)),
    [null],
  )
})

test("asks that come together are answered together, and what comes later makes another root", async (t) => {
  const rig = makeRig(t)
  const client = rig.client()
  await gateCall(client, "first")
  const ask = () => askWriter(rig.link({ program: undefined }), "commit-map", 20_000) as Promise<{ size: number; root: string }>
  const answers = await Promise.all([ask(), ask(), ask()])
  for (const { size, root } of answers) assert.deepEqual([size, root], [answers[0]?.size, answers[0]?.root])
  const before = roots(rig)
  assert.equal(before.length, 1)
  assert.deepEqual(await ask(), answers[0])
  await gateCall(client, "second")
  const later = await ask()
  assert.ok(later.size > (answers[0]?.size ?? Infinity))
  assert.equal(roots(rig).length, 2)
  await rig.stopWriter()
  assert.equal(rig.verify().verdict, "valid")
})
