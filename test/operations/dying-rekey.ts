/** Run as a process: seals all data of a ledger anew and is killed at a step of it. Arguments: root of the ledger, step. */
import { rekey } from "../../src/operations/rekey/rekey.ts"
import { ledgerPlaces, startMs } from "../ledger-fixture.ts"

const [root = "", wanted = ""] = process.argv.slice(2)
process.umask(0o077) // as the command line does first
const { files, places } = ledgerPlaces(root)

await rekey(files, places, {
  nowMs: startMs,
  version: "test",
  letGo: () => Promise.resolve(),
  reached: (step) => void (step === wanted && process.kill(process.pid, "SIGKILL")),
})
