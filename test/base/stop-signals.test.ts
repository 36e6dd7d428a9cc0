/** Listening for the signals that end a process: any number of listeners, one of the process's own, and none when all are gone. */
import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { join } from "node:path"
import { test } from "node:test"
import { onStopSignal } from "../../src/base/stop-signals.ts"
import { temporaryDirectory } from "../ledger-fixture.ts"
import { readdirSync } from "node:fs"

const names = ["SIGINT", "SIGTERM", "SIGHUP"] as const
const counts = () => names.map((name) => process.listenerCount(name))

test("a hundred that listen are one listener of the process, each is told, and none is left when they have gone", () => {
  const before = counts()
  const heard: string[] = []
  const forget = Array.from({ length: 100 }, (_, i) => onStopSignal((signal) => heard.push(`${i} ${signal}`)))
  assert.deepEqual(
    counts(),
    before.map((count) => count + 1),
  )
  const [ours] = process.listeners("SIGHUP").slice(-1)
  ours?.("SIGHUP")
  assert.deepEqual([heard.length, new Set(heard).size, heard[0]], [100, 100, "0 SIGHUP"])
  for (const one of forget.slice(1)) one()
  ours?.("SIGINT")
  assert.deepEqual(heard.slice(100), ["0 SIGINT"])
  for (const one of forget) one()
  assert.deepEqual(counts(), before)
})

test("what is being made at once is all gone when a signal ends the process", async (t) => {
  const directory = temporaryDirectory(t)
  const child = spawn(process.execPath, ["--no-warnings", join(import.meta.dirname, "../operations/sealing/never-ending.ts"), directory])
  let said = ""
  child.stdout.setEncoding("utf8").on("data", (part: string) => {
    said += part
    if (said.endsWith("begun\n")) child.kill("SIGINT")
  })
  let wrong = ""
  child.stderr.setEncoding("utf8").on("data", (part: string) => (wrong += part))
  const status = await new Promise((resolve) => child.once("close", resolve))
  assert.deepEqual([status, wrong, readdirSync(directory)], [130, "", []])
})
