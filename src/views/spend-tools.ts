/** What tools cost, from the ledger's postings: tools that have a price of their own. */
import { boundsAt, localText } from "../ledger/periods.ts"
import type { SqliteDatabase } from "../vault/database.ts"
import type { SpendKey, SpendQuestion, SpendRow } from "./spend.ts"

export type ToolSpend = { readonly keys: SpendRow["keys"]; readonly calls: number; readonly cost: number }

type Posted = {
  readonly at_ms: number
  readonly tool: string
  readonly agent: string | null
  readonly channel: string | null
  readonly cron: string | null
  readonly session: string | null
  readonly amount: number
}

export function toolSpend(views: SqliteDatabase, { by, fromMs, toMs, zone }: SpendQuestion): readonly ToolSpend[] {
  const rows = views
    .prepare(
      `SELECT e.at_ms, coalesce(e.tool, h.tool) AS tool, coalesce(e.agent, h.agent) AS agent, coalesce(e.channel, h.channel) AS channel,
        coalesce(e.cron, h.cron) AS cron, coalesce(e.session, h.session) AS session, a.amount
       FROM posted_entries e JOIN posting_amounts a ON a.sequence = e.sequence AND a.unit = 'moneyNanos' AND a.part = 0
        LEFT JOIN posted_holds h ON h.placed = e.placed
       WHERE e.at_ms >= ? AND e.at_ms < ? AND coalesce(e.tool, h.tool) IS NOT NULL`,
    )
    .all(fromMs, toMs) as Posted[]
  return rows.map((row) => {
    const values: Partial<Record<SpendKey, string>> = { tool: row.tool, agent: row.agent ?? "unknown", channel: row.channel ?? "", cron: row.cron ?? "" }
    const day = () => localText(zone, boundsAt({ per: "day", zone }, row.at_ms).startMs).slice(0, 10)
    const keys = Object.fromEntries(by.map((key) => [key, key === "day" ? day() : key === "session" ? (row.session ?? "") : (values[key] ?? "")]))
    return { keys, calls: 1, cost: row.amount }
  })
}
