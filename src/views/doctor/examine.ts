/** All checks, those of files first: reading the ledger mends some of what they look at. What a check cannot be made for is told, never passed over. */
import { Fault } from "../../base/fault.ts"
import { keyStoreExists } from "../../vault/key-store.ts"
import type { SecretPlaces } from "../../vault/master-key.ts"
import { openForReading } from "../ledger-access.ts"
import { watchReport, type WatchQuestion } from "../watch.ts"
import { fileChecks } from "./file-checks.ts"
import { unknown, type Examined, type Finding } from "./finding.ts"
import { hostChecks } from "./host-checks.ts"
import { ledgerChecks } from "./ledger-checks.ts"
import { viewsCheck } from "./views-check.ts"

export type DoctorReport = { readonly findings: readonly Finding[] }

export function examine(examined: Examined, question: WatchQuestion): DoctorReport {
  const files = [...hostChecks, ...fileChecks].flatMap(({ name, look }) => orUnknown(name, () => look(examined)))
  const views = orUnknown("views", () => viewsCheck(question.files, question.places, examined.writer !== null))
  const watched = watchReport(question).checks.map((check): Finding => check)
  return { findings: [...files, ...views, ...watched, ...inLedger(examined, () => question.places)] }
}

/** 0 all is well, 1 something is wrong, 2 something could not be looked at. */
export function doctorExit({ findings }: DoctorReport): 0 | 1 | 2 {
  if (findings.some(({ state }) => state === "wrong")) return 1
  return findings.some(({ state }) => state === "unknown") ? 2 : 0
}

/** What keeps it from being opened, the checks of `watch` have said. */
function inLedger(examined: Examined, places: () => SecretPlaces): readonly Finding[] {
  if (!keyStoreExists(examined.files.directory)) return []
  let access
  try {
    access = openForReading(examined.files, places())
  } catch (error) {
    if (error instanceof Fault) return []
    throw error
  }
  try {
    const opened = access
    return ledgerChecks.flatMap(({ name, look }) => orUnknown(name, () => look(opened, examined)))
  } finally {
    access.close()
  }
}

function orUnknown(name: string, look: () => readonly Finding[]): readonly Finding[] {
  try {
    return look()
  } catch (error) {
    if (error instanceof Fault) return [unknown(name, error.message, error.remedy)]
    if (error instanceof Error && "code" in error) return [unknown(name, error.message)] // a file that went away, or that may not be looked at
    throw error
  }
}
