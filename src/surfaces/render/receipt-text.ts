/** Receipts as text: one line each, and one whole. */
import type { JsonObject } from "../../base/json.ts"
import type { ReceiptRow } from "../../projections/receipts.ts"
import type { Look } from "../cli/terminal.ts"
import { plain } from "./words.ts"

export function receiptLine({ number, occurredMs, observed, tool, status, run, jti, of }: ReceiptRow, { colors }: Look): string {
  const when = new Date(occurredMs).toISOString().replace("T", " ").replace("Z", "")
  const what = `${observed}${tool === null ? "" : ` ${colors.bold(plain(tool))}`}${status === null ? "" : ` (${plain(status)})`}`
  return `${colors.dim(String(number).padStart(6))}  ${when}  ${what}  ${colors.dim(`of #${of}${run === null ? "" : `, run ${plain(run)}`}, ${jti}`)}\n`
}

export function receiptWhole(row: ReceiptRow, claims: JsonObject, jws: string, terminal: Look): string {
  const { colors } = terminal
  const told = JSON.stringify(claims, null, 2)
    .split("\n")
    .map((line) => `  ${plain(line)}`)
    .join("\n")
  return `${receiptLine(row, terminal)}\n${colors.dim("claims")}\n${told}\n\n${colors.dim("record, as it was signed")}\n${jws}\n`
}
