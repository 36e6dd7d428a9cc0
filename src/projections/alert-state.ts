/** Alerts as they stand, from the rows in views.db: of the days in which anything of them can still matter. */
import type { JsonObject } from "../base/json.ts"
import { evolveAlerts } from "../policy/alerts/evolve.ts"
import { emptyAlerts, type AlertState } from "../policy/alerts/state.ts"
import type { SqliteDatabase } from "../vault/database.ts"
import { alerts } from "./alerts.ts"

/** Longer than anything is tried, held or counted; from the newest row back, so that a machine may stand still for as long as it likes. */
const rememberedMs = 15 * 86_400_000

type Row = { readonly sequence: number; readonly timeMs: number; readonly type: string; readonly facts: string }

/** `next`: entries from there on are not in it, whoever brings the tables forward meanwhile. */
export function loadAlerts(views: SqliteDatabase): { readonly state: AlertState; readonly next: number } {
  const next = (views.prepare("SELECT next FROM places WHERE name = ?").pluck().get(alerts.name) as number | undefined) ?? 0
  const newest = (views.prepare("SELECT max(time_ms) FROM alert_entries").pluck().get() as number | null) ?? 0
  const state = emptyAlerts()
  // Since when it is on may be longer ago.
  const rows = views
    .prepare(
      "SELECT sequence, time_ms AS timeMs, type, facts FROM alert_entries WHERE sequence < ? AND (time_ms >= ? OR type IN ('alerts.begun', 'alerts.ended')) ORDER BY sequence",
    )
    .iterate(next, newest - rememberedMs) as IterableIterator<Row>
  for (const row of rows) evolveAlerts(state, { ...row, facts: JSON.parse(row.facts) as JsonObject })
  return { state, next }
}
