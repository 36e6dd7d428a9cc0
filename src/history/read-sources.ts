/**
 * Reads sources in threads of their own, the largest first, and hands on what they find in the order in which it comes. Rows that stand in a fork of
 * another session are kept until everything else was read: they count only where the session they come from is gone.
 */
import type { Source } from "./find-sources.ts"
import type { SourceRead } from "./read-source.ts"
import { partsOf, type Part } from "./part.ts"
import type { EventBatch } from "./events/event-sink.ts"
import type { UsageBatch } from "./usage/batch.ts"

export type SourceOutcome = { readonly source: Source; readonly read: SourceRead } | { readonly source: Source; readonly problem: string }

export type Task = { readonly index: number; readonly source: Source; readonly latestMs: number; readonly part: Part }

export type FromReader =
  | { readonly batch: UsageBatch }
  | { readonly events: EventBatch }
  | { readonly done: number; readonly read: SourceRead }
  | { readonly done: number; readonly problem: string }

/** A thread, or what stands in for one. */
export type Reader = {
  readonly give: (task: Task) => void
  /** Nothing more is coming. */
  readonly end: () => void
  /** At once, whatever it is at. */
  readonly stop: () => void
}

export type StartReader = (heard: { readonly message: (message: FromReader) => void; readonly gone: (problem: string) => void }) => Reader

export type ReadOptions = {
  readonly startReader: StartReader
  readonly readers: number
  readonly latestMs: number
  readonly onBatch: (batch: UsageBatch) => void
  /** Of readers that make events of everything. */
  readonly onEvents?: (batch: EventBatch) => void
  /** Batches of a source are kept until the end; called before it is done. */
  readonly onInherited?: (source: Source) => void
  /** A source was read, or could not be: called once for each. */
  readonly onDone: (outcome: SourceOutcome) => void
}

/** Resolves when all of them were read or given up; what a listener throws ends it. */
export function readSources(sources: readonly Source[], options: ReadOptions): Promise<void> {
  if (sources.length === 0) return Promise.resolve()
  return new Promise((resolve, reject) => new Readings(sources, options, { resolve, reject }).begin())
}

type Waiting = { readonly index: number; readonly part: Part; readonly bytes: number }
type PartDone = Extract<FromReader, { readonly done: unknown }>

function together(one: SourceRead, other: SourceRead): SourceRead {
  return { endByte: Math.max(one.endByte, other.endByte), rows: one.rows + other.rows, unreadable: one.unreadable + other.unreadable }
}

type Promised = { readonly resolve: () => void; readonly reject: (error: unknown) => void }

class Readings {
  readonly #sources: readonly Source[]
  readonly #options: ReadOptions
  readonly #promised: Promised
  readonly #readers = new Set<Reader>()
  #waiting: Waiting[]
  /** What the store of a session has is told by the store, which knows whose it is: files of cold sessions are read when everything else was. */
  #late: Waiting[]
  /** Of sources that are read in parts: what became of those that are done. */
  readonly #parts = new Map<number, PartDone[]>()
  readonly #inherited: (UsageBatch | EventBatch)[] = []
  #running = 0
  #isOver = false

  constructor(sources: readonly Source[], options: ReadOptions, promised: Promised) {
    this.#sources = sources
    this.#options = options
    this.#promised = promised
    const waiting = sources.flatMap((source, index) => partsOf(source, options.readers).map((part) => ({ index, part, bytes: source.sizeBytes / part.of })))
    // From the end: the largest is taken first, so that no thread is left alone with it in the end.
    waiting.sort((a, b) => a.bytes - b.bytes || b.index - a.index)
    const isCold = ({ index }: Waiting) => sources[index]?.kind === "cold"
    this.#waiting = waiting.filter((one) => !isCold(one))
    this.#late = waiting.filter(isCold)
  }

  begin(): void {
    if (this.#waiting.length === 0) [this.#waiting, this.#late] = [this.#late, []]
    const readers = Math.max(1, Math.min(this.#options.readers, this.#waiting.length))
    for (let started = 0; started < readers; started++) this.#start()
  }

  #start(): void {
    this.#running++
    let current: Waiting | undefined
    const reader = this.#options.startReader({
      message: (message) =>
        this.#guarded(() => {
          if ("batch" in message) this.#take(message.batch)
          else if ("events" in message) this.#take(message.events)
          else {
            if (current) this.#done(current, message)
            next()
          }
        }),
      gone: (problem) =>
        this.#guarded(() => {
          this.#readers.delete(reader)
          // It takes the source along that it was reading; the others are read by another one.
          if (current) this.#done(current, { done: current.index, problem })
          this.#ended(current !== undefined)
        }),
    })
    this.#readers.add(reader)
    const next = () => {
      current = this.#waiting.pop()
      const source = current && this.#sources[current.index]
      if (current === undefined || source === undefined) reader.end()
      else reader.give({ index: current.index, source, latestMs: this.#options.latestMs, part: current.part })
    }
    next()
  }

  #guarded(act: () => void): void {
    if (this.#isOver) return
    try {
      act()
    } catch (error) {
      this.#isOver = true
      for (const reader of this.#readers) reader.stop()
      this.#promised.reject(error)
    }
  }

  #take(batch: UsageBatch | EventBatch): void {
    const source = this.#sources[batch.source]
    if (!batch.inherited || source === undefined) return this.#give(batch)
    this.#inherited.push(batch)
    this.#options.onInherited?.(source)
  }

  #give(batch: UsageBatch | EventBatch): void {
    if ("calls" in batch) this.#options.onEvents?.(batch)
    else this.#options.onBatch(batch)
  }

  #done({ index, part }: Waiting, message: PartDone): void {
    const source = this.#sources[index]
    const done = [...(this.#parts.get(index) ?? []), message]
    this.#parts.set(index, done)
    if (source === undefined || done.length < part.of) return
    this.#parts.delete(index)
    const failed = done.find((one) => "problem" in one)
    const reads = done.flatMap((one) => ("read" in one ? one.read : []))
    this.#options.onDone(failed && "problem" in failed ? { source, problem: failed.problem } : { source, read: reads.reduce(together) })
  }

  #ended(early: boolean): void {
    this.#running--
    if (early && this.#waiting.length > 0) this.#start()
    if (this.#running > 0) return
    if (this.#late.length > 0) return this.begin()
    for (const batch of this.#inherited.sort((a, b) => a.source - b.source)) this.#give(batch)
    this.#promised.resolve()
  }
}
