/**
 * The thread beside the writer, from the writer's side: started when it is first needed, asked for one thing of a kind at a time, and started again
 * a while after it died. How a thread is started, the composition root knows.
 */
import type { BesideOrder, BesideReport } from "./beside-work.ts"

export type BesideThread = {
  readonly post: (order: BesideOrder) => void
  /** Ends it whatever it is doing; what it has open is closed by then or soon. */
  readonly end: () => void
}

export type BesideEvents = {
  readonly report: (report: BesideReport) => void
  /** It ended, for whatever reason; it reports no more. */
  readonly gone: () => void
}

/** @throws when no thread can be started. */
export type StartBeside = (events: BesideEvents) => BesideThread

const startAgainAfterMs = 60_000

export class Beside {
  readonly #start: StartBeside | undefined
  readonly #events: BesideEvents
  readonly #asked = new Set<BesideOrder["do"]>()
  #thread: BesideThread | undefined
  #rest: NodeJS.Timeout | undefined
  #ended = false

  constructor(start: StartBeside | undefined, events: BesideEvents) {
    this.#start = start
    this.#events = events
  }

  /** Asks for it, unless it is asked for already. False when nobody is there to do it. */
  ask(order: BesideOrder): boolean {
    const thread = (this.#thread ??= this.#begin())
    if (!thread) return false
    if (!this.#asked.has(order.do)) {
      this.#asked.add(order.do)
      thread.post(order)
    }
    return true
  }

  end(): void {
    this.#ended = true
    clearTimeout(this.#rest)
    this.#thread?.end()
    this.#thread = undefined
  }

  #begin(): BesideThread | undefined {
    if (!this.#start || this.#rest || this.#ended) return undefined
    try {
      return this.#start({ report: (report) => this.#reported(report), gone: () => this.#gone() })
    } catch {
      // Threads can run out, and an upgrade may have removed the file. The writer's own thread does the work.
      this.#pause()
      return undefined
    }
  }

  #reported(report: BesideReport): void {
    this.#asked.delete("done" in report ? report.done : report.refused)
    this.#events.report(report)
  }

  #gone(): void {
    if (this.#ended) return // the timer below would keep the process alive
    this.#thread = undefined
    this.#asked.clear()
    this.#pause()
    this.#events.gone()
  }

  #pause(): void {
    this.#rest = setTimeout(() => (this.#rest = undefined), startAgainAfterMs)
  }
}
