/** Delegation of a ledger that is opened for writing. Without its views it is made from the journal alone. */
import { JournalReader } from "../../journal/reader.ts"
import { evolveOrchestrator } from "../../policy/orchestrator/evolve.ts"
import { emptyOrchestrator } from "../../policy/orchestrator/state.ts"
import { eachOrchestratorEvent, type EachEvent } from "../../projections/orchestrator-state.ts"
import { isOfViews, ViewStore } from "../../projections/view-store.ts"
import { contentAt } from "../content-at.ts"
import type { OpenLedger } from "../open-ledger.ts"
import { OrchestratorBook } from "./orchestrator-book.ts"
import { SessionTexts } from "../../projections/session-texts.ts"

export function loadOrchestrator(ledger: OpenLedger, nowMs: () => number): OrchestratorBook {
  const state = emptyOrchestrator()
  const all = everyEvent(ledger)
  for (const [event] of all) evolveOrchestrator(state, event)
  const texts = (events: ReturnType<typeof everyEvent>) => {
    const known = new SessionTexts((sequence) => contentAt(ledger, sequence))
    for (const [event, sequence] of events) known.note(event, { sequence })
    return known
  }
  const again = () => texts(everyEvent(ledger))
  return new OrchestratorBook(state, { nowMs, pseudonym: (text) => ledger.scopes.pseudonym(text), texts: texts(all), again })
}

function everyEvent({ files, keys }: OpenLedger): readonly Parameters<EachEvent>[] {
  return JournalReader.ask(files, keys, (reader) => {
    const all: Parameters<EachEvent>[] = []
    let views: ViewStore | undefined
    try {
      views = ViewStore.open(files.views, keys.viewsKey)
      eachOrchestratorEvent(reader, views, (...one) => void all.push(one))
    } catch (error) {
      if (!isOfViews(error)) throw error
      all.length = 0
      eachOrchestratorEvent(reader, undefined, (...one) => void all.push(one))
    } finally {
      views?.close()
    }
    return all
  })
}
