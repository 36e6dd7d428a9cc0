/**
 * The thread that watches a host's files, beside the writer and in its process: how it is started, and what it runs, which is the file that this is in. It is bundled apart
 * from the program, most of which a thread would load for nothing. It opens nothing of the ledger's: what is on record it is told, and what is to be recorded it tells.
 */
import type { KeyObject } from "node:crypto"
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads"
import { problemOf } from "./base/fault.ts"
import type { NewEvent } from "./format/event.ts"
import type { OnRecord } from "./inventory/watch/looker.ts"
import { Watcher } from "./inventory/watch/watcher.ts"
import type { WatchedHost } from "./inventory/watch/watched-host.ts"
import { scanFile } from "./operations/scan/scan-file.ts"
import type { StartFileWatch } from "./operations/file-watching.ts"
import { pseudonymUnder } from "./vault/scopes.ts"

type WatchData = {
  readonly watches: "files"
  readonly pseudonymKey: KeyObject
  readonly host: WatchedHost
  readonly own: readonly string[]
  readonly onRecord: OnRecord
}
type ToThread = { readonly host: WatchedHost } | "taken"

const [youngMb, oldMb] = [8, 192]

export function startFileWatch(pseudonymKey: KeyObject, own: readonly string[]): StartFileWatch {
  return ({ host, onRecord, record, gone }) => {
    const data: WatchData = { watches: "files", pseudonymKey, host, own, onRecord }
    const worker = new Worker(new URL(import.meta.url), {
      name: "file-watch",
      workerData: data,
      execArgv: ["--no-warnings"], // not the writer's: a thread refuses some of those
      resourceLimits: { maxYoungGenerationSizeMb: youngMb, maxOldGenerationSizeMb: oldMb },
    })
    let problem = "it ended"
    const post = (message: ToThread) => worker.postMessage(message)
    worker.on("message", (events: readonly NewEvent[]) => record(events, () => post("taken")))
    worker.on("error", (error) => (problem = problemOf(error)))
    worker.on("exit", () => gone(problem))
    worker.unref() // after the listeners: they hold the process anew
    return { use: (next) => post({ host: next }), end: () => void worker.terminate() }
  }
}

function serve({ pseudonymKey, ...watched }: WatchData): void {
  const port = parentPort
  const taken: (() => void)[] = []
  const pseudonym = (text: string) => pseudonymUnder(pseudonymKey, text)
  const watcher = new Watcher({
    ...watched,
    pseudonym,
    inspect: scanFile(pseudonym),
    nowMs: () => Date.now(),
    record: (events) => {
      port?.postMessage(events)
      return new Promise((resolve) => taken.push(resolve))
    },
  })
  port?.on("message", (message: ToThread) => {
    if (message === "taken") taken.shift()?.()
    else watcher.use(message.host)
  })
  watcher.start()
}

const told: unknown = workerData
if (!isMainThread && typeof told === "object" && told !== null && "watches" in told) serve(told as WatchData)
