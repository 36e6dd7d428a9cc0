/** Budgets, holds, windows of subscriptions and what is frozen, as they stand now. */
import { budgetSummaries, type BudgetSummary } from "../ledger/summary.ts"
import type { LedgerState } from "../ledger/state.ts"
import { units, type Unit } from "../ledger/units.ts"
import { gauge, gauges, type Metric, type Sample } from "./metric.ts"

/** A budget has six samples, and three more for each unit beyond the first. */
const mostBudgets = 12
const mostWindows = 10
const wholeMillipercent = 100_000

const baseUnits: { readonly [U in Unit]: { readonly name: string; readonly scale: number; readonly words: string } } = {
  moneyNanos: { name: "dollars", scale: 1_000_000_000, words: "US dollars" },
  tokens: { name: "tokens", scale: 1, words: "tokens" },
  wallMs: { name: "seconds", scale: 1_000, words: "seconds of wall time" },
  bytesRead: { name: "read_bytes", scale: 1, words: "bytes read" },
  bytesWritten: { name: "written_bytes", scale: 1, words: "bytes written" },
  calls: { name: "calls", scale: 1, words: "calls" },
}

/** Also those without a sample. */
export function budgetMetrics(state: LedgerState, nowMs: number): readonly Metric[] {
  const all = budgetSummaries(state, nowMs).toSorted((a, b) => (a.rule.name < b.rule.name ? -1 : 1))
  const shown = all.slice(0, mostBudgets)
  const of = (one: BudgetSummary, value: number): Sample => ({ labels: { budget: one.rule.name }, value })
  const amounts = (which: "limit" | "spent" | "held", name: string, words: string) =>
    units.map((unit) => {
      const { name: suffix, scale, words: counted } = baseUnits[unit]
      const samples = shown.flatMap((one) => (one.limit[unit] === undefined ? [] : [of(one, Number(one[which][unit] ?? "0") / scale)]))
      return gauges(`budget_${name}_${suffix}`, `${words}, in ${counted}.`, samples)
    })
  return [
    ...amounts("limit", "limit", "The limit of a budget in its period, with what was carried on"),
    ...amounts("spent", "used", "What is spent of a budget in its period"),
    ...amounts("held", "held", "What is held of a budget for what is under way"),
    gauges(
      "budget_used_ratio",
      "The largest share of a budget that is spent or held, over its units and windows; 1 is all of it.",
      shown.map((one) => of(one, usedRatio(one))),
    ),
    gauges(
      "budget_reset_timestamp_seconds",
      "When more of a budget becomes available by the passing of time.",
      shown.flatMap((one) => (one.resetsAtMs === undefined ? [] : [of(one, one.resetsAtMs / 1_000)])),
    ),
    gauges(
      "budget_blocks",
      "1 for a budget that refuses what it has no room for, 0 for one that only warns.",
      shown.map((one) => of(one, one.rule.mode === "block" ? 1 : 0)),
    ),
    gauge("budgets_not_shown", "Budgets that have no series here, because there are more than twelve.", all.length - shown.length),
    gauges("frozen", "Budgets, accounts, or everything, that may spend nothing now.", frozen(state)),
    gauge("open_holds", "Holds that are neither settled nor given back.", state.holds.size),
    gauge("open_extensions", "Questions for more than a budget has that wait for an owner.", waiting(state)),
    ...windowMetrics(state, nowMs),
  ]
}

function usedRatio({ limit, spent, held, windows = [], rule }: BudgetSummary): number {
  const shares = units.flatMap((unit) => {
    if (limit[unit] === undefined) return []
    const [most, used] = [Number(limit[unit]), Number(spent[unit] ?? "0") + Number(held[unit] ?? "0")]
    return most > 0 ? used / most : 1
  })
  const ofWindows = windows.map(({ usedMillipercent }) => usedMillipercent / (rule.window?.limitMillipercent ?? wholeMillipercent))
  return Math.max(0, ...shares, ...ofWindows)
}

function frozen({ frozen: all, budgets, accounts }: LedgerState): readonly Sample[] {
  const count = (map: ReadonlyMap<string, { readonly frozen: string | undefined }>) => [...map.values()].filter((one) => one.frozen !== undefined).length
  return [
    { labels: { what: "ledger" }, value: all === undefined ? 0 : 1 },
    { labels: { what: "budget" }, value: count(budgets) },
    { labels: { what: "account" }, value: count(accounts) },
  ]
}

function waiting({ extensions }: LedgerState): number {
  return [...extensions.values()].filter(({ state }) => state === "asked").length
}

function windowMetrics({ windows }: LedgerState, nowMs: number): readonly Metric[] {
  const latest = [...windows.values()].toSorted((a, b) => b.sampledAtMs - a.sampledAtMs).slice(0, mostWindows)
  const labelled = ({ provider, label }: (typeof latest)[number]) => ({ provider, window: label })
  return [
    gauges(
      "window_used_ratio",
      "How far a window of a provider's subscription is used, as it was last told; 1 is all of it.",
      latest.map((one) => ({ labels: labelled(one), value: (one.resetsAtMs ?? Infinity) <= nowMs ? 0 : one.usedMillipercent / wholeMillipercent })),
    ),
    gauges(
      "window_reset_timestamp_seconds",
      "When a window of a provider's subscription begins anew.",
      latest.flatMap((one) => (one.resetsAtMs === undefined ? [] : [{ labels: labelled(one), value: one.resetsAtMs / 1_000 }])),
    ),
  ]
}
