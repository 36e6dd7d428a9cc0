/** What is watched around the agents, and what the scanner found, for one look: by kind, and of the last day. */
import { countOf } from "../base/json.ts"
import { factsOf } from "../journal/reader.ts"
import type { LedgerAccess } from "./ledger-access.ts"
import type { Heard } from "./standing.ts"

export type Surroundings = {
  /** Files and settings that stand on record and are there, by kind: plugin, skill, tool, workspace, cron, file. */
  readonly watched: Readonly<Record<string, number>>
  /** How many of them changed, came or went within a day. */
  readonly changedOfDay: number
  /** Texts in which the scanner found something, and what it found in the last of them; null where it never did. */
  readonly scan: { readonly texts: number; readonly lastAt: string; readonly high: number; readonly medium: number } | null
}

export const nothingAround: Surroundings = { watched: {}, changedOfDay: 0, scan: null }

const dayMs = 86_400_000

export function surroundingsOf(access: LedgerAccess, heard: readonly Heard[], nowMs: number): Surroundings {
  const { rows, changedOfDay } = access.ask((views) => ({
    rows: views.prepare("SELECT kind, count(*) AS count FROM watched_files WHERE gone = 0 GROUP BY kind ORDER BY kind").all() as {
      kind: string
      count: number
    }[],
    changedOfDay: views
      .prepare("SELECT count(*) FROM watched_files WHERE changes > 0 AND changed_ms >= ?")
      .pluck()
      .get(nowMs - dayMs) as number,
  }))
  const found = heard.find(({ type }) => type === "finding.recorded")
  const entry = found && access.reader.entry(found.sequence)
  const facts: Readonly<Record<string, unknown>> = entry ? factsOf(entry) : {}
  return {
    watched: Object.fromEntries(rows.map(({ kind, count }) => [kind, count])),
    changedOfDay,
    scan: found
      ? { texts: found.count, lastAt: new Date(found.lastMs).toISOString(), high: countOf(facts["high"]) ?? 0, medium: countOf(facts["medium"]) ?? 0 }
      : null,
  }
}
