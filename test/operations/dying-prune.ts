/** Run as a process: removes what is older than three days and is killed at a step of it. Arguments: root of the ledger, step. */
import { prune } from "../../src/operations/prune/prune.ts"
import { keepsAll } from "../../src/policy/retention.ts"
import { ledgerPlaces } from "../ledger-fixture.ts"
import { endMs } from "./prune/pruned-ledger.ts"

const [root = "", wanted = ""] = process.argv.slice(2)
process.umask(0o077) // as the command line does first
const { files, places } = ledgerPlaces(root)

await prune(files, places, {
  nowMs: endMs,
  ledgerMs: endMs,
  version: "test",
  retention: { ...keepsAll, days: 3, contentDays: new Map([["tool", 1]]) },
  dryRun: false,
  letGo: () => Promise.resolve(),
  reached: (step) => void (step === wanted && process.kill(process.pid, "SIGKILL")),
})
