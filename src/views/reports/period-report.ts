/**
 * A day or a week at a glance: what happened, what jobs did, tools, money, messages, what is odd, and where the ledger stood. Added up from projections, so that it takes
 * the same few milliseconds at any size of the journal. An event stands in the day it happened in, whenever it was recorded.
 */
import { categoryOf } from "../../format/event.ts"
import { usualThresholds } from "../../policy/anomalies/thresholds.ts"
import type { ToolColumn } from "../../projections/happened.ts"
import { quarterMs } from "../../projections/usage-schema.ts"
import type { SqliteDatabase } from "../../vault/database.ts"
import { anomaliesIn, type Anomalies } from "../anomalies/detector-list.ts"
import type { LedgerAccess } from "../ledger-access.ts"
import { spendReport } from "../spend.ts"
import type { Stretch } from "../../ledger/calendar.ts"
import { reportIntegrity, type ReportIntegrity } from "./integrity.ts"

export type ConfiguredJob = { readonly id: string; readonly name: string; readonly schedule: string; readonly enabled: boolean }
/** Where the host's jobs were read; null where none of its stores can be. */
export type ConfiguredJobs = { readonly source: string | null; readonly jobs: readonly ConfiguredJob[] }

export type PeriodQuestion = {
  readonly stretch: Stretch
  readonly dupWindowSec: number
  readonly lookbackDays: number
  readonly topTools: number
  readonly configured: ConfiguredJobs
}

type ToolRow = { readonly tool: string } & { readonly [C in ToolColumn]: number }
type TypeCount = { readonly type: string; readonly count: number }

export type PeriodReport = {
  readonly period: { readonly kind: "daily" | "weekly"; readonly from: string; readonly to: string; readonly label: string; readonly tz: string }
  readonly settings: { readonly dupWindowSec: number; readonly lookbackDays: number; readonly topTools: number }
  readonly activity: { readonly total: number; readonly byCategory: readonly { readonly category: string; readonly count: number }[] }
  readonly cron: {
    readonly executed: number
    readonly failed: number
    readonly byType: readonly TypeCount[]
    readonly configured: readonly { readonly name: string; readonly schedule: string; readonly id: string; readonly enabled: boolean }[]
    readonly configuredFrom: string | null
  }
  readonly topTools: { readonly total: number; readonly truncated: boolean; readonly tools: readonly ToolRow[] }
  readonly modelSpend: {
    readonly calls: number
    readonly costNanos: string
    readonly truncated: boolean
    readonly byModel: readonly { readonly model: string; readonly calls: number; readonly tokens: number; readonly costNanos: string }[]
    readonly unpriced: readonly { readonly model: string; readonly calls: number }[]
  }
  readonly outbound: {
    readonly sent: number
    readonly failed: number
    readonly byChannel: readonly { readonly channel: string; readonly sent: number; readonly failed: number }[]
  }
  readonly anomalies: Anomalies
  readonly integrity: ReportIntegrity
}

const mostModels = 1_000

export function periodReport(access: LedgerAccess, question: PeriodQuestion): PeriodReport {
  const { stretch, dupWindowSec, lookbackDays, topTools, configured } = question
  const { fromMs, toMs, zone } = stretch
  const types = access.ask((views) => typeCounts(views, stretch))
  const counted = new Map(types.map(({ type, count }) => [type, count]))
  const jobs = configured.jobs.map(({ id, name, schedule, enabled }) => ({ name, schedule, id, enabled }))
  return {
    period: { kind: stretch.kind, from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString(), label: stretch.label, tz: zone },
    settings: { dupWindowSec, lookbackDays, topTools },
    activity: activityOf(types),
    cron: {
      executed: counted.get("cron.executed") ?? 0,
      failed: counted.get("cron.failed") ?? 0,
      byType: types.filter(({ type }) => categoryOf(type) === "cron"),
      configured: jobs,
      configuredFrom: configured.source,
    },
    topTools: access.ask((views) => toolsIn(views, stretch, topTools)),
    modelSpend: modelSpend(access, stretch),
    outbound: access.ask((views) => outboundIn(views, stretch)),
    anomalies: anomaliesIn(access, { fromMs, toMs, zone, dupWindowMs: dupWindowSec * 1_000, lookbackDays, thresholds: usualThresholds }),
    integrity: reportIntegrity(access),
  }
}

/** Quarters that begin in the stretch: midnights of every zone's clocks since 1973 are whole quarters. */
function quartersOf({ fromMs, toMs }: Stretch): readonly [from: number, to: number] {
  return [Math.ceil(fromMs / quarterMs), Math.ceil(toMs / quarterMs)]
}

function typeCounts(views: SqliteDatabase, stretch: Stretch): readonly TypeCount[] {
  return views
    .prepare("SELECT type, sum(count) AS count FROM happened_quarters WHERE quarter >= ? AND quarter < ? GROUP BY type ORDER BY count DESC, type")
    .all(...quartersOf(stretch)) as TypeCount[]
}

function activityOf(types: readonly TypeCount[]): PeriodReport["activity"] {
  const byCategory = new Map<string, number>()
  for (const { type, count } of types) byCategory.set(categoryOf(type), (byCategory.get(categoryOf(type)) ?? 0) + count)
  const rows = [...byCategory].map(([category, count]) => ({ category, count }))
  return {
    total: types.reduce((sum, { count }) => sum + count, 0),
    byCategory: rows.toSorted((a, b) => b.count - a.count || (a.category < b.category ? -1 : 1)),
  }
}

function toolsIn(views: SqliteDatabase, stretch: Stretch, most: number): PeriodReport["topTools"] {
  const tools = views
    .prepare(
      `SELECT tool, sum(invoked) AS invoked, sum(failed) AS failed, sum(denied) AS denied FROM tool_quarters WHERE quarter >= ? AND quarter < ?
       GROUP BY tool ORDER BY max(sum(invoked), sum(denied)) DESC, tool`,
    )
    .all(...quartersOf(stretch)) as ToolRow[]
  return { total: tools.length, truncated: tools.length > most, tools: tools.slice(0, most) }
}

function modelSpend(access: LedgerAccess, { fromMs, toMs, zone }: Stretch): PeriodReport["modelSpend"] {
  const { rows, more, total, unpriced } = spendReport(access, { by: ["model"], fromMs, toMs, zone, limit: mostModels, order: "cost" })
  return {
    calls: total.calls,
    costNanos: String(total.cost),
    truncated: more > 0,
    byModel: rows.map(({ keys, calls, tokens, cost }) => ({ model: keys.model ?? "", calls, tokens, costNanos: String(cost) })),
    unpriced,
  }
}

function outboundIn(views: SqliteDatabase, { fromMs, toMs }: Stretch): PeriodReport["outbound"] {
  const byChannel = views
    .prepare(
      `SELECT channel, sum(success) AS sent, sum(1 - success) AS failed FROM sends WHERE at_ms >= ? AND at_ms < ?
       GROUP BY channel ORDER BY sum(success) DESC, channel`,
    )
    .all(fromMs, toMs) as PeriodReport["outbound"]["byChannel"]
  const sum = (of: (row: (typeof byChannel)[number]) => number) => byChannel.reduce((all, row) => all + of(row), 0)
  return { sent: sum(({ sent }) => sent), failed: sum(({ failed }) => failed), byChannel }
}
