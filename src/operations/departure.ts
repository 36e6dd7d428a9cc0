/**
 * When a writer leaves: some time after its last client and the last it recorded, or when it is told to. Before either its witnesses and anchors are shown what was recorded: nobody is in a
 * hurry, but nobody waits long for them either.
 */
export type DepartureOptions = {
  readonly nowMs: () => number
  /** Undefined for one that stays without clients. */
  readonly leaveAfterMs: number | undefined
  /** Whether an answer of a witness or an anchor is awaited. */
  readonly isAsking: () => boolean
  /** Has them asked about all there is. */
  readonly showAll: () => void
  readonly leave: (reason: string) => void
}

const askedWithinMs = 2_000
const lookEveryMs = 20

export class Departure {
  readonly #options: DepartureOptions
  #neededMs: number
  #size = 0
  #shown = false
  #told = false

  constructor(options: DepartureOptions) {
    this.#options = options
    this.#neededMs = options.nowMs()
  }

  /** @param size of the journal: who comes for a moment, such as a collector, is seen by what was recorded. */
  everySecond(clients: number, size: number): void {
    const { nowMs, leaveAfterMs } = this.#options
    if (clients > 0 || size > this.#size) {
      this.#neededMs = nowMs()
      this.#shown = false
    } else if (leaveAfterMs !== undefined && nowMs() - this.#neededMs > leaveAfterMs) this.#leaveQuietly()
    this.#size = size
  }

  /** What is under way with them has a moment to end. */
  told(reason: string): void {
    if (this.#told) return
    this.#told = true
    this.#options.showAll()
    const untilMs = performance.now() + askedWithinMs
    const look = () => {
      if (this.#options.isAsking() && performance.now() < untilMs) setTimeout(look, lookEveryMs)
      else this.#options.leave(reason)
    }
    look()
  }

  #leaveQuietly(): void {
    if (!this.#shown) this.#options.showAll()
    this.#shown = true
    if (!this.#options.isAsking()) this.#options.leave("no clients left")
  }
}
