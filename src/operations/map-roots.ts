/**
 * Puts roots of the map of event ids on record: when a command asks, and, where much came since the last one, by itself. The map is brought forward by the thread beside
 * the writer; nothing that is decided or recorded waits for it.
 */
import { Fault } from "../base/fault.ts"
import type { NewEvent } from "../format/event.ts"
import { mapCommittedType } from "../format/map-commitment.ts"
import type { LedgerFiles } from "../journal/files.ts"
import { mapLag } from "../projections/event-map.ts"
import type { PageKeys } from "../vault/key-store.ts"
import { BesideWork, type BesideReport, type MapOrder } from "./beside-work.ts"

export type MapReport = Extract<BesideReport, { readonly done: "map" }> | { readonly refused: "map" }

export function isOfMap(report: BesideReport): report is MapReport {
  return "done" in report ? report.done === "map" : report.refused === "map"
}

export type MapRootsParts = {
  readonly files: LedgerFiles
  readonly keys: () => PageKeys
  readonly nowMs: () => number
  /** Entries of the journal. */
  readonly size: () => number
  /** Entries that all other projections have reached. */
  readonly projected: () => number
  /** Asks the thread beside the writer; false when nobody is there. */
  readonly ask: (order: MapOrder) => boolean
  /** Puts an event on record, durably. */
  readonly enter: (event: NewEvent) => void
}

export type MapRootNow = { readonly size: number; readonly root: string }

const everyMs = 3_600_000
/** Most entries of one step where the writer has no thread: gates wait for it. */
const sliceHere = 100

export class MapRoots {
  readonly #parts: MapRootsParts
  /** Those who wait for a root over so many entries at least. */
  #waiting: { readonly size: number; readonly done: (root: MapRootNow) => void; readonly failed: (fault: Fault) => void }[] = []
  #askedSize = 0
  #recorded: { readonly size: number; readonly atMs: number }
  #here: BesideWork | undefined

  constructor(parts: MapRootsParts) {
    this.#parts = parts
    this.#recorded = { size: 0, atMs: parts.nowMs() }
  }

  /** A root over all that is recorded by now, on record. */
  commit(): Promise<MapRootNow> {
    const size = this.#parts.size()
    return new Promise((resolve, reject) => {
      this.#waiting.push({ size, done: resolve, failed: reject })
      this.#bringForward(size)
    })
  }

  everySecond(): void {
    const { size, projected } = this.#parts
    // Where the other projections are behind, they are wanted first.
    if (size() - this.#askedSize >= mapLag && size() - projected() < mapLag) this.#bringForward(size())
  }

  #bringForward(total: number): void {
    this.#askedSize = total
    if (this.#parts.ask({ do: "map", total, sliceEntries: mapLag, mayLack: mapLag - 1 })) return
    const { files, keys } = this.#parts
    this.#here ??= new BesideWork(files, keys(), (report) => this.heard(report as MapReport))
    this.#here.take({ do: "map", total, sliceEntries: sliceHere, mayLack: 0 })
  }

  heard(report: MapReport): void {
    if ("refused" in report) {
      const fault = new Fault("map.refused", { directory: this.#parts.files.directory })
      for (const { failed } of this.#waiting.splice(0)) failed(fault)
      return
    }
    const { map, last } = report
    if (last && last.size > this.#recorded.size) this.#recorded = { size: last.size, atMs: last.timeMs }
    const isDue = map.size - this.#recorded.size >= mapLag && Math.abs(this.#parts.nowMs() - this.#recorded.atMs) >= everyMs
    // Of a map that says all but that its root is on record, the root is on record.
    const saysAll = last !== undefined && last.sequence === map.size - 1 && last.size === last.sequence
    if ((this.#waiting.length > 0 && !saysAll) || isDue) this.#record(map)
    const now = saysAll && !isDue ? last : map
    const early = this.#waiting.filter(({ size }) => size > map.size)
    const met = this.#waiting.filter(({ size }) => size <= map.size)
    this.#waiting = early
    for (const { done } of met) done({ size: now.size, root: now.root })
    if (early.length > 0) this.#bringForward(this.#parts.size())
  }

  #record(map: Extract<MapReport, { done: "map" }>["map"]): void {
    this.#parts.enter({ type: mapCommittedType, id: `${mapCommittedType}:${map.size}`, facts: map })
    this.#recorded = { size: map.size, atMs: this.#parts.nowMs() }
  }

  close(): void {
    this.#here?.close()
  }
}
