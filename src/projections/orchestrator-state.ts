/** Every event of delegation after all entries of a journal: from the rows in views.db where they fit, and from the entries that came after them. */
import { closingOf } from "../journal/closing.ts"
import { factsOf, type JournalReader } from "../journal/reader.ts"
import type { OrchestratorEvent } from "../policy/orchestrator/events.ts"
import { evolveOrchestrator } from "../policy/orchestrator/evolve.ts"
import { emptyOrchestrator, type OrchestratorState } from "../policy/orchestrator/state.ts"
import type { SqliteDatabase } from "../vault/database.ts"
import { orchestrator } from "./orchestrator.ts"
import type { ViewStore } from "./view-store.ts"

export type EachEvent = (event: OrchestratorEvent, sequence: number) => void

export function eachOrchestratorEvent(reader: JournalReader, views: ViewStore | undefined, each: EachEvent): void {
  const applied = views?.appliedOf(orchestrator, reader) ?? 0
  if (views && applied > 0) eachInViews(views.database, each)
  const from = Math.max(applied, closingOf(reader)?.upTo ?? 0)
  for (const stored of reader.entries(from, reader.size() - 1)) {
    const { type } = stored.header
    if (type.startsWith("orchestrator.")) each({ type, facts: factsOf(stored) } as unknown as OrchestratorEvent, stored.sequence)
  }
}

/** As far as the views have come. */
export function eachInViews(views: SqliteDatabase, each: EachEvent): void {
  const rows = views.prepare("SELECT sequence, type, facts FROM orchestrator_events ORDER BY sequence").iterate() as IterableIterator<Row>
  for (const { sequence, type, facts } of rows) each({ type, facts: JSON.parse(facts) } as OrchestratorEvent, sequence)
}

/** As far as the views have come. */
export function orchestratorInViews(views: SqliteDatabase): OrchestratorState {
  const state = emptyOrchestrator()
  eachInViews(views, (event) => evolveOrchestrator(state, event))
  return state
}

type Row = { sequence: number; type: string; facts: string }
