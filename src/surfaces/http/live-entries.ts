/**
 * Entries as they are recorded, told to everybody who listens by one look at the journal every so often, and no look while nobody does. What came is told from where
 * a listener began; of more than fits it is told how many, and asked for.
 */
import { Fault } from "../../base/fault.ts"
import { eventView, type EventView } from "../../views/event-list.ts"
import type { LedgerAccess } from "../../views/ledger-access.ts"

export type LiveNews = {
  /** Entries of the journal by now. */
  readonly size: number
  /** The newest of what came, in order. */
  readonly events: readonly EventView[]
  /** What came before these, and is not told. */
  readonly skipped: number
}

export type Listener = { readonly news: (news: LiveNews) => void; readonly problem: (words: string) => void }

const everyMs = 100
const mostTold = 100

export class LiveEntries {
  readonly #access: () => LedgerAccess
  readonly #listeners = new Set<Listener>()
  #timer: NodeJS.Timeout | undefined
  #size: number | undefined
  #problem = ""

  constructor(access: () => LedgerAccess) {
    this.#access = access
  }

  /** Told the size at once. What is answered ends it. */
  listen(listener: Listener): () => void {
    if (this.#listeners.size === 0) this.#size = undefined
    this.#listeners.add(listener)
    this.#timer ??= setInterval(() => this.#look(), everyMs)
    this.#look()
    if (this.#size !== undefined) listener.news({ size: this.#size, events: [], skipped: 0 })
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size === 0) this.close()
    }
  }

  close(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #look(): void {
    try {
      const access = this.#access()
      const size = access.reader.size()
      this.#problem = ""
      const before = this.#size ?? size
      this.#size = size
      if (size <= before) return
      const from = Math.max(before, size - mostTold)
      const events = [...access.reader.entries(from, size - 1)].map((entry) => eventView(access, entry))
      for (const { news } of this.#listeners) news({ size, events, skipped: from - before })
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      if (error.message === this.#problem) return
      this.#problem = error.message
      for (const { problem } of this.#listeners) problem(error.message)
    }
  }
}
