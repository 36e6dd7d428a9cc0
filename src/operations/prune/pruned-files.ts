/**
 * The moment in which a journal without what was closed becomes the ledger's. While prune.json is there everything stands in journal.db.next and views.db.next,
 * and there is only forwards: whoever opens the ledger for writing puts each in its place and removes the state. Every step may be done twice.
 *
 *   prune.json   {"format":1,"storeId","state":"switching"}
 */
import { existsSync, readFileSync, rmSync } from "node:fs"
import { Fault, problemOf } from "../../base/fault.ts"
import { objectOf } from "../../base/json.ts"
import type { LedgerFiles } from "../../journal/files.ts"
import { removeLeftovers, syncDirectory, writeDurably } from "../../vault/durable-file.ts"
import { replace } from "../rekey/switch-files.ts"

const format = 1

export type PrunedStep = "switching" | "journal.db" | "views.db" | "switched"

export function isPruning(files: LedgerFiles): boolean {
  return existsSync(files.pruning)
}

/** From here on the new files will be the ledger's: all of them are durable. */
export function beginPruned(files: LedgerFiles, storeId: string): void {
  writeDurably(files.pruning, `${JSON.stringify({ format, storeId, state: "switching" })}\n`)
}

/** True when there was something to do. @throws {Fault} `store.damaged`, `store.write-failed` */
export function settlePruned(files: LedgerFiles, storeId: string, reached: (step: PrunedStep) => void = () => {}): boolean {
  if (!isPruning(files)) return false
  if (!isOf(files, storeId)) throw new Fault("store.damaged", { file: files.pruning, problem: "it is not of this ledger, or of no format that is known" })
  try {
    replace(files.journal)
    reached("journal.db")
    replace(files.views)
    reached("views.db")
    syncDirectory(files.directory)
    rmSync(files.pruning, { force: true })
    syncDirectory(files.directory)
  } catch (error) {
    throw new Fault("store.write-failed", { file: files.directory, problem: problemOf(error) }, error)
  }
  removeLeftovers(files.pruning)
  reached("switched")
  return true
}

function isOf(files: LedgerFiles, storeId: string): boolean {
  try {
    const said = objectOf(JSON.parse(readFileSync(files.pruning, "utf8")))
    return said["format"] === format && said["storeId"] === storeId && said["state"] === "switching"
  } catch (error) {
    throw new Fault("store.damaged", { file: files.pruning, problem: problemOf(error) }, error)
  }
}
