/** One data directory has one writer: however many start one, whatever a dead one left behind. */
import assert from "node:assert/strict"
import { existsSync, statSync, writeFileSync } from "node:fs"
import { test } from "node:test"
import { Fault } from "../../src/base/fault.ts"
import { gateCall, observeCall } from "./load.ts"
import { makeRig, until } from "./rig.ts"

test("six starters at once end up with one writer, and none of them waits for a lock it cannot get", async (t) => {
  const rig = makeRig(t)
  const startedMs = performance.now()
  const answers = await Promise.all(Array.from({ length: 6 }, (_, i) => gateCall(rig.client(), `six-${i}`)))
  const tookMs = performance.now() - startedMs
  assert.deepEqual(
    answers.filter((answer) => answer instanceof Fault),
    [],
  )
  assert.ok(tookMs < 8_000, `the last of six was answered after ${Math.round(tookMs)} ms`)
  await until(() => rig.writerPids().length === 1, "one writer is left")
  assert.deepEqual(rig.writerPids(), [(await rig.status()).pid])
  assert.equal(rig.entries("writer.started").length, 1)
  assert.equal(rig.entries("tool.invoked").length, 6)
})

test("a second writer waits for the lock and gives up with a sentence", async (t) => {
  const rig = makeRig(t)
  const first = await rig.writer()
  const second = await rig.run(["writer", "--data-dir", rig.directory, "--key-file", rig.keyFile, "--lock-within-ms", "300"])
  assert.equal(second.status, 2)
  assert.equal(second.stdout, "")
  assert.match(second.stderr, /^Another writer holds the ledger in \S+, and did not let go in time\.\nLet it finish or stop it/)
  assert.doesNotMatch(second.stderr, /\n\s+at /)
  assert.equal((await rig.status()).pid, first.pid)
  assert.equal(rig.entries("writer.started").length, 1)
})

test("a second writer takes over when the first lets go while it waits", async (t) => {
  const rig = makeRig(t)
  const first = await rig.writer()
  const second = rig.writer()
  await until(() => rig.writerPids().length === 2, "the second waits")
  first.child.kill("SIGTERM")
  assert.equal((await first.ended).status, 0)
  assert.equal((await rig.status().catch(() => second.then(() => rig.status()))).pid, (await second).pid)
  assert.deepEqual(
    rig.entries("writer.started").map(({ facts }) => facts["clean"]),
    [true, true],
  )
})

test("the socket's file of a dead writer is replaced", async (t) => {
  const rig = makeRig(t)
  const { pid } = await rig.writer()
  process.kill(pid, "SIGKILL")
  await until(() => rig.writerPids().length === 0, "it is dead")
  assert.ok(existsSync(rig.link().socketPath), "a killed writer leaves its socket's file")
  const client = rig.client()
  observeCall(client, "after the kill")
  await client.flush(10_000)
  assert.equal(rig.entries("tool.returned").length, 1)
  await rig.stopWriter()
  assert.ok(!existsSync(rig.link().socketPath), "a writer that stops takes its socket's file along")
})

test("an ordinary file in the socket's place is replaced too", async (t) => {
  const rig = makeRig(t)
  writeFileSync(rig.link().socketPath, "not a socket")
  await rig.writer()
  assert.ok(statSync(rig.link().socketPath).isSocket())
})
