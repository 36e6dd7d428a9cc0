/** Whether the tables of projections are whole. Whoever reads them makes damaged ones anew, so this is looked at before anything is read. */
import { existsSync, statSync } from "node:fs"
import type { LedgerFiles } from "../../journal/files.ts"
import { openDatabase } from "../../vault/database.ts"
import { openKeyStore } from "../../vault/key-store.ts"
import { findMasterSecret, type SecretPlaces } from "../../vault/master-key.ts"
import { good, wrong, type Finding } from "./finding.ts"

/** Beyond it the look at every page would take long; a damaged page is found when it is read. */
const mostBytes = 1_000_000_000

/** Nothing where there are none, or no key opens them: other checks say why. */
export function viewsCheck(files: LedgerFiles, places: SecretPlaces, writerRuns: boolean): readonly Finding[] {
  if (!existsSync(files.views) || !existsSync(files.keys) || statSync(files.views).size > mostBytes) return []
  const secret = findMasterSecret(places)
  if (!secret) return []
  const problem = problemIn(files.views, openKeyStore(files.directory, secret).viewsKey)
  if (problem === null) return [good("views", "the tables of projections are whole")]
  // A running writer has them open, and makes them anew when it meets the damage.
  const remove = { paths: ["", "-wal", "-shm"].map((end) => files.views + end), mode: "removed" } as const
  return [
    wrong(
      "views",
      `the tables of projections are damaged: ${problem}; they are made anew from the journal, and nothing is lost`,
      "sovereign-ledger status",
      writerRuns ? undefined : remove,
    ),
  ]
}

function problemIn(path: string, key: Uint8Array): string | null {
  try {
    const database = openDatabase(path, { key, readonly: true })
    try {
      const said = String(database.pragma("quick_check(1)", { simple: true }))
      return said === "ok" ? null : (said.split("\n").at(-1) ?? said)
    } finally {
      database.close()
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
