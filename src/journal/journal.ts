/**
 * The journal, from its writer's side: append, checkpoint, nothing else. One instance a data directory, held under the writer's lock.
 *
 * One append is one transaction: entries, sealed contents, tiles and the senders' counters are all there after it, or none is.
 * After any error the instance is spent: its memory may be ahead of the disk, so the writer process exits and the next one reads the disk.
 */
import { randomFillSync } from "node:crypto"
import { assert, Fault } from "../base/fault.ts"
import { contentHashInto, factsHashInto, idHashInto, saltBytes } from "../format/commitment.ts"
import type { Checkpoint } from "../format/checkpoint.ts"
import { headerFixedBytes, headerOffset, leafHashInto, parseHeader, writeHeaderFrame, zeroHash } from "../format/header.ts"
import { ChunkSealer } from "../vault/content-seal.ts"
import { databaseFault, isDriverError, type SqliteDatabase, type SqliteStatement } from "../vault/database.ts"
import type { OpenKeys } from "../vault/key-store.ts"
import type { Scope } from "../vault/scope.ts"
import type { LedgerFiles } from "./files.ts"
import { noteEarlier, notedTypes, noteName } from "./entry-notes.ts"
import { nextChunkIn, openJournalDatabase } from "./schema.ts"
import type { StoredCosignature } from "./stored-cosignatures.ts"
import { TileWriter } from "./tiles.ts"

/** An event made ready for its place: texts are final, the scope is resolved. */
export type NewEntry = {
  readonly type: string
  readonly id: string
  readonly scope: Scope
  /** JSON object, or its UTF-8; its `id` is the event's id. */
  readonly factsText: string | Buffer
  readonly contentText?: string | Buffer | undefined
  /** One of very many: its content may stand packed with others'. */
  readonly isBulk?: boolean
}

/** The highest number of each sender that this append covers; senders number what they send, so that a repeat is known. */
export type SenderMarks = ReadonlyMap<string, number>

export type JournalOptions = {
  /** Called right before each commit; a bench delays the disk with it and a test makes it fail. */
  readonly beforeCommit?: () => void
}

const saltPoolBytes = 8192
const noMarks: SenderMarks = new Map()

export class Journal {
  readonly files: LedgerFiles
  #keys: OpenKeys
  readonly #database: SqliteDatabase
  readonly #tiles: TileWriter
  readonly #idSalt: Buffer
  readonly #insertEntry: SqliteStatement
  readonly #insertChunk: SqliteStatement
  readonly #markSender: SqliteStatement
  readonly #note: SqliteStatement
  readonly #begin: SqliteStatement
  readonly #commit: SqliteStatement
  readonly #beforeCommit: (() => void) | undefined
  readonly #header: Buffer = Buffer.alloc(headerFixedBytes + 255)
  readonly #salts: Buffer = Buffer.alloc(saltPoolBytes)
  #saltAt = saltPoolBytes
  #salted: Buffer = Buffer.alloc(64 * 1024)
  #nextChunk: number
  #lastTimeMs: number

  constructor(files: LedgerFiles, keys: OpenKeys, options: JournalOptions = {}) {
    this.files = files
    this.#keys = keys
    const database = openJournalDatabase(files, keys, { readonly: false })
    try {
      this.#database = database
      this.#beforeCommit = options.beforeCommit
      const idSalt = database.prepare("SELECT value FROM meta WHERE name = 'id salt'").pluck().get()
      if (!Buffer.isBuffer(idSalt)) throw new Fault("store.damaged", { file: files.journal, problem: "the salt of its id hashes is gone" })
      this.#idSalt = idSalt
      this.#insertEntry = database.prepare("INSERT INTO entries(sequence, header, facts, place) VALUES (?, ?, ?, ?)")
      this.#insertChunk = database.prepare("INSERT INTO chunks(number, scope_id, sealed) VALUES (?, ?, ?)")
      this.#markSender = database.prepare("INSERT INTO senders(sender, number) VALUES (?, ?) ON CONFLICT(sender) DO UPDATE SET number = excluded.number")
      this.#note = database.prepare("INSERT OR IGNORE INTO meta(name, value) VALUES (?, x'')")
      noteEarlier(database)
      this.#begin = database.prepare("BEGIN IMMEDIATE")
      this.#commit = database.prepare("COMMIT")
      const readHeader = database.prepare("SELECT header FROM entries WHERE sequence = ?").pluck()
      const last = database.prepare("SELECT max(sequence) FROM entries").pluck().get() as number | null
      const size = last === null ? 0 : last + 1
      this.#lastTimeMs = last === null ? 0 : parseHeader(readHeader.get(last) as Buffer, files.journal).timeMs
      this.#nextChunk = nextChunkIn(database)
      const leafAt = (target: Buffer, offset: number, sequence: number) => leafHashInto(target, offset, readHeader.get(sequence) as Buffer)
      this.#tiles = new TileWriter(database, size, leafAt)
      // The previous hash lives in the leaf tile; when the last tile is exactly full, it is the last entry's own leaf hash.
      if (size > 0 && size % 256 === 0) leafAt(this.#tiles.target, 255 * 32, size - 1)
    } catch (error) {
      database.close()
      throw databaseFault(files.journal, error)
    }
  }

  /** Number of entries; the sequence of the next one. */
  get size(): number {
    return this.#tiles.size
  }

  get lastTimeMs(): number {
    return this.#lastTimeMs
  }

  get verifierKey(): string {
    return this.#keys.store.verifierKey
  }

  /** The highest number each sender has had committed; 0 for one never seen. */
  senderMark(sender: string): number {
    return (this.#database.prepare("SELECT number FROM senders WHERE sender = ?").pluck().get(Buffer.from(sender, "hex")) as number | undefined) ?? 0
  }

  /**
   * Appends all entries in one durable commit and returns the first one's sequence.
   * @throws {Fault} `store.write-failed`; nothing of the batch is recorded then, and the instance must be dropped.
   */
  append(entries: readonly NewEntry[], nowMs: number, marks: SenderMarks = noMarks): number {
    return this.#append(entries, nowMs, marks, () => {})
  }

  /**
   * Appends the entry by which one signing key gives its place to another, and in the same commit the checkpoint over it and the note where it is:
   * there is no moment at which the journal has one of them without the others. The caller gives us the new keys before anything else is signed.
   */
  appendHandOver(entry: NewEntry, nowMs: number, noteOf: (checkpoint: Checkpoint) => string): number {
    return this.#append([entry], nowMs, noMarks, (sequence) => {
      this.#note.run(noteName("hand-over", sequence))
      this.storeCheckpoint(this.size, noteOf(this.#head()), nowMs)
    })
  }

  /** What is no entry, and must be known of the journal's time: keys.json was of this format. */
  noteKeysFormat(format: number): void {
    try {
      this.#note.run(noteName("keys", format))
    } catch (error) {
      throw databaseFault(this.files.journal, error)
    }
  }

  /** Signs with these keys from now on. */
  adopt(keys: OpenKeys): void {
    this.#keys = keys
  }

  #append(entries: readonly NewEntry[], nowMs: number, marks: SenderMarks, within: (first: number) => void): number {
    const first = this.size
    const timeMs = Math.max(this.#lastTimeMs, Math.floor(nowMs))
    try {
      this.#begin.run()
      const sealer = new ChunkSealer(this.#nextChunk, timeMs, (chunk) => {
        this.#insertChunk.run(chunk.number, chunk.scopeId, chunk.sealed)
        this.#nextChunk = Math.max(this.#nextChunk, chunk.number + 1)
      })
      for (const entry of entries) this.#insert(entry, timeMs, sealer)
      sealer.flush()
      for (const [sender, number] of marks) this.#markSender.run(Buffer.from(sender, "hex"), number)
      within(first)
      this.#beforeCommit?.()
      this.#commit.run()
    } catch (error) {
      throw isDriverError(error) ? databaseFault(this.files.journal, error) : error
    }
    this.#lastTimeMs = timeMs
    return first
  }

  /** The signed head, as a C2SP note. Not stored. */
  checkpoint(): { readonly checkpoint: Checkpoint; readonly note: string } {
    const checkpoint = this.#head()
    return { checkpoint, note: this.#keys.signer.note(checkpoint) }
  }

  #head(): Checkpoint {
    return { origin: this.#keys.store.origin, size: this.size, root: this.#tiles.root() }
  }

  /** Stores a checkpoint of this journal; storing one size twice keeps the first. */
  storeCheckpoint(size: number, note: string, nowMs: number): void {
    try {
      this.#database.prepare("INSERT OR IGNORE INTO checkpoints(size, note, stored_ms) VALUES (?, ?, ?)").run(size, note, nowMs)
    } catch (error) {
      throw databaseFault(this.files.journal, error)
    }
  }

  /** Keeps what a witness gave for a stored checkpoint; a second one of the same witness says no more, and the first stays. */
  storeCosignature({ size, witness, line }: StoredCosignature): void {
    try {
      this.#database.prepare("INSERT OR IGNORE INTO cosignatures(size, witness, line) VALUES (?, ?, ?)").run(size, witness, line)
    } catch (error) {
      throw databaseFault(this.files.journal, error)
    }
  }

  /**
   * Moves committed pages from the write-ahead log into the file. Returns the pages the log still holds (readers can keep some); undefined when
   * another connection is at it, and nothing was done.
   */
  checkpointLog(mode: "PASSIVE" | "TRUNCATE"): number | undefined {
    const [row] = this.#database.pragma(`wal_checkpoint(${mode})`) as { log: number; checkpointed: number }[]
    return row && row.log >= 0 ? row.log - row.checkpointed : undefined
  }

  close(): void {
    this.#database.close()
  }

  #insert(entry: NewEntry, timeMs: number, sealer: ChunkSealer): void {
    const header = this.#header
    const sequence = this.#tiles.size
    const headerBytes = writeHeaderFrame(header, sequence, timeMs, entry.type)
    idHashInto(header, headerOffset.idHash, this.#idSalt, entry.id)
    entry.scope.id.copy(header, headerOffset.scopeId)
    let place: number | null = null
    if (entry.contentText === undefined) {
      zeroHash.copy(header, headerOffset.contentHash)
    } else {
      const salted = this.#salt(entry.contentText)
      contentHashInto(header, headerOffset.contentHash, salted)
      place = sealer.add(entry.scope, salted, entry.isBulk)
    }
    const facts = this.#salt(entry.factsText)
    factsHashInto(header, headerOffset.factsHash, facts)
    if (sequence === 0) zeroHash.copy(header, headerOffset.previousHash)
    else this.#tiles.copyLast(header, headerOffset.previousHash)
    this.#insertEntry.run(sequence, header.subarray(0, headerBytes), facts, place)
    const noted = notedTypes.get(entry.type)
    if (noted) this.#note.run(noteName(noted, sequence))
    leafHashInto(this.#tiles.target, this.#tiles.targetOffset, header, headerBytes)
    this.#tiles.pushed()
  }

  /** A fresh salt and the text, as one view of a shared buffer: valid until the next call. */
  #salt(text: string | Buffer): Buffer {
    const roomBytes = saltBytes + text.length * (typeof text === "string" ? 3 : 1)
    if (this.#salted.length < roomBytes) this.#salted = Buffer.alloc(roomBytes * 2)
    if (this.#saltAt === saltPoolBytes) {
      randomFillSync(this.#salts)
      this.#saltAt = 0
    }
    this.#salts.copy(this.#salted, 0, this.#saltAt, this.#saltAt + saltBytes)
    this.#saltAt += saltBytes
    const written = typeof text === "string" ? this.#salted.write(text, saltBytes, "utf8") : text.copy(this.#salted, saltBytes)
    assert(written >= text.length, "a text was cut while it was salted")
    return this.#salted.subarray(0, saltBytes + written)
  }
}
