/** The command `report` in a process of its own, for a writer that is to tell somebody of a day or a week. */
import type { DigestOf } from "../../format/facts/alerts.ts"
import type { LedgerFiles } from "../../journal/files.ts"
import type { Reporting } from "../../operations/alerts/digesting.ts"
import type { SecretPlaces } from "../../vault/master-key.ts"
import { beginReading } from "./begin-reading.ts"

export function beginReport(files: LedgerFiles, places: SecretPlaces, { period, label }: DigestOf, zone: string): Reporting {
  return beginReading(files, places, ["report", period, period === "daily" ? "--date" : "--week", label, "--tz", zone])
}
