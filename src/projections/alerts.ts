/**
 * What an operator should hear of, and what became of it (`policy/alerts/kinds.ts` says what): the plugin switched off, tool calls that reached for the ledger itself, gaps, witnesses that contradict, anchors that are none, spends that were
 * refused, stopped or above what was held, allowances that could not be handed out in full, standstills, clocks that were set, doubtful prices, changes that were refused, erasures that had to be repeated, recounts that do not agree. And every
 * recount, and for each gateway, by the pseudonym of its user, when its plugin was last switched off and when it last began: in between nothing of it was recorded.
 */
import type { Json } from "../base/json.ts"
import type { FactsJson } from "../format/event.ts"
import { isLedgerEvent } from "../ledger/event-types.ts"
import { isOfAlerts } from "../policy/alerts/events.ts"
import { mayAlert, weigh } from "../policy/alerts/kinds.ts"
import type { SqliteDatabase } from "../vault/database.ts"
import type { Projection } from "./projection.ts"

export const alerts: Projection = {
  name: "alerts",
  version: 12,
  tables: ["alerts", "alert_entries", "switches", "reconciled"],
  schema: `
    CREATE TABLE alerts(sequence INTEGER PRIMARY KEY, time_ms INTEGER NOT NULL, type TEXT NOT NULL, facts TEXT NOT NULL) STRICT;
    CREATE INDEX alerts_by_time ON alerts(time_ms);
    CREATE TABLE alert_entries(sequence INTEGER PRIMARY KEY, time_ms INTEGER NOT NULL, type TEXT NOT NULL, facts TEXT NOT NULL) STRICT;
    CREATE INDEX alert_entries_by_time ON alert_entries(time_ms);
    CREATE TABLE switches(user TEXT PRIMARY KEY, off_sequence INTEGER NOT NULL, off_ms INTEGER NOT NULL, on_sequence INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE reconciled(sequence INTEGER PRIMARY KEY, time_ms INTEGER NOT NULL, facts TEXT NOT NULL) STRICT;`,
  prepare: (database) => {
    const alert = database.prepare("INSERT INTO alerts(sequence, time_ms, type, facts) VALUES (?, ?, ?, ?)")
    const entry = database.prepare("INSERT INTO alert_entries(sequence, time_ms, type, facts) VALUES (?, ?, ?, ?)")
    const reconciled = database.prepare("INSERT INTO reconciled(sequence, time_ms, facts) VALUES (?, ?, ?)")
    const off = database.prepare(`
      INSERT INTO switches(user, off_sequence, off_ms, on_sequence) VALUES (?, ?, ?, -1)
      ON CONFLICT(user) DO UPDATE SET off_sequence = excluded.off_sequence, off_ms = excluded.off_ms`)
    const on = database.prepare(`
      INSERT INTO switches(user, off_sequence, off_ms, on_sequence) VALUES (?, -1, 0, ?)
      ON CONFLICT(user) DO UPDATE SET on_sequence = excluded.on_sequence`)
    return ({ sequence, header, facts }) => {
      const weighed = weigh(header.type, mayAlert(header.type) ? facts() : {})
      if (weighed?.isListed === true) alert.run(sequence, header.timeMs, header.type, JSON.stringify(facts()))
      if (weighed || isOfAlerts(header.type)) entry.run(sequence, header.timeMs, header.type, JSON.stringify(facts()))
      if (header.type === "ledger.reconciled") reconciled.run(sequence, header.timeMs, JSON.stringify(facts()))
      if (header.type === "guard.disabled") off.run(userOf(facts()), sequence, timeOf(facts()["atMs"]) ?? header.timeMs)
      if (header.type === "gateway.started") on.run(userOf(facts()), sequence)
    }
  },
}

/** Since when the plugin of each gateway is off; the pseudonym of its user is the name, empty where none was told. */
export function switchedOffSince(views: SqliteDatabase): ReadonlyMap<string, number> {
  const rows = views.prepare("SELECT user, off_ms FROM switches WHERE off_sequence > on_sequence").all() as { user: string; off_ms: number }[]
  return new Map(rows.map(({ user, off_ms: sinceMs }) => [user, sinceMs]))
}

export type LastReconciled = { readonly sequence: number; readonly atMs: number; readonly facts: FactsJson }

export function lastReconciled(views: SqliteDatabase): LastReconciled | undefined {
  const row = views.prepare("SELECT sequence, time_ms, facts FROM reconciled ORDER BY sequence DESC LIMIT 1").get() as
    | { sequence: number; time_ms: number; facts: string }
    | undefined
  return row && { sequence: row.sequence, atMs: row.time_ms, facts: JSON.parse(row.facts) as FactsJson }
}

/** How many of the ledger's own entries the projections have seen. */
export function ledgerEventCount(views: SqliteDatabase): number {
  const rows = views.prepare("SELECT type, count FROM activity").all() as { type: string; count: number }[]
  return rows.reduce((sum, { type, count }) => (isLedgerEvent(type) ? sum + count : sum), 0)
}

function userOf(facts: { readonly [key: string]: Json }): string {
  const user = facts["user"]
  return typeof user === "string" ? user : ""
}

function timeOf(value: Json | undefined): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) ? value : undefined
}
