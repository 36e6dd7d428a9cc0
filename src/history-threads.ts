/**
 * The threads that read a host's history: how one is started, and what it runs, which is the file that this is in. It is bundled apart from the program,
 * most of which a thread would load for nothing.
 */
import type { KeyObject } from "node:crypto"
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads"
import { problemOf } from "./base/fault.ts"
import { Flow } from "./history/flow.ts"
import { readSource } from "./history/read-source.ts"
import { prepareUnpacking } from "./history/stores/unpack-rows.ts"
import type { FromReader, StartReader, Task } from "./history/read-sources.ts"

/** What a thread needs that makes events of all it reads. */
export type Deep = { readonly pseudonymKey: KeyObject; readonly flow: Flow }

type ThreadData = { readonly reads: "history"; readonly pseudonymKey?: KeyObject; readonly flow?: SharedArrayBuffer }

/** Rows live for a moment: a young generation of this size is emptied cheaply. */
const youngMb = 8

export function readersOf(deep?: Deep): StartReader {
  return ({ message, gone }) => {
    const data: ThreadData = { reads: "history", ...(deep && { pseudonymKey: deep.pseudonymKey, flow: deep.flow.shared }) }
    const worker = new Worker(new URL(import.meta.url), {
      name: "history",
      workerData: data,
      execArgv: ["--no-warnings"],
      resourceLimits: { maxYoungGenerationSizeMb: youngMb },
    })
    let problem = "its reader ended"
    worker.on("message", (said: FromReader) => message(said))
    worker.on("error", (error) => (problem = problemOf(error)))
    worker.on("exit", () => gone(problem))
    return { give: (task) => worker.postMessage(task), end: () => worker.postMessage("end"), stop: () => void worker.terminate() }
  }
}

let prepared: Promise<void> | undefined

/** Without it rows are unpacked all the same, only more slowly. */
function unpacking(): Promise<void> {
  return (prepared ??= prepareUnpacking().catch(() => {}))
}

async function serve({ pseudonymKey, flow: shared }: ThreadData): Promise<void> {
  const port = parentPort
  const deep = pseudonymKey && (await import("./history-events.ts")).deepReadingUnder(pseudonymKey)
  const flow = shared && new Flow(shared)
  const send = (said: FromReader) => {
    if (!("events" in said)) return port?.postMessage(said)
    const { bytes, inherited } = said.events
    const { length } = bytes
    port?.postMessage(said, [bytes.buffer])
    // What stands in a fork is kept until everything was read: who waited for that to be on disk would wait for himself.
    if (!inherited) flow?.sent(length)
  }
  port?.on("message", (task: Task | "end") => {
    if (task === "end") port.close()
    else if (task.source.kind === "agent-store") void unpacking().then(() => readSource(task, send, deep))
    else readSource(task, send, deep)
  })
}

const told: unknown = workerData
if (!isMainThread && typeof told === "object" && told !== null && "reads" in told) await serve(told as ThreadData)
