/** What our record has of a provider's calls in a time: calls, tokens and cost as they are on record, and what was posted for them, corrections at the time of what they correct. */
import type { BillTokens } from "../bills/bill.ts"
import { modelKey } from "../bills/model-key.ts"
import type { SqliteDatabase } from "../vault/database.ts"

export type Recorded = { calls: number; unpriced: number; costNanos: bigint; readonly tokens: { -readonly [T in keyof BillTokens]: number } }

/** Postings of one account against one counter account: where a correction would go. */
export type Posted = { readonly account: string; readonly against: string; nanos: bigint; boundNanos: bigint; readonly largest: LargestPosting }
export type LargestPosting = { id: string; nanos: bigint; atMs: number; readonly spend: Record<string, string> }

type CallRow = {
  readonly model: string
  readonly provider: string
  readonly calls: number
  readonly unpriced: number
  readonly cost: number
  readonly input: number
  readonly cacheRead: number
  readonly cacheWrite: number
  readonly output: number
}

export type Window = { readonly fromMs: number; readonly toMs: number }

/** By the key of the model. */
export function recordedCalls(views: SqliteDatabase, { fromMs, toMs }: Window, providers: readonly string[]): ReadonlyMap<string, Recorded> {
  const rows = views
    .prepare(`
      SELECT cell.provider, cell.model, count(*) AS calls, sum(call.computed IS NULL AND coalesce(call.reported, 0) = 0) AS unpriced,
        sum(coalesce(call.computed, call.reported, 0)) AS cost, sum(call.input) AS input, sum(call.cache_read) AS cacheRead,
        sum(call.cache_write) AS cacheWrite, sum(call.output) AS output
      FROM usage_calls call JOIN usage_cells cell ON cell.id = call.cell WHERE call.at_ms >= ? AND call.at_ms < ? GROUP BY cell.provider, cell.model`)
    .all(fromMs, toMs) as CallRow[]
  const found = new Map<string, Recorded>()
  for (const row of rows) {
    if (!providers.includes(row.provider.toLowerCase())) continue
    const key = keyOf(row.provider, row.model)
    const sums = found.get(key) ?? { calls: 0, unpriced: 0, costNanos: 0n, tokens: { input: 0, cacheRead: 0, cacheWrite: 0, output: 0 } }
    sums.calls += row.calls
    sums.unpriced += row.unpriced
    sums.costNanos += BigInt(row.cost)
    for (const name of ["input", "cacheRead", "cacheWrite", "output"] as const) sums.tokens[name] += row[name]
    found.set(key, sums)
  }
  return found
}

type PostingRow = {
  readonly sequence: number
  readonly at_ms: number
  readonly kind: string
  readonly id: string
  readonly corrects: string | null
  readonly debit: string
  readonly credit: string
  readonly amount: number | bigint
  readonly grade: string | null
  readonly provider: string | null
  readonly model: string | null
  readonly agent: string | null
  readonly channel: string | null
  readonly cron: string | null
  readonly session: string | null
}

export type OnePosting = Window & { readonly key: string; readonly atMs: number; readonly row: PostingRow; readonly nanos: bigint }

/** Every posting of money for a model of these providers from one instant on; corrections, whenever they were made, at the time of what they correct. */
export function postingsOf(views: SqliteDatabase, { fromMs, toMs }: Window, providers: readonly string[]): readonly Omit<OnePosting, "fromMs" | "toMs">[] {
  const rows = views
    .prepare(`
      SELECT e.sequence, e.at_ms, e.kind, coalesce(e.hold, e.transfer) AS id, e.corrects, a.debit, a.credit, a.amount, e.grade,
        coalesce(e.provider, h.provider) AS provider, coalesce(e.model, h.model) AS model, coalesce(e.agent, h.agent) AS agent,
        coalesce(e.channel, h.channel) AS channel, coalesce(e.cron, h.cron) AS cron, coalesce(e.session, h.session) AS session
      FROM posted_entries e JOIN posting_amounts a ON a.sequence = e.sequence AND a.unit = 'moneyNanos' LEFT JOIN posted_holds h ON h.placed = e.placed
      WHERE e.at_ms >= ? AND (e.at_ms < ? OR e.kind = 'correction') ORDER BY e.sequence`)
    .all(fromMs, toMs) as PostingRow[]
  const times = new Map<string, { readonly atMs: number; readonly key: string }>()
  const found: Omit<OnePosting, "fromMs" | "toMs">[] = []
  for (const row of rows) {
    const isMore = row.debit.startsWith("spent:")
    if (isMore === row.credit.startsWith("spent:")) continue // nothing was consumed
    const corrected = row.corrects === null ? undefined : times.get(row.corrects)
    if (row.kind === "correction" && corrected === undefined) continue
    if (row.kind !== "correction" && (row.model === null || !providers.includes((row.provider ?? "").toLowerCase()))) continue
    const place = corrected ?? { atMs: row.at_ms, key: keyOf(row.provider ?? "", row.model ?? "") }
    times.set(row.id, place)
    found.push({ ...place, row, nanos: isMore ? BigInt(row.amount) : -BigInt(row.amount) })
  }
  return found.filter(({ atMs }) => atMs < toMs)
}

export function addPosting(into: Map<string, Posted>, { row, nanos, atMs }: Pick<OnePosting, "row" | "nanos" | "atMs">): void {
  const isMore = row.debit.startsWith("spent:")
  const [account, against] = isMore ? [row.credit, row.debit] : [row.debit, row.credit]
  const name = `${account}\n${against}`
  const known = into.get(name)
  const largest = known?.largest ?? { id: row.id, nanos: 0n, atMs, spend: {} }
  if (row.kind !== "correction" && nanos > largest.nanos) Object.assign(largest, { id: row.id, nanos, atMs, spend: spendIn(row) })
  const posted = known ?? { account, against, nanos: 0n, boundNanos: 0n, largest }
  posted.nanos += nanos
  if (row.grade === "bound") posted.boundNanos += nanos
  into.set(name, posted)
}

function spendIn({ provider, model, agent, channel, cron, session }: PostingRow): Record<string, string> {
  return Object.fromEntries(
    Object.entries({ provider, model, agent, channel, cron, session }).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
  )
}

/** A host may write the provider before the model. */
export function keyOf(provider: string, model: string): string {
  const prefix = `${provider}/`.toLowerCase()
  return modelKey(provider !== "" && model.toLowerCase().startsWith(prefix) ? model.slice(prefix.length) : model)
}
