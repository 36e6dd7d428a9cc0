/** The first bytes of journal.db, which no page seal covers: compared with their copy in keys.json. */
import { fileSaltBytes, readFileSalt } from "../vault/database.ts"
import type { OpenKeys } from "../vault/key-store.ts"
import { journalName, type LedgerFiles } from "./files.ts"

export const fileSaltWords = "the first bytes of journal.db are not the ones in keys.json"

export function fileSaltAgrees(files: LedgerFiles, keys: OpenKeys): boolean {
  const pinned = keys.store.fileSalts[journalName]
  if (!pinned) return true
  return readFileSalt(files.journal).equals(Buffer.from(pinned, "base64").subarray(0, fileSaltBytes))
}
