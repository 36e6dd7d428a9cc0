/** peac_receipts.query */
import type { JsonObject } from "../../base/json.ts"
import { sha256 } from "../../format/sha256.ts"
import { receiptState, type ReceiptRow } from "../../projections/receipts.ts"
import type { LedgerAccess } from "../../views/ledger-access.ts"
import { listReceipts, recordOf, type ReceiptFilter } from "../../views/receipts.ts"
import type { Parameters } from "./parse-parameters.ts"
import { offWords } from "./receipts-status.ts"
import { defaultResults } from "./tool-list.ts"
import { timeText, type Tool } from "./tool.ts"

const mostAnswerBytes = 64 * 1024
/** Of a name that the host or a model made up. */
const mostNameCharacters = 256

export const receiptsQuery: Tool = (parameters, { session, reading }) =>
  reading((access) => {
    const [limit, offset] = [parameters.count("limit") ?? defaultResults, parameters.count("offset") ?? 0]
    const { receipts, total } = listReceipts(access, filterOf(parameters, session), limit, offset)
    const results = fitting(receipts.map((row) => resultOf(access, row)))
    const isOff = total === 0 && access.ask(receiptState).state === "off"
    const rest = offset + results.length < total
    const message = isOff ? offWords() : rest ? `There are more: offset ${offset + results.length} goes on from here.` : undefined
    return { status: "ok", total, offset, limit, results, truncated: rest, ...(message === undefined ? {} : { message }) }
  })

export function filterOf(parameters: Parameters, session: string): ReceiptFilter & { readonly session: string } {
  const { text, timeMs } = parameters
  return { session, run: text("workflow_id"), tool: text("tool_name"), status: text("status"), sinceMs: timeMs("since"), untilMs: timeMs("until") }
}

function resultOf(access: LedgerAccess, row: ReceiptRow): JsonObject {
  const jws = recordOf(access, row)
  return {
    receipt_id: row.jti,
    receipt_ref: jws === undefined ? null : `sha256:${sha256(jws).toString("hex")}`,
    interaction_id: cut(row.action),
    observed: row.observed,
    tool_name: cut(row.tool),
    status: row.status,
    workflow_id: cut(row.run),
    completed_at: timeText(row.occurredMs),
    issued_at: timeText(row.issuedMs),
    entry_digest: row.digest,
  }
}

function cut(name: string | null): string | null {
  return name === null ? null : name.slice(0, mostNameCharacters)
}

/** Those that are no more bytes than an answer may have. */
export function fitting(results: readonly JsonObject[]): readonly JsonObject[] {
  let sizeBytes = 0
  const end = results.findIndex((result) => (sizeBytes += Buffer.byteLength(JSON.stringify(result)) + 1) > mostAnswerBytes)
  return end < 0 ? results : results.slice(0, end)
}
