/**
 * The thread beside the writer, and one beside a command that copies: how they are started, and what they run. The thread runs the file that this is in: bundled, that is the whole program,
 * whose `main.ts` leads here; so there is no second file to build, to install and to find.
 *
 * It shares the process, and with it the one copy of the SQLite driver: two copies in a process would break each other's file locks. Its young
 * generation is bounded as the writer's is.
 */
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads"
import { problemOf } from "./base/fault.ts"
import type { LedgerFiles } from "./journal/files.ts"
import type { StartBeside } from "./operations/beside.ts"
import { BesideWork, type BesideOrder } from "./operations/beside-work.ts"
import type { RekeyBeside } from "./operations/rekey/rekey.ts"
import { ChunksBeside, resealInThread, type ResealOrder } from "./reseal-beside.ts"
import { copyDatabase, type SealedPath } from "./vault/copy-database.ts"
import type { PageKeys } from "./vault/key-store.ts"

type CopyData = { readonly copies: { readonly from: SealedPath; readonly to: SealedPath } }
type ResealData = { readonly reseal: ResealOrder }
type BesideData = { readonly beside: { readonly files: LedgerFiles; readonly keys: PageKeys } }

const youngMb = 8
const oldMb = 128

export function startBeside(files: LedgerFiles, { store, journalKey, viewsKey }: PageKeys): StartBeside {
  return ({ report, gone }) => {
    const data: BesideData = { beside: { files, keys: { store, journalKey, viewsKey } } }
    const worker = new Worker(new URL(import.meta.url), {
      name: "beside",
      workerData: data,
      execArgv: ["--no-warnings"], // not the writer's: a thread refuses some of those
      resourceLimits: { maxYoungGenerationSizeMb: youngMb, maxOldGenerationSizeMb: oldMb },
    })
    worker.on("message", report)
    worker.on("error", (error) => process.stderr.write(`The thread beside the writer ended: ${problemOf(error)}\n`))
    worker.on("exit", gone)
    worker.unref() // after the listeners: they hold the process anew
    return { post: (order) => worker.postMessage(order), end: () => void worker.terminate() }
  }
}

export const rekeyBeside: RekeyBeside = {
  copyDatabase: copyInThread,
  reseal: (files) =>
    ChunksBeside.begin(files, (order) => {
      const worker = new Worker(new URL(import.meta.url), {
        name: "reseal",
        workerData: { reseal: order },
        execArgv: ["--no-warnings"],
        transferList: [order.port],
      })
      worker.on("error", () => {}) // who copies makes itself what does not come
      worker.unref()
      return async () => void (await worker.terminate())
    }),
}

/** `copyDatabase` on another processor. Rejects with what went wrong there. */
function copyInThread(from: SealedPath, to: SealedPath): Promise<void> {
  const data: CopyData = { copies: { from, to } }
  const worker = new Worker(new URL(import.meta.url), { name: "copy", workerData: data, execArgv: ["--no-warnings"] })
  return new Promise((resolve, reject) => {
    worker.once("error", reject)
    worker.once("exit", (status) => (status === 0 ? resolve() : reject(new Error(`the thread that copies ended with ${status}`))))
  })
}

function runBeside({ beside }: BesideData): void {
  const work = new BesideWork(beside.files, beside.keys, (report) => parentPort?.postMessage(report))
  parentPort?.on("message", (order: BesideOrder) => work.take(order))
}

if (!isMainThread && typeof workerData === "object" && workerData !== null) {
  if ("beside" in workerData) runBeside(workerData as BesideData)
  else if ("reseal" in workerData) resealInThread((workerData as ResealData).reseal)
  else if ("copies" in workerData) {
    const { from, to } = (workerData as CopyData).copies
    copyDatabase(from, to)
  }
}
