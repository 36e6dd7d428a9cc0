/** What the writer of a ledger says of itself; null when none answers. */
import { Fault } from "../../base/fault.ts"
import type { Json } from "../../base/json.ts"
import { askWriter } from "../socket/writer-link.ts"

const answerWithinMs = 2_000

export async function runningWriter(socket: string): Promise<Json> {
  try {
    return (await askWriter({ socketPath: socket, role: "cli" }, "status", answerWithinMs)) as Json
  } catch (error) {
    if (error instanceof Fault) return null
    throw error
  }
}
