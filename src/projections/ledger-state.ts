/** The ledger's state after all entries of a journal: from the snapshot in views.db where one fits, and from the events that came after it. */
import { Fault } from "../base/fault.ts"
import type { LedgerEvent } from "../format/facts/ledger.ts"
import { closingOf } from "../journal/closing.ts"
import { journalName } from "../journal/files.ts"
import { factsOf, type JournalReader, type StoredEntry } from "../journal/reader.ts"
import { isLookedAt, see } from "../ledger/breakers/breakers.ts"
import { isLedgerEvent } from "../ledger/event-types.ts"
import { evolve } from "../ledger/evolve.ts"
import { stateFrom } from "../ledger/snapshot.ts"
import { emptyState, type LedgerState } from "../ledger/state.ts"
import type { SqliteDatabase } from "../vault/database.ts"
import { closedState } from "./closed-state.ts"
import { keptSnapshot, type KeptSnapshot } from "./ledger-snapshot.ts"

type Progress = (done: number, total: number) => void

export function ledgerState(reader: JournalReader, views: SqliteDatabase | undefined, onProgress?: Progress): LedgerState {
  const kept = views && keptSnapshot(views, reader)
  return stateUpTo(reader, reader.size(), kept, onProgress)
}

/** As it stood after so many entries; `kept` is of no later one. Where the first of them are gone, from what the entry that closed them carried on. */
export function stateUpTo(reader: JournalReader, size: number, kept?: KeptSnapshot, onProgress?: Progress): LedgerState {
  const known = (kept && stateFrom(kept.body)) ?? undefined
  if (known) return replayed(known, reader, { from: kept?.next ?? 0, size }, onProgress)
  const closing = closingOf(reader)
  const closed = closing && closing.upTo > 0 ? closedState(closing) : emptyState()
  return replayed(closed, reader, { from: closing?.upTo ?? 0, size }, onProgress)
}

/** A state that stood after `from` entries, brought to where it stands after `size`; the same object. */
export function carriedOn(state: LedgerState, reader: JournalReader, range: Range): LedgerState {
  return replayed(state, reader, range)
}

function replayed(state: LedgerState, ...[reader, range, onProgress]: [JournalReader, Range, Progress?]): LedgerState {
  replay(state, reader, range, onProgress)
  return state
}

type Range = { readonly from: number; readonly size: number }

const progressEvery = 10_000

/** What the facts of an entry say has happened. */
function replay(state: LedgerState, reader: JournalReader, { from, size }: Range, onProgress?: Progress): void {
  for (const stored of reader.entries(from, size - 1)) {
    const { type } = stored.header
    if (isLookedAt(type)) see(state.breakers, { type, facts: factsOf(stored), scope: stored.header.scopeId.toString("hex") })
    else if (isLedgerEvent(type)) apply(state, { type, facts: eventFacts(stored) } as unknown as LedgerEvent, stored.sequence)
    if (stored.sequence % progressEvery === 0) onProgress?.(stored.sequence, size)
  }
}

/** An entry that says nothing the ledger can follow is damage: to start from less would refill what was spent. @throws Fault store.damaged */
function apply(state: LedgerState, event: LedgerEvent, sequence: number): void {
  try {
    evolve(state, event)
  } catch (error) {
    throw new Fault("store.damaged", { file: journalName, problem: `entry #${sequence} (${event.type}) does not say what such an entry says` }, error)
  }
}

/** Without what every entry's facts carry besides: the state of a replay is the one that was in memory, to the letter. */
function eventFacts(stored: StoredEntry): object {
  const { id: _id, user: _user, config: _config, ...facts } = factsOf(stored)
  return facts
}
