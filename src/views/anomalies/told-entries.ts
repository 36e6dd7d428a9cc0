/** Entries of some types that an operator is told of, in a stretch of time: what several detectors begin with. */
import type { JsonObject } from "../../base/json.ts"
import type { EventType } from "../../format/event.ts"
import type { LedgerAccess } from "../ledger-access.ts"
import type { Watched } from "./detector.ts"

export const mostFound = 100

export type ToldEntry = { readonly sequence: number; readonly atMs: number; readonly type: string; readonly facts: JsonObject }

/** One more than are listed where there are more. */
export function toldEntries(access: LedgerAccess, { fromMs, toMs }: Watched, types: readonly EventType[], most = mostFound + 1): readonly ToldEntry[] {
  const rows = access.ask((views) =>
    views
      .prepare(
        `SELECT sequence, time_ms AS atMs, type, facts FROM alert_entries WHERE time_ms >= ? AND time_ms < ? AND type IN (${types.map(() => "?").join(", ")})
         ORDER BY time_ms, sequence LIMIT ?`,
      )
      .all(fromMs, toMs, ...types, most),
  ) as { readonly sequence: number; readonly atMs: number; readonly type: string; readonly facts: string }[]
  return rows.map((row) => ({ ...row, facts: JSON.parse(row.facts) as JsonObject }))
}

export function iso(ms: number): string {
  return new Date(ms).toISOString()
}
