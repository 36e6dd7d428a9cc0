/** What capture remembers between calls, once a process and beside the hooks: how far each history was told, and the counts of each run's streams. */
import { Histories } from "./history.ts"
import { Parents } from "../format/parents.ts"
import { PromptSizes } from "./prompt-size.ts"
import { LatestTurns } from "./turn.ts"
import { StreamCounts } from "./hooks/stream-counts.ts"

const remembered = 1_024

class LatestIds {
  readonly #ids = new Set<unknown>()

  add(id: string): void {
    this.#ids.add(id)
    const [oldest] = this.#ids
    if (this.#ids.size > remembered) this.#ids.delete(oldest)
  }

  has(id: unknown): boolean {
    return this.#ids.has(id)
  }
}

export class CaptureMemory {
  readonly histories = new Histories()
  readonly streams = new StreamCounts()
  /** Which session began which. */
  readonly parents = new Parents()
  /** Ids of answers that the door in a stream gave in the place of a model. */
  readonly ownAnswers = new LatestIds()
  /** Which channel the message came by that a session answers now. */
  readonly turns = new LatestTurns()
  readonly promptSizes = new PromptSizes()
  /** Set when the process was told to stop by a signal, which is on record: the hook that may follow says the same again. */
  signalled = false
}
