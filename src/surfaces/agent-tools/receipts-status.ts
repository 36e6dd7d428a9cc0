/** peac_receipts.status */
import { observedAction, actionTypes } from "../../operations/receipts/action-of.ts"
import { factsOf } from "../../journal/reader.ts"
import { receiptState, type ReceiptState } from "../../projections/receipts.ts"
import type { LedgerAccess } from "../../views/ledger-access.ts"
import { jwkOf } from "../../format/peac/key-set.ts"
import { countReceipts, entriesOfSession } from "../../views/receipts.ts"
import { timeText, type Tool } from "./tool.ts"

/** Entries of the session that are looked at for actions without a receipt. */
const mostLookedAt = 2_000

const words: { readonly [S in ReceiptState["state"]]: string } = {
  on: "Each action of this session has a receipt within a second after it ended.",
  off: offWords(),
  halted: "No receipts are issued: those on record are no chain any more, and the operator has to put the ledger in order (sovereign-ledger verify).",
}

export function offWords(): string {
  return "Receipts are off, so that actions have none. The operator switches them on with the setting receipts (plugins.entries.sovereign-ledger.config.receipts)."
}

export const receiptsStatus: Tool = (_parameters, { session, reading }) =>
  reading((access) => {
    const { count, oldestMs, latestMs } = countReceipts(access, { session })
    const state = access.ask(receiptState)
    const { pending, truncated } = state.state === "on" ? pendingOf(access, session, state.from) : { pending: 0, truncated: false }
    return {
      status: "ok",
      message: words[state.state],
      // An action is in the journal once: what would be a duplicate is not captured to be skipped.
      spool: { pending_entries: pending, total_captured: count + pending, duplicates_skipped: 0 },
      receipts: { count, last_receipt_time: timeText(latestMs), oldest_receipt_time: timeText(oldestMs) },
      emitter: { total_emitted: count, total_errors: 0, is_running: state.state === "on", key_id: jwkOf(access.keys.signer.publicKey).kid },
      truncated,
    }
  })

function pendingOf(access: LedgerAccess, session: string, from: number): { readonly pending: number; readonly truncated: boolean } {
  const sequences = entriesOfSession(access, session, from, mostLookedAt)
  const actions = sequences.filter((sequence) => {
    const entry = access.reader.entry(sequence)
    if (!entry || !actionTypes.has(entry.header.type)) return false
    return observedAction({ type: entry.header.type, timeMs: entry.header.timeMs, facts: factsOf(entry) }) !== undefined
  })
  return { pending: actions.length, truncated: sequences.length === mostLookedAt }
}
