/**
 * provider_usage_snapshots.csv: how far the windows of plans were used, each time the host was told (`quota.sampled`), page by page from the projection `quotas`; then
 * what only a budget that limits a window was told (`window.reported`), from the journal.
 */
import { decimalText } from "../../base/decimal.ts"
import { countOf, stringOf } from "../../base/json.ts"
import { factsOf } from "../../journal/reader.ts"
import { filteredSequences } from "../event-list.ts"
import { csvCell } from "../export.ts"
import type { QuotaSample } from "../../projections/quotas.ts"
import type { LedgerAccess } from "../ledger-access.ts"
import { displayName } from "./provider-names.ts"

export const windowColumns = ["provider", "display_name", "plan", "window_label", "used_percent", "reset_at", "sampled_at", "sequence"] as const

export type WindowQuestion = { readonly fromMs?: number | undefined; readonly toMs?: number | undefined }

export const windowHead = `${windowColumns.join(",")}\r\n`

type Row = QuotaSample & { readonly sequence: number }

const pageRows = 500
const page = `
  SELECT provider, sampled_ms, label, display_name, plan, used, resets_ms, sequence FROM quota_samples
  WHERE (provider, sampled_ms, label) > (?, ?, ?) ORDER BY provider, sampled_ms, label LIMIT ${pageRows}`

export function* windowRows(access: LedgerAccess, { fromMs = 0, toMs = Infinity }: WindowQuestion): Generator<string> {
  const isAsked = ({ sampled_ms: sampledMs }: Row) => sampledMs >= fromMs && sampledMs < toMs
  for (const row of sampled(access)) if (isAsked(row)) yield line(row)
  for (const row of reported(access)) if (isAsked(row)) yield line(row)
}

function* sampled(access: LedgerAccess): Generator<Row> {
  let rows: readonly Row[] = []
  let after: readonly [string, number, string] = ["", -1, ""]
  do {
    rows = access.ask((views) => views.prepare(page).all(...after)) as readonly Row[]
    yield* rows
    const last = rows.at(-1)
    if (last) after = [last.provider, last.sampled_ms, last.label]
  } while (rows.length === pageRows)
}

/** Those that no sample tells of. */
function* reported(access: LedgerAccess): Generator<Row> {
  for (const sequence of filteredSequences(access, { type: "window.reported" }, "ASC")) {
    const entry = access.reader.entry(sequence)
    if (!entry) continue
    const { provider, label, plan, sampledAtMs, usedMillipercent, resetsAtMs } = factsOf(entry)
    const key = [stringOf(provider) ?? "", countOf(sampledAtMs) ?? entry.header.timeMs, stringOf(label) ?? ""] as const
    const known = access.ask((views) => views.prepare("SELECT 1 FROM quota_samples WHERE provider = ? AND sampled_ms = ? AND label = ?").get(...key))
    if (known !== undefined) continue
    const use = { used: countOf(usedMillipercent) ?? null, resets_ms: countOf(resetsAtMs) ?? null }
    yield { provider: key[0], sampled_ms: key[1], label: key[2], display_name: "", plan: stringOf(plan) ?? "", ...use, sequence }
  }
}

function line(row: Row): string {
  const names = [row.provider, row.display_name || displayName(row.provider), row.plan, row.label].map(csvCell).join(",")
  return `${names},${row.used === null ? "" : decimalText(row.used, 3)},${timeText(row.resets_ms)},${timeText(row.sampled_ms)},${row.sequence}\r\n`
}

/** Empty for what no calendar has. */
function timeText(atMs: number | null): string {
  return atMs === null || atMs > 8.64e15 ? "" : new Date(atMs).toISOString()
}
