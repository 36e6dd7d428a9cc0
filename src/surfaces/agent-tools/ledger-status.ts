/** ledger.status: what of the session is on record. How much there is of others is not told. */
import { factsOf } from "../../journal/reader.ts"
import { receiptState } from "../../projections/receipts.ts"
import { filteredSequences } from "../../views/event-list.ts"
import type { LedgerAccess } from "../../views/ledger-access.ts"
import { timeText, type Tool } from "./tool.ts"

/** The newest, of which is told what they are. */
const mostLookedAt = 2_000

export const ledgerStatus: Tool = (_parameters, { session, reading }) =>
  reading((access) => {
    const sequences = filteredSequences(access, { session }, "DESC")
    const checkpoint = access.reader.latestCheckpoint()
    const [newest, oldest] = [sequences[0], sequences.at(-1)]
    const covered = checkpoint === undefined ? 0 : sequences.filter((sequence) => sequence < checkpoint.size).length
    return {
      status: "ok",
      message: sequences.length === 0 ? "Nothing of this session is on record yet." : "This session is on record.",
      ledger: access.keys.store.origin,
      verifier_key: access.keys.store.verifierKey,
      entries: sequences.length,
      first_recorded_at: timeOf(access, oldest),
      last_recorded_at: timeOf(access, newest),
      by_type: byType(access, sequences.slice(0, mostLookedAt)),
      truncated: sequences.length > mostLookedAt,
      checkpoint: checkpoint === undefined ? null : { size: checkpoint.size, stored_at: timeText(checkpoint.storedMs), covers_entries: covered },
      receipts: access.ask(receiptState).state,
      sees_conversations: sequences.slice(0, mostLookedAt).some((sequence) => access.reader.entry(sequence)?.header.type === "prompt.submitted"),
    }
  })

function timeOf(access: LedgerAccess, sequence: number | undefined): string | null {
  const entry = sequence === undefined ? undefined : access.reader.entry(sequence)
  return entry ? timeText(Number(factsOf(entry)["atMs"] ?? entry.header.timeMs)) : null
}

function byType(access: LedgerAccess, sequences: readonly number[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const sequence of sequences) {
    const type = access.reader.entry(sequence)?.header.type
    if (type !== undefined) counts[type] = (counts[type] ?? 0) + 1
  }
  return counts
}
