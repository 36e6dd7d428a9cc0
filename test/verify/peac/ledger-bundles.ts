/** Bundles as a ledger makes them. */
import { receiptKeys } from "../../../src/views/receipt-keys.ts"
import { bundleOf } from "../../../src/views/receipt-bundle.ts"
import { listReceipts } from "../../../src/views/receipts.ts"
import { temporaryLedger, type Ending, type TestLedger } from "../../ledger-fixture.ts"
import { appended, issueMany } from "../../many-receipts.ts"
import { asking } from "../../map-ledger.ts"
import type { BundleFiles } from "./made-records.ts"

export function issueSome(ledger: TestLedger, total: number): void {
  const open = ledger.open()
  issueMany(open, ledger.files, { total, append: (events) => void appended(open, events) })
  ledger.checkpoint()
}

/** Of all receipts, or of those up to a number, or from one. */
export function ledgerBundle(ledger: TestLedger, from = 1, to = Number.MAX_SAFE_INTEGER): BundleFiles {
  return asking(ledger, (access) => {
    const all = listReceipts(access, {}, 1_000).receipts.toReversed()
    const rows = all.filter(({ number }) => number >= from && number <= to)
    const files = bundleOf(access, { rows, keys: receiptKeys(access), selection: null, nowMs: Date.now(), version: "test" })
    return new Map(files.map(({ name, bytes }) => [name, bytes]))
  })
}

/** One ledger that two people have, who each issue receipts of other calls: both with the same key. */
export function forkedLedger(t: Ending, total: number): { readonly one: TestLedger; readonly other: TestLedger; readonly keys: string } {
  const one = temporaryLedger(t)
  one.close()
  const other = one.copy(t)
  for (const ledger of [one, other]) issueSome(ledger, total)
  return { one, other, keys: JSON.stringify(asking(one, receiptKeys)) }
}
