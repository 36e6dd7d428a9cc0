/** An event made ready for the journal: its scope resolved, its facts and content turned into their final texts. */
import type { NewEvent } from "../format/event.ts"
import type { NewEntry } from "../journal/journal.ts"
import type { ScopeStore } from "../vault/scopes.ts"

const systemScope = { session: "", sender: "" }

/** `user` is the pseudonym of the operator, stamped on every event when one is known. */
export function entryOf(event: NewEvent, scopes: ScopeStore, nowMs: number, user?: string): NewEntry {
  const stamp = user === undefined ? "" : `"user":${JSON.stringify(user)},`
  const facts = JSON.stringify(event.facts)
  return {
    type: event.type,
    id: event.id,
    scope: scopes.resolve(event.scope ?? systemScope, nowMs),
    factsText: facts === "{}" ? `{"id":${JSON.stringify(event.id)}}` : `{"id":${JSON.stringify(event.id)},${stamp}${facts.slice(1)}`,
    contentText: event.content === undefined ? undefined : JSON.stringify(event.content),
  }
}
