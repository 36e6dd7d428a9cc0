/** Reads on in every source that is read again and again, each from where it was left; a reader like those that run in threads, without one. */
import { problemOf } from "../../base/fault.ts"
import type { Source } from "../find-sources.ts"
import { readSource, type DeepReading, type SourceRead } from "../read-source.ts"
import type { FromReader, StartReader, Task } from "../read-sources.ts"
import { FollowedStore } from "./followed-store.ts"
import { endOf, placeAt, readOn, type TranscriptPlace } from "./followed-transcript.ts"
import { Outlet } from "./outlet.ts"
import type { Reading } from "../jsonl/read-transcript.ts"

/** Transcripts that are held between two readings: those that were written to last. */
const mostReadings = 512

type Held = { readonly outlet: Outlet; readonly reading: Reading; readonly told: string }

export class Followers {
  readonly #deep: DeepReading | undefined
  /** By number of file. */
  #places = new Map<number, TranscriptPlace>()
  readonly #readings = new Map<number, Held>()
  #stores = new Map<string, FollowedStore>()
  readonly #unfinished = new Set<string>()

  constructor(deep: DeepReading | undefined) {
    this.#deep = deep
  }

  /** Whether it is known how far a source was read. */
  knows({ kind, path, inode, packed }: Source): boolean {
    return kind === "agent-store" ? this.#stores.has(path) : kind !== "transcript" || packed || this.#places.has(inode)
  }

  /** There is nothing new in it, or somebody else is about to read all of it. @throws what keeps it from being read */
  beginAt(source: Source): void {
    if (source.kind === "agent-store") this.#storeOf(source.path, (store) => store.beginAt(source.path))
    else if (isFollowed(source)) this.#placed(endOf(source.path))
  }

  /** Somebody else has read a transcript up to the end of a line. */
  wasRead(source: Source, endByte: number): void {
    if (isFollowed(source)) this.#placed(placeAt(source.path, endByte))
  }

  /** They are read from their beginnings next. */
  forget(sources: readonly Source[]): void {
    for (const { path, inode } of sources) {
      this.#stores.delete(path)
      this.#places.delete(inode)
      this.#readings.delete(inode)
      this.#unfinished.delete(path)
    }
  }

  /** Whether there is more in it than was read in one step. */
  isUnfinished({ path }: Source): boolean {
    return this.#unfinished.has(path)
  }

  /** Of sources that are gone nothing is kept. */
  keepOnly(sources: readonly Source[]): void {
    const [inodes, paths] = [new Set(sources.map(({ inode }) => inode)), new Set(sources.map(({ path }) => path))]
    this.#places = new Map([...this.#places].filter(([inode]) => inodes.has(inode)))
    this.#stores = new Map([...this.#stores].filter(([path]) => paths.has(path)))
    for (const inode of this.#readings.keys()) if (!inodes.has(inode)) this.#readings.delete(inode)
  }

  readonly startReader: StartReader = ({ message, gone }) => {
    let isStopped = false
    return {
      // One after the other, and what waits elsewhere in between.
      give: (task) => void setImmediate(() => isStopped || this.#read(task, message)),
      end: () => void setImmediate(() => isStopped || gone("")),
      stop: () => (isStopped = true),
    }
  }

  #read(task: Task, send: (message: FromReader) => void): void {
    const { source, index } = task
    this.#unfinished.delete(source.path)
    let message: FromReader
    try {
      if (source.kind === "agent-store") message = { done: index, read: this.#ofStore(task, send) }
      else if (isFollowed(source)) message = { done: index, read: this.#ofTranscript(task, send) }
      else return readSource(task, send, this.#deep)
    } catch (error) {
      message = { done: index, problem: problemOf(error) }
    }
    send(message)
  }

  #ofStore(task: Task, send: (message: FromReader) => void): SourceRead {
    const { path } = task.source
    return this.#storeOf(path, (store, outlet) => {
      outlet?.open(task.index, send)
      const read = store.read(task)
      if (store.isMore) this.#unfinished.add(path)
      return read
    })
  }

  readonly #outlets = new WeakMap<FollowedStore, Outlet>()

  #storeOf<T>(path: string, use: (store: FollowedStore, outlet: Outlet | undefined) => T): T {
    const known = this.#stores.get(path)
    if (known) return use(known, this.#outlets.get(known))
    const outlet = new Outlet(this.#deep)
    const made = new FollowedStore(outlet)
    const done = use(made, outlet)
    this.#outlets.set(made, outlet)
    this.#stores.set(path, made)
    return done
  }

  #ofTranscript({ source, index, latestMs }: Task, send: (message: FromReader) => void): SourceRead {
    const { path, packed, isCopy, place, inode } = source
    const held = this.#readings.get(inode)
    // What is said of its session may have changed, or it is a copy now.
    const told = JSON.stringify([place, isCopy])
    const kept = held?.told === told ? held : undefined
    const outlet = kept?.outlet ?? new Outlet(this.#deep)
    outlet.open(index, send)
    const step = readOn({ task: { path, packed, isCopy, place, latestMs }, known: this.#places.get(inode), reading: kept?.reading, outlet })
    this.#readings.delete(inode)
    this.#readings.set(step.place.inode, { outlet, reading: step.reading, told })
    for (const [oldest] of this.#readings) if (this.#readings.size > mostReadings) this.#readings.delete(oldest)
    this.#placed(step.place)
    if (step.isMore) this.#unfinished.add(path)
    const { endByte, rows, unreadable } = step
    return { endByte, rows, unreadable }
  }

  #placed(place: TranscriptPlace): void {
    this.#places.set(place.inode, place)
  }
}

function isFollowed({ kind, packed }: Source): boolean {
  return kind === "transcript" && !packed
}
