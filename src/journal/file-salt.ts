/** The first bytes of journal.db, which no page seal covers: compared with their copy in keys.json. */
import { existsSync } from "node:fs"
import { Fault } from "../base/fault.ts"
import { fileSaltBytes, readFileSalt } from "../vault/database.ts"
import type { PageKeys } from "../vault/key-store.ts"
import { journalName, type LedgerFiles } from "./files.ts"

export const fileSaltWords = "the first bytes of journal.db are not the ones in keys.json"

/** Random bytes at the front of every sealed file; behind them the pinned ones are those of SQLite's header, the same in every journal. */
const randomBytes = 16

/** What does not open because keys and files are of different times, which is no damage: the journal begins as one of ours does, with another salt than keys.json knows. */
export function explained(error: unknown, files: LedgerFiles, keys: PageKeys): unknown {
  const pinned = Buffer.from(keys.store.fileSalts[journalName] ?? "", "base64")
  if (!(error instanceof Fault) || error.code !== "store.damaged" || pinned.length < fileSaltBytes || !existsSync(files.journal)) return error
  const found = readFileSalt(files.journal)
  const isOther = !found.subarray(0, randomBytes).equals(pinned.subarray(0, randomBytes))
  if (!isOther || !found.subarray(randomBytes).equals(pinned.subarray(randomBytes, fileSaltBytes))) return error
  const problem =
    "begins with other bytes than keys.json knows, and what is sealed does not open: one of them is of a time before all data was sealed anew (vault rekey), or of another ledger"
  return new Fault("key.out-of-step", { problem: `${files.journal} ${problem}` }, error)
}

export function fileSaltAgrees(files: LedgerFiles, keys: PageKeys): boolean {
  const pinned = keys.store.fileSalts[journalName]
  if (!pinned) return true
  return readFileSalt(files.journal).equals(Buffer.from(pinned, "base64").subarray(0, fileSaltBytes))
}
