/** An event made ready for the journal: its scope resolved, its facts and content turned into their final texts. */
import { hashedContent, type HashedParts } from "../capture/redact-hashed.ts"
import type { NewEvent } from "../format/event.ts"
import type { NewEntry } from "../journal/journal.ts"
import type { ScopeStore } from "../vault/scopes.ts"

const systemScope = { session: "", sender: "" }

/** What the settings of a gateway do to its events. */
export type Stamp = {
  /** The pseudonym of the operator, on every event when one is known. */
  readonly user?: string | undefined
  /** Digest of the settings it is recorded under, where the last `config.loaded` before it is of others. */
  readonly config?: string | undefined
  /** Parts of contents that stand as salted hashes. */
  readonly hashed?: HashedParts | undefined
}

export function entryOf(event: NewEvent, scopes: Pick<ScopeStore, "redactionHash" | "resolve">, nowMs: number, { user, config, hashed }: Stamp = {}): NewEntry {
  const scope = scopes.resolve(event.scope ?? systemScope, nowMs)
  const { content } = hashed === undefined ? event : hashedContent(event, hashed, (text) => scopes.redactionHash(scope, text))
  return {
    type: event.type,
    id: event.id,
    scope,
    factsText: factsOf(event, user, config),
    contentText: content === undefined ? undefined : JSON.stringify(content),
  }
}

/** Its id, the stamp, and what it says. */
function factsOf({ id, facts, factsText }: NewEvent, user: string | undefined, config: string | undefined): string {
  const stamp = `${user === undefined ? "" : `"user":${JSON.stringify(user)},`}${config === undefined ? "" : `"config":${JSON.stringify(config)},`}`
  const text = factsText ?? JSON.stringify(facts)
  return text === "{}" ? `{"id":${JSON.stringify(id)}}` : `{"id":${JSON.stringify(id)},${stamp}${text.slice(1)}`
}
