/**
 * Verifies a store from end to end: every entry, the chain, the tree and its stored tiles, every checkpoint and its signature, every payload,
 * the file's uncovered bytes, and the note kept outside the directory. It walks all there is; nothing is sampled and nothing is excused.
 */
import { existsSync, readFileSync } from "node:fs"
import { basename } from "node:path"
import { Fault, problemOf } from "../base/fault.ts"
import { parseVerifierKey } from "../format/checkpoint.ts"
import { idHashInto, idSaltBytes } from "../format/commitment.ts"
import { headerFixedBytes, headerOffset } from "../format/header.ts"
import { hashBytes } from "../format/sha256.ts"
import { ChainWalker, hasContent } from "../verify/chain.ts"
import { noteChecker } from "../verify/signature.ts"
import { Problems, type Verdict, type VerifyReport } from "../verify/verdict.ts"
import { fileSaltBytes, readFileSalt } from "../vault/database.ts"
import type { OpenKeys } from "../vault/key-store.ts"
import type { Scope } from "../vault/scopes.ts"
import { journalName, type LedgerFiles } from "./files.ts"
import { factsOf, type JournalReader, type RawEntry } from "./reader.ts"
import { subtreeInTile, tileBytes, tileKey, tileWidth } from "./tiles.ts"

export type VerifyOptions = {
  /** Opens and checks every payload too; without it, headers, chain, tree and checkpoints only. */
  readonly payloads: boolean
  readonly onProgress?: (done: number, total: number) => void
}

type ScopeSource = { readonly byId: (id: Buffer) => Scope | "erased" | undefined }

const progressEvery = 16_384

export function verifyStore(files: LedgerFiles, keys: OpenKeys, reader: JournalReader, scopes: ScopeSource | undefined, options: VerifyOptions): VerifyReport {
  const walk = new StoreWalk(files, keys, reader, scopes, options)
  // Before the snapshot: a running writer stores a checkpoint in the journal first, so what the note says is in any snapshot taken after it was read.
  walk.readHeadNote()
  try {
    return reader.snapshot(() => walk.report())
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== "store.damaged") throw error
    return walk.brokenOff(error)
  }
}

class StoreWalk {
  readonly #problems = new Problems()
  readonly #notes: string[] = []
  readonly #walker = new ChainWalker(this.#problems)
  readonly #files: LedgerFiles
  readonly #keys: OpenKeys
  readonly #reader: JournalReader
  readonly #scopes: ScopeSource | undefined
  readonly #options: VerifyOptions
  #opened = 0
  #erased = 0
  #unreadable = 0
  #checkpoints = 0
  #idSalt: Buffer | undefined
  #headNote: string | undefined
  readonly #idHash: Buffer = Buffer.alloc(hashBytes)

  constructor(files: LedgerFiles, keys: OpenKeys, reader: JournalReader, scopes: ScopeSource | undefined, options: VerifyOptions) {
    this.#files = files
    this.#keys = keys
    this.#reader = reader
    this.#scopes = scopes
    this.#options = options
  }

  report(): VerifyReport {
    const total = this.#reader.size()
    this.#checkFileSalt()
    this.#reader.touchSmallTables()
    this.#walk(total, this.#checkedNotes())
    if (this.#unsigned) this.#notes.push("No checkpoint covers any of these entries: they agree with each other, but nothing says who wrote them.")
    return this.#result()
  }

  /** What was found before the file could not be read any further. */
  brokenOff(fault: Fault): VerifyReport {
    this.#problems.note(this.#walker.size, this.#walker.size, `the file cannot be read from here on: ${problemOf(fault)}`)
    return this.#result()
  }

  #result(): VerifyReport {
    return {
      verdict: this.#verdict(),
      from: 0,
      to: this.#walker.size - 1,
      entries: this.#walker.size,
      contentsOpened: this.#opened,
      contentsErased: this.#erased,
      checkpoints: this.#checkpoints,
      root: this.#walker.root().toString("base64"),
      signedBy: this.#keys.store.verifierKey,
      problems: this.#problems.list(),
      problemsNotListed: this.#problems.left,
      notes: this.#notes,
    }
  }

  /** Entries that no signature covers agree with each other, and with nothing else. */
  get #unsigned(): boolean {
    return this.#walker.size > 0 && this.#checkpoints === 0
  }

  #verdict(): Verdict {
    if (!this.#problems.none) return "invalid"
    if (this.#unreadable > 0 || this.#unsigned) return "unverifiable"
    return this.#erased > 0 ? "valid with erasures" : "valid"
  }

  #walk(total: number, checkpoints: readonly CheckedNote[]): void {
    const tiles = new TileCheck(this.#reader.tiles(), this.#problems)
    try {
      this.#walkEntries(total, checkpoints, tiles)
    } finally {
      tiles.close()
    }
  }

  #rows(): IterableIterator<RawEntry> {
    const first = Number.MIN_SAFE_INTEGER // an entry before the first one would be a finding
    return this.#options.payloads ? this.#reader.rawEntries(first, Number.MAX_SAFE_INTEGER) : this.#reader.rawHeaders(first)
  }

  #walkEntries(total: number, checkpoints: readonly CheckedNote[], tiles: TileCheck): void {
    const leaves = Buffer.alloc(tileBytes)
    this.#idSalt = this.#reader.idSalt()
    let due = 0
    for (const [sequence, header, saltedFacts, place] of this.#rows()) {
      const at = this.#walker.size
      if (sequence < 0) {
        this.#problems.note(0, 0, "an entry stands before the first one")
        continue
      }
      if (sequence !== at) {
        this.#problems.note(at, sequence - 1, "entries are missing")
        return
      }
      if (this.#options.payloads) this.#checkId(header, saltedFacts, at)
      this.#walker.add(this.#options.payloads ? { header, saltedFacts, saltedContent: this.#content(header, place, at) } : { header })
      this.#walker.lastLeaf.copy(leaves, (at % tileWidth) * hashBytes)
      if ((at + 1) % tileWidth === 0) tiles.expectLeaves(Math.floor(at / tileWidth), leaves, this.#walker.tileRoot)
      for (let note = checkpoints[due]; note && note.size <= at + 1; note = checkpoints[++due]) this.#compareRoot(note, checkpoints)
      if ((at + 1) % progressEvery === 0) this.#options.onProgress?.(at + 1, total)
    }
    this.#options.onProgress?.(this.#walker.size, total)
    for (const note of checkpoints.slice(due)) {
      this.#problems.note(
        this.#walker.size,
        note.size - 1,
        `${note.where} covers ${note.size} entries, but the journal ends at ${this.#walker.size}: it was cut or rolled back`,
      )
    }
    tiles.finish(this.#walker.size)
  }

  #content(header: Buffer, place: number | null, at: number): Buffer | undefined {
    const promised = hasContent(header)
    if (!promised || place === null) {
      if (promised !== (place !== null))
        this.#problems.note(at, at, promised ? "the content is gone, and its key was not destroyed" : "content stands where none was recorded")
      return undefined
    }
    if (!this.#scopes) {
      this.#unreadable++
      return undefined
    }
    const scopeId = header.subarray(headerOffset.scopeId, headerOffset.factsHash)
    const content = this.#reader.content({ place, header: { scopeId } }, this.#scopes)
    if (content === "erased") {
      this.#erased++
      return undefined
    }
    if (typeof content === "string") {
      this.#problems.note(at, at, "the sealed content does not open")
      return undefined
    }
    this.#opened++
    return content
  }

  /** An id hash that is not that of the entry's id would prove that the thing was never recorded. */
  #checkId(header: Buffer, saltedFacts: Buffer, at: number): void {
    if (header.length < headerFixedBytes) return // the walker says what is wrong with it
    if (this.#idSalt?.length === idSaltBytes) idHashInto(this.#idHash, 0, this.#idSalt, factsOf({ saltedFacts }).id)
    if (header.compare(this.#idHash, 0, hashBytes, headerOffset.idHash, headerOffset.scopeId) !== 0) {
      this.#problems.note(at, at, "the id hash is not that of the entry's id")
    }
  }

  #compareRoot(note: CheckedNote, all: readonly CheckedNote[]): void {
    if (this.#walker.size !== note.size) return
    this.#checkpoints++
    if (!this.#walker.root().equals(note.root)) {
      const before = all.findLast((other) => other.size < note.size)
      this.#problems.note(before?.size ?? 0, note.size - 1, `${note.where} was signed over other entries`)
    }
  }

  /** Every stored checkpoint and the outside note, signatures checked, by size. */
  #checkedNotes(): CheckedNote[] {
    const check = noteChecker(parseVerifierKey(this.#keys.store.verifierKey))
    const notes: CheckedNote[] = []
    const take = (text: string, where: string, size: number | undefined) => {
      const checked = check(text)
      if (!checked.ok) this.#problems.note(0, Math.max(0, (size ?? 1) - 1), `${where} cannot be trusted: ${checked.why}`)
      else if (size !== undefined && checked.checkpoint.size !== size) this.#problems.note(0, size, `${where} is filed under another size`)
      else if (checked.checkpoint.size > 0) notes.push({ size: checked.checkpoint.size, root: checked.checkpoint.root, where })
    }
    for (const stored of this.#reader.checkpoints()) take(stored.note, `the checkpoint of size ${stored.size}`, stored.size)
    const outside = this.#headNote
    if (outside === undefined && notes.length > 0) {
      this.#notes.push(`There is no ${basename(this.#files.headNote)} to compare with: a ledger put back from a backup would not show.`)
    }
    const sizes = new Set(notes.map((note) => note.size))
    if (outside !== undefined) take(outside, `the note ${basename(this.#files.headNote)}`, undefined)
    const gone = notes.find((note) => !sizes.has(note.size)) // stored in the journal first, so it stands there unless somebody took it away
    if (gone) this.#problems.note(0, gone.size - 1, `the journal has no checkpoint of size ${gone.size}, but ${gone.where} is one`)
    return notes.sort((a, b) => a.size - b.size)
  }

  readHeadNote(): void {
    if (!existsSync(this.#files.headNote)) return
    try {
      this.#headNote = readFileSync(this.#files.headNote, "utf8")
    } catch (error) {
      throw new Fault("store.unreadable", { file: this.#files.headNote, problem: problemOf(error) }, error)
    }
  }

  #checkFileSalt(): void {
    const pinned = this.#keys.store.fileSalts[journalName]
    if (!pinned) return
    const found = readFileSalt(this.#files.journal)
    if (!found.equals(Buffer.from(pinned, "base64").subarray(0, fileSaltBytes))) {
      this.#problems.note(0, 0, "the first bytes of journal.db are not the ones in keys.json")
    }
  }
}

type CheckedNote = { readonly size: number; readonly root: Buffer; readonly where: string }

/** Compares stored tiles with the leaf hashes that were walked. Upper tiles are compared by what lies below them. */
class TileCheck {
  readonly #stored: IterableIterator<[number, Buffer]>
  readonly #problems: Problems
  readonly #roots: Buffer[] = []
  #next: IteratorResult<[number, Buffer]>

  constructor(stored: IterableIterator<[number, Buffer]>, problems: Problems) {
    this.#stored = stored
    this.#problems = problems
    this.#next = stored.next()
  }

  close(): void {
    this.#stored.return?.()
  }

  expectLeaves(index: number, leaves: Buffer, root: Buffer): void {
    this.#expect(0, index, leaves)
    this.#roots.push(Buffer.from(root))
  }

  finish(size: number): void {
    for (let level = 1, below: readonly Buffer[] = this.#roots; below.length > 0; level++) {
      const roots: Buffer[] = []
      for (let index = 0; index * tileWidth < below.length; index++) {
        const tile = Buffer.alloc(tileBytes)
        const group = below.slice(index * tileWidth, (index + 1) * tileWidth)
        group.forEach((hash, slot) => hash.copy(tile, slot * hashBytes))
        this.#expect(level, index, tile)
        if (group.length === tileWidth) roots.push(subtreeInTile(tile, 0, 8))
      }
      below = roots
    }
    if (!this.#next.done) this.#problems.note(0, Math.max(0, size - 1), "the tree on disk has tiles that belong to no entry")
  }

  #expect(level: number, index: number, tile: Buffer): void {
    const wide = tileWidth ** (level + 1)
    const [key, hashes] = this.#next.done ? [-1, undefined] : this.#next.value
    if (key !== tileKey(level, index) || !hashes?.equals(tile)) {
      this.#problems.note(index * wide, (index + 1) * wide - 1, "the tree on disk does not fit the entries")
    }
    if (key === tileKey(level, index)) this.#next = this.#stored.next()
  }
}
