/** What a gateway that dies takes along is told as a gap; a gateway that ends in order takes nothing along, and is none. */
import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { join } from "node:path"
import { test } from "node:test"
import { goneWords, powerWords } from "../../src/operations/presence.ts"
import type { ServerLine } from "../../src/surfaces/socket/protocol.ts"
import { openLane } from "../../src/surfaces/socket/writer-link.ts"
import { observeCall } from "./load.ts"
import { makeRig, until, type Rig } from "./rig.ts"

const dyingGateway = join(import.meta.dirname, "dying-gateway.ts")

/** Runs the gateway until it has said the word. */
async function gatewayUntil(rig: Rig, args: readonly string[], word: string) {
  const child = spawn(process.execPath, ["--no-warnings", dyingGateway, rig.link().socketPath, ...args], { stdio: ["pipe", "pipe", "inherit"] })
  const ended = new Promise((resolve) => child.once("close", resolve)) // before anything is waited for: it may be quick
  let said = ""
  child.stdout.setEncoding("utf8").on("data", (part: string) => (said += part))
  const heard = (wanted: string) => until(() => said.includes(wanted), `the gateway says ${wanted}`)
  await heard(word)
  return { child, heard, ended }
}

test("a gateway that is killed with events in it: what is recorded and what is counted are what it was told", async (t) => {
  const rig = makeRig(t)
  const writer = await rig.writer(["--service"])
  const { child, heard, ended } = await gatewayUntil(rig, ["held", "9000"], "ready")
  process.kill(writer.pid, "SIGSTOP")
  child.stdin.write("go\n")
  await heard("handed")
  child.kill("SIGKILL")
  await ended
  process.kill(writer.pid, "SIGCONT")
  await until(() => rig.entries("capture.gap").length > 0, "the gap is recorded")
  const [gap, ...more] = rig.entries("capture.gap").map(({ facts }) => facts)
  assert.deepEqual([more, gap?.["reason"], gap?.["uncounted"]], [[], goneWords, true])
  const recorded = rig.entries("tool.returned").length
  assert.ok(recorded < 9_001, "it was killed with events in it")
  assert.equal(recorded + Number(gap?.["count"]), 9_001)
  assert.deepEqual(gap?.["byType"], { after_tool_call: 9_001 - recorded })
  assert.equal(rig.verify().verdict, "valid")
})

test("a gateway that is killed with nothing in it is a gap with no known events, one that ends in order is none", async (t) => {
  const rig = makeRig(t)
  await rig.writer(["--service"])
  const orderly = await gatewayUntil(rig, ["orderly"], "handed")
  await orderly.ended
  const idle = await gatewayUntil(rig, ["idle"], "handed")
  idle.child.kill("SIGKILL")
  await until(() => rig.entries("capture.gap").length > 0, "the gap is recorded")
  await rig.stopWriter()
  assert.deepEqual(
    rig.entries("capture.gap").map(({ facts }) => [facts["reason"], facts["count"], facts["uncounted"]]),
    [[goneWords, 0, true]],
  )
})

test("a gateway that had only asked is missed as well: what it was permitted may have left", async (t) => {
  const rig = makeRig(t)
  await rig.writer(["--service"])
  const answers: ServerLine[] = []
  const [told, asked] = await Promise.all(
    (["observe", "gate"] as const).map((lane) =>
      openLane(rig.link({ program: undefined }), lane, `00112233445566a${lane === "gate" ? 1 : 0}`, { line: (line) => answers.push(line), closed: () => {} }),
    ),
  )
  asked?.send(`${JSON.stringify({ gate: 1, n: 1, h: "before_tool_call", t: 1, p: { run: "r", tool: "guarded", call: "c", params: {} } })}\n`)
  await until(() => answers.length > 0, "it is answered")
  for (const lane of [told, asked]) lane?.close()
  await until(() => rig.entries("capture.gap").length > 0, "the gap is recorded")
})

test("a writer that is stopped while a gateway is on its way out does not wait to say so", async (t) => {
  const rig = makeRig(t)
  await rig.writer(["--service"])
  const idle = await gatewayUntil(rig, ["idle"], "handed")
  idle.child.kill("SIGKILL")
  await idle.ended
  await rig.stopWriter()
  assert.equal(rig.entries("capture.gap").length, 1)
})

test("a writer that is killed is no gap while its gateways live, and one when they died with it", async (t) => {
  const rig = makeRig(t)
  const first = await rig.writer(["--service"])
  const client = rig.client()
  observeCall(client, "one")
  await client.flush(5_000)
  process.kill(first.pid, "SIGKILL")
  await until(() => rig.writerPids().length === 0, "it is gone")
  const second = await rig.writer(["--service"])
  observeCall(client, "two")
  await client.flush(5_000)
  const stays = await gatewayUntil(rig, ["idle"], "handed")
  process.kill(second.pid, "SIGKILL")
  stays.child.kill("SIGKILL")
  client.close()
  await until(() => rig.writerPids().length === 0, "it is gone")
  assert.deepEqual(rig.entries("capture.gap"), [])
  await rig.writer(["--service"])
  const next = await gatewayUntil(rig, ["idle"], "handed")
  t.after(() => void next.child.kill("SIGKILL"))
  await until(() => rig.entries("capture.gap").length > 0, "the gap is recorded")
  assert.deepEqual(
    rig.entries("capture.gap").map(({ facts }) => [facts["reason"], facts["uncounted"]]),
    [[powerWords, true]],
  )
})
