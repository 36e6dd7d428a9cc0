/** A clock that is a year off, forward and back, around rotations and erasures: they are done and on record, and nothing that follows is lost or refused. */
import assert from "node:assert/strict"
import { copyFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { test } from "node:test"
import { observeCall } from "./load.ts"
import { makeRig, type Rig } from "./rig.ts"

const yearMs = 366 * 86_400_000

const command = async (rig: Rig, ...words: readonly string[]) => {
  const said = await rig.run([...words, "--data-dir", rig.directory, "--key-file", rig.keyFile, "--head-note", rig.files.headNote])
  assert.doesNotMatch(said.stdout + said.stderr, /\bundefined\b|\bNaN\b|Invalid Date|is a bug in/)
  return said
}

async function record(rig: Rig, name: string): Promise<void> {
  const client = rig.client()
  observeCall(client, name)
  await client.flush(10_000)
  client.close()
}

for (const [words, first] of [
  ["forward, and back again", 1],
  ["back, and forward again", -1],
] as const) {
  test(`a year ${words}`, async (t) => {
    const rig = makeRig(t)
    const clocks = join(rig.root, "clocks.json")
    const old = join(rig.root, "old.key")
    copyFileSync(rig.keyFile, old)
    const turns = [0, first, 0]
    for (const [turn, years] of turns.entries()) {
      writeFileSync(clocks, JSON.stringify({ wallMs: years * yearMs, boot: `boot-${turn}` }))
      const writer = await rig.writer(["--clock-file", clocks, "--leave-after-ms", "600000"])
      await record(rig, `in turn ${turn}`)
      for (const words of [
        ["vault", "rotate"],
        ["erase", "--agent", "main", "--yes"],
      ]) {
        const { status, stderr } = await command(rig, ...words)
        assert.deepEqual([status, stderr], [0, ""], words.join(" "))
      }
      await record(rig, `after turn ${turn}`)
      writer.child.kill("SIGTERM")
      assert.equal((await writer.ended).status, 0)
      assert.equal(rig.verify().verdict, "valid with erasures")
    }
    assert.equal(rig.entries("master.replaced").length, turns.length)
    assert.equal(rig.entries("content.erased").length, turns.length)
    const { contentsErased, notes } = rig.verify()
    assert.ok(contentsErased >= turns.length)
    assert.doesNotMatch(notes.join("\n"), /scopes\.db still has keys/, "what was erased in any year stays so")

    const refused = await rig.run(["verify", "--data-dir", rig.directory, "--key-file", old, "--head-note", rig.files.headNote])
    assert.equal(refused.status, 2)
    assert.match(refused.stderr, /^The master key from \S+ \(fingerprint \w{16}\) opened this ledger until \d{4}-\S+Z; then \w{16} took its place\.\n/)
    for (const words of ["vault status", "vault check", "fsck", "verify", "events list"])
      assert.equal((await command(rig, ...words.split(" "))).status, 0, words)
    assert.ok([0, 1].includes((await command(rig, "status")).status ?? -1), "a clock that was set may be told")
  })
}
