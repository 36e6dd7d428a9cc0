/** A process that makes a backup, or puts one back, and may be killed while it does. Says "begun" when it begins, and what came of it in one line of JSON. */
import { systemClocks } from "../../../src/base/clock.ts"
import { Fault } from "../../../src/base/fault.ts"
import { ledgerFiles } from "../../../src/journal/files.ts"
import { createBackup } from "../../../src/operations/backup/create-backup.ts"
import { restoreBackup } from "../../../src/operations/backup/restore-backup.ts"
import { ledgerPlaces } from "../../ledger-fixture.ts"

export type Order =
  | { readonly do: "create"; readonly root: string; readonly to: string; readonly keysTo: string; readonly keep: number }
  | { readonly do: "restore"; readonly root: string; readonly keysTo: string; readonly backup: string; readonly directory: string; readonly note: string }

export type Outcome = { readonly done: object } | { readonly fault: string }

async function run(order: Order): Promise<object> {
  const { files, places } = ledgerPlaces(order.root)
  const nowMs = Date.now()
  if (order.do === "create") {
    const { to, keysTo, keep } = order
    return createBackup(files, places, { to, keysTo, keep, nowMs, version: "test", askWriter: () => Promise.resolve(false) })
  }
  const { keysTo: keysFrom, backup, directory, note } = order
  const options = { keysFrom, placesFor: () => places, note, setAside: true, nowMs, clocks: systemClocks(), version: "test" }
  return restoreBackup(ledgerFiles(directory, note), backup, options)
}

process.stdout.write("begun\n")
const outcome: Outcome = await run(JSON.parse(process.argv[2] ?? "") as Order).then(
  (done) => ({ done }),
  (error: unknown) => (error instanceof Fault ? { fault: error.code } : Promise.reject(error)),
)
process.stdout.write(`${JSON.stringify(outcome)}\n`)
