/**
 * usage_events.csv: a row a model call, by the names that spreadsheets about agents use; docs/spec/usage.md lists the columns. Dollars are exact decimals, times
 * ISO 8601 in UTC, what was not told is an empty cell (RFC 4180).
 */
import { csvCell } from "../export.ts"
import { cacheWriteCost, classCost, costOf, totalTokens } from "./call-costs.ts"
import type { CallCell, CallSession, ExportedCall } from "./calls.ts"
import { RowBytes } from "./row-bytes.ts"

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

/** What no spreadsheet runs and no reader needs quotes for. */
const plainCell = /^[\w.~][\w.~:/ -]*$/

export class UsageCsv {
  readonly #out = new RowBytes()
  /** Cells of the columns that calls share, encoded once. */
  readonly #cells = new Map<number, { readonly agent: Buffer; readonly place: Buffer; readonly work: Buffer }>()
  #session: { readonly of: CallSession | undefined; readonly bytes: Buffer } = { of: undefined, bytes: Buffer.alloc(0) }

  readonly head = `${usageColumns.join(",")}\r\n`

  /** Good until the next ones. */
  rows(calls: readonly ExportedCall[]): Uint8Array {
    for (const call of calls) this.#row(call)
    return this.#out.take()
  }

  #row(call: ExportedCall): void {
    const [out, { cell, session }] = [this.#out, call]
    const shared = this.#cells.get(cell.id) ?? this.#written(cell)
    if (this.#session.of !== session) this.#session = { of: session, bytes: Buffer.from(`${session.scope},${csvCell(session.label || session.scope)},`) }
    out.text(cellText(call.row))
    out.comma()
    out.time(call.atMs)
    out.encoded(shared.agent)
    out.encoded(this.#session.bytes)
    out.encoded(shared.place)
    out.text(cellText(call.stop))
    for (const count of [call.input, call.output, call.cacheRead, call.cacheWrite, totalTokens(call)]) {
      out.comma()
      out.whole(count)
    }
    this.#costs(call)
    out.encoded(shared.work)
    out.text(cellText(call.run))
    out.comma()
    if (call.latencyMs !== null) out.whole(call.latencyMs)
    out.comma()
    out.whole(call.imported ? 1 : 0)
    out.comma()
    out.whole(call.sequence)
    out.endOfLine()
  }

  #costs(call: ExportedCall): void {
    const out = this.#out
    for (const amount of [classCost(call, "input"), classCost(call, "output"), classCost(call, "cache_read"), cacheWriteCost(call)]) {
      out.comma()
      if (amount !== undefined) out.femtos(amount)
    }
    const cost = costOf(call)
    out.comma()
    if (cost !== null) out.nanos(cost)
    out.comma()
    if (cost !== null) out.whole(cost)
    out.comma()
    if (cost !== null) out.text(call.computed === null ? "reported" : "price")
  }

  /** With the commas around them. */
  #written({ id, agent, channel, chat_type: chatType, provider, model, api, kind, job, project }: CallCell) {
    const cells = (...names: readonly string[]) => Buffer.from(names.map((name) => `${csvCell(name)},`).join(""))
    const shared = {
      agent: Buffer.from(`,${csvCell(agent)},`),
      place: cells(channel, chatType, channel, provider, model, api),
      work: Buffer.from(`,${[kind || "turn", job, project].map(csvCell).join(",")},`),
    }
    this.#cells.set(id, shared)
    return shared
  }
}

function cellText(text: string): string {
  return text === "" || plainCell.test(text) ? text : csvCell(text)
}
