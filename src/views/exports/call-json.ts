/** Model calls as NDJSON: an object a line, with the columns of usage_events.csv. Dollars are decimal texts, so that no reader makes floats of them. */
import { decimalText } from "../../base/decimal.ts"
import { cacheWriteCost, classCost, costOf, costScale, nanoScale, totalTokens } from "./call-costs.ts"
import type { ExportedCall } from "./calls.ts"
import type { usageColumns } from "./usage-csv.ts"

export function callJson(call: ExportedCall): string {
  const { cell, session } = call
  const cost = costOf(call)
  const dollars = (amount: number | bigint | undefined) => (amount === undefined ? null : decimalText(amount, costScale))
  const row: Readonly<Record<(typeof usageColumns)[number], string | number | boolean | null>> = {
    event_id: call.row,
    event_ts: new Date(call.atMs).toISOString(),
    agent_id: cell.agent || null,
    session_id: session.scope,
    session_key: session.label || session.scope,
    channel: cell.channel || null,
    chat_type: cell.chat_type || null,
    origin_provider: cell.channel || null,
    provider: cell.provider || null,
    model: cell.model || null,
    api: cell.api || null,
    stop_reason: call.stop || null,
    input_tokens: call.input,
    output_tokens: call.output,
    cache_read_tokens: call.cacheRead,
    cache_write_tokens: call.cacheWrite,
    total_tokens: totalTokens(call),
    cost_input: dollars(classCost(call, "input")),
    cost_output: dollars(classCost(call, "output")),
    cost_cache_read: dollars(classCost(call, "cache_read")),
    cost_cache_write: dollars(cacheWriteCost(call)),
    cost_total: cost === null ? null : decimalText(cost, nanoScale),
    cost_total_nanos: cost === null ? null : String(cost),
    cost_source: cost === null ? null : call.computed === null ? "reported" : "price",
    kind: cell.kind || "turn",
    cron: cell.job || null,
    project: cell.project || null,
    run: call.run || null,
    latency_ms: call.latencyMs,
    imported: call.imported,
    sequence: call.sequence,
  }
  return `${JSON.stringify(row)}\n`
}
