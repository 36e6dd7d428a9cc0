/**
 * Watching a host's files, for a writer: a thread beside it looks and tells, this records. The thread is told once what is on record, when that is known; what it could not
 * hand over is found again by the next one, which compares with the record.
 */
import type { NewEvent } from "../format/event.ts"
import type { OnRecord } from "../inventory/watch/looker.ts"
import type { WatchedHost } from "../inventory/watch/watched-host.ts"
import type { ClientConfig } from "./client-config.ts"
import { gapEvent } from "./record.ts"

/** A thread that watches. */
export type FileWatch = { readonly use: (host: WatchedHost) => void; readonly end: () => void }

export type StartFileWatch = (parts: {
  readonly host: WatchedHost
  readonly onRecord: OnRecord
  /** Of these, `taken` is to be called when they are on their way to the disk. */
  readonly record: (events: readonly NewEvent[], taken: () => void) => void
  readonly gone: (problem: string) => void
}) => FileWatch

export type FileWatchingOptions = {
  readonly nowMs: () => number
  readonly start: StartFileWatch
  readonly onRecord: () => OnRecord
  readonly record: (event: NewEvent) => void
  /** Answers when everything that waits is committed. */
  readonly settled: (then: () => void) => void
}

const againAfterMs = 60_000

export class FileWatching {
  readonly #options: FileWatchingOptions
  #host: WatchedHost | undefined
  #watch: FileWatch | undefined
  #isKnown = false
  #dueMs = 0
  #isClosed = false

  constructor(options: FileWatchingOptions) {
    this.#options = options
  }

  /** What clients say nothing of stays as it is. */
  useSettings({ files }: ClientConfig): void {
    if (files === undefined) return
    this.#host = files
    this.#watch?.use(files)
  }

  /** What is on record is known from now on. */
  known(): void {
    this.#isKnown = true
  }

  everySecond(): void {
    const { nowMs } = this.#options
    if (this.#isClosed || this.#watch || !this.#isKnown || !this.#host || nowMs() < this.#dueMs) return
    this.#dueMs = nowMs() + againAfterMs
    this.#watch = this.#started(this.#host)
  }

  close(): void {
    this.#isClosed = true
    this.#watch?.end()
  }

  #started(host: WatchedHost): FileWatch | undefined {
    const { start, onRecord, record, settled, nowMs } = this.#options
    const beganMs = nowMs()
    try {
      return start({
        host,
        onRecord: onRecord(),
        record: (events, taken) => {
          if (this.#isClosed) return
          for (const event of events) record(event)
          settled(taken)
        },
        gone: (problem) => {
          this.#watch = undefined
          if (this.#isClosed) return
          record(gapEvent({ reason: `files were not watched: ${problem}`, byType: {}, fromMs: beganMs, toMs: nowMs(), uncounted: true }))
        },
      })
    } catch {
      return undefined // threads can run out; it is tried again
    }
  }
}
