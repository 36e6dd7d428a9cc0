/** Tools that were asked for in the stretch, and in none of the days before it that are looked back on. */
import { quarterMs } from "../../projections/usage-schema.ts"
import { boundsAt, dayStart, localText } from "../../ledger/periods.ts"
import type { Detector } from "./detector.ts"

const mostFound = 100

type Row = { readonly tool: string; readonly quarter: number; readonly calls: number }

/** When it was first asked for, to a quarter of an hour. */
export type FirstSeenTool = { readonly tool: string; readonly calls: number; readonly firstQuarter: string }

export const firstSeenTools: Detector<FirstSeenTool> = (access, { fromMs, toMs, zone, lookbackDays }) => {
  const backMs = daysBefore(zone, boundsAt({ per: "day", zone }, fromMs).startMs, lookbackDays)
  const rows = access.ask((views) =>
    views
      .prepare(
        `SELECT tool, min(quarter) AS quarter, max(sum(invoked), sum(denied)) AS calls FROM tool_quarters AS used WHERE quarter >= ? AND quarter < ?
         AND NOT EXISTS (SELECT 1 FROM tool_quarters AS before WHERE before.tool = used.tool AND before.quarter >= ? AND before.quarter < ?)
         GROUP BY tool ORDER BY min(quarter), tool LIMIT ?`,
      )
      .all(...[fromMs, toMs, backMs, fromMs].map((ms) => Math.ceil(ms / quarterMs)), mostFound + 1),
  ) as Row[]
  return {
    found: rows.slice(0, mostFound).map(({ tool, quarter, calls }) => ({ tool, calls, firstQuarter: new Date(quarter * quarterMs).toISOString() })),
    truncated: rows.length > mostFound,
  }
}

/** Days of the calendar: clocks may have been set between. */
function daysBefore(zone: string, startMs: number, days: number): number {
  const [year, month, day] = localText(zone, startMs).slice(0, 10).split("-").map(Number)
  const date = new Date(Date.UTC(year ?? 0, (month ?? 1) - 1, (day ?? 1) - days)).toISOString().slice(0, 10)
  return Math.max(0, dayStart(zone, date) ?? 0)
}
