/**
 * Rows that nothing recorded leads to. No hash covers them, so somebody who has the page key could keep words of his own in them, or prepare what a later
 * reader would take for the ledger's. A writer makes none: contents are numbered without gaps, in the transaction of the entries they belong to.
 */
import { recordsPerChunk } from "../vault/content-seal.ts"
import type { Problems } from "../verify/verdict.ts"
import type { JournalReader } from "./reader.ts"
import { isNameOfOurs } from "./entry-notes.ts"
import { tableNames } from "./schema.ts"

export class UnusedRows {
  readonly #problems: Problems
  readonly #entries: number
  /** Numbers of contents go from 0 to this one. */
  readonly #last: number
  /** One bit a content that an entry leads to. */
  readonly #used: Uint8Array
  #count = 0
  /** As many as must have been met. */
  readonly #stored: number

  /** Asked within the snapshot that is walked. */
  constructor(reader: JournalReader, entries: number, problems: Problems) {
    this.#problems = problems
    this.#entries = entries
    const { meta, schema } = reader.tables.touchSmall()
    if (!meta.every(isNameOfOurs)) this.#note("the journal's notes on itself have one that is none of ours")
    if (schema.some((name) => !tableNames.has(name))) this.#note("the journal has a table that is none of ours")
    this.#last = reader.tables.lastKey("chunks", "number") ?? -1
    if ((reader.tables.lastKey("chunks", "number", "min") ?? 0) < 0) this.#note("contents are stored below the first one")
    // Where some were removed the numbers have gaps.
    this.#stored = reader.closedBy() === undefined ? this.#last + 1 : reader.tables.keysIn("chunks", "number")
    // Each content belongs to an entry, so there are no more than these.
    this.#used = new Uint8Array(Math.ceil(Math.max(0, Math.min(this.#last + 1, entries)) / 8))
  }

  /** Asked of each entry that is walked. A place that leads nowhere is for who opens contents. */
  entry(place: number | null): void {
    if (place === null || place < 0) return
    const number = Math.floor(place / recordsPerChunk)
    const [at, bit] = [Math.floor(number / 8), 1 << (number % 8)]
    const before = this.#used[at]
    if (before === undefined || (before & bit) !== 0) return
    this.#used[at] = before | bit
    if (number <= this.#last) this.#count++
  }

  finish(): void {
    if (this.#count !== this.#stored) this.#note("contents are stored that no entry leads to")
  }

  #note(what: string): void {
    this.#problems.note(0, Math.max(0, this.#entries - 1), what)
  }
}
