/**
 * The projections as a command that reads asks them: brought up to date when first asked. Nothing in their file is evidence, so whatever keeps it from
 * being used keeps nobody from an answer: damaged it is built again; where it cannot be written, for want of space too, the tables are built in memory.
 */
import type { LedgerFiles } from "../journal/files.ts"
import type { JournalReader } from "../journal/reader.ts"
import type { Projection } from "../projections/projection.ts"
import { isOfViews, ViewStore } from "../projections/view-store.ts"
import type { SqliteDatabase } from "../vault/database.ts"

const sliceEntries = 2_000

export type Progress = (done: number, total: number) => void

export type CurrentViewsOptions = {
  readonly onProgress?: Progress | undefined
  /** Those that are asked; left out, all that every question waits for. */
  readonly rows?: readonly Projection[]
  /** Entries that they may lack, which who asks adds by himself. */
  readonly mayLack?: number
}

export class CurrentViews {
  readonly #files: LedgerFiles
  readonly #key: Uint8Array
  readonly #reader: JournalReader
  readonly #options: CurrentViewsOptions
  #store: ViewStore | undefined
  #isCurrent = false
  #isInMemory = false

  constructor(files: LedgerFiles, key: Uint8Array, reader: JournalReader, options: CurrentViewsOptions = {}) {
    this.#files = files
    this.#key = key
    this.#reader = reader
    this.#options = options
  }

  ask<T>(question: (views: SqliteDatabase) => T): T {
    try {
      this.#store ??= ViewStore.open(this.#files.views, this.#key, this.#options.rows)
      return this.#asked(this.#store, question)
    } catch (error) {
      if (this.#isInMemory || !isOfViews(error)) throw error
      this.close()
      this.#store = ViewStore.inMemory(this.#options.rows)
      this.#isInMemory = true
      this.#isCurrent = false
      return this.#asked(this.#store, question)
    }
  }

  /** What is asked next is answered of all that is on record by then. */
  renew(): void {
    this.#isCurrent = false
  }

  /** Asks the tables as they stand, whatever they have reached; undefined where they cannot be read. */
  glance<T>(question: (views: SqliteDatabase) => T): T | undefined {
    try {
      this.#store ??= ViewStore.open(this.#files.views, this.#key, this.#options.rows)
      return question(this.#store.database)
    } catch (error) {
      if (!isOfViews(error)) throw error
      return undefined
    }
  }

  /** The next question is answered with what was recorded meanwhile. */
  refresh(): void {
    this.#isCurrent = false
  }

  close(): void {
    this.#store?.close()
    this.#store = undefined
  }

  #asked<T>(store: ViewStore, question: (views: SqliteDatabase) => T): T {
    if (!this.#isCurrent) this.#bringForward(store)
    try {
      return question(store.database)
    } catch (error) {
      if (!store.recover(error)) throw error
      this.#bringForward(store)
      return question(store.database)
    }
  }

  #bringForward(store: ViewStore): void {
    store.catchUp(this.#reader, { sliceEntries, onProgress: this.#options.onProgress, mayLack: this.#options.mayLack })
    this.#isCurrent = true
  }
}
