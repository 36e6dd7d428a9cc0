/** Where rows of a source go that is read again and again: sinks outlive a reading, and the place of their source among all is another one each time. */
import type { DeepReading } from "../read-source.ts"
import type { FromReader } from "../read-sources.ts"
import { usageSinks, type Sinks } from "../sinks.ts"

export class Outlet {
  readonly sinks: Sinks
  #index = 0
  #send: (message: FromReader) => void = () => {}

  constructor(deep: DeepReading | undefined) {
    this.sinks = deep
      ? deep.sinks(0, (events) => this.#send({ events: { ...events, source: this.#index } }))
      : usageSinks(0, (batch) => this.#send({ batch: { ...batch, source: this.#index } }))
  }

  open(index: number, send: (message: FromReader) => void): void {
    this.#index = index
    this.#send = send
  }
}
