/**
 * The note outside the directory, as a writer keeps it: its own, or one that this journal cannot have grown from. That one is evidence, stays as it is, and is set
 * aside, beside the new one, when the operator has accepted what it tells.
 */
import { existsSync, readFileSync } from "node:fs"
import type { Restored } from "../format/facts/ledger.ts"
import { sha256 } from "../format/sha256.ts"
import { headNote, keptNotePath, mayReplace, type HeadNote } from "../journal/head-note.ts"
import type { JournalReader } from "../journal/reader.ts"
import { writeDurably } from "../vault/durable-file.ts"

export class OutsideNote {
  readonly #path: string
  /** As many as the journal had when it was looked at. */
  readonly #entries: number
  #found: HeadNote

  constructor(path: string, verifierKey: string, reader: JournalReader) {
    this.#path = path
    this.#entries = reader.size()
    this.#found = headNote(path, verifierKey, reader)
  }

  get state(): HeadNote["state"] {
    return this.#found.state
  }

  /** Whether a new checkpoint may take its place. */
  get isOurs(): boolean {
    return mayReplace(this.#found.state)
  }

  /** What it says against this journal; of a note that somebody else signed, or that cannot be read, nothing can be said. */
  get evidence(): Restored | undefined {
    const { state, size, root } = this.#found
    if (size === undefined || root === undefined || (state !== "ahead of the journal" && state !== "of another history")) return undefined
    const finding = state === "ahead of the journal" ? "ahead" : "other history"
    return { evidence: `note:${size}:${root.toString("hex").slice(0, 32)}`, by: "head note", finding, seenSize: size, size: this.#entries }
  }

  /** Kept by a name of its own; from here on the new one is written. */
  setAside(): void {
    const text = readFileSync(this.#path)
    const kept = keptNotePath(this.#path, `${this.#found.size ?? 0}-${sha256(text).toString("hex").slice(0, 8)}`)
    if (!existsSync(kept)) writeDurably(kept, text)
    this.#found = { state: "agrees" }
  }
}
