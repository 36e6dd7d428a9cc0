/**
 * journal.db written anew beside the one that is there, page for page under another key, and every content under another key of its scope. In pieces, while the
 * journal grows, and from where it was left when it was cut off; the last piece is for who holds the writer's lock.
 *
 * Nothing that is hashed changes: headers and facts are carried over as bytes, contents as what was sealed.
 */
import { existsSync } from "node:fs"
import type { KeyObject } from "node:crypto"
import { Fault } from "../base/fault.ts"
import { attach } from "../vault/copy-scopes.ts"
import { resealed } from "../vault/content-seal.ts"
import { inTransaction, openDatabase, type SqliteDatabase } from "../vault/database.ts"
import type { Scope } from "../vault/scope.ts"
import type { ScopeSource } from "./opened-chunks.ts"
import { createSchema, pageBytes } from "./schema.ts"
import { tileKey, tileWidth } from "./tiles.ts"

export type CopyOptions = {
  readonly from: { readonly path: string; readonly key: Uint8Array }
  readonly to: { readonly path: string; readonly key: Uint8Array }
  readonly scopes: ScopeSource
  /** What a chunk is to be sealed under; undefined when its key was destroyed. */
  readonly nextKey: (scope: Scope, chunk: number) => KeyObject | undefined
}

export type Copied = { readonly entries: number; readonly of: number }

/** Small enough that one that is cut off is soon done again; large enough that its end is no cost. */
const entriesAPiece = 20_000
const chunksAPiece = 1_000
const chunksARead = 64

export class JournalCopy {
  readonly #database: SqliteDatabase
  readonly #scopes: ScopeSource
  readonly #nextKey: CopyOptions["nextKey"]
  readonly #path: string

  constructor({ from, to, scopes, nextKey }: CopyOptions) {
    const isNew = !existsSync(to.path)
    this.#path = from.path
    this.#scopes = scopes
    this.#nextKey = nextKey
    this.#database = openDatabase(to.path, { key: to.key })
    try {
      if (isNew) this.#database.pragma(`page_size = ${pageBytes}`)
      this.#database.pragma("journal_mode = DELETE")
      this.#database.pragma("synchronous = OFF") // a process that dies loses nothing by it; after the machine did, what was copied is not gone on with
      this.#database.pragma("cache_size = -64000")
      if (this.#database.pragma("user_version", { simple: true }) === 0) createSchema(this.#database)
      attach(this.#database, from)
    } catch (error) {
      this.#database.close()
      throw error
    }
  }

  /** Carries the next piece over; answers how far it is. */
  step(): Copied {
    return inTransaction(this.#database, () => {
      const [size, chunks] = [this.#count("old.entries", "sequence"), this.#count("old.chunks", "number")]
      const [entry, chunk] = [this.#count("main.entries", "sequence"), this.#count("main.chunks", "number")]
      const to = Math.min(size, entry + entriesAPiece)
      this.#database.prepare("INSERT INTO main.entries SELECT * FROM old.entries WHERE sequence >= ? AND sequence < ? ORDER BY sequence").run(entry, to)
      // Contents keep pace with entries: of an import there are few, of a chat as many.
      const share = size === 0 ? 1 : (to - entry) / Math.max(1, size - entry)
      this.#chunks(chunk, to === size ? chunks : Math.min(chunks, chunk + Math.max(chunksAPiece, Math.ceil((chunks - chunk) * share))))
      this.#tiles(entry, to)
      this.#database.exec("INSERT INTO main.checkpoints SELECT * FROM old.checkpoints WHERE size > (SELECT coalesce(max(size), -1) FROM main.checkpoints)")
      return { entries: to, of: size }
    })
  }

  /** The rest, and what changes in place: nobody may append meanwhile. Durable once the file is synced after `close`. */
  finish(): void {
    for (let left = Infinity; left > 0;) {
      const { entries, of } = this.step()
      left = of - entries
    }
    inTransaction(this.#database, () => {
      this.#chunks(this.#count("main.chunks", "number"), this.#count("old.chunks", "number"))
      this.#database.prepare("INSERT OR REPLACE INTO main.tiles SELECT * FROM old.tiles WHERE tile >= ?").run(tileKey(1, 0))
      for (const table of ["cosignatures", "senders", "meta"])
        this.#database.exec(`DELETE FROM main.${table}; INSERT INTO main.${table} SELECT * FROM old.${table};`)
    })
    this.#compare()
    this.#database.exec("DETACH old")
    this.#database.pragma("journal_mode = WAL")
    this.#database.pragma("wal_checkpoint(TRUNCATE)")
  }

  close(): void {
    this.#database.close()
  }

  #chunks(from: number, to: number): void {
    const insert = this.#database.prepare("INSERT INTO main.chunks(number, scope_id, sealed) VALUES (?, ?, ?)")
    const read = this.#database.prepare("SELECT number, scope_id, sealed FROM old.chunks WHERE number >= ? AND number < ? ORDER BY number").raw()
    const known = new Map<string, Scope | "erased" | undefined>()
    for (let at = from; at < to; at += chunksARead) {
      for (const [number, scopeId, sealed] of read.all(at, Math.min(to, at + chunksARead)) as [number, Buffer, Buffer][]) {
        const name = scopeId.toString("latin1")
        if (!known.has(name)) known.set(name, this.#scopes.byId(scopeId))
        const scope = known.get(name)
        const next = typeof scope === "object" ? this.#nextKey(scope, number) : undefined
        // Without its key nobody can open it, under whatever other key: it stays what it is.
        if (typeof scope !== "object" || !next) insert.run(number, scopeId, sealed)
        else insert.run(number, scopeId, this.#resealed(scope, next, { number, scopeId, sealed }))
      }
    }
  }

  #resealed(scope: Scope, next: KeyObject, chunk: Parameters<typeof resealed>[0]): Buffer {
    const found = resealed(chunk, scope, next)
    if (!found) throw new Fault("store.damaged", { file: this.#path, problem: `the sealed contents ${chunk.number} do not open` })
    return found
  }

  /** Full leaf tiles are written once; those above them change, and are carried over at the end. */
  #tiles(from: number, to: number): void {
    const [first, last] = [Math.floor(from / tileWidth), Math.floor(to / tileWidth)]
    this.#database.prepare("INSERT OR REPLACE INTO main.tiles SELECT * FROM old.tiles WHERE tile >= ? AND tile < ?").run(tileKey(0, first), tileKey(0, last))
  }

  /** What was carried over is all there is. Entries and chunks have no gaps: counting them would read every page once more. */
  #compare(): void {
    const numbered = { entries: "sequence", chunks: "number" } as const
    const countIn = (name: string, table: string) => this.#database.prepare(`SELECT count(*) FROM ${name}.${table}`).pluck().get() as number
    for (const table of ["entries", "chunks", "tiles", "checkpoints", "cosignatures", "senders", "meta"]) {
      const column = numbered[table as keyof typeof numbered]
      const [here, there] = ["main", "old"].map((name) => (column ? this.#count(`${name}.${table}`, column) : countIn(name, table)))
      if (here !== there) throw new Fault("store.damaged", { file: this.#path, problem: `of ${there} rows of ${table} ${here} were carried over` })
    }
  }

  /** One more than the highest number in a column that has no gaps. */
  #count(table: string, column: string): number {
    return ((this.#database.prepare(`SELECT max(${column}) FROM ${table}`).pluck().get() as number | null) ?? -1) + 1
  }
}
