/**
 * One question on the control lane of a writer, without the command in front of it: as who may use the socket can ask.
 *
 *   node ask-control.ts SOCKET ACTION JSON    prints one line of JSON: the code of the fault, or the answer
 */
import { Fault } from "../../src/base/fault.ts"
import { objectOf } from "../../src/base/json.ts"
import type { ControlAction } from "../../src/surfaces/socket/protocol.ts"
import { askWriter } from "../../src/surfaces/socket/writer-link.ts"

const [socketPath = "", action = "", more = "{}"] = process.argv.slice(2)
const answer = await askWriter({ socketPath, role: "cli" }, action as ControlAction, 10_000, objectOf(JSON.parse(more))).catch((error: unknown) => {
  if (error instanceof Fault) return { fault: error.code }
  throw error
})
process.stdout.write(`${JSON.stringify(answer)}\n`)
