/** Run as a process: erases a sender's contents and is killed at a step of it. Arguments: root of the ledger, step, JSON of the rest. */
import { openLedger } from "../../src/operations/open-ledger.ts"
import { entryOf } from "../../src/operations/entry-of.ts"
import { eraseContent } from "../../src/operations/erase/erase-content.ts"
import { ledgerPlaces, startMs } from "../ledger-fixture.ts"

const [root = "", wanted = "", asked = "{}"] = process.argv.slice(2)
const { files, places } = ledgerPlaces(root)
const { journal, scopes } = openLedger(files, places, { nowMs: startMs, version: "test" })

eraseContent(scopes, {
  ...(JSON.parse(asked) as Parameters<typeof eraseContent>[1]),
  enter: (events) => {
    journal.append(
      events.map((event) => entryOf(event, scopes, startMs)),
      startMs,
    )
  },
  reached: (step) => void (step === wanted && process.kill(process.pid, "SIGKILL")),
})
