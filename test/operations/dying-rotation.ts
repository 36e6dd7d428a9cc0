/** Run as a process: rotates the master key of a ledger and is killed at a step of it. Arguments: root of the ledger, step. */
import { writeFileSync } from "node:fs"
import { openLedger } from "../../src/operations/open-ledger.ts"
import { takeMasterStep } from "../../src/operations/replace-master.ts"
import { rotateMaster } from "../../src/operations/rotate-master.ts"
import { entryOf } from "../../src/operations/entry-of.ts"
import { ledgerPlaces, startMs } from "../ledger-fixture.ts"

const [root = "", wanted = ""] = process.argv.slice(2)
const die = () => process.kill(process.pid, "SIGKILL")
const { files, places } = ledgerPlaces(root)
const ledger = openLedger(files, places, { nowMs: startMs, version: "test" })

await rotateMaster(files, places, {
  ask: (line) => {
    if (wanted === `torn ${line.step}`) {
      writeFileSync(`${files.keys}.${process.pid}.tmp`, "{ half of a file")
      die()
    }
    return Promise.resolve(
      takeMasterStep(ledger, line, startMs, (events) => {
        ledger.journal.append(
          events.map((event) => entryOf(event, ledger.scopes, startMs)),
          startMs,
        )
        if (wanted === "entered") die()
      }),
    )
  },
  reached: (step) => void (step === wanted && die()),
})
ledger.close()
