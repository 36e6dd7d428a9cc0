/**
 * A process that writes to a ledger hundreds of times a second, until its input ends: entries, new scopes, checkpoints, and the log copied into the file so that it begins
 * anew all the time. It says "ready" once it has begun.
 */
import { setTimeout as sleep } from "node:timers/promises"
import { storeCheckpoint } from "../../src/operations/checkpoint.ts"
import { entryOf } from "../../src/operations/entry-of.ts"
import { openLedger } from "../../src/operations/open-ledger.ts"
import { eventAt, ledgerPlaces, startMs } from "../ledger-fixture.ts"

const { files, places } = ledgerPlaces(process.argv[2] ?? "")
const { journal, scopes, close } = openLedger(files, places, { nowMs: startMs, version: "test" })
const stop = new AbortController()
process.stdin.on("end", () => stop.abort()).resume()

for (let batch = 0; !stop.signal.aborted; batch++) {
  const nowMs = startMs + journal.size
  const events = Array.from({ length: 8 }, (_, i) => eventAt(journal.size + i))
  const scoped = events.map((event, i) => (i === 7 && batch % 5 === 0 ? { ...event, scope: { session: `agent:busy:${batch % 500}`, sender: "" } } : event))
  journal.append(
    scoped.map((event) => entryOf(event, scopes, nowMs)),
    nowMs,
  )
  if (batch % 3 === 0) storeCheckpoint(journal, -1, nowMs)
  if (batch % 2 === 0) journal.checkpointLog(batch % 32 === 0 ? "TRUNCATE" : "PASSIVE")
  if (batch === 0) process.stdout.write("ready\n")
  await sleep(4)
}
close()
