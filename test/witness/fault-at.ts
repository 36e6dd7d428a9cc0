/**
 * Loaded before the program (`node --import file:///.../fault-at.ts?...`): the steps in which the state of one log is written fail on purpose.
 *
 *   how=kill&log=ID&write=2&step=3    the process is killed before step 3 (1 to 8, 9: after the last) of the second write of that log's state
 *   how=throw                         every second write fails at another step, before or after it was done: 1 before, 1 after, 2 before ...
 */
import fs from "node:fs"
import { syncBuiltinESMExports } from "node:module"

const { searchParams } = new URL(import.meta.url)
const how = searchParams.get("how")
const log = searchParams.get("log") ?? ""
const target = { write: Number(searchParams.get("write")), step: Number(searchParams.get("step")) }
/** What `writeDurably` does, in its order: file opened, written, synced, closed, renamed; directory opened, synced, closed. */
export const stepCount = 8
const calls = ["openSync", "writeFileSync", "fsyncSync", "closeSync", "renameSync"] as const

let write = 0
let step = 0

for (const name of calls) {
  const real = fs[name] as (...args: unknown[]) => unknown
  const faulty = (...args: unknown[]): unknown => {
    const begins = name === "openSync" && /[/\\]logs[/\\][0-9a-f]{32}\.json\.\d+\.tmp$/.test(String(args[0])) && String(args[0]).includes(log)
    if (begins) {
      write++
      step = 0
    }
    if (write === 0 || step >= stepCount) return real(...args)
    step++
    if (how === "kill") return killed(() => real(...args))
    return thrown(() => real(...args))
  }
  Object.assign(fs, { [name]: faulty })
}
syncBuiltinESMExports()

function killed(call: () => unknown): unknown {
  if (write === target.write && step === target.step) die()
  const result = call()
  if (write === target.write && step === stepCount && target.step > stepCount) die()
  return result
}

/** Writes 1, 3, 5 ... go well; 2, 4, 6 ... fail at steps 1, 1, 2, 2, ... before and after. */
function thrown(call: () => unknown): unknown {
  const nth = write / 2 - 1
  const fails = Number.isInteger(nth) && step === Math.floor(nth / 2) + 1
  if (fails && nth % 2 === 0) throw failed()
  const result = call()
  if (fails) throw failed()
  return result
}

function failed(): Error {
  step = stepCount // what is tidied up after it is no step of the write
  return Object.assign(new Error("EIO: i/o error"), { code: "EIO" })
}

function die(): void {
  process.kill(process.pid, "SIGKILL")
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10_000)
}
