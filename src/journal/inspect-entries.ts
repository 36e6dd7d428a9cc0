/**
 * Walks what is left of the entries of a damaged journal, and of the copies made of them: chunks, tiles, checkpoints. Nothing is believed and nothing thrown:
 * every damaged place is noted with the sequences it touches, and the walk goes on behind it. The signing key is not asked.
 */
import { parseSignedCheckpoint } from "../format/checkpoint.ts"
import { headerOffset } from "../format/header.ts"
import { hashBytes } from "../format/sha256.ts"
import { isDriverError } from "../vault/database.ts"
import { ChainWalker, hasContent } from "../verify/chain.ts"
import { Problems } from "../verify/verdict.ts"
import { closingOf, mayLackContent, type Closing } from "./closing.ts"
import type { ScopeSource } from "./opened-chunks.ts"
import { saltedTextOf, type ContentState, type JournalReader } from "./reader.ts"
import { subtreeInTile, tileBytes, tileKey, tileWidth } from "./tiles.ts"

export type EntriesFound = {
  /** As many as the journal must have had, by everything that tells of it. */
  readonly expected: number
  readonly entries: number
  /** Those that a closing entry says are gone, and contents that are gone by it. */
  readonly removed: number
  readonly contentsRemoved: number
  readonly contents: number
  readonly erased: number
  /** Contents that are sealed under keys that are not at hand. */
  readonly sealed: number
  readonly tiles: number
  readonly checkpoints: number
  readonly problems: { readonly [P in "entries" | "chunks" | "tiles" | "checkpoints"]: Problems }
}

export type EntriesQuestion = {
  readonly reader: JournalReader
  readonly scopes: ScopeSource | undefined
  /** Entries that something outside of the journal tells of; anybody may have written it. */
  readonly atLeast: number
  /** Entries that a file of this size can hold at the very most. */
  readonly atMost: number
  readonly onProgress?: ((done: number, total: number) => void) | undefined
}

export function inspectEntries(question: EntriesQuestion): EntriesFound {
  return new EntriesInspection(question).found()
}

const progressEvery = 4_096

class EntriesInspection {
  readonly #reader: JournalReader
  readonly #question: EntriesQuestion
  readonly #problems = { entries: new Problems(), chunks: new Problems(), tiles: new Problems(), checkpoints: new Problems() }
  readonly #roots = new Map<number, Buffer>()
  /** Roots of full leaf tiles, where all their entries were read. */
  readonly #tileRoots: (Buffer | undefined)[] = []
  readonly #counts = { entries: 0, removed: 0, contentsRemoved: 0, contents: 0, erased: 0, sealed: 0, tiles: 0, checkpoints: 0 }
  readonly #leaves: Buffer = Buffer.alloc(tileBytes)
  #leavesKnown = 0
  #next = 0
  #walker: ChainWalker | undefined
  readonly #closing: Closing | undefined

  constructor(question: EntriesQuestion) {
    this.#question = question
    this.#reader = question.reader
    this.#closing = attempt(() => closingOf(question.reader))
  }

  found(): EntriesFound {
    const told = Math.max(this.#question.atLeast, this.#readCheckpoints())
    const last = attempt(() => this.#reader.tables.lastKey("entries", "sequence") ?? -1)
    this.#walk((last ?? Math.min(told, this.#question.atMost) - 1) + 1)
    this.#tiles()
    const expected = Math.max(told, this.#next)
    if (this.#next < expected) this.#problems.entries.note(this.#next, expected - 1, "missing at the end")
    return { expected, ...this.#counts, problems: this.#problems }
  }

  /** Every stored checkpoint that can be read; answers the most entries one of them tells of. */
  #readCheckpoints(): number {
    const last = attempt(() => this.#reader.tables.lastKey("checkpoints", "size")) ?? 0
    for (const scanned of this.#reader.tables.scan({ table: "checkpoints", key: "size", columns: "note", from: 0, to: last })) {
      if ("lost" in scanned) {
        this.#problems.checkpoints.note(scanned.lost.from, scanned.lost.to, "checkpoints of these sizes, if there were any, cannot be read")
        continue
      }
      const [size, note] = scanned.row as [number, string]
      const parsed = parseSignedCheckpoint(note)
      this.#counts.checkpoints++
      if (!parsed) this.#problems.checkpoints.note(size, size, "not a well-formed checkpoint")
      else if (parsed.size !== size) this.#problems.checkpoints.note(size, size, `filed under another size than its ${parsed.size}`)
      else this.#roots.set(size, parsed.root)
    }
    return last
  }

  #walk(size: number): void {
    const { entries } = this.#problems
    for (const scanned of this.#reader.tables.scan({ table: "entries", key: "sequence", columns: "header, facts, place", from: -1_000, to: size - 1 })) {
      if ("lost" in scanned) {
        entries.note(Math.max(this.#next, scanned.lost.from), scanned.lost.to, "cannot be read")
        this.#jump(scanned.lost.to + 1)
        continue
      }
      const [sequence, header, facts, place] = scanned.row as [number, Buffer, Buffer, number | null]
      if (sequence < 0) {
        entries.note(0, 0, "an entry stands before the first one")
        continue
      }
      if (sequence > this.#next) {
        this.#gap(sequence)
        this.#jump(sequence)
      }
      this.#entry(sequence, header, facts, place)
      if (++this.#counts.entries % progressEvery === 0) this.#question.onProgress?.(this.#counts.entries, size)
    }
    this.#question.onProgress?.(size, size)
  }

  #gap(to: number): void {
    const closed = Math.min(to, Math.max(this.#next, this.#closing?.upTo ?? 0))
    this.#counts.removed += closed - this.#next
    if (to > closed) this.#problems.entries.note(closed, to - 1, "missing")
  }

  #jump(to: number): void {
    this.#next = to
    this.#walker = undefined
    this.#leavesKnown = 0
  }

  #entry(sequence: number, header: Buffer, saltedFacts: Buffer, place: number | null): void {
    const start = sequence === 0 ? undefined : { sequence, previousLeaf: undefined, previousTimeMs: 0 }
    this.#walker ??= new ChainWalker(this.#problems.entries, start)
    const saltedContent = this.#content(sequence, header, place)
    this.#walker.add({ header, saltedFacts, saltedContent })
    if (!isObject(saltedTextOf(saltedFacts))) this.#problems.entries.note(sequence, sequence, "its facts are no JSON object")
    this.#next = sequence + 1
    this.#walker.lastLeaf.copy(this.#leaves, (sequence % tileWidth) * hashBytes)
    this.#leavesKnown = sequence % tileWidth === 0 ? 1 : this.#leavesKnown + 1
    if (this.#next % tileWidth === 0) this.#leafTile(sequence, this.#leavesKnown >= tileWidth)
    this.#compareRoot()
  }

  /** Only where every entry from the first one on was read is there a root to compare. */
  #compareRoot(): void {
    const root = this.#roots.get(this.#next)
    if (root === undefined || !this.#walker?.fromFirst) return
    if (!this.#walker.root().equals(root)) this.#problems.checkpoints.note(this.#next, this.#next, "not over the entries that stand here")
  }

  #content(sequence: number, header: Buffer, place: number | null): Buffer | undefined {
    const { scopes } = this.#question
    const note = (what: string): undefined => void this.#problems.chunks.note(sequence, sequence, what)
    const promised = hasContent(header)
    if (promised && place === null && this.#isRemoved(header, sequence)) return void this.#counts.contentsRemoved++
    if (place === null) return promised ? note("the content is gone") : undefined
    if (!promised) return note("content stands where none was recorded")
    if (!scopes) {
      this.#counts.sealed++
      return undefined
    }
    const scopeId = header.subarray(headerOffset.scopeId, headerOffset.factsHash)
    const content: ContentState | undefined = attempt(() => this.#reader.content({ place, header: { scopeId } }, scopes))
    if (content === "erased") this.#counts.erased++
    else if (content === undefined) note("the chunk of the content cannot be read")
    else if (typeof content === "string") note("the sealed content does not open")
    else this.#counts.contents++
    return Buffer.isBuffer(content) ? content : undefined
  }

  #isRemoved(header: Buffer, sequence: number): boolean {
    return this.#closing !== undefined && mayLackContent(this.#closing, header.toString("latin1", headerOffset.type), sequence)
  }

  #leafTile(sequence: number, known: boolean): void {
    const index = Math.floor(sequence / tileWidth)
    this.#tileRoots[index] = known ? subtreeInTile(this.#leaves, 0, 8) : undefined
    const stored = this.#tile(0, index)
    if (stored && known && !stored.equals(this.#leaves)) this.#tileNote(0, index, "does not fit its entries")
    if (stored && !known) this.#tileRoots[index] = subtreeInTile(stored, 0, 8)
  }

  /** Tiles of entries that could not be read, and those above the leaves, which are held against the ones below them. */
  #tiles(): void {
    for (let index = 0; index < Math.floor(this.#next / tileWidth); index++) {
      if (index in this.#tileRoots) continue
      const stored = this.#tile(0, index)
      this.#tileRoots[index] = stored && subtreeInTile(stored, 0, 8)
    }
    for (let level = 1, below: readonly (Buffer | undefined)[] = this.#tileRoots; below.length > 0; level++) {
      const roots: (Buffer | undefined)[] = []
      for (let index = 0; index * tileWidth < below.length; index++) {
        const stored = this.#tile(level, index)
        const group = below.slice(index * tileWidth, (index + 1) * tileWidth)
        const fits = group.every((hash, slot) => !hash || !stored || stored.subarray(slot * hashBytes, (slot + 1) * hashBytes).equals(hash))
        if (!fits) this.#tileNote(level, index, "does not fit the tiles below it")
        if (group.length === tileWidth) roots.push(stored && subtreeInTile(stored, 0, 8))
      }
      below = roots
    }
  }

  #tile(level: number, index: number): Buffer | undefined {
    const key = tileKey(level, index)
    for (const scanned of this.#reader.tables.scan({ table: "tiles", key: "tile", columns: "hashes", from: key, to: key })) {
      const hashes = "row" in scanned ? scanned.row[1] : undefined
      if (Buffer.isBuffer(hashes) && hashes.length === tileBytes) {
        this.#counts.tiles++
        return hashes
      }
      this.#tileNote(level, index, "lost" in scanned ? "cannot be read" : "has another size")
      return undefined
    }
    this.#tileNote(level, index, "is missing")
    return undefined
  }

  #tileNote(level: number, index: number, what: string): void {
    const wide = tileWidth ** (level + 1)
    this.#problems.tiles.note(index * wide, (index + 1) * wide - 1, `the tile over these entries, ${level}/${index}, ${what}`)
  }
}

/** What a reading answers; undefined when the file does not let it. */
export function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (!isDriverError(error)) throw error
    return undefined
  }
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}
