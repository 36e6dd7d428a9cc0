/**
 * Breakers before the writer: what is recorded is shown to them, what they cut is decided and recorded with it, and doors ask whether somebody is cut off.
 * Nothing is shown that is not recorded in the same commit, in the same order, so that a replay of the journal sees the same.
 */
import type { NewEvent } from "../../format/event.ts"
import { cutOf, isSeen, see, tripOf, type Asking } from "../../ledger/breakers/breakers.ts"
import type { Seen } from "../../ledger/breakers/breaker-state.ts"
import type { Refusal } from "../../ledger/refusals.ts"
import type { ScopeStore } from "../../vault/scopes.ts"
import type { LedgerBook } from "./ledger-book.ts"
import type { Wanted } from "./wanted-calls.ts"

export type BreakersOptions = { readonly book: LedgerBook; readonly scopes: Pick<ScopeStore, "resolve">; readonly nowMs: () => number }

export class Breakers {
  readonly #options: BreakersOptions

  constructor(options: BreakersOptions) {
    this.#options = options
  }

  /** Events with the session they are of, where their scope does not say that: people who share a session have a scope each. */
  withSessions(events: readonly NewEvent[]): readonly NewEvent[] {
    return events.map((event) => this.#withSession(event))
  }

  #withSession(event: NewEvent): NewEvent {
    const { session, sender } = event.scope ?? {}
    if (session === undefined || sender === undefined || !isSeen(event)) return event
    return { ...event, facts: { ...event.facts, session: this.#scope({ session }) } } as NewEvent
  }

  /** What is recorded now. Answers what that trips. */
  follow(events: readonly NewEvent[]): readonly NewEvent[] {
    const { book } = this.#options
    return events.flatMap((event) => {
      if (!isSeen(event)) return []
      const seen = this.#seen(event)
      book.saw(() => see(book.state.breakers, seen))
      return this.#trip(seen)
    })
  }

  /** A call of a tool that is about to run, and recorded with what this answers. */
  judge(invoked: NewEvent<"tool.invoked">): readonly NewEvent[] {
    return this.#trip(this.#seen(invoked))
  }

  /** Why nothing may be spent; undefined when it may. */
  refusal({ run, spend }: Wanted, more: Pick<Asking, "kind" | "begins"> = {}): Refusal | undefined {
    const { book, nowMs } = this.#options
    const cut = cutOf(book.state.breakers, { run, session: spend.session, agent: spend.agent, job: spend.cron, ...more }, nowMs())
    return cut && { why: "breaker", cut }
  }

  #trip(seen: Seen): readonly NewEvent[] {
    const { book, nowMs } = this.#options
    const trip = tripOf(book.state.breakers, seen)
    return trip ? book.give({ do: "trip", trip, atMs: nowMs() }).events : []
  }

  #seen({ type, facts, scope }: NewEvent): Seen {
    return { type, facts: facts as Seen["facts"], scope: this.#scope(scope ?? {}) }
  }

  #scope(name: NonNullable<NewEvent["scope"]>): string {
    const { scopes, nowMs } = this.#options
    return scopes.resolve(name, nowMs()).name
  }
}
