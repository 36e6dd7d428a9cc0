/** The head, signed on demand by the running writer: over everything that is on disk, stored by nobody, and never over what is not on disk. */
import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { setImmediate } from "node:timers/promises"
import { test } from "node:test"
import { Fault } from "../../src/base/fault.ts"
import { parseSignedCheckpoint, parseVerifierKey } from "../../src/format/checkpoint.ts"
import type { ControlAction } from "../../src/surfaces/socket/protocol.ts"
import { askWriter, openLane, randomSender } from "../../src/surfaces/socket/writer-link.ts"
import { readKeyStore } from "../../src/vault/key-store.ts"
import { verifyProof } from "../../src/verify/proof.ts"
import { noteChecker } from "../../src/verify/signature.ts"
import { openForReading } from "../../src/views/ledger-access.ts"
import { asRootOnLinux, fillDisk } from "./full-disk.ts"
import { gateCall, observeCall } from "./load.ts"
import { makeRig, type Rig } from "./rig.ts"

const flags = (rig: Rig) => ["--data-dir", rig.directory, "--key-file", rig.keyFile, "--head-note", rig.files.headNote]

function storedSizes(rig: Rig): readonly number[] {
  const access = openForReading(rig.files, { keyFile: rig.keyFile, environment: {} })
  try {
    return access.reader.checkpoints().map(({ size }) => size)
  } finally {
    access.close()
  }
}

test("what was recorded a moment ago is proven", async (t) => {
  const rig = makeRig(t)
  const client = rig.client()
  assert.ok(!((await gateCall(client, "first")) instanceof Fault))
  observeCall(client, "second")
  await client.flush(5_000)
  const shown = await rig.run(["checkpoint", "show", ...flags(rig)])
  const { verifierKey } = readKeyStore(rig.directory)
  const checked = noteChecker(parseVerifierKey(verifierKey))(shown.stdout)
  assert.ok(checked.ok, shown.stdout + shown.stderr)
  assert.equal(checked.checkpoint.size, rig.entries().length)
  const newest = checked.checkpoint.size - 1
  const proof = await rig.run(["prove", String(newest), "--facts", ...flags(rig)])
  assert.equal(proof.status, 0, proof.stderr)
  const report = verifyProof(proof.stdout, { key: parseVerifierKey(verifierKey) })
  assert.deepEqual([report.verdict, report.entry?.sequence], ["valid", newest])
  const range = await rig.run(["verify", "--from", String(newest), ...flags(rig)])
  assert.match(range.stdout, /VALID/, range.stdout)
  const listed = JSON.parse((await rig.run(["checkpoint", "show", "--json", ...flags(rig)])).stdout) as { checkpoint: { storedAt: unknown } }
  assert.equal(listed.checkpoint.storedAt, null)
})

test("signing stores nothing", async (t) => {
  const rig = makeRig(t)
  const client = rig.client()
  const signed: number[] = []
  for (let i = 0; i < 6; i++) {
    await gateCall(client, `call-${i}`)
    const { note } = (await askWriter(rig.link({ program: undefined }), "sign")) as { note: string }
    signed.push(parseSignedCheckpoint(note)?.size ?? 0)
  }
  assert.equal(new Set(signed).size, 6)
  // The writer stores one by itself a second after its start, and then one a minute.
  const stored = storedSizes(rig).filter((size) => signed.includes(size))
  assert.ok(stored.length <= 2, `${stored.length} of 6 were stored`)
})

test("everything that waits is committed first", async (t) => {
  const rig = makeRig(t)
  const client = rig.client()
  await gateCall(client, "first")
  for (let i = 0; i < 50; i++) observeCall(client, `waits-${i}`)
  const { note } = (await askWriter(rig.link({ program: undefined }), "sign")) as { note: string }
  const signed = parseSignedCheckpoint(note)
  assert.ok(signed)
  await client.flush(5_000)
  const access = openForReading(rig.files, { keyFile: rig.keyFile, environment: {} })
  t.after(async () => access.close())
  assert.ok(signed.size <= access.reader.size())
  assert.equal(rig.verify().verdict, "valid")
})

/** A connection that is there already when it is needed; answers the note, or undefined when the writer gave none. */
async function controlLane(rig: Rig): Promise<(action: ControlAction) => Promise<string | undefined>> {
  let settle: (note: string | undefined) => void = () => {}
  const answered = new Promise<string | undefined>((resolve) => (settle = resolve))
  const lane = await openLane(rig.link({ program: undefined }), "control", randomSender(), {
    line: (line) => settle((line as { result?: { note: string } }).result?.note),
    closed: () => settle(undefined),
  })
  return (action) => {
    lane.send(`${JSON.stringify({ ask: 1, do: action })}\n`)
    return answered
  }
}

test("what the disk refused is neither signed nor noted outside", asRootOnLinux, async (t) => {
  const rig = makeRig(t, { diskBytes: 4 * 1024 * 1024 })
  const writer = await rig.writer()
  const client = rig.client({ retryOffMs: 60_000 })
  await gateCall(client, "first")
  const asked = await controlLane(rig)
  const freeSpace = fillDisk(rig)
  // The calls wait some milliseconds for company, and the question, which is there before that, commits them.
  for (let i = 0; i < 60; i++) observeCall(client, `late-${i}`, "x".repeat(4_000))
  await setImmediate()
  const answer = await asked("checkpoint")
  await writer.ended
  freeSpace()
  const size = rig.entries().length
  if (answer !== undefined) assert.ok((parseSignedCheckpoint(answer)?.size ?? Infinity) <= size, `${answer} was signed, and ${size} entries are there`)
  const kept = parseSignedCheckpoint(readFileSync(rig.files.headNote, "utf8"))
  assert.ok((kept?.size ?? Infinity) <= size, `the note outside tells of ${kept?.size} entries, and ${size} are there`)
  assert.equal(rig.verify().verdict, "valid")
})
