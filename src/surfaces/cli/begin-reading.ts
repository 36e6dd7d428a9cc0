/** A command that reads, beside a writer, at the lowest priority; what it found is the answer. */
import type { LedgerFiles } from "../../journal/files.ts"
import type { SecretPlaces } from "../../vault/master-key.ts"
import { startBeside } from "./command-beside.ts"
import { lower } from "./low-priority.ts"

/** `answer` rejects where the command could not answer; it is undefined where what it printed is no JSON. */
export type BegunReading = { readonly answer: Promise<unknown>; readonly end: () => void }

const longestAnswer = 4_000_000

export function beginReading(files: LedgerFiles, places: SecretPlaces, words: readonly string[]): BegunReading {
  const child = startBeside(files, places, [...words, "--json"])
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
      child.once("close", (status) => (status === 0 || status === 1 ? resolve(parsed(text)) : reject(new Error(`${words.join(" ")} ended with ${status}`))))
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
