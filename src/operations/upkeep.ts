/**
 * What the writer does besides appending: move the write-ahead log into the file, bring projections forward, store checkpoints.
 *
 * The long parts are done by the thread beside it, so that gates do not wait for them. What stays with the writer's own thread is the end of every
 * move: the few pages that came while the others were copied, between two commits, after which the next one begins the log anew. Where there
 * is no such thread, or none that gets on with it, everything is done here, in small steps while nobody waits for the disk.
 */
import { consistencyProof } from "../format/consistency.ts"
import { JournalReader } from "../journal/reader.ts"
import type { StoredCosignature } from "../journal/stored-cosignatures.ts"
import { isDriverError, type SqliteDatabase } from "../vault/database.ts"
import { keepSnapshot } from "../projections/ledger-snapshot.ts"
import { ViewStore } from "../projections/view-store.ts"
import { Beside } from "./beside.ts"
import type { BesideReport, MapOrder } from "./beside-work.ts"
import { storeCheckpoint, storeCosignature } from "./checkpoint.ts"
import { isOfMap } from "./map-roots.ts"
import { endsInOrder } from "./ends-in-order.ts"
import { handOverKey, type HandedOver, type HandOverOptions, type PreparedHandOver } from "./hand-over-key.ts"
import type { OpenLedger } from "./open-ledger.ts"
import { OutsideNote } from "./outside-note.ts"
import type { UpkeepOptions } from "./upkeep-options.ts"

const storeCheckpointEveryMs = 60_000
const projectAfterMs = 150
const projectAgainMs = 5_000
const afterImportMs = 1_000
/** Small enough that a gate behind one waits about a millisecond. */
const projectSlice = 100
/** A writer that records no more than this brings its projections forward by itself: starting the thread takes longer, and half as much memory again. */
const entriesWithoutThread = 200
const quietAfterMs = 100
const logBytesAtIdle = 1_000_000
const logBytesAtMost = 4_000_000
/** A thread that has let the log grow to this does not get on with it. */
const logBytesTooSlow = 12_000_000
/** A replay of that many takes about a tenth of a second. */
const ledgerEventsAtIdle = 4_000
const ledgerEventsAtMost = 20_000
/** A commit writes whole pages: those of its rows, and about three of trees and counters. */
const pagesOfCommitBytes = 12_000
const rowBytes = 1_000
/** A commit larger than this is one of an import. */
const bulkBytes = 400_000

export class Upkeep {
  readonly #ledger: OpenLedger
  readonly #options: UpkeepOptions
  readonly #reader: JournalReader
  readonly #beside: Beside
  readonly note: OutsideNote
  readonly #sizeAtStart: number
  /** Open while projections are brought forward here. */
  #views: ViewStore | undefined
  #projected = 0
  #keptLedgerEvents = 0
  /** When a commit of an import was the last. */
  #importedMs = 0
  #logBytes = 0
  #moving: NodeJS.Immediate | undefined
  #quiet: NodeJS.Timeout | undefined
  #storedSize: number
  #storedMs = 0
  #timer: NodeJS.Timeout | undefined
  #stopped = false
  /** The journal's size at the start, until the projections have reached it. */
  #behind: number | undefined

  constructor(ledger: OpenLedger, options: UpkeepOptions) {
    this.#ledger = ledger
    this.#options = options
    this.#reader = JournalReader.open(ledger.files, ledger.keys)
    this.#beside = new Beside(options.startBeside, {
      report: (report) => this.#step(() => this.#reported(report)),
      gone: () => this.#projectIn(projectAfterMs),
    })
    this.note = new OutsideNote(ledger.files.headNote, ledger.keys.store.verifierKey, this.#reader)
    this.#storedSize = this.#reader.latestCheckpoint()?.size ?? 0
    this.#sizeAtStart = this.#reader.size()
    this.#behind = this.#sizeAtStart
    this.#projectSlice(this.#behind) // mostly the one step it takes, so that nobody has to wait for what was on record
  }

  /** Whether nobody was cut off before this writer. */
  get begunAfterOrder(): boolean {
    return this.#storedSize === this.#sizeAtStart && endsInOrder(this.#reader, this.#sizeAtStart)
  }

  /** Entries that projections have reached, as far as this writer has heard. */
  get projected(): number {
    return this.#projected
  }

  /** Has the thread bring the map of event ids forward; false where there is none. */
  readonly askMap = (order: MapOrder): boolean => this.#beside.ask(order)

  /** `bytes` is what they take, where that is not what events take. */
  committed(entries: number, bytes = 0): void {
    this.#logBytes += Math.max(entries * rowBytes, bytes) + pagesOfCommitBytes
    if (this.#logBytes > logBytesAtMost) this.#shortenLog()
    if (bytes > bulkBytes) this.#importedMs = this.#options.nowMs()
    if (!this.#timer) this.#projectIn(projectAfterMs)
    if (this.#ledgerEventsSince() > ledgerEventsAtMost) this.#keepLedger()
  }

  idle(): void {
    if (this.#quiet) this.#quiet.refresh()
    else this.#quiet = setTimeout(() => this.#whenQuiet(), quietAfterMs)
  }

  #whenQuiet(): void {
    this.#quiet = undefined
    if (this.#options.busy()) return
    if (this.#logBytes > logBytesAtIdle) this.#shortenLog()
    if (this.#ledgerEventsSince() > ledgerEventsAtIdle) this.#keepLedger()
  }

  #ledgerEventsSince(): number {
    return (this.#options.book?.events ?? 0) - this.#keptLedgerEvents
  }

  /** By the other thread; without one, at the end. Called between two commits: the state is that of the journal as it stands. */
  #keepLedger(): void {
    const { book } = this.#options
    if (!book) return
    this.#keptLedgerEvents = book.events
    this.#beside.ask({ do: "keep-ledger", next: this.#ledger.journal.size, body: book.snapshot() })
  }

  /** The projections hold what was on record at the start, unless the disk refuses. */
  catchUpToStart(): void {
    for (let before = -1; this.#behind !== undefined && this.#projected > before; this.#projectSlice(this.#behind)) before = this.#projected
  }

  /** Stores a checkpoint when one is due. */
  everySecond(): void {
    const due = this.#isPast(this.#storedMs, storeCheckpointEveryMs)
    if (due && this.#ledger.journal.size > this.#storedSize) this.storeCheckpoint()
  }

  /** A clock that is set back holds nothing up. */
  #isPast(ms: number, byMs: number): boolean {
    return Math.abs(this.#options.nowMs() - ms) >= byMs
  }

  storeCheckpoint(): { readonly note: string; readonly size: number } {
    const stored = storeCheckpoint(this.#ledger.journal, this.#storedSize, this.#options.nowMs(), this.note.isOurs)
    this.#storedSize = stored.size
    this.#storedMs = this.#options.nowMs()
    this.#options.stored?.(stored)
    return stored
  }

  /** Hands the signing key over, which stores a checkpoint in its commit. Nothing may wait for one. */
  replaceSigner(prepared: PreparedHandOver, reached: HandOverOptions["reached"]): HandedOver {
    this.#storedMs = this.#options.nowMs()
    const done = handOverKey(this.#ledger, prepared, { nowMs: this.#storedMs, writesNote: this.note.isOurs, reached })
    this.#storedSize = done.size
    this.#options.stored?.({ note: done.checkpoint, size: done.size })
    return done
  }

  /** The latest stored checkpoint. */
  head(): { readonly note: string; readonly size: number } | undefined {
    return this.#reader.latestCheckpoint()
  }

  /** The largest size each witness has cosigned. */
  seenSizes(): ReadonlyMap<string, number> {
    return new Map(this.#reader.cosignatures.last().map(({ witness, size }) => [witness, size]))
  }

  /** What leads a witness from the tree it saw to one of ours. */
  consistency(oldSize: number, newSize: number): readonly Buffer[] {
    return this.#reader.snapshot(() => consistencyProof(this.#reader.subtrees(this.#reader.size()), oldSize, newSize))
  }

  keepCosignature(cosignature: StoredCosignature): void {
    storeCosignature(this.#ledger.journal, this.#reader, cosignature, this.note.isOurs)
  }

  /** Leaves everything as a reader likes it: a stored checkpoint, projections up to date, the log in the file. */
  finish(): void {
    this.storeCheckpoint()
    this.#beside.end()
    const views = this.#openViews()
    views.catchUp(this.#reader, { sliceEntries: 2_000 })
    this.#projected = views.reached()
    const { book } = this.#options
    if (book && book.events > 0) keepSnapshot(views.database, this.#reader, { next: this.#ledger.journal.size, body: book.snapshot() })
    this.close()
    this.#ledger.journal.checkpointLog("TRUNCATE")
  }

  close(): void {
    if (this.#stopped) return
    this.#stopped = true
    this.#beside.end()
    clearTimeout(this.#timer)
    clearTimeout(this.#quiet)
    clearImmediate(this.#moving)
    this.#closeViews()
    this.#reader.close()
  }

  /** A step on its own turn of the event loop. */
  #step(work: () => void): void {
    if (this.#stopped) return
    try {
      work()
    } catch (error) {
      this.#options.failed(error)
    }
  }

  #reported(report: BesideReport): void {
    if (isOfMap(report)) return this.#options.mapped?.(report)
    if ("refused" in report) {
      // Where the disk is full, the writer's thread meets the same, and knows what that means.
      if (report.refused === "copy-log") this.#moveLog()
      else if (report.refused === "project") this.#projectIn(projectAgainMs)
    } else if (report.done === "copy-log") {
      this.#moveLog()
    } else if (report.done === "project") {
      this.#projected = report.reached
      if (report.reached < this.#ledger.journal.size && !this.#timer) this.#projectIn(projectAfterMs)
    }
  }

  #shortenLog(): void {
    const asked = this.#beside.ask({ do: "copy-log" })
    if (asked && this.#logBytes < logBytesTooSlow) return
    // Answers leave first: moving the log takes longer than a commit.
    this.#moving ??= setImmediate(() => this.#step(() => this.#moveLog()))
  }

  /** While the other thread copies there is nothing to do, and the next commit looks again. */
  #moveLog(): void {
    this.#moving = undefined
    if (this.#ledger.journal.checkpointLog("PASSIVE") !== undefined) this.#logBytes = 0
  }

  #project(): void {
    this.#timer = undefined
    // An import is not kept waiting for what can be done after it.
    if (!this.#isPast(this.#importedMs, afterImportMs)) return this.#projectIn(afterImportMs)
    // Up to the start first, and here: what came after it would hide what was so then.
    const total = this.#behind ?? this.#ledger.journal.size
    const isThreads = this.#behind === undefined && total - this.#sizeAtStart > entriesWithoutThread
    if (isThreads && this.#beside.ask({ do: "project", total })) this.#closeViews()
    else if (this.#options.busy()) this.#projectIn(projectAfterMs)
    else this.#projectSlice(total)
  }

  #projectSlice(total: number): void {
    try {
      const views = this.#openViews()
      const more = views.applySlice(this.#reader, total, projectSlice)
      this.#projected = views.reached()
      if (!more) this.#tellCaughtUp(views.database)
      if (more || total < this.#ledger.journal.size) this.#projectIn(0)
    } catch (error) {
      if (!isDriverError(error)) throw error
      // Tables that may be deleted at will must not stop the journal: a full disk stops them first, and they catch up later.
      this.#projectIn(projectAgainMs)
    }
  }

  #openViews(): ViewStore {
    return (this.#views ??= ViewStore.open(this.#ledger.files.views, this.#ledger.keys.viewsKey))
  }

  #closeViews(): void {
    this.#views?.close()
    this.#views = undefined
  }

  #projectIn(afterMs: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#step(() => this.#project()), afterMs)
  }

  #tellCaughtUp(views: SqliteDatabase): void {
    if (this.#behind === undefined) return
    this.#behind = undefined
    this.#options.caughtUp?.(views)
  }
}
