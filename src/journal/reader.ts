/** The journal, from a reader's side. Opens read only, beside a running writer, after it, or on a copy; never takes the writer's place. */
import { Fault } from "../base/fault.ts"
import { countOf, objectOf } from "../base/json.ts"
import { saltBytes } from "../format/commitment.ts"
import type { FactsJson } from "../format/event.ts"
import { leafHash, leafHashInto, parseHeader, type Header } from "../format/header.ts"
import type { SubtreeSource } from "../format/merkle.ts"
import { hashBytes } from "../format/sha256.ts"
import { recordsPerChunk } from "../vault/content-seal.ts"
import { databaseFault, isDriverError, type SqliteDatabase, type SqliteStatement } from "../vault/database.ts"
import type { PageKeys } from "../vault/key-store.ts"
import { StoredCosignatures } from "./stored-cosignatures.ts"
import type { LedgerFiles } from "./files.ts"
import { noteName, type Noted } from "./entry-notes.ts"
import { openReadable, type ReadableOptions } from "./open-readable.ts"
import { OpenedChunks, type ScopeSource } from "./opened-chunks.ts"
import { StoredTables } from "./stored-tables.ts"
import { closedName } from "./schema.ts"
import { idTiles, storedLeaf, storedSubtrees, tileKey } from "./tiles.ts"

export type StoredEntry = {
  readonly sequence: number
  readonly headerBytes: Buffer
  readonly header: Header
  /** Salt, 16 bytes, then JSON. */
  readonly saltedFacts: Buffer
  readonly place: number | null
}

export type StoredCheckpoint = { readonly size: number; readonly note: string; readonly storedMs: number }

/** One row as it stands: sequence, header, salted facts, place. */
export type RawEntry = [number, Buffer, Buffer, number | null]

/** Content of an entry: salted bytes when it opened; `erased` when its key was destroyed; `unreadable` when its chunk does not open; `none` when it has none. */
export type ContentState = Buffer | "erased" | "unreadable" | "none"

const noFacts = Buffer.alloc(0)
/** Rows fetched together: one by one they take half as long again. */
const entriesAtOnce = 128

export class JournalReader {
  readonly #database: SqliteDatabase
  readonly #file: string
  readonly #entry: SqliteStatement
  readonly #last: SqliteStatement
  readonly #header: SqliteStatement
  readonly #leaves: SqliteStatement
  readonly #range: SqliteStatement
  readonly #headers: SqliteStatement
  readonly #notes: SqliteStatement
  readonly #chunks: OpenedChunks
  readonly #discard: () => void
  readonly cosignatures: StoredCosignatures
  readonly tables: StoredTables

  constructor(database: SqliteDatabase, file: string, discard: () => void) {
    this.#database = database
    this.#file = file
    this.#discard = discard
    this.cosignatures = new StoredCosignatures(database, file)
    this.tables = new StoredTables(database, file)
    this.#entry = database.prepare("SELECT sequence, header, facts, place FROM entries WHERE sequence = ?").raw()
    this.#last = database.prepare("SELECT max(sequence) FROM entries").pluck()
    this.#header = database.prepare("SELECT header FROM entries WHERE sequence = ?").pluck()
    this.#leaves = database.prepare("SELECT header FROM entries WHERE sequence >= ? AND sequence < ? ORDER BY sequence").pluck()
    this.#range = database.prepare("SELECT sequence, header, facts, place FROM entries WHERE sequence >= ? AND sequence <= ? ORDER BY sequence LIMIT ?").raw()
    this.#headers = database.prepare("SELECT sequence, header, place FROM entries WHERE sequence >= ? ORDER BY sequence LIMIT 256").raw()
    this.#notes = database.prepare("SELECT name FROM meta WHERE name GLOB ?").pluck()
    this.#chunks = new OpenedChunks(database.prepare("SELECT scope_id, sealed FROM chunks WHERE number = ?").raw())
  }

  static open(files: LedgerFiles, keys: PageKeys, options: ReadableOptions = {}): JournalReader {
    const { database, discard } = openReadable(files, keys, options)
    try {
      return new JournalReader(database, files.journal, discard)
    } catch (error) {
      database.close()
      discard()
      throw readFault(files.journal, error)
    }
  }

  /** Asks a reader that is there for this one question. */
  static ask<T>(files: LedgerFiles, keys: PageKeys, question: (reader: JournalReader) => T, options: ReadableOptions = {}): T {
    const reader = JournalReader.open(files, keys, options)
    try {
      return question(reader)
    } finally {
      reader.close()
    }
  }

  size(): number {
    return this.#guard(() => ((this.#last.get() as number | null) ?? -1) + 1)
  }

  /** Undefined when it is gone, which verify reports. */
  idSalt(): Buffer | undefined {
    return this.#guard(() => this.#database.prepare("SELECT value FROM meta WHERE name = 'id salt'").pluck().get() as Buffer | undefined)
  }

  /** Numbers that were noted down under a name, ascending: of entries their sequences (`entry-notes.ts`). */
  noted(what: Noted): readonly number[] {
    const start = noteName(what, "")
    const names = this.#guard(() => this.#notes.all(`${start}*`)) as string[]
    // A name that nobody of ours wrote leads to entry 0, which is none.
    return names.map((name) => countOf(Number(name.slice(start.length))) ?? 0).sort((a, b) => a - b)
  }

  /** The sequence of the entry that says what is gone from this file (`closing.ts`); undefined while everything is there. */
  closedBy(): number | undefined {
    const value = this.#guard(() => this.#database.prepare("SELECT value FROM meta WHERE name = ?").pluck().get(closedName)) as Buffer | undefined
    return value && (countOf(Number(value.toString("latin1"))) ?? 0)
  }

  /** Changes whenever another process commits: a cheap question for those who follow. */
  dataVersion(): number {
    return this.#database.pragma("data_version", { simple: true }) as number
  }

  entry(sequence: number): StoredEntry | undefined {
    const row = this.rawEntry(sequence)
    return row && this.#parse(row)
  }

  rawEntry(sequence: number): RawEntry | undefined {
    return this.#guard(() => this.#entry.get(sequence)) as RawEntry | undefined
  }

  /** Entries `from` to `to`, inclusive, in order. */
  *entries(from: number, to: number): IterableIterator<StoredEntry> {
    for (const row of this.rawEntries(from, to)) yield this.#parse(row)
  }

  /** As `entries`, unparsed: for those who check or count a million of them. */
  *rawEntries(from: number, to: number): IterableIterator<RawEntry> {
    // What is appended meanwhile is not part of it, and what is there stays as it is.
    const last = Math.min(to, this.size() - 1)
    for (let next = from; next <= last;) {
      const rows = this.#guard(() => this.#range.all(next, last, entriesAtOnce)) as RawEntry[]
      yield* rows
      if (rows.length < entriesAtOnce) return
      next = (rows.at(-1)?.[0] ?? last) + 1
    }
  }

  /** As `rawEntries` from `from` on, without facts (empty): a walk that leaves them alone costs half of one that takes them. */
  *rawHeaders(from: number): IterableIterator<RawEntry> {
    for (let next = from; ;) {
      const rows = this.#guard(() => this.#headers.all(next)) as [number, Buffer, number | null][]
      for (const [sequence, header, place] of rows) yield [sequence, header, noFacts, place]
      const last = rows.at(-1)
      if (!last) return
      next = last[0] + 1
    }
  }

  content({ place, header }: { readonly place: number | null; readonly header: { readonly scopeId: Buffer } }, scopes: ScopeSource): ContentState {
    if (place === null) return "none"
    const { scopeId, records } = this.#guard(() => this.#chunks.open(Math.floor(place / recordsPerChunk), scopes))
    if (!scopeId?.equals(header.scopeId)) return "unreadable"
    if (typeof records === "string") return records
    return records[place % recordsPerChunk] ?? "unreadable"
  }

  /** Every stored checkpoint, by size. */
  checkpoints(): StoredCheckpoint[] {
    return this.#checkpointRows("ORDER BY size")
  }

  checkpoint(size: number): StoredCheckpoint | undefined {
    return this.#checkpointRows("WHERE size = ?", size)[0]
  }

  latestCheckpoint(): StoredCheckpoint | undefined {
    return this.#checkpointRows("ORDER BY size DESC LIMIT 1")[0]
  }

  /** The last `most` of them, newest first, and how many there are. */
  latestCheckpoints(most: number): { readonly checkpoints: readonly StoredCheckpoint[]; readonly total: number } {
    const total = this.#guard(() => this.#database.prepare("SELECT count(*) FROM checkpoints").pluck().get()) as number
    return { checkpoints: this.#checkpointRows("ORDER BY size DESC LIMIT ?", most), total }
  }

  #checkpointRows(which: string, ...parameters: readonly number[]): StoredCheckpoint[] {
    const statement = `SELECT size, note, stored_ms AS storedMs FROM checkpoints ${which}`
    return this.#guard(() => this.#database.prepare(statement).all(...parameters)) as StoredCheckpoint[]
  }

  *tiles(): IterableIterator<[number, Buffer]> {
    try {
      for (const row of this.#database.prepare("SELECT tile, hashes FROM tiles WHERE tile < ? ORDER BY tile").raw().iterate(idTiles))
        yield row as [number, Buffer]
    } catch (error) {
      throw readFault(this.#file, error)
    }
  }

  /** Also of an entry that is gone: the tree keeps it. */
  leafHash(sequence: number): Buffer {
    const header = this.headerAt(sequence)
    return header ? leafHash(header) : this.#guard(() => storedLeaf(this.#database, sequence))
  }

  /** Leaf hashes of 256 entries, as the tree keeps them. */
  leafTile(index: number): Buffer | undefined {
    return this.#guard(() => this.#database.prepare("SELECT hashes FROM tiles WHERE tile = ?").pluck().get(tileKey(0, index)) as Buffer | undefined)
  }

  /** The header as it stands, unparsed. */
  headerAt(sequence: number): Buffer | undefined {
    return this.#guard(() => this.#header.get(sequence)) as Buffer | undefined
  }

  /** Subtree hashes of the tree over the first `size` entries, for proofs. */
  subtrees(size: number): SubtreeSource {
    return storedSubtrees(this.#database, size, (target, from, to) => this.#leavesInto(target, from, to))
  }

  /** One statement for all of them: a proof by the newest checkpoint needs up to 255. */
  #leavesInto(target: Buffer, from: number, to: number): void {
    const headers = this.#guard(() => this.#leaves.all(from, to)) as Buffer[]
    if (headers.length !== to - from) throw new Fault("store.damaged", { file: this.#file, problem: `entries of #${from} to #${to - 1} are missing` })
    headers.forEach((header, at) => leafHashInto(target, at * hashBytes, header))
  }

  /** The number of the first chunk that was recorded after an entry: numbers grow from commit to commit, and no commit has as many entries as are looked at. */
  chunksUpTo(sequence: number): number {
    const last = "SELECT max(place) FROM (SELECT place FROM entries WHERE sequence <= ? AND place IS NOT NULL ORDER BY sequence DESC LIMIT 20000)"
    const place = this.#guard(() => this.#database.prepare(last).pluck().get(sequence)) as number | null
    return place === null ? 0 : Math.floor(place / recordsPerChunk) + 1
  }

  /** Runs a reading in one snapshot: what a writer commits meanwhile is not seen. */
  snapshot<T>(read: () => T): T {
    this.#guard(() => this.#database.exec("BEGIN"))
    try {
      return this.#guard(read)
    } finally {
      this.#endSnapshot()
    }
  }

  /** Nothing was written, so nothing can be lost here: on a damaged file even the end of a reading fails, and its beginning said so. */
  #endSnapshot(): void {
    try {
      if (this.#database.inTransaction) this.#database.exec("ROLLBACK")
    } catch {
      this.#database.close()
    }
  }

  close(): void {
    this.#database.close()
    this.#discard()
  }

  #parse([sequence, headerBytes, saltedFacts, place]: RawEntry): StoredEntry {
    return { sequence, headerBytes, header: parseHeader(headerBytes, this.#file), saltedFacts, place }
  }

  #guard<T>(read: () => T): T {
    try {
      return read()
    } catch (error) {
      throw readFault(this.#file, error)
    }
  }
}

/** An error of the driver becomes a fault; anything else is a bug and stays one. */
function readFault(file: string, error: unknown): unknown {
  return isDriverError(error) ? databaseFault(file, error) : error
}

/** The text after the salt. */
export function saltedTextOf(salted: Buffer): string {
  return salted.toString("utf8", saltBytes)
}

/** Facts of a stored entry; without an id where they are no JSON object or have none, which verify reports. */
export function factsOf(entry: { readonly saltedFacts: Buffer }): FactsJson {
  try {
    const facts = objectOf(JSON.parse(saltedTextOf(entry.saltedFacts)))
    return (typeof facts["id"] === "string" ? facts : { ...facts, id: "" }) as FactsJson
  } catch {
    // Damaged facts are a finding of verify; whoever lists or counts shows the entry without them.
    return { id: "" }
  }
}
