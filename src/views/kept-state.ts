/**
 * States of ledgers that stay open, so that not every question replays the journal: carried on by what came since the last one. Each who asks has one of his own, which
 * he may bring forward as he likes.
 */
import { snapshotText, stateFrom } from "../ledger/snapshot.ts"
import type { LedgerState } from "../ledger/state.ts"
import { carriedOn } from "../projections/ledger-state.ts"
import type { LedgerAccess } from "./ledger-access.ts"

type Kept = { text: string; next: number }

const kept = new WeakMap<LedgerAccess, Kept | undefined>()

/** From now on, for as long as it is open. */
export function keepState(access: LedgerAccess): void {
  if (!kept.has(access)) kept.set(access, undefined)
}

/** `fresh` is asked where nothing is kept, or what is kept cannot be read. */
export function keptState(access: LedgerAccess, fresh: () => LedgerState): LedgerState {
  if (!kept.has(access)) return fresh()
  const { reader } = access
  const [before, size] = [kept.get(access), reader.size()]
  const known = before && (stateFrom(before.text) ?? undefined)
  const state = known ? carriedOn(known, reader, { from: before.next, size }) : fresh()
  if (before?.next !== size) kept.set(access, { text: snapshotText(state), next: size })
  return state
}
