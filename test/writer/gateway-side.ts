/**
 * The gateway's side of a ledger that another user keeps, as a process of its own: run by the tests as an ordinary user.
 *
 *   node gateway-side.ts SOCKET DATA-FILE    prints one line of JSON: the gate's answer, and what reading the file gave
 */
import { readFileSync } from "node:fs"
import { LedgerClient } from "../../src/host/ledger-client.ts"
import { gateCall, observeCall } from "./load.ts"

const [socketPath = "", dataFile = ""] = process.argv.slice(2)
const logged: string[] = []
const config = { guard: { tools: ["guarded*"], deny: [] }, userId: null, hashed: { promptText: false, toolArgs: false } }
const client = new LedgerClient({
  link: () => Promise.resolve({ socketPath, role: "plugin", config }),
  queueBytes: 1e6,
  gateWithinMs: 3_000,
  log: (sentence) => void logged.push(sentence),
  nowMs: () => Date.now(),
})
observeCall(client, "from-the-gateway")
const answer = await gateCall(client, "gate-of-the-gateway")
await client.flush(3_000)
process.stdout.write(`${JSON.stringify({ uid: process.getuid?.(), answer, logged, data: reading(dataFile) })}\n`)
client.close()

function reading(path: string): string {
  try {
    return `${readFileSync(path).length} bytes`
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : "failed"
  }
}
