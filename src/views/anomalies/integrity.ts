/**
 * What says that the record is not what it was: headers that are not those of the tree, a newest checkpoint that the tree does not have, and what witnesses, anchors,
 * recounts and restarts put on record. That every entry, fact and content is what was written is what `verify` says, and no view.
 */
import { Fault } from "../../base/fault.ts"
import { describe } from "../../format/describe.ts"
import type { EventType } from "../../format/event.ts"
import { weigh } from "../../policy/alerts/kinds.ts"
import { storedCheckpoint } from "../checkpoints.ts"
import type { LedgerAccess } from "../ledger-access.ts"
import type { Detector } from "./detector.ts"
import { iso, mostFound, toldEntries } from "./told-entries.ts"
import { windowHeaders } from "./window-headers.ts"

export type IntegrityFound = {
  readonly what: string
  readonly severity: string
  readonly at: string | null
  readonly sequence: number | null
  readonly words: string
}

const types: readonly EventType[] = [
  ...(["witness.disagreed", "anchor.rejected", "ledger.restored", "ledger.reconciled", "receipts.halted", "erasure.repeated", "clock.jumped"] as const),
]

export const integrityFound: Detector<IntegrityFound> = (access, watched) => {
  const { changed } = windowHeaders(access, watched)
  const tampered = changed.map((sequence) => ({
    ...{ what: "tampered", severity: "critical", at: null, sequence },
    words: `entry #${sequence} is not the one that the tree has; sovereign-ledger verify says more`,
  }))
  const told = toldEntries(access, watched, types).map(({ sequence, atMs, type, facts }) => ({
    ...{ what: type, severity: weigh(type, facts)?.severity ?? "info", at: iso(atMs), sequence },
    words: describe(type, facts),
  }))
  const all = [...checkpointProblem(access), ...tampered, ...told]
  return { found: all.slice(0, mostFound), truncated: all.length > mostFound }
}

function checkpointProblem(access: LedgerAccess): readonly IntegrityFound[] {
  const stored = access.reader.latestCheckpoint()
  if (!stored) return []
  try {
    storedCheckpoint(access, stored.size)
    return []
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return [{ what: "checkpoint", severity: "critical", at: iso(stored.storedMs), sequence: null, words: error.message }]
  }
}
