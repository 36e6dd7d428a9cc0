/** The payloads of entries: contents opened, ids held against their hashes. Counts what was opened, what is erased, and what could not be opened. */
import { idHashInto, idSaltBytes } from "../format/commitment.ts"
import { headerFixedBytes, headerOffset } from "../format/header.ts"
import { hashBytes } from "../format/sha256.ts"
import { hasContent, type EntryBytes } from "../verify/chain.ts"
import type { Problems } from "../verify/verdict.ts"
import { mayLackContent, type Closing } from "./closing.ts"
import type { ScopeSource } from "./opened-chunks.ts"
import { factsOf, type JournalReader } from "./reader.ts"

export class PayloadCheck {
  opened = 0
  erased = 0
  /** Contents whose keys are not at hand: nothing is known of them. */
  unreadable = 0
  /** Contents that were removed, by what the journal's closing entry says. */
  removed = 0
  readonly #reader: JournalReader
  readonly #scopes: ScopeSource | undefined
  readonly #problems: Problems
  /** Read with the first entry, in the snapshot of the walk; undefined before, null when it is gone. */
  #idSalt: Buffer | null | undefined
  readonly #idHash: Buffer = Buffer.alloc(hashBytes)

  readonly #closing: () => Closing | undefined

  constructor(reader: JournalReader, scopes: ScopeSource | undefined, problems: Problems, closing: () => Closing | undefined) {
    this.#closing = closing
    this.#reader = reader
    this.#scopes = scopes
    this.#problems = problems
  }

  /** What is to be walked of an entry: its header and facts, and its content where that opens. */
  entry(header: Buffer, saltedFacts: Buffer, place: number | null, at: number): EntryBytes {
    this.#checkId(header, saltedFacts, at)
    return { header, saltedFacts, saltedContent: this.#content(header, place, at) }
  }

  #content(header: Buffer, place: number | null, at: number): Buffer | undefined {
    const promised = hasContent(header)
    if (promised && place === null && this.#isRemoved(header, at)) {
      this.removed++
      return undefined
    }
    if (!promised || place === null) {
      if (promised !== (place !== null))
        this.#problems.note(at, at, promised ? "the content is gone, and its key was not destroyed" : "content stands where none was recorded")
      return undefined
    }
    if (!this.#scopes) {
      this.unreadable++
      return undefined
    }
    const scopeId = header.subarray(headerOffset.scopeId, headerOffset.factsHash)
    const content = this.#reader.content({ place, header: { scopeId } }, this.#scopes)
    if (content === "erased") {
      this.erased++
      return undefined
    }
    if (typeof content === "string") {
      this.#problems.note(at, at, "the sealed content does not open")
      return undefined
    }
    this.opened++
    return content
  }

  #isRemoved(header: Buffer, at: number): boolean {
    const closing = this.#closing()
    return closing !== undefined && mayLackContent(closing, header.toString("latin1", headerOffset.type), at)
  }

  /** An id hash that is not that of the entry's id would prove that the thing was never recorded. */
  #checkId(header: Buffer, saltedFacts: Buffer, at: number): void {
    if (header.length < headerFixedBytes) return // the walker says what is wrong with it
    if (this.#idSalt === undefined) this.#idSalt = this.#reader.idSalt() ?? null
    if (this.#idSalt?.length === idSaltBytes) idHashInto(this.#idHash, 0, this.#idSalt, factsOf({ saltedFacts }).id)
    if (header.compare(this.#idHash, 0, hashBytes, headerOffset.idHash, headerOffset.scopeId) !== 0) {
      this.#problems.note(at, at, "the id hash is not that of the entry's id")
    }
  }
}
