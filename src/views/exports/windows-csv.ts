/** provider_usage_snapshots.csv: every time a provider told how far a window of its subscription is used, as the journal has it (`window.reported`). */
import { decimalText } from "../../base/decimal.ts"
import { numberOf, stringOf } from "../../base/json.ts"
import { factsOf } from "../../journal/reader.ts"
import { filteredSequences } from "../event-list.ts"
import { csvCell } from "../export.ts"
import type { LedgerAccess } from "../ledger-access.ts"
import { displayName } from "./provider-names.ts"

export const windowColumns = ["provider", "display_name", "plan", "window_label", "used_percent", "reset_at", "sampled_at", "sequence"] as const

export type WindowQuestion = { readonly fromMs?: number | undefined; readonly toMs?: number | undefined }

export const windowHead = `${windowColumns.join(",")}\r\n`

export function* windowRows(access: LedgerAccess, { fromMs = 0, toMs = Infinity }: WindowQuestion): Generator<string> {
  for (const sequence of filteredSequences(access, { type: "window.reported" }, "ASC")) {
    const entry = access.reader.entry(sequence)
    if (!entry) continue
    const facts = factsOf(entry)
    const sampledMs = numberOf(facts["sampledAtMs"]) ?? entry.header.timeMs
    if (sampledMs < fromMs || sampledMs >= toMs) continue
    const [used, resetsMs] = [numberOf(facts["usedMillipercent"]), numberOf(facts["resetsAtMs"])]
    const provider = stringOf(facts["provider"]) ?? ""
    const names = [provider, displayName(provider), stringOf(facts["plan"]) ?? "", stringOf(facts["label"]) ?? ""].map(csvCell).join(",")
    yield `${names},${Number.isSafeInteger(used) ? decimalText(used ?? 0, 3) : ""},${timeText(resetsMs)},${timeText(sampledMs)},${sequence}\r\n`
  }
}

/** Empty for what no calendar has. */
function timeText(atMs: number | undefined): string {
  return atMs === undefined || !(Math.abs(atMs) <= 8.64e15) ? "" : new Date(atMs).toISOString()
}
