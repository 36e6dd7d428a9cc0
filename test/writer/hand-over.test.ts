/** An upgrade while events flow: the newer version's client has the older writer hand over, and whoever speaks to the ledger goes on. */
import assert from "node:assert/strict"
import { createServer } from "node:net"
import { join } from "node:path"
import { test } from "node:test"
import type { LedgerClient } from "../../src/host/ledger-client.ts"
import { assertOnce, gateCall, startLoad } from "./load.ts"
import { makeRig, until, type Rig } from "./rig.ts"
import { builtVersion, type BuiltVersion } from "./versions.ts"

const older = "1.2.3"
const newer = "1.10.0"

/** A client of a version, which starts writers of that version. */
function clientOf(rig: Rig, { Client, cli }: BuiltVersion): LedgerClient {
  const { program } = rig.link()
  assert.ok(program)
  const link = rig.link({ program: { ...program, file: () => Promise.resolve(cli) } })
  const log = (sentence: string) => void rig.logged.push(sentence)
  return new Client({ link: () => Promise.resolve(link), queueBytes: 64e6, gateWithinMs: 60_000, log, nowMs: () => Date.now() })
}

test("a newer version takes over while events flow: nothing lost, nothing doubled, the older client uses the newer writer", async (t) => {
  const rig = makeRig(t)
  const [versionOne, versionTwo] = await Promise.all([builtVersion(older), builtVersion(newer)])
  const first = clientOf(rig, versionOne)
  const one = startLoad(first, "older", { observersEveryMs: 2 })
  await until(() => one.answered.length > 50, "the older version is at work")
  assert.equal((await rig.status()).version, older)

  const second = clientOf(rig, versionTwo)
  const two = startLoad(second, "newer", { observersEveryMs: 2 })
  t.after(() => [first, second].forEach((client) => client.close()))
  t.after(() => [one, two].forEach((load) => load.end()))
  await until(() => two.answered.length > 50, "the newer version is at work")
  const reached = one.answered.length
  await until(() => one.answered.length > reached + 50, "the older client goes on")
  await Promise.all([one.stop(), two.stop()])
  await Promise.all([first.flush(60_000), second.flush(60_000)])

  assert.equal((await rig.status()).version, newer)
  await until(() => rig.writerPids().length === 1, "no writer but one is left")
  assertOnce(rig.entries(), [one, two])
  assert.deepEqual([...one.refused, ...two.refused], [])
  assert.deepEqual(rig.logged, [])
  assert.deepEqual(rig.entries("capture.gap"), [])
  assert.equal(rig.verify().verdict, "valid")
  const starts = rig.entries("writer.started").map(({ facts }) => [facts["version"], facts["clean"]])
  assert.deepEqual([starts[0], starts.at(-1)?.[0]], [[older, true], newer])
  assert.ok(
    starts.every(([, clean]) => clean === true),
    "every hand-over ended in order",
  )

  const late = clientOf(rig, versionOne)
  t.after(() => late.close())
  await gateCall(late, "late")
  assert.equal((await rig.status()).version, newer)
})

test("six of each version at once: the newer version's writer is the one that stays", async (t) => {
  const rig = makeRig(t)
  const [versionOne, versionTwo] = await Promise.all([builtVersion(older), builtVersion(newer)])
  const clients = Array.from({ length: 6 }, (_, i) => clientOf(rig, i % 2 === 0 ? versionOne : versionTwo))
  t.after(() => clients.forEach((client) => client.close()))
  const loads = clients.map((client, i) => startLoad(client, `mixed${i}`, { gates: 1 }))
  t.after(() => loads.forEach((load) => load.end()))
  await until(() => loads.every((load) => load.answered.length > 10), "all are served")
  await Promise.all(loads.map((load) => load.stop()))
  await Promise.all(clients.map((client) => client.flush(60_000)))
  await until(() => rig.writerPids().length === 1, "no writer but one is left")
  assert.equal((await rig.status()).version, newer)
  assertOnce(rig.entries(), loads)
  assert.deepEqual(
    loads.flatMap((load) => load.refused.map((fault) => fault.message)),
    [],
  )
})

test("two builds of one version do not take turns for ever", async (t) => {
  const rig = makeRig(t)
  const builds = await Promise.all([builtVersion(newer), builtVersion(newer, "0123456789abcdef")])
  const clients = builds.map((build) => clientOf(rig, build))
  t.after(() => clients.forEach((client) => client.close()))
  const loads = clients.map((client, i) => startLoad(client, `build${i}`, { gates: 1 }))
  t.after(() => loads.forEach((load) => load.end()))
  await until(() => loads.every((load) => load.answered.length > 200), "both are served")
  await Promise.all(loads.map((load) => load.stop()))
  await Promise.all(clients.map((client) => client.flush(60_000)))
  assertOnce(rig.entries(), loads)
  assert.ok(rig.entries("writer.started").length <= 3, "each asks for its own build once at most")
})

test("a writer that speaks another protocol is left alone, and the client says so in a sentence", async (t) => {
  const rig = makeRig(t)
  const path = join(rig.directory, "writer.sock")
  const fault = { code: "writer.protocol", message: "The running writer speaks protocol 7; this program speaks 1.", remedy: "Use the same version." }
  const server = createServer((socket) => socket.once("data", () => socket.end(`${JSON.stringify({ fault })}\n`))).listen(path)
  t.after(() => server.close())
  const answer = await gateCall(rig.client(), "one")
  assert.ok(answer instanceof Error)
  assert.equal(answer.code, "writer.protocol")
  assert.deepEqual(rig.logged, [`NOT RECORDING. ${fault.message} ${fault.remedy}`])
  assert.deepEqual(rig.writerPids(), [])
})
