/**
 * journal.db written anew beside the one that is there: under another key, and every content under another key of its scope; or without what was closed. In
 * pieces, while the journal grows, and from where it was left when it was cut off; the last piece is for who holds the writer's lock.
 *
 * Nothing that is hashed changes: headers and facts are carried over as bytes, contents as what was sealed, and all of the tree.
 */
import { existsSync } from "node:fs"
import type { KeyObject } from "node:crypto"
import { Fault } from "../base/fault.ts"
import { attach } from "../vault/copy-scopes.ts"
import { recordsPerChunk, resealed, withoutRecords, type SealedChunk } from "../vault/content-seal.ts"
import { inTransaction, openDatabase, type SqliteDatabase, type SqliteStatement } from "../vault/database.ts"
import type { Scope } from "../vault/scope.ts"
import type { ScopeSource } from "./opened-chunks.ts"
import { closedName, createSchema, nextChunkIn, nextChunkName, pageBytes } from "./schema.ts"
import { copyIds } from "./removed-ids.ts"
import { idTiles, tileKey, tileWidth } from "./tiles.ts"

export type CopyOptions = {
  readonly from: { readonly path: string; readonly key: Uint8Array }
  readonly to: { readonly path: string; readonly key: Uint8Array; readonly salt?: Uint8Array }
  readonly scopes: ScopeSource
  /** What a chunk is to be sealed under; undefined when its key was destroyed. Left out, as before. */
  readonly nextKey?: (scope: Scope, chunk: number) => KeyObject | undefined
  /** What is not carried over. */
  readonly removal?: Removal
}

/** Contents that another processor reads and seals anew, in the order of their chunks. */
export type ChunkSupply = {
  /** Which are wanted next; all of the range before are taken. */
  readonly ask: (range: { readonly from: number; readonly to: number }) => void
  /** Some that are ready, or, where it may wait, will be; undefined when none are, and of one that waited, when none come any more. */
  readonly take: (mayWait: boolean) => readonly SuppliedChunk[] | undefined
}

/** As it stands in the new file if it is resealed, and else as in the old one. */
export type SuppliedChunk = SealedChunk & { readonly isResealed: boolean }

/** What of a journal is left behind, decided before the copy begins. */
export type Removal = {
  /** Entries before this one, but for those that are `kept`. */
  readonly upTo: number
  readonly kept: readonly number[]
  /** No entry that stays has its content in a chunk before this one. */
  readonly firstChunk: number
  /** Later ones that no entry that stays has its content in. */
  readonly chunks: ReadonlySet<number>
  /** Ids of entries before this one are kept already, and those up to `upTo` are to be; undefined where ids of earlier ones are gone. */
  readonly idsFrom: number | undefined
  /** Places of contents in other chunks, each of an entry that stays without it, or does not stay. */
  readonly contents: Iterable<number>
}

export type Copied = { readonly entries: number; readonly of: number }

/** Small enough that one that is cut off is done again in a fraction of a second; the end of each costs tens of milliseconds, for what is there is noted down before it changes. */
const entriesAPiece = 100_000
/** Between two of them what another processor made is written. */
const entriesAPart = 10_000
const chunksAPiece = 1_000
const chunksARead = 64
const none: ReadonlySet<number> = new Set()
/** What is noted of an entry goes with it. */
const notesOfGone = `DELETE FROM main.meta WHERE (name GLOB 'erasure *' OR name GLOB 'master *')
  AND NOT EXISTS (SELECT 1 FROM main.entries WHERE sequence = CAST(substr(name, instr(name, ' ') + 1) AS INTEGER))`

export class JournalCopy {
  readonly #database: SqliteDatabase
  readonly #scopes: ScopeSource
  readonly #nextKey: CopyOptions["nextKey"]
  readonly #path: string
  readonly #removal: Removal | undefined
  readonly #read: SqliteStatement
  readonly #insert: SqliteStatement
  #nextEntry = 0
  #nextChunk = 0
  /** Chunks that some contents were to be taken out of, and whose keys were destroyed meanwhile. */
  readonly #unopened: number[] = []

  constructor({ from, to, scopes, nextKey, removal }: CopyOptions) {
    const isNew = !existsSync(to.path)
    this.#path = from.path
    this.#scopes = scopes
    this.#nextKey = nextKey
    this.#removal = removal
    this.#database = openDatabase(to.path, { key: to.key, ...(to.salt ? { salt: to.salt } : {}) })
    try {
      if (isNew) this.#database.pragma(`page_size = ${pageBytes}`)
      this.#database.pragma("journal_mode = DELETE")
      this.#database.pragma("synchronous = OFF") // a process that dies loses nothing by it; after the machine did, what was copied is not gone on with
      this.#database.pragma("cache_size = -64000")
      this.#database.pragma("temp_store = MEMORY")
      if (this.#database.pragma("user_version", { simple: true }) === 0) createSchema(this.#database)
      attach(this.#database, from)
      this.#nextEntry = this.#count("main.entries", "sequence")
      this.#nextChunk = this.#count("main.chunks", "number")
      this.#database.exec("CREATE TEMP TABLE gone(place INTEGER PRIMARY KEY)")
      this.#read = this.#database.prepare("SELECT number, scope_id, sealed FROM old.chunks WHERE number >= ? AND number < ? ORDER BY number").raw()
      this.#insert = this.#database.prepare("INSERT INTO main.chunks(number, scope_id, sealed) VALUES (?, ?, ?)")
      if (removal) this.#begin(removal)
    } catch (error) {
      this.#database.close()
      throw error
    }
  }

  /** Carries the next piece over; answers how far it is. */
  step(supply?: ChunkSupply): Copied {
    return inTransaction(this.#database, () => {
      const [size, chunks] = [this.#count("old.entries", "sequence"), this.#count("old.chunks", "number")]
      const [entry, chunk] = [this.#nextEntry, this.#nextChunk]
      const to = Math.min(size, entry + entriesAPiece)
      // Contents keep pace with entries: of an import there are few, of a chat as many.
      const share = size === 0 ? 1 : (to - entry) / Math.max(1, size - entry)
      const toChunk = to === size ? chunks : Math.min(chunks, chunk + Math.max(chunksAPiece, Math.ceil((chunks - chunk) * share)))
      supply?.ask({ from: chunk, to: toChunk })
      for (let at = entry; at < to; at += entriesAPart) {
        this.#entries(at, Math.min(to, at + entriesAPart))
        if (supply) this.#supplied(supply, false)
      }
      if (supply) this.#supplied(supply, true)
      this.#chunks(this.#nextChunk, toChunk)
      this.#tiles(entry, to)
      this.#database.exec("INSERT INTO main.checkpoints SELECT * FROM old.checkpoints WHERE size > (SELECT coalesce(max(size), -1) FROM main.checkpoints)")
      this.#nextEntry = to
      return { entries: to, of: size }
    })
  }

  /** Nothing is carried over yet: what is left behind is known before it is met. */
  #begin({ upTo, kept, firstChunk, contents, idsFrom }: Removal): void {
    const gone = this.#database.prepare("INSERT OR IGNORE INTO temp.gone(place) VALUES (?)")
    const keep = this.#database.prepare("INSERT INTO main.entries SELECT * FROM old.entries WHERE sequence = ?")
    inTransaction(this.#database, () => {
      for (const place of contents) gone.run(place)
      for (const sequence of kept) keep.run(sequence)
      this.#tiles(0, upTo)
      if (idsFrom !== undefined) copyIds(this.#database, idsFrom, upTo)
    })
    this.#nextEntry = upTo
    this.#nextChunk = firstChunk
  }

  #entries(from: number, to: number): void {
    const place = this.#removal ? "iif(place IN (SELECT place FROM temp.gone), NULL, place)" : "place"
    this.#database
      .prepare(`INSERT INTO main.entries SELECT sequence, header, facts, ${place} FROM old.entries WHERE sequence >= ? AND sequence < ? ORDER BY sequence`)
      .run(from, to)
  }

  /**
   * The rest, and what changes in place: nobody may append meanwhile.
   * @param closedBy the entry that says what is gone, where this copy leaves something behind.
   */
  finish(closedBy?: number): void {
    for (let left = Infinity; left > 0;) {
      const { entries, of } = this.step()
      left = of - entries
    }
    inTransaction(this.#database, () => {
      this.#chunks(this.#nextChunk, this.#count("old.chunks", "number"))
      this.#database.prepare("INSERT OR REPLACE INTO main.tiles SELECT * FROM old.tiles WHERE tile >= ?").run(tileKey(1, 0))
      for (const table of ["cosignatures", "senders", "meta"])
        this.#database.exec(`DELETE FROM main.${table}; INSERT INTO main.${table} SELECT * FROM old.${table};`)
      this.#dropUnused()
      if (this.#removal) this.#database.exec(notesOfGone)
      if (closedBy !== undefined) {
        const note = this.#database.prepare("INSERT OR REPLACE INTO main.meta(name, value) VALUES (?, ?)")
        note.run(closedName, Buffer.from(String(closedBy)))
        note.run(nextChunkName, Buffer.from(String(nextChunkIn(this.#database, "old"))))
      }
    })
    this.#compare()
  }

  #dropUnused(): void {
    const used = this.#database.prepare("SELECT 1 FROM main.entries WHERE place >= ? AND place < ? LIMIT 1").pluck()
    const drop = this.#database.prepare("DELETE FROM main.chunks WHERE number = ?")
    for (const number of this.#unopened) {
      if (used.get(number * recordsPerChunk, (number + 1) * recordsPerChunk) === undefined) drop.run(number)
    }
  }

  /** The file as its next owner opens it. Durable once it is synced after `close`. */
  seal(): void {
    this.#database.exec("DETACH old; DROP TABLE temp.gone")
    this.#database.pragma("temp_store = DEFAULT")
    this.#database.pragma("journal_mode = WAL")
    this.#database.pragma("wal_checkpoint(TRUNCATE)")
  }

  close(): void {
    this.#database.close()
  }

  #supplied(supply: ChunkSupply, mayWait: boolean): void {
    for (let found = supply.take(mayWait); found; found = supply.take(mayWait)) {
      for (const chunk of found) this.#writeChunk(chunk, chunk.isResealed ? chunk.sealed : undefined)
      this.#nextChunk = Math.max(this.#nextChunk, (found.at(-1)?.number ?? -1) + 1)
    }
  }

  #chunks(from: number, to: number): void {
    for (let at = from; at < to; at += chunksARead) {
      for (const [number, scopeId, sealed] of this.#read.all(at, Math.min(to, at + chunksARead)) as [number, Buffer, Buffer][])
        this.#writeChunk({ number, scopeId, sealed })
    }
    this.#nextChunk = Math.max(from, to)
  }

  #writeChunk(chunk: SealedChunk, resealed?: Buffer): void {
    const next = resealed ?? this.#carriedOver(chunk, this.#scopes.byId(chunk.scopeId))
    if (next) this.#insert.run(chunk.number, chunk.scopeId, next)
  }

  /** What a chunk is in the new file; null when nothing of it stays. */
  #carriedOver(chunk: SealedChunk, scope: Scope | "erased" | undefined): Buffer | null {
    if (this.#removal?.chunks.has(chunk.number)) return null
    const next = typeof scope === "object" ? this.#nextKey?.(scope, chunk.number) : undefined
    const gone = this.#goneOf(chunk.number)
    // Without its key nobody can open it, under whatever other key: it stays what it is.
    const opens = typeof scope === "object" && typeof scope.keyOf(chunk.number) === "object"
    if (!opens && gone.size > 0) this.#unopened.push(chunk.number)
    if (!opens || (!next && gone.size === 0)) return chunk.sealed
    const found = gone.size > 0 ? withoutRecords(chunk, scope, gone, next) : next && resealed(chunk, scope, next)
    if (found === undefined) throw new Fault("store.damaged", { file: this.#path, problem: `the sealed contents ${chunk.number} do not open` })
    return found
  }

  #goneOf(number: number): ReadonlySet<number> {
    if (!this.#removal) return none
    const from = number * recordsPerChunk
    const places = this.#database
      .prepare("SELECT place FROM temp.gone WHERE place >= ? AND place < ?")
      .pluck()
      .all(from, from + recordsPerChunk) as number[]
    return new Set(places.map((place) => place - from))
  }

  /** Full leaf tiles are written once; those above them change, and are carried over at the end. */
  #tiles(from: number, to: number): void {
    const [first, last] = [Math.floor(from / tileWidth), Math.floor(to / tileWidth)]
    this.#database.prepare("INSERT OR REPLACE INTO main.tiles SELECT * FROM old.tiles WHERE tile >= ? AND tile < ?").run(tileKey(0, first), tileKey(0, last))
  }

  /** What was carried over is all there is. Entries and chunks have no gaps: counting them would read every page once more. */
  #compare(): void {
    const numbered = { entries: "sequence", chunks: "number" } as const
    // Ids of what is left behind are more than there was.
    const rowsOf = (table: string) => (this.#removal && table === "tiles" ? `tiles WHERE tile < ${idTiles}` : table)
    const countIn = (name: string, table: string) =>
      this.#database
        .prepare(`SELECT count(*) FROM ${name}.${rowsOf(table)}`)
        .pluck()
        .get() as number
    for (const table of ["entries", "chunks", "tiles", "checkpoints", "cosignatures", "senders", "meta"]) {
      const column = numbered[table as keyof typeof numbered]
      if (this.#removal && (table === "chunks" || table === "meta")) continue // of contents some are left behind; one more note says so
      const [here, there] = ["main", "old"].map((name) => (column ? this.#count(`${name}.${table}`, column) : countIn(name, table)))
      if (here !== there) throw new Fault("store.damaged", { file: this.#path, problem: `of ${there} rows of ${table} ${here} were carried over` })
    }
  }

  /** One more than the highest number in a column that has no gaps. */
  #count(table: string, column: string): number {
    return ((this.#database.prepare(`SELECT max(${column}) FROM ${table}`).pluck().get() as number | null) ?? -1) + 1
  }
}
