/** The outbound gate's state after all entries of a journal: from the rows in views.db where they fit, and from the entries that came after them. */
import { stringOf } from "../base/json.ts"
import { closingOf } from "../journal/closing.ts"
import { factsOf, type JournalReader } from "../journal/reader.ts"
import type { OutboundEvent } from "../policy/outbound/events.ts"
import { evolveOutbound, sawMessage } from "../policy/outbound/evolve.ts"
import { emptyOutbound, mostSeen, type OutboundState } from "../policy/outbound/state.ts"
import type { SqliteDatabase } from "../vault/database.ts"
import { outbound } from "./outbound.ts"
import type { ViewStore } from "./view-store.ts"

export function outboundState(reader: JournalReader, views: ViewStore | undefined): OutboundState {
  const applied = views?.appliedOf(outbound, reader) ?? 0
  const state = views && applied > 0 ? stateInViews(views.database) : emptyOutbound()
  const from = Math.max(applied, closingOf(reader)?.upTo ?? 0)
  for (const stored of reader.entries(from, reader.size() - 1)) {
    const { type, timeMs } = stored.header
    if (type === "message.received") {
      const name = stringOf(factsOf(stored)["guarded"])
      if (name !== undefined) sawMessage(state, name, timeMs)
    } else if (type.startsWith("outbound.")) evolveOutbound(state, { type, facts: factsOf(stored) } as unknown as OutboundEvent)
  }
  return state
}

/** As far as the views have come. */
export function stateInViews(views: SqliteDatabase): OutboundState {
  const state = emptyOutbound()
  const rows = views.prepare("SELECT type, facts FROM outbound_events ORDER BY sequence").iterate() as IterableIterator<{ type: string; facts: string }>
  for (const { type, facts } of rows) evolveOutbound(state, { type, facts: JSON.parse(facts) } as OutboundEvent)
  const seen = views.prepare("SELECT name, at_ms AS atMs FROM (SELECT * FROM outbound_seen ORDER BY sequence DESC LIMIT ?) ORDER BY sequence").iterate(mostSeen)
  for (const { name, atMs } of seen as IterableIterator<{ name: string; atMs: number }>) sawMessage(state, name, atMs)
  return state
}
