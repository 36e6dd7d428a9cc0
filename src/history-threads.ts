/**
 * The threads that read a host's history: how one is started, and what it runs, which is the file that this is in. It is bundled apart from the program,
 * most of which a thread would load for nothing.
 */
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads"
import { problemOf } from "./base/fault.ts"
import { readSource } from "./history/read-source.ts"
import type { FromReader, StartReader, Task } from "./history/read-sources.ts"

type ThreadData = { readonly reads: "history" }

/** Rows live for a moment: a young generation of this size is emptied cheaply. */
const youngMb = 8

export const startReader: StartReader = ({ message, gone }) => {
  const data: ThreadData = { reads: "history" }
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
  return { give: (task) => worker.postMessage(task), end: () => worker.postMessage("end") }
}

function serve(): void {
  const port = parentPort
  port?.on("message", (task: Task | "end") => {
    if (task === "end") port.close()
    else readSource(task, (said) => port.postMessage(said))
  })
}

const told: unknown = workerData
if (!isMainThread && typeof told === "object" && told !== null && "reads" in told) serve()
