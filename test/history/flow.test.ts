/** What is on its way to the disk is counted so that it comes to nothing when all of it is there, in whatever pieces it went. */
import assert from "node:assert/strict"
import { test } from "node:test"
import { Worker } from "node:worker_threads"
import { Flow } from "../../src/history/flow.ts"

const onItsWay = (flow: Flow) => new Int32Array(flow.shared)[0]

test("thousands of small files leave one by one and are settled by the line: nothing is left to wait for", () => {
  const flow = new Flow()
  const [files, perLine, characters] = [16_000, 800, 601]
  for (let file = 0; file < files; file++) {
    flow.sent(characters)
    flow.settled(characters)
    flow.began(characters)
    if (file % perLine === perLine - 1) flow.settled(perLine * characters)
  }
  assert.equal(onItsWay(flow), 0)
})

test("who sends waits for as long as more is on its way than there is room for", async (t) => {
  const flow = new Flow()
  flow.began(33 * 2 ** 20)
  const source = `const { parentPort, workerData } = require("node:worker_threads"); import(workerData.module).then(({ Flow }) => {
    new Flow(workerData.shared).sent(1); parentPort.postMessage("sent") })`
  const module = new URL("../../src/history/flow.ts", import.meta.url).href
  const worker = new Worker(source, { eval: true, workerData: { shared: flow.shared, module }, execArgv: ["--no-warnings"] })
  t.after(() => worker.terminate())
  let isSent = false
  const ended = new Promise((resolve) => worker.once("exit", resolve))
  worker.once("message", () => (isSent = true))
  for (let tries = 0; onItsWay(flow) !== 33 * 2 ** 20 + 1; tries++) {
    assert.ok(tries < 1_000, "the thread began")
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  await new Promise((resolve) => setTimeout(resolve, 300))
  assert.equal(isSent, false)
  flow.settled(33 * 2 ** 20)
  await ended
  assert.equal(isSent, true)
})
