/** Three hundred kills of a writer that issues receipts. */
import type { RunOptions } from "../../scripts/runnable.ts"
import { killIssuing, type ReceiptKills } from "../writer/receipt-kill-run.ts"

const kills = 300

export const about = `${kills} x kill -9 of a writer that issues receipts: every call has exactly one, in order`

export function run({ args, say }: RunOptions): Promise<ReceiptKills> {
  return killIssuing(Number(args[0] ?? kills), say)
}
