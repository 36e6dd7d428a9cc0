/**
 * What has to be posted so that the ledger agrees with a bill: a correction for each account that had a share in what the bill tells otherwise, by that share. Only of what differs
 * without another explanation, and only where something was posted that can be corrected: what the bill has twice, leaves out or rounds is not balanced.
 */
import { createHash } from "node:crypto"
import type { AmountsJson } from "../format/facts/ledger.ts"
import type { Posted } from "./bill-record.ts"
import type { CountedRow } from "./reconcile-bill.ts"

export type BillCorrection = {
  readonly id: string
  /** Of the largest posting of that account then. */
  readonly corrects: string
  readonly from: string
  readonly to: string
  readonly amounts: AmountsJson
  readonly reason: string
  readonly spend: Readonly<Record<string, string>>
  readonly spentAtMs: number
}

export function correctionsFor(rows: readonly CountedRow[], digest: string): readonly BillCorrection[] {
  return rows.flatMap(({ row, posted, differenceNanos }) => {
    if (row.state !== "differs" || row.duplicates > 0 || row.basis !== "posted" || differenceNanos === null) return []
    const parts = sharesOf(posted, differenceNanos)
    return parts.map(({ of, nanos }) =>
      correctionOf(of, nanos, { reason: `bill of ${row.from.slice(0, 10)}: ${row.model ?? "all models"}`, seed: `${digest} ${row.from} ${row.model ?? ""}` }),
    )
  })
}

/** In whole nano-dollars: what division leaves over goes to the account with the largest share, and nobody gets back more than was posted. */
function sharesOf(posted: readonly Posted[], differenceNanos: bigint): readonly { readonly of: Posted; readonly nanos: bigint }[] {
  const mine = posted.filter(({ nanos, largest }) => nanos > 0n && largest.nanos > 0n).toSorted((a, b) => (a.nanos > b.nanos ? -1 : 1))
  const total = mine.reduce((sum, { nanos }) => sum + nanos, 0n)
  if (total === 0n) return []
  const shares = mine.map((of) => ({ of, nanos: (differenceNanos * of.nanos) / total }))
  const left = differenceNanos - shares.reduce((sum, { nanos }) => sum + nanos, 0n)
  return shares.map((share, at) => (at === 0 ? { ...share, nanos: share.nanos + left } : share)).filter(({ nanos }) => nanos !== 0n)
}

function correctionOf(
  { account, against, nanos: before, largest }: Posted,
  nanos: bigint,
  { reason, seed }: { readonly reason: string; readonly seed: string },
): BillCorrection {
  const amount = String(nanos < 0n ? -nanos : nanos)
  // What was posted by then is in it: the same file, asked again after other usage came, is another correction.
  const id = createHash("sha256").update([seed, account, against, amount, before].join("\n")).digest("hex").slice(0, 32)
  const [from, to] = nanos > 0n ? [account, against] : [against, account]
  return { id: `bill:${id}`, corrects: largest.id, from, to, amounts: { moneyNanos: amount }, reason, spend: largest.spend, spentAtMs: largest.atMs }
}
