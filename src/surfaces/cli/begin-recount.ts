/**
 * The command `reconcile` in a process of its own, for a writer: at the lowest priority, with the writer's secrets on a pipe, and with what it found as the
 * answer. It opens the files as any command does and shares no memory with the writer, whose heap a recount of a million postings would not fit.
 */
import type { LedgerFiles } from "../../journal/files.ts"
import type { Recounting } from "../../operations/reconciling.ts"
import type { SecretPlaces } from "../../vault/master-key.ts"
import { startBeside } from "./command-beside.ts"
import { lower } from "./low-priority.ts"

const listed = 20
const longestAnswer = 4_000_000

export function beginRecount(files: LedgerFiles, places: SecretPlaces): Recounting {
  const child = startBeside(files, places, ["reconcile", "--json", "--limit", String(listed)])
  child.unref() // nobody waits for it to end
  lower(child.pid)
  return {
    answer: new Promise((resolve, reject) => {
      let text = ""
      child.stdout?.on("data", (bytes: Buffer) => {
        if (text.length < longestAnswer) text += bytes.toString("utf8")
      })
      child.once("error", reject)
      // Not "exit": what it printed before may still be on its way then.
      child.once("close", (status) => (status === 0 || status === 1 ? resolve(parsed(text)) : reject(new Error(`the recount ended with ${status}`))))
    }),
    end: () => void child.kill("SIGKILL"),
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // of a process that wrote something else; what is no answer is not recorded
  }
}
