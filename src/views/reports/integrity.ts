/** What a report ends with, to be compared with `verify`: the last entry there was, and the last state that somebody outside has signed. */
import { factsOf } from "../../journal/reader.ts"
import { closingOf } from "../../journal/closing.ts"
import { newestAnchors } from "../../projections/anchors.ts"
import type { LedgerAccess } from "../ledger-access.ts"
import { storedCheckpoint } from "../checkpoints.ts"

export type ReportIntegrity = {
  readonly lastEvent: { readonly id: string; readonly sequence: number; readonly at: string; readonly hash: string } | null
  /** The last stored checkpoint: so many entries, from the first. */
  readonly checkpoint: StoredState | null
  readonly anchored:
    | (StoredState & {
        readonly kind: string
        readonly authority: string
        readonly transaction: string
        readonly from: number
        readonly to: number
        readonly anchoredAt: string
      })
    | null
  /** Entries before this one were removed, and count in no report. */
  readonly removedBefore: number | null
}

type StoredState = { readonly size: number; readonly root: string; readonly storedAt: string | null }

export function reportIntegrity(access: LedgerAccess): ReportIntegrity {
  const { reader } = access
  const last = reader.entry(reader.size() - 1)
  const newest = access.ask((views) => newestAnchors(views)).at(-1)
  const checkpoint = reader.latestCheckpoint()
  return {
    lastEvent: last
      ? {
          id: factsOf(last).id,
          sequence: last.sequence,
          at: new Date(last.header.timeMs).toISOString(),
          hash: reader.leafHash(last.sequence).toString("hex"),
        }
      : null,
    checkpoint: checkpoint ? stateOf(access, checkpoint.size) : null,
    anchored: newest
      ? {
          ...stateOf(access, newest.size),
          kind: newest.kind,
          authority: newest.authority,
          transaction: newest.reference,
          from: 0,
          to: newest.size - 1,
          anchoredAt: new Date(newest.atMs).toISOString(),
        }
      : null,
    removedBefore: closingOf(reader)?.upTo ?? null,
  }
}

function stateOf(access: LedgerAccess, size: number): StoredState {
  const { checkpoint, storedMs } = storedCheckpoint(access, size)
  return { size, root: checkpoint.root.toString("hex"), storedAt: storedMs === null ? null : new Date(storedMs).toISOString() }
}
