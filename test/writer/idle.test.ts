/** How a writer ends: by itself when nobody is left, in order when it is told to; what waited is on disk then. */
import assert from "node:assert/strict"
import { existsSync, statSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import { describe, test } from "node:test"
import { askWriter } from "../../src/surfaces/socket/writer-link.ts"
import { assertOnce, gateCall, observeCall, startLoad } from "./load.ts"
import { makeRig, until, type Rig } from "./rig.ts"

function assertTidy(rig: Rig): void {
  assert.ok(!existsSync(`${rig.files.journal}-wal`) || statSync(`${rig.files.journal}-wal`).size === 0, "the log is in the file")
  const { verdict, checkpoints, problems } = rig.verify()
  assert.deepEqual([verdict, problems], ["valid", []])
  assert.ok(checkpoints >= 2, "a checkpoint covers everything, inside and outside the directory")
}

describe("the end of a writer", { concurrency: 3 }, () => {
  test("a writer leaves by itself after its last client, and leaves a checkpoint over everything", async (t) => {
    const rig = makeRig(t)
    const writer = await rig.writer(["--leave-after-ms", "200"])
    const client = rig.client()
    for (let i = 0; i < 50; i++) observeCall(client, `idle-${i}`)
    await client.flush(5_000)
    await sleep(1_400)
    assert.equal(writer.child.exitCode, null, "it stays while a client is there")
    client.close()
    await until(() => writer.child.exitCode !== null, "it has left")
    const { status, stdout, stderr } = await writer.ended
    assert.deepEqual([status, stdout], [0, ""])
    assert.doesNotMatch(stderr, /\n\s+at |Error/)
    assert.equal(rig.entries().at(-1)?.type, "writer.stopped")
    assert.equal(rig.entries().at(-1)?.facts["reason"], "no clients left")
    assertTidy(rig)
  })

  test("a service stays without clients", async (t) => {
    const rig = makeRig(t)
    const writer = await rig.writer(["--service", "--leave-after-ms", "100"])
    await sleep(1_400)
    assert.equal(writer.child.exitCode, null)
  })

  for (const end of ["SIGTERM", "SIGINT", "stop"] as const) {
    test(`${end} under load: what was handed over is on disk once, the next writer knows that it ended in order`, async (t) => {
      const rig = makeRig(t)
      const writer = await rig.writer()
      const client = rig.client()
      const load = startLoad(client, "draining", { observersEveryMs: 2 })
      t.after(load.end)
      await until(() => load.answered.length > 20, "there is a load")
      if (end === "stop") await askWriter(rig.link(), "stop")
      else process.kill(writer.pid, end)
      const { status, stderr } = await writer.ended
      assert.deepEqual([status, stderr.split("\n").length], [0, 2], stderr)
      const answered = load.answered.length
      await until(() => load.answered.length > answered + 5, "the client goes on with a new writer")
      await load.stop()
      await client.flush(10_000)
      assertOnce(rig.entries(), [load])
      assert.deepEqual(load.refused, [])
      const [, second] = rig.entries("writer.started")
      assert.equal(second?.facts["clean"], true)
      client.close()
      await rig.stopWriter()
      assertTidy(rig)
    })
  }

  test("a writer that was killed is not called clean by the next", async (t) => {
    const rig = makeRig(t)
    const writer = await rig.writer()
    const client = rig.client()
    await gateCall(client, "one")
    process.kill(writer.pid, "SIGKILL")
    await writer.ended
    await gateCall(client, "two")
    assert.deepEqual(
      rig.entries("writer.started").map(({ facts }) => facts["clean"]),
      [true, false],
    )
  })
})
