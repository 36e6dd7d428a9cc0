/**
 * How fast each budget in force is spent, by whom, and when it will be gone: from what was posted, whether or not the budget was there already, matched
 * with the rules by what it was for.
 */
import type { BudgetRule, Spend } from "../format/facts/ledger.ts"
import { leftOf, matches, resetsAtMs, standingAt, type Budget } from "../ledger/budgets.ts"
import { amountWords } from "../ledger/amounts.ts"
import { forecast, quarterMs, quartersBack, type Basis, type Forecast } from "../ledger/forecast.ts"
import { localText } from "../ledger/periods.ts"
import type { LedgerState } from "../ledger/state.ts"
import type { Unit } from "../ledger/units.ts"
import type { SqliteDatabase } from "../vault/database.ts"
import { spendNames } from "../projections/consumption.ts"
import { modelIn } from "../projections/posting-facts.ts"
import { ledgerNow } from "./budgets.ts"
import type { LedgerAccess } from "./ledger-access.ts"

export type Burner = { readonly name: string; readonly share: number }

export type UnitForecast = Forecast & {
  readonly unit: Unit
  readonly spent: bigint
  readonly left: bigint
  readonly limit: bigint
  /** Of what was spent in the last day; of seven days where that is nothing. At most three of each, the largest first. */
  readonly burners: { readonly agents: readonly Burner[]; readonly models: readonly Burner[]; readonly jobs: readonly Burner[] }
}

export type BudgetForecast = {
  readonly rule: BudgetRule
  readonly resetsAtMs: number | undefined
  readonly frozen: string | undefined
  readonly units: readonly UnitForecast[]
}

type Names = { readonly [D in (typeof spendNames)[number]]: string | null }
type Row = Names & { readonly atMs: number; readonly unit: Unit; readonly amount: number }
/** What one spend of a budget was for, and how much it was, by quarter. */
type Burnt = { readonly spend: Spend; readonly back: number; readonly amount: number }

const hourMs = 3_600_000
const dayQuarters = 96
const mostBurners = 3

export function budgetForecasts(access: LedgerAccess, nowMs: number, state: Pick<LedgerState, "budgets"> = ledgerNow(access)): readonly BudgetForecast[] {
  const budgets = [...state.budgets.values()].sort((a, b) => (a.rule.name < b.rule.name ? -1 : 1))
  if (budgets.length === 0) return []
  const { rows, firstMs } = access.ask((views) => ({ rows: burntSince(views, nowMs), firstMs: firstPosting(views) }))
  const recordedMs = firstMs === null ? 0 : nowMs - firstMs
  return budgets.map((budget) => forecastOf(budget, rows, nowMs, recordedMs))
}

/**
 * The last hour from the postings themselves, what is before it from sums of quarters by the clock: each counts in the quarter back from now that its
 * middle lies in. Consumption is what goes to an account that begins with spent:, less what comes back from one; `total` holds what no integer could.
 */
function burntSince(views: SqliteDatabase, nowMs: number): readonly (Burnt & { readonly unit: Unit })[] {
  const fromMs = Math.floor((nowMs - hourMs) / quarterMs) * quarterMs
  const ofHold = spendNames.map((name) => `coalesce(e.${name}, h.${name}) AS ${name}`).join(", ")
  const single = views
    .prepare(
      `SELECT e.at_ms AS atMs, a.unit AS unit, ${ofHold},
        total(a.amount * (iif(a.debit >= 'spent:' AND a.debit < 'spent;', 1, 0) - iif(a.credit >= 'spent:' AND a.credit < 'spent;', 1, 0))) AS amount
       FROM posted_entries e JOIN posting_amounts a ON a.sequence = e.sequence LEFT JOIN posted_holds h ON h.placed = e.placed
       WHERE e.at_ms >= ? AND e.at_ms <= ? AND e.kind <> 'opening' GROUP BY e.sequence, a.unit`,
    )
    .all(fromMs, nowMs) as Row[]
  const summed = views
    .prepare(
      `SELECT q.quarter * ${quarterMs} + ${quarterMs / 2} AS atMs, q.unit AS unit, ${spendNames.map((name) => `nullif(c.${name}, '') AS ${name}`).join(", ")}, q.amount AS amount
       FROM consumed_quarters q JOIN consumed_cells c ON c.id = q.cell WHERE q.quarter >= ? AND q.quarter < ?`,
    )
    .all(Math.floor(nowMs / quarterMs) - quartersBack, fromMs / quarterMs) as Row[]
  return [...single, ...summed].flatMap(({ atMs, unit, amount, ...names }) => {
    const back = Math.floor((nowMs - atMs) / quarterMs)
    const told = Object.entries(names).filter(([, name]) => name !== null)
    return back >= quartersBack || amount === 0 ? [] : [{ back, unit, amount, spend: Object.fromEntries(told) as Spend }]
  })
}

function firstPosting(views: SqliteDatabase): number | null {
  return views.prepare("SELECT min(at_ms) FROM posted_entries").pluck().get() as number | null
}

function forecastOf(budget: Budget, rows: readonly (Burnt & { readonly unit: Unit })[], nowMs: number, recordedMs: number): BudgetForecast {
  const { rule, frozen } = budget
  const standing = standingAt(budget, nowMs)
  const matched = rows.filter(({ spend }) => matches(budget, spend))
  const resetMs = resetsAtMs(budget, nowMs)
  const units = budget.limited.map((unit): UnitForecast => {
    const burnt = matched.filter((row) => row.unit === unit)
    const [limit, spent, left] = [standing.room[unit] ?? 0n, standing.spent[unit], leftOf(standing, unit) ?? 0n]
    const period = rule.period.per === "rolling" ? { rolling: rollingOf(budget, rule.period.spanMs, unit) } : { endMs: resetMs }
    const known = { nowMs, recordedMs, left: Number(left), spent: Number(spent), back: seriesOf(burnt) }
    return { unit, spent, left, limit, ...forecast({ ...known, ...period }), burners: burnersOf(burnt) }
  })
  return { rule, resetsAtMs: resetMs, frozen, units }
}

function rollingOf({ slices }: Budget, spanMs: number, unit: Unit) {
  const width = Math.ceil(spanMs / 60)
  return { spanMs, leaving: slices.map(({ startMs, spent }) => ({ atMs: startMs + width + spanMs, amount: Number(spent[unit]) })) }
}

function seriesOf(burnt: readonly Burnt[]): readonly number[] {
  const series = Array.from({ length: quartersBack }, () => 0)
  for (const { back, amount } of burnt) series[back] = (series[back] ?? 0) + amount
  return series
}

function burnersOf(burnt: readonly Burnt[]): UnitForecast["burners"] {
  const today = burnt.filter(({ back }) => back < dayQuarters)
  const counted = today.some(({ amount }) => amount > 0) ? today : burnt
  const shares = (nameOf: (spend: Spend) => string | undefined) => topOf(counted, nameOf)
  return {
    agents: shares(({ agent }) => agent),
    models: shares((spend) => modelIn(spend) ?? (spend.tool === undefined ? undefined : `tool ${spend.tool}`)),
    jobs: shares(({ cron }) => cron),
  }
}

/** Shares are of everything, so that those that are named need not come to one. */
function topOf(burnt: readonly Burnt[], nameOf: (spend: Spend) => string | undefined): readonly Burner[] {
  const sums = new Map<string, number>()
  let total = 0
  for (const { spend, amount } of burnt) {
    const name = nameOf(spend)
    total += amount
    if (name !== undefined) sums.set(name, (sums.get(name) ?? 0) + amount)
  }
  const named = [...sums].filter(([, amount]) => amount > 0 && total > 0)
  return named
    .sort(([a, most], [b, less]) => less - most || (a < b ? -1 : 1))
    .slice(0, mostBurners)
    .map(([name, amount]) => ({ name, share: Math.round((amount / total) * 1_000) / 1_000 }))
}

/** Amounts and times as JSON has them; without `goneAt` nothing is left already. */
export type SoonestGone = {
  readonly name: string
  readonly unit: Unit
  readonly left: string
  readonly goneAt: string | null
  readonly resetsAt: string | null
  readonly basis: Basis | null
  readonly zone: string
}

/** Which is gone first, one that is gone already before any that will be; null where none goes. A limit of nothing is a ban, and not gone. */
export function soonestGone(forecasts: readonly BudgetForecast[], nowMs: number): SoonestGone | null {
  const going = forecasts.flatMap(({ rule, resetsAtMs, units }) =>
    units.flatMap(({ unit, left, limit, verdict, goneAtMs, basis }) => {
      if (limit === 0n || (verdict !== "gone" && goneAtMs === null)) return []
      const told = { name: rule.name, unit, left: String(left), goneAt: isoOf(goneAtMs), resetsAt: isoOf(resetsAtMs ?? null), basis, zone: zoneOf(rule) }
      return [{ told, atMs: goneAtMs ?? nowMs }]
    }),
  )
  return going.toSorted((a, b) => a.atMs - b.atMs)[0]?.told ?? null
}

export const basisWords: { readonly [B in Basis]: string } = {
  "last hour": "as in the last hour",
  "same hours": "as at the same hours of the days before",
  "last day": "as in the last 24 h",
}

/** In one line, with the clocks of the budget's own zone. */
export function goneWords({ name, unit, left, goneAt, resetsAt, basis, zone }: SoonestGone): string {
  const timeOf = (iso: string) => `${localText(zone, Date.parse(iso))} ${zone}`
  if (goneAt === null) return `${name}: nothing is left${resetsAt === null ? ", and it does not reset" : ` until ${timeOf(resetsAt)}`}`
  return `${name}: ${amountWords(unit, BigInt(left))} left, gone about ${timeOf(goneAt)}${basis === null ? "" : ` (${basisWords[basis]})`}`
}

/** The zone whose clocks a budget goes by. */
export function zoneOf({ period }: BudgetRule): string {
  return "zone" in period ? period.zone : "UTC"
}

function isoOf(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString()
}
