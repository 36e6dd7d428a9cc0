/** More for one run: what owners are asked for, what was granted, and what became of it. From the files, with or without a writer. */
import { extensionSummaries, type ExtensionSummary } from "../ledger/extension-summary.ts"
import { ledgerNow } from "./budgets.ts"
import type { LedgerAccess } from "./ledger-access.ts"

export type ExtensionsReport = { readonly extensions: readonly ExtensionSummary[] }

/** The latest first; of those that ended, as many as the ledger remembers. */
export function extensionsNow(access: LedgerAccess, nowMs: number): ExtensionsReport {
  return { extensions: extensionSummaries(ledgerNow(access), nowMs) }
}
