/** The command `reconcile` in a process of its own, for a writer, whose heap a recount of a million postings would not fit. */
import type { LedgerFiles } from "../../journal/files.ts"
import type { Recounting } from "../../operations/reconciling.ts"
import type { SecretPlaces } from "../../vault/master-key.ts"
import { beginReading } from "./begin-reading.ts"

const listed = 20

export function beginRecount(files: LedgerFiles, places: SecretPlaces): Recounting {
  return beginReading(files, places, ["reconcile", "--limit", String(listed)])
}
