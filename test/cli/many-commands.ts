/**
 * Many short commands in one process, each as if it were alone: what a command says is the same, and starting a process takes a hundred times as long as what
 * it does. For commands that end by themselves; that a process says the same is for whoever asks to try.
 */
import assert from "node:assert/strict"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import type { Home, Said } from "./home.ts"

const main = pathToFileURL(join(import.meta.dirname, "../../src/main.ts")).href

const script = `const { main } = await import(${JSON.stringify(main)})
const write = process.stdout.write.bind(process.stdout)
for (const command of JSON.parse(process.argv[1])) {
  const said = { stdout: "", stderr: "" }
  for (const stream of ["stdout", "stderr"]) process[stream].write = (text) => ((said[stream] += text), true)
  process.exitCode = 0
  await main(command.split(" "), "sovereign-ledger")
  write(JSON.stringify({ exit: process.exitCode, signal: null, ...said }) + "\\n")
}
process.exitCode = 0`

/** What each of the commands says, in their order. */
export async function saidByAll(home: Home, commands: readonly string[]): Promise<readonly Said[]> {
  const node = [process.execPath, "--no-warnings", "--input-type=module", "--eval", script]
  const { exit, stdout, stderr } = await home.start([JSON.stringify(commands)], node).ended
  assert.deepEqual([exit, stderr], [0, ""])
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Said)
}
