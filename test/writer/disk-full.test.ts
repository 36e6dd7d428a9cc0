/** A full disk: recording stops with a sentence, guarded tools are denied, the gateway's side stays small, and all of it goes on by itself afterwards. */
import assert from "node:assert/strict"
import { statSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { test } from "node:test"
import { Fault } from "../../src/base/fault.ts"
import { asRootOnLinux, fillDisk } from "./full-disk.ts"
import { gateCall, observeCall } from "./load.ts"
import { makeRig, until } from "./rig.ts"

const diskBytes = 4 * 1024 * 1024

test("recording stops with a sentence, gates fail closed, and after space is freed everything is accounted for", asRootOnLinux, async (t) => {
  const rig = makeRig(t, { diskBytes })
  const client = rig.client({ queueBytes: 2e6, retryOffMs: 300 })
  let handed = 0
  const observe = (count: number, text?: string) => {
    for (let i = 0; i < count; i++) observeCall(client, `full-${handed++}`, text)
  }
  observe(20)
  assert.ok(!((await gateCall(client, "before")) instanceof Fault))
  await client.flush(5_000)

  const freeSpace = fillDisk(rig)
  observe(100)
  await until(() => client.fault !== undefined, "the client knows that nothing is recorded")
  assert.equal(client.fault?.code, "store.write-failed")
  assert.equal(rig.logged.length, 1, rig.logged.join("\n"))
  assert.match(rig.logged[0] ?? "", /^NOT RECORDING\. Writing to \S+ failed: .*disk is full\. Free space/)

  setFlagsFromString("--expose-gc")
  const collect = runInNewContext("gc") as () => void
  const heapBytes = () => (collect(), process.memoryUsage().heapUsed)
  const before = heapBytes()
  for (let round = 0; round < 5; round++) {
    const startedMs = performance.now()
    const answer = await gateCall(client, `round-${round}`)
    assert.ok(answer instanceof Fault, "a gate was let through although nothing can be recorded")
    assert.equal(answer.code, "store.write-failed")
    assert.ok(performance.now() - startedMs < 5_000, "a refusal does not take for ever")
    observe(4_000, "x".repeat(1_000))
    await sleep(1)
  }
  assert.ok(heapBytes() - before < 10e6, `20 MB of events while off took ${Math.round((heapBytes() - before) / 1e6)} MB of heap`)
  assert.equal(rig.logged.length, 1, "it is said once")
  const status = await rig.run(["status", "--data-dir", rig.directory, "--key-file", rig.keyFile, "--head-note", rig.files.headNote])
  assert.deepEqual([status.status, status.stderr], [1, ""])
  assert.match(status.stdout, /\nThe disk of \S+ is full: \d+ bytes are left\.\n {2}Free space there\./)

  freeSpace()
  await until(() => client.fault === undefined, "it records again by itself")
  assert.match(rig.logged[1] ?? "", /^Recording is on again/)
  await client.flush(10_000)
  assert.ok(!((await gateCall(client, "after")) instanceof Fault))

  const gaps = rig.entries("capture.gap").map(({ facts }) => facts as { reason: string; count: number; byType: Record<string, number> })
  const counted = gaps.reduce((sum, gap) => sum + (gap.byType["after_tool_call"] ?? 0), 0)
  const recorded = rig.entries("tool.returned").length
  assert.equal(recorded + counted, handed, `${recorded} recorded and ${counted} counted of ${handed}`)
  assert.ok(counted >= 20_000)
  assert.ok(gaps.some(({ reason }) => /recording was off: store\.write-failed/.test(reason)))
  const calls = new Set(rig.entries("tool.returned").map(({ facts }) => facts["call"]))
  assert.equal(calls.size, recorded, "nothing is there twice")
  const { verdict, problems } = rig.verify()
  assert.deepEqual([verdict, problems], ["valid", []])
})

/** At a commit; and while the log is moved into its file, which comes after some 75 commits and needs more room than those left. */
for (const [when, rooms, leftBytes] of [
  ["at a commit", 30, 0],
  ["while the log is moved", 73, 100_000],
] as const) {
  test(`a writer that meets a full disk ${when} ends with a sentence on its standard error`, asRootOnLinux, async (t) => {
    const rig = makeRig(t, { diskBytes })
    const writer = await rig.writer()
    const client = rig.client({ retryOffMs: 300 })
    const answered: string[] = []
    const ask = async (call: string) => {
      const answer = await gateCall(client, call)
      if (!(answer instanceof Fault)) answered.push(call)
      return answer
    }
    for (let i = 0; i < rooms; i++) await ask(`room-${i}`)
    const freeSpace = fillDisk(rig, leftBytes)
    for (let i = 0; i < 200 && !((await ask(`late-${i}`)) instanceof Fault); i++);
    const { status, stderr } = await writer.ended
    assert.equal(status, 1)
    assert.match(stderr, /is ready.*\nWriting to \S+ failed: .*full\.\nFree space/)
    assert.doesNotMatch(stderr, /\n\s+at |SqliteError/)
    assert.match(rig.logged[0] ?? "", /^NOT RECORDING\. Writing to /)
    freeSpace()
    await until(() => client.fault === undefined, "it records again by itself")
    await ask("after")
    assert.equal(answered.at(-1), "after")
    const recorded = rig.entries("tool.invoked").map(({ facts }) => facts["call"])
    assert.deepEqual(
      answered.filter((call) => recorded.filter((one) => one === call).length !== 1),
      [],
    )
    assert.equal(rig.verify().verdict, "valid")
  })
}

test("a disk that is full for the file but not for its log ends the writer with a sentence, whoever moves the log", asRootOnLinux, async (t) => {
  const rig = makeRig(t, { diskBytes })
  const writer = await rig.writer()
  const client = rig.client({ retryOffMs: 300 })
  const fileBytes = () => statSync(rig.files.journal).size
  const ask = async (from: number) => {
    for (let i = from; i < from + 85; i++) assert.ok(!((await gateCall(client, `room-${i}`)) instanceof Fault))
  }
  const before = fileBytes()
  await ask(0)
  await until(() => fileBytes() > before + 20_000, "the log is in the file")
  const freeSpace = fillDisk(rig)
  await ask(100) // the log begins anew, in the room it has
  const { status, stderr } = await writer.ended
  assert.equal(status, 1)
  assert.match(stderr, /is ready.*\nWriting to \S+ failed: .*full\.\nFree space/)
  assert.doesNotMatch(stderr, /\n\s+at |SqliteError/)
  freeSpace()
  await until(() => client.fault === undefined, "it records again by itself")
  assert.equal(rig.entries("tool.invoked").length, 170)
  assert.equal(rig.verify().verdict, "valid")
})

test("a writer that is told to stop on a full disk ends with a sentence at most", asRootOnLinux, async (t) => {
  const rig = makeRig(t, { diskBytes })
  const writer = await rig.writer()
  const client = rig.client()
  for (let i = 0; i < 200; i++) observeCall(client, `stop-${i}`)
  await client.flush(5_000)
  client.close()
  const freeSpace = fillDisk(rig)
  writer.child.kill("SIGTERM")
  const { status, stderr } = await writer.ended
  assert.equal(status, 1)
  assert.doesNotMatch(stderr, /\n\s+at |SqliteError|assertion/)
  freeSpace()
  assert.equal(rig.verify().verdict, "valid")
})

test("a writer started on a full disk says why it cannot record", asRootOnLinux, async (t) => {
  const rig = makeRig(t, { diskBytes })
  const freeSpace = fillDisk(rig)
  const { status, stderr } = await rig.run(["writer", "--data-dir", rig.directory, "--key-file", rig.keyFile, "--head-note", rig.files.headNote])
  assert.equal(status, 2)
  assert.match(stderr, /^Writing to \S+ failed: .*\.\nFree space or mend the permissions/)
  assert.doesNotMatch(stderr, /\n\s+at /)
  freeSpace()
  await rig.writer()
  assert.equal(rig.verify().verdict, "valid")
})
