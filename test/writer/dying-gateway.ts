/**
 * A gateway that dies, as a process of its own.
 *
 *   node dying-gateway.ts SOCKET held COUNT     hands over one event, then, at a line on standard input, COUNT events at once; says "handed" and waits to be killed
 *   node dying-gateway.ts SOCKET idle           hands over one event, says "handed" when it is on disk, and waits to be killed
 *   node dying-gateway.ts SOCKET orderly        the same, but lets go of its client and ends
 */
import { once } from "node:events"
import { LedgerClient } from "../../src/host/ledger-client.ts"
import { observeCall } from "./load.ts"

const [socketPath = "", mode = "", count = "0"] = process.argv.slice(2)
const config = { guard: { tools: [], deny: [] }, userId: null, hashed: { promptText: false, toolArgs: false } }
const client = new LedgerClient({
  link: () => Promise.resolve({ socketPath, role: "plugin", config }),
  queueBytes: 64e6,
  gateWithinMs: 3_000,
  log: () => {},
  nowMs: () => Date.now(),
})
const say = (word: string) => process.stdout.write(`${word}\n`)
observeCall(client, "dying-0")
await client.flush(5_000)
if (mode === "held") {
  say("ready")
  await once(process.stdin, "data")
  for (let n = 1; n <= Number(count); n++) observeCall(client, `dying-${n}`)
  await new Promise((resolve) => setTimeout(resolve, 300)) // posts as many as may be under way
}
say("handed")
if (mode === "orderly") client.close()
else setInterval(() => {}, 1_000)
