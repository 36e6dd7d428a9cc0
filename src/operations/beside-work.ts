/**
 * What is done beside the writer's thread, by connections of its own: bring projections forward, copy the write-ahead log into the file.
 * One order at a time; projections give way to the log after every slice. What it opens, it opens when it is first asked.
 */
import type { EventFacts } from "../format/event.ts"
import { parseHeader } from "../format/header.ts"
import { committedFacts } from "../format/map-commitment.ts"
import { LogCopier } from "../journal/log-copier.ts"
import type { LedgerFiles } from "../journal/files.ts"
import { JournalReader } from "../journal/reader.ts"
import { eventMap, mapStanding, openedIn } from "../projections/event-map.ts"
import { keepSnapshot, type KeptSnapshot } from "../projections/ledger-snapshot.ts"
import { ViewStore } from "../projections/view-store.ts"
import { isDriverError } from "../vault/database.ts"
import type { PageKeys } from "../vault/key-store.ts"

/** The map of event ids up to so many entries, and what there is to put on record of it. */
export type MapOrder = { readonly do: "map"; readonly total: number; readonly sliceEntries: number; readonly mayLack: number }

/** `project` up to so many entries; `keep-ledger`, its state as it stood; `copy-log`, reading nothing in it from the report on until the next order. */
export type BesideOrder =
  | { readonly do: "project"; readonly total: number }
  | MapOrder
  | { readonly do: "copy-log" }
  | ({ readonly do: "keep-ledger" } & KeptSnapshot)

export type BesideReport =
  | { readonly done: "project"; readonly reached: number }
  | { readonly done: "copy-log" | "keep-ledger" }
  /** `last` is the last root on record. */
  | { readonly done: "map"; readonly map: EventFacts["map.committed"]; readonly last: LastRoot | undefined }
  /** The disk refused, or a file. */
  | { readonly refused: BesideOrder["do"] }

type LastRoot = { readonly sequence: number; readonly size: number; readonly root: string; readonly timeMs: number }

/** Long enough to be cheap, short enough for a log that waits to be copied. */
const projectSlice = 400

export class BesideWork {
  readonly #files: LedgerFiles
  readonly #keys: PageKeys
  readonly #report: (report: BesideReport) => void
  #reader: JournalReader | undefined
  #views: ViewStore | undefined
  #maps: ViewStore | undefined
  #copier: LogCopier | undefined
  #total = 0
  #next: NodeJS.Immediate | undefined
  #mapNext: NodeJS.Immediate | undefined

  constructor(files: LedgerFiles, keys: PageKeys, report: (report: BesideReport) => void) {
    this.#files = files
    this.#keys = keys
    this.#report = report
  }

  take(order: BesideOrder): void {
    if (order.do === "copy-log") {
      this.#try(order.do, () => this.#copyLog())
    } else if (order.do === "keep-ledger") {
      this.#try(order.do, () => this.#keepLedger(order))
    } else if (order.do === "map") {
      this.#mapNext ??= setImmediate(() => this.#try(order.do, () => this.#map(order)))
    } else {
      this.#total = order.total
      this.#next ??= setImmediate(() => this.#try(order.do, () => this.#project()))
    }
  }

  close(): void {
    clearImmediate(this.#next)
    clearImmediate(this.#mapNext)
    this.#maps?.close()
    this.#views?.close()
    this.#reader?.close()
    this.#copier?.close()
  }

  #try(what: BesideOrder["do"], work: () => void): void {
    try {
      work()
    } catch (error) {
      if (!isDriverError(error)) throw error
      // The writer's thread does it, or tries again later; it knows what a full disk means.
      this.#report({ refused: what })
    }
  }

  #copyLog(): void {
    this.#copier ??= new LogCopier(this.#files, this.#keys)
    this.#copier.copy()
    this.#report({ done: "copy-log" })
  }

  #keepLedger(snapshot: KeptSnapshot): void {
    this.#reader ??= JournalReader.open(this.#files, this.#keys)
    this.#views ??= ViewStore.open(this.#files.views, this.#keys.viewsKey)
    keepSnapshot(this.#views.database, this.#reader, snapshot)
    this.#report({ done: "keep-ledger" })
  }

  /** Gives way to everything else after every slice. */
  #map(order: MapOrder): void {
    this.#mapNext = undefined
    this.#reader ??= JournalReader.open(this.#files, this.#keys)
    this.#maps ??= ViewStore.open(this.#files.views, this.#keys.viewsKey, [eventMap])
    const [reader, isBehind] = [this.#reader, this.#maps.behind(this.#reader, order.total) > order.mayLack]
    if (isBehind && !this.#next) this.#maps.applySlice(reader, order.total, order.sliceEntries)
    if (isBehind) return this.take(order)
    const { map, last } = mapStanding(this.#maps.database, reader)
    const lastHeader = last && reader.headerAt(last.sequence)
    const kept = last && lastHeader ? { ...last, root: last.root.toString("base64"), timeMs: parseHeader(lastHeader).timeMs } : undefined
    this.#report({ done: "map", map: committedFacts({ ...map, opened: openedIn(reader) }), last: kept })
  }

  #project(): void {
    this.#next = undefined
    this.#reader ??= JournalReader.open(this.#files, this.#keys)
    this.#views ??= ViewStore.open(this.#files.views, this.#keys.viewsKey)
    if (this.#views.applySlice(this.#reader, this.#total, projectSlice, true)) this.take({ do: "project", total: this.#total })
    else this.#report({ done: "project", reached: this.#views.reached() })
  }
}
