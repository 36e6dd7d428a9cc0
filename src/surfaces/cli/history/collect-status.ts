/** What a collector did since it began, and what it cannot read. */
import type { Trouble } from "../../../history/find-sources.ts"
import type { PassReport } from "./collector.ts"

export type CollectStatus = {
  readonly schemaVersion: 1
  readonly at: string
  readonly home: string
  readonly sources: number
  /** Passes since the last line, and those of them that found something to read. */
  readonly passes: number
  readonly changed: number
  /** Since the beginning: model calls, and all other events. */
  readonly calls: number
  readonly events: number
  readonly troubles: readonly Trouble[]
}

export class CollectTally {
  readonly #home: string
  #sources = 0
  #passes = 0
  #changed = 0
  #calls = 0
  #events = 0

  constructor(home: string) {
    this.#home = home
  }

  add({ sources, changed, recorded, events }: PassReport): void {
    this.#sources = sources
    this.#passes++
    if (changed > 0) this.#changed++
    this.#calls += recorded
    this.#events += events
  }

  /** Begins to count passes anew. */
  take(nowMs: number, troubles: readonly Trouble[]): CollectStatus {
    const [sources, passes, changed] = [this.#sources, this.#passes, this.#changed]
    this.#passes = 0
    this.#changed = 0
    return {
      schemaVersion: 1,
      at: new Date(nowMs).toISOString(),
      home: this.#home,
      sources,
      passes,
      changed,
      calls: this.#calls,
      events: this.#events,
      troubles,
    }
  }
}
