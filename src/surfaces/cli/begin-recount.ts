/**
 * The command `reconcile` in a process of its own, for a writer: at the lowest priority, and with what it found as the answer. A recount of a million postings would not
 * fit the writer's heap.
 */
import type { LedgerFiles } from "../../journal/files.ts"
import type { Recounting } from "../../operations/reconciling.ts"
import type { SecretPlaces } from "../../vault/master-key.ts"
import { endOf, startBeside } from "./command-beside.ts"
import { lower } from "./low-priority.ts"

const listed = 20
const longestAnswer = 4_000_000

export function beginRecount(files: LedgerFiles, places: SecretPlaces): Recounting {
  const child = startBeside(files, places, ["reconcile", "--json", "--limit", String(listed)])
  child.unref() // nobody waits for it to end
  lower(child.pid)
  const answer = endOf(child, longestAnswer).then(({ status, text }) => {
    if (status !== 0 && status !== 1) throw new Error(`the recount ended with ${status}`)
    return parsed(text)
  })
  return { answer, end: () => void child.kill("SIGKILL") }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // of a process that wrote something else; what is no answer is not recorded
  }
}
