/**
 * What the writer does between commits: move the write-ahead log into the file, bring projections forward, store checkpoints.
 * All of it in small steps and only while nobody waits for the disk: a gate behind upkeep waits for one step.
 */
import { headNoteState, mayReplace, type HeadNoteState } from "../journal/head-note.ts"
import { JournalReader } from "../journal/reader.ts"
import { isDriverError } from "../vault/database.ts"
import { ViewStore } from "../projections/view-store.ts"
import { storeCheckpoint } from "./checkpoint.ts"
import type { OpenLedger } from "./open-ledger.ts"

export type UpkeepOptions = {
  readonly nowMs: () => number
  /** True while something waits for a commit. */
  readonly busy: () => boolean
}

const storeCheckpointEveryMs = 60_000
const projectAfterMs = 150
const projectAgainMs = 5_000
/** Small enough that a gate behind one waits about a millisecond. */
const projectSlice = 100
const quietAfterMs = 100
const logBytesAtIdle = 1_000_000
const logBytesAtMost = 4_000_000
/** A commit writes whole pages: those of its rows, and about three of trees and counters. */
const pagesOfCommitBytes = 12_000
const rowBytes = 1_000

export class Upkeep {
  readonly #ledger: OpenLedger
  readonly #options: UpkeepOptions
  readonly #views: ViewStore
  readonly #reader: JournalReader
  /** The note outside cannot be one of this journal: it is kept as it is. */
  readonly headNote: HeadNoteState
  #logBytes = 0
  #moving: NodeJS.Immediate | undefined
  #quiet: NodeJS.Timeout | undefined
  #storedSize: number
  #storedMs = 0
  #timer: NodeJS.Timeout | undefined
  #stopped = false

  constructor(ledger: OpenLedger, options: UpkeepOptions) {
    this.#ledger = ledger
    this.#options = options
    this.#views = ViewStore.open(ledger.files.views, ledger.keys.viewsKey)
    this.#reader = JournalReader.open(ledger.files, ledger.keys)
    this.headNote = headNoteState(ledger.files.headNote, ledger.keys.store.verifierKey, this.#reader)
    this.#storedSize = this.#reader.latestCheckpoint()?.size ?? 0
  }

  /** Entries up to the last stored checkpoint. A writer that stopped cleanly stored one over everything. */
  get storedSize(): number {
    return this.#storedSize
  }

  projected(): number {
    return this.#views.reached()
  }

  committed(entries: number): void {
    this.#logBytes += entries * rowBytes + pagesOfCommitBytes
    // Answers leave first: moving the log takes longer than a commit.
    if (this.#logBytes > logBytesAtMost) this.#moving ??= setImmediate(() => this.#moveLog())
    this.#timer ??= setTimeout(() => this.#project(), projectAfterMs)
  }

  idle(): void {
    if (this.#quiet) this.#quiet.refresh()
    else this.#quiet = setTimeout(() => this.#whenQuiet(), quietAfterMs)
  }

  #whenQuiet(): void {
    this.#quiet = undefined
    if (this.#logBytes > logBytesAtIdle && !this.#options.busy()) this.#moveLog()
  }

  /** Stores a checkpoint when one is due. */
  everySecond(): void {
    const due = this.#options.nowMs() - this.#storedMs >= storeCheckpointEveryMs
    if (due && this.#ledger.journal.size > this.#storedSize) this.storeCheckpoint()
  }

  storeCheckpoint(): { readonly note: string; readonly size: number } {
    const stored = storeCheckpoint(this.#ledger.journal, this.#storedSize, this.#options.nowMs(), mayReplace(this.headNote))
    this.#storedSize = stored.size
    this.#storedMs = this.#options.nowMs()
    return stored
  }

  /** Leaves everything as a reader likes it: a stored checkpoint, projections up to date, the log in the file. */
  finish(): void {
    this.storeCheckpoint()
    this.#views.catchUp(this.#reader, { sliceEntries: 2_000 })
    this.close()
    this.#ledger.journal.checkpointLog("TRUNCATE")
  }

  close(): void {
    if (this.#stopped) return
    this.#stopped = true
    clearTimeout(this.#timer)
    clearTimeout(this.#quiet)
    clearImmediate(this.#moving)
    this.#views.close()
    this.#reader.close()
  }

  #moveLog(): void {
    this.#moving = undefined
    if (this.#stopped) return
    this.#ledger.journal.checkpointLog("PASSIVE")
    this.#logBytes = 0
  }

  #project(): void {
    this.#timer = undefined
    if (this.#stopped) return
    this.#timer = this.#options.busy() ? this.#projectLater(projectAfterMs) : this.#projectSlice()
  }

  #projectSlice(): NodeJS.Timeout | undefined {
    try {
      return this.#views.applySlice(this.#reader, this.#ledger.journal.size, projectSlice) ? this.#projectLater(0) : undefined
    } catch (error) {
      if (!isDriverError(error)) throw error
      // Tables that may be deleted at will must not stop the journal: a full disk stops them first, and they catch up later.
      return this.#projectLater(projectAgainMs)
    }
  }

  #projectLater(afterMs: number): NodeJS.Timeout {
    return setTimeout(() => this.#project(), afterMs)
  }
}
