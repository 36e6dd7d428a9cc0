/**
 * Two queues before one disk: gates (somebody waits, an effect depends on it) go before observers, and all who wait share a commit.
 *
 * A batch has at most 500 entries, so that a gate behind a burst waits for one batch, not for the burst. Observers alone wait a few
 * milliseconds for company. Acknowledgements go out after the commit returned, never before.
 */
import type { NewEntry, SenderMarks } from "../journal/journal.ts"

/** Something to be recorded. `prepare` runs at the head of the queue, right before its commit, so that what it reads is not stale. */
export type Work = {
  readonly prepare: () => readonly NewEntry[]
  /** Called once it is on disk, with the sequence of its first entry. */
  readonly committed: (firstSequence: number) => void
  readonly sender?: string
  readonly number?: number
  /** How many entries it will be, where that is not about one. */
  readonly entries?: number
}

export type CommitQueueOptions = {
  readonly append: (entries: readonly NewEntry[], marks: SenderMarks) => number
  /** Called after each commit, when nobody waits: the place for WAL checkpoints and projections. */
  readonly idle: () => void
  /** The disk refused: whoever waits is told, and the process ends. */
  readonly failed: (error: unknown) => void
  readonly gatherMs?: number
}

export const batchMost = 500
const besideGates = 100
const observersWaitMs = 5

export class CommitQueue {
  readonly #gates: Work[] = []
  #observers: Work[] = []
  #observersFrom = 0
  readonly #options: CommitQueueOptions
  #timer: NodeJS.Timeout | undefined
  #immediate: NodeJS.Immediate | undefined
  #stopped = false

  constructor(options: CommitQueueOptions) {
    this.#options = options
  }

  get waiting(): number {
    return this.#gates.length + this.#observers.length - this.#observersFrom
  }

  addGate(work: Work): void {
    this.#gates.push(work)
    this.#runSoon()
  }

  addObserver(work: Work): void {
    this.#observers.push(work)
    if (this.waiting >= besideGates) this.#runSoon()
    else this.#timer ??= setTimeout(() => this.#run(), this.#options.gatherMs ?? observersWaitMs)
  }

  /** Commits everything that waits, now. */
  drain(): void {
    while (this.waiting > 0 && !this.#stopped) this.#commitBatch()
  }

  stop(): void {
    this.#stopped = true
    this.#cancel()
  }

  #runSoon(): void {
    this.#immediate ??= setImmediate(() => this.#run())
  }

  #run(): void {
    this.#cancel()
    if (this.#stopped) return
    this.#commitBatch()
    if (this.#stopped) return
    if (this.waiting > 0) this.#runSoon()
    else this.#options.idle()
  }

  #cancel(): void {
    if (this.#timer) clearTimeout(this.#timer)
    if (this.#immediate) clearImmediate(this.#immediate)
    this.#timer = undefined
    this.#immediate = undefined
  }

  #commitBatch(): void {
    const works = this.#gates.splice(0, batchMost)
    const room = works.length > 0 ? Math.min(besideGates, batchMost - works.length) : batchMost
    works.push(...this.#takeObservers(room))
    if (works.length === 0) return
    try {
      this.#commit(works)
    } catch (error) {
      this.stop()
      this.#options.failed(error)
    }
  }

  #commit(works: readonly Work[]): void {
    const entries: NewEntry[] = []
    const starts: number[] = []
    const marks = new Map<string, number>()
    for (const work of works) {
      starts.push(entries.length)
      entries.push(...work.prepare())
      if (work.sender !== undefined && work.number !== undefined) marks.set(work.sender, work.number)
    }
    const first = this.#options.append(entries, marks)
    works.forEach((work, index) => work.committed(first + (starts[index] ?? 0)))
  }

  /** A queue with a moving front: shifting a large array one by one would cost its length each time. */
  #takeObservers(most: number): Work[] {
    const from = this.#observersFrom
    let entries = 0
    while (this.#observersFrom < this.#observers.length && entries < most) entries += this.#observers[this.#observersFrom++]?.entries ?? 1
    const taken = this.#observers.slice(from, this.#observersFrom)
    if (this.#observersFrom === this.#observers.length) {
      this.#observers = []
      this.#observersFrom = 0
    } else if (this.#observersFrom > 8_192) {
      this.#observers = this.#observers.slice(this.#observersFrom)
      this.#observersFrom = 0
    }
    return taken
  }
}
