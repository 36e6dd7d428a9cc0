/**
 * What an operator should hear of, newest first: the plugin switched off, tool calls that reached for the ledger itself, gaps, hooks that are missing,
 * witnesses that contradict.
 */
import type { JsonObject } from "../base/json.ts"
import { describe } from "../format/describe.ts"
import type { LedgerAccess } from "./ledger-access.ts"

export type Alert = { readonly sequence: number; readonly at: string; readonly type: string; readonly description: string }

export type Alerts = { readonly since: string; readonly count: number; readonly newest: readonly Alert[] }

type AlertRow = { readonly sequence: number; readonly time_ms: number; readonly type: string; readonly facts: string }

export function alertsSince(access: LedgerAccess, sinceMs: number, most: number): Alerts {
  const { count, rows } = access.ask((views) => ({
    count: views.prepare("SELECT count(*) FROM alerts WHERE time_ms >= ?").pluck().get(sinceMs) as number,
    rows: views.prepare("SELECT sequence, time_ms, type, facts FROM alerts WHERE time_ms >= ? ORDER BY sequence DESC LIMIT ?").all(sinceMs, most) as AlertRow[],
  }))
  return { since: new Date(sinceMs).toISOString(), count, newest: rows.map(alertOf) }
}

/** How many of one type there are, and the last of them. */
export function countAlerts(access: LedgerAccess, type: string, sinceMs: number): { readonly count: number; readonly last: Alert | undefined } {
  const { count, row } = access.ask((views) => ({
    count: views.prepare("SELECT count(*) FROM alerts WHERE type = ? AND time_ms >= ?").pluck().get(type, sinceMs) as number,
    row: views
      .prepare("SELECT sequence, time_ms, type, facts FROM alerts WHERE type = ? AND time_ms >= ? ORDER BY sequence DESC LIMIT 1")
      .get(type, sinceMs) as AlertRow | undefined,
  }))
  return { count, last: row && alertOf(row) }
}

function alertOf({ sequence, time_ms: timeMs, type, facts }: AlertRow): Alert {
  return { sequence, at: new Date(timeMs).toISOString(), type, description: describe(type, JSON.parse(facts) as JsonObject) }
}
