/** What told that a ledger was put back from a copy, one row an evidence, and since when the operator goes on in spite of it. */
import type { Restored } from "../format/facts/ledger.ts"
import type { LedgerState } from "../ledger/state.ts"

export type RestoredRow = {
  readonly evidence: string
  readonly by: Restored["by"]
  /** Entries it knows of, and entries that stood here. */
  readonly seenSize: number
  readonly size: number
  readonly at: string
  readonly acceptedAt: string | null
}

export function restoredRows({ restored }: LedgerState): readonly RestoredRow[] {
  return [...restored.values()].map(({ evidence, by, seenSize, size, atMs, acceptedAtMs }) => ({
    evidence,
    by,
    seenSize,
    size,
    at: new Date(atMs).toISOString(),
    acceptedAt: acceptedAtMs === undefined ? null : new Date(acceptedAtMs).toISOString(),
  }))
}

export function restoredWords({ by, seenSize, size, at, acceptedAt }: RestoredRow): string {
  const found =
    by === "restore"
      ? `put back from a backup of ${size} entries at ${at}`
      : `put back from a copy, or gone on in two places: a ${by} knows ${seenSize} entries, ${size} stood here at ${at}`
  return acceptedAt === null ? `${found}; budgets set after the copy was made are lost` : `${found}; accepted at ${acceptedAt}`
}
