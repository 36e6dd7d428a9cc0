/** Money spent for nobody: by heartbeats while nobody writes, and where a breaker found silent or unattended spending. */
import { parseAmount } from "../../ledger/amounts.ts"
import { idleBurn, type Quarter } from "../../policy/anomalies/idle-burn.ts"
import { quarterMs } from "../../projections/usage-schema.ts"
import type { SqliteDatabase } from "../../vault/database.ts"
import type { Detector, Watched } from "./detector.ts"
import { loopBreakers } from "./loops.ts"
import { iso, mostFound, toldEntries } from "./told-entries.ts"

export type IdleBurnFound = {
  /** `heartbeats`, or the breaker that tripped. */
  readonly why: string
  readonly from: string
  readonly to: string
  readonly calls: number | null
  readonly costNanos: string | null
  readonly sequence: number | null
}

type Row = { readonly quarter: number; readonly nanos: number; readonly calls: number }

export const idleBurnFound: Detector<IdleBurnFound> = (access, watched) => {
  const stretches = idleBurn(access.ask((views) => quartersIn(views, watched))).map(({ from, to, nanos, calls }) => ({
    ...{ why: "heartbeats", from: iso(from * quarterMs), to: iso((to + 1) * quarterMs), calls, costNanos: String(nanos), sequence: null },
  }))
  const trips = toldEntries(access, watched, ["breaker.tripped"])
    .filter(({ facts }) => !loopBreakers.includes(String(facts["breaker"])))
    .map(({ sequence, atMs, facts }) => {
      const sinceMs = typeof facts["sinceMs"] === "number" ? facts["sinceMs"] : atMs
      // Dollars as they are written; a view of what is on record never refuses it.
      const spent = facts["unit"] === "usd" ? nanosOf(String(facts["counted"])) : null
      return {
        why: String(facts["breaker"]),
        from: iso(sinceMs),
        to: iso(atMs),
        calls: facts["unit"] !== "usd" ? Number(facts["counted"]) || 0 : null,
        costNanos: spent,
        sequence,
      }
    })
  const all = [...stretches, ...trips].toSorted((a, b) => a.from.localeCompare(b.from))
  return { found: all.slice(0, mostFound), truncated: all.length > mostFound }
}

function nanosOf(dollars: string): string | null {
  try {
    return String(parseAmount(`${dollars}usd`).amount)
  } catch {
    return null
  }
}

function quartersIn(views: SqliteDatabase, { fromMs, toMs }: Watched): readonly Quarter[] {
  const bounds = [fromMs, toMs].map((ms) => Math.ceil(ms / quarterMs))
  const beats = views
    .prepare(
      `SELECT quarter, sum(cost) AS nanos, sum(calls) AS calls FROM usage_quarters JOIN usage_cells ON usage_cells.id = cell
       WHERE quarter >= ? AND quarter < ? AND kind = 'heartbeat' GROUP BY quarter ORDER BY quarter`,
    )
    .all(...bounds) as Row[]
  if (beats.length === 0) return []
  const used = views
    .prepare("SELECT DISTINCT quarter FROM happened_quarters WHERE quarter >= ? AND quarter < ? AND type IN ('message.received', 'message.sent')")
    .pluck()
    .all(...bounds) as number[]
  const quiet = beats
    .filter(({ quarter }) => !used.includes(quarter))
    .map(({ quarter, nanos, calls }) => ({ quarter, nanos: BigInt(nanos), calls, isUsed: false }))
  return [...quiet, ...used.map((quarter) => ({ quarter, nanos: 0n, calls: 0, isUsed: true }))].toSorted((a, b) => a.quarter - b.quarter)
}
