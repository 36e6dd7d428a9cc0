/**
 * usage_events.csv: a row a model call, by the names that spreadsheets about agents use; docs/spec/usage.md lists the columns. Dollars are exact decimals, times
 * ISO 8601 in UTC, what was not told is an empty cell (RFC 4180).
 */
import { decimalText } from "../../base/decimal.ts"
import { csvCell } from "../export.ts"
import { cacheWriteCost, classCost, costOf, costScale, nanoScale, totalTokens } from "./call-costs.ts"
import type { CallCell, ExportedCall } from "./calls.ts"

export const usageColumns = [
  "event_id",
  "event_ts",
  "agent_id",
  "session_id",
  "session_key",
  "channel",
  "chat_type",
  "origin_provider",
  "provider",
  "model",
  "api",
  "stop_reason",
  "input_tokens",
  "output_tokens",
  "cache_read_tokens",
  "cache_write_tokens",
  "total_tokens",
  "cost_input",
  "cost_output",
  "cost_cache_read",
  "cost_cache_write",
  "cost_total",
  "cost_total_nanos",
  "cost_source",
  "kind",
  "cron",
  "project",
  "run",
  "latency_ms",
  "imported",
  "sequence",
] as const

export class UsageCsv {
  /** Cells of the columns that calls share, written once. */
  readonly #cells = new Map<number, { readonly agent: string; readonly place: string; readonly work: string }>()

  readonly head = `${usageColumns.join(",")}\r\n`

  row(call: ExportedCall): string {
    const { cell, session, rates } = call
    const shared = this.#cells.get(cell.id) ?? this.#written(cell)
    const cost = costOf(call)
    const dollars = (amount: number | bigint | undefined) => (amount === undefined ? "" : decimalText(amount, costScale))
    const classes = rates
      ? `${dollars(classCost(call, "input"))},${dollars(classCost(call, "output"))},${dollars(classCost(call, "cache_read"))},${dollars(cacheWriteCost(call))}`
      : ",,,"
    const total = cost === null ? ",," : `${decimalText(cost, nanoScale)},${cost},${call.computed === null ? "reported" : "price"}`
    const key = session.label === "" ? session.scope : csvCell(session.label)
    return `${csvCell(call.row)},${new Date(call.atMs).toISOString()},${shared.agent},${session.scope},${key},${shared.place},${csvCell(call.stop)},${call.input},${call.output},${call.cacheRead},${call.cacheWrite},${totalTokens(call)},${classes},${total},${shared.work},${csvCell(call.run)},${call.latencyMs ?? ""},${call.imported ? 1 : 0},${call.sequence}\r\n`
  }

  #written({ id, agent, channel, chat_type: chatType, provider, model, api, kind, job, project }: CallCell) {
    const cells = (...names: readonly string[]) => names.map(csvCell).join(",")
    const shared = { agent: cells(agent), place: cells(channel, chatType, channel, provider, model, api), work: cells(kind || "turn", job, project) }
    this.#cells.set(id, shared)
    return shared
  }
}
