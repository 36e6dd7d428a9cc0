/** Run as a process: hands the signing key of a ledger over and is killed at a step of it. Arguments: root of the ledger, step. */
import { handOverKey, prepareHandOver } from "../../src/operations/hand-over-key.ts"
import { openLedger } from "../../src/operations/open-ledger.ts"
import { makeSuccessor } from "../../src/vault/successor.ts"
import { ledgerPlaces, startMs } from "../ledger-fixture.ts"

const [root = "", wanted = ""] = process.argv.slice(2)
const die = () => process.kill(process.pid, "SIGKILL")
const { files, places } = ledgerPlaces(root)
let handingOver = false
const beforeCommit = () => void (handingOver && wanted === "in the commit" && die())
const ledger = openLedger(files, places, { nowMs: startMs, version: "test", beforeCommit })
handingOver = true
handOverKey(ledger, prepareHandOver(ledger, makeSuccessor(ledger.keys)), {
  nowMs: startMs,
  writesNote: true,
  reached: (step) => void (step === wanted && die()),
})
