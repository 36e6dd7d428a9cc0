/**
 * Watches a host: looks when the system says that something happened, when its store changed, and now and then all the same, because such words get lost. Looking takes at
 * most a tenth of the time, however much happens and however many files there are.
 */
import type { NewEvent } from "../../format/event.ts"
import { readHostConfig, type HostConfig } from "../host-places.ts"
import { HostStore } from "../host-store.ts"
import { existsSync } from "node:fs"
import { DirectoryWatches } from "./directory-watches.ts"
import type { Pseudonym } from "./file-events.ts"
import { listingOf } from "./listing.ts"
import { Looker, type InspectFile, type OnRecord } from "./looker.ts"
import { storedGroups, watchedOf, type Watched } from "./watched-places.ts"
import type { WatchedHost } from "./watched-host.ts"

export type WatcherOptions = {
  readonly host: WatchedHost
  /** Never watched. */
  readonly own: readonly string[]
  readonly onRecord: OnRecord
  readonly pseudonym: Pseudonym
  readonly nowMs: () => number
  readonly inspect?: InspectFile | undefined
  /** Resolves when they are on their way to the disk: there is no other look before. */
  readonly record: (events: readonly NewEvent[]) => Promise<void>
  readonly mostFiles?: number
}

const usualMostFiles = 50_000
const shareOfTime = 10
const anywayMs = 60_000
const leastStoreMs = 5_000
const blindMs = 5_000
const inOneMessage = 200

export class Watcher {
  readonly #options: WatcherOptions
  #host: WatchedHost
  readonly #looker: Looker
  readonly #watches = new DirectoryWatches(() => this.#hinted())
  #store: HostStore
  #config: HostConfig | undefined
  #timer: NodeJS.Timeout | undefined
  #dueMs = Number.POSITIVE_INFINITY
  #isLooking = false
  #wasHinted = false
  #isClosed = false
  #tookMs = 0
  #endedMs = 0

  constructor(options: WatcherOptions) {
    this.#options = options
    this.#host = options.host
    this.#store = new HostStore(options.host.stateDirectory)
    this.#looker = new Looker(options)
  }

  start(): void {
    this.#lookIn(0)
  }

  /** Other settings, of the same host or another one. */
  use(host: WatchedHost): void {
    if (host.stateDirectory !== this.#host.stateDirectory) this.#store = new HostStore(host.stateDirectory)
    if (host.configFile !== this.#host.configFile) this.#config = undefined
    this.#host = host
    this.#hinted()
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
    this.#watches.close()
  }

  #hinted(): void {
    this.#wasHinted = true
    if (!this.#isLooking) this.#lookIn(this.#host.intervalMs)
  }

  /** The earliest that was asked for counts. */
  #lookIn(ms: number): void {
    const soonest = this.#endedMs + shareOfTime * this.#tookMs
    const dueMs = Math.max(performance.now() + ms, soonest)
    if (this.#isClosed || dueMs >= this.#dueMs) return
    clearTimeout(this.#timer)
    this.#dueMs = dueMs
    this.#timer = setTimeout(() => void this.#look(), Math.max(1, dueMs - performance.now()))
  }

  async #look(): Promise<void> {
    this.#dueMs = Number.POSITIVE_INFINITY
    this.#isLooking = true
    this.#wasHinted = false
    const beganMs = performance.now()
    let again = false
    try {
      const watched = this.#watched()
      if (watched) again = await this.#lookAt(watched, beganMs)
      else again = true // somebody writes the configuration just now
    } finally {
      this.#isLooking = false
      this.#endedMs = performance.now()
    }
    const { intervalMs, usePolling } = this.#host
    if (again || this.#wasHinted || usePolling) this.#lookIn(intervalMs)
    else this.#lookIn(this.#watches.isBlind ? Math.max(blindMs, intervalMs) : Math.min(anywayMs, Math.max(leastStoreMs, intervalMs)))
  }

  async #lookAt(watched: Watched, beganMs: number): Promise<boolean> {
    const listing = listingOf(watched, this.#options.mostFiles ?? usualMostFiles)
    if (this.#host.usePolling) this.#watches.close()
    const isNew = !this.#host.usePolling && this.#watches.follow(listing.directories, listing.absent)
    const { events, again } = this.#looker.look(listing, this.#options.nowMs())
    this.#tookMs = performance.now() - beganMs
    for (let at = 0; at < events.length && !this.#isClosed; at += inOneMessage) await this.#options.record(events.slice(at, at + inOneMessage))
    return again || isNew
  }

  /** Undefined while the configuration is there and cannot be read, and never was. */
  #watched(): Watched | undefined {
    const { configFile } = this.#host
    const read = readHostConfig(configFile)
    if (read !== undefined) this.#config = read
    else if (!existsSync(configFile)) this.#config = {}
    if (this.#config === undefined) return undefined
    const records = this.#store.read()
    const watched = watchedOf(this.#host, this.#config, records, this.#host, this.#options.own)
    if (!this.#store.isUnknown) return watched
    // Nothing was ever read of what is installed: that is no word of what is not.
    return { ...watched, groups: new Set([...watched.groups].filter((group) => !storedGroups.includes(group))) }
  }
}
