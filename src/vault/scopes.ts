/**
 * scopes.db: the keys that open content, and the labels of people and sessions. Kept and backed up apart from the journal: destroying a key here erases that
 * content, and no hash or proof changes.
 *
 * A scope is a session and a sender. It has a key for every day (UTC) on which something of it was recorded, so that what is older than a day can be erased by
 * itself; which key a chunk was sealed under follows from its number.
 */
import { createSecretKey, createHmac, randomBytes, type KeyObject } from "node:crypto"
import { statSync } from "node:fs"
import { Fault } from "../base/fault.ts"
import type { ScopeName } from "../format/event.ts"
import { scopeIdBytes } from "../format/header.ts"
import { databaseFault, inTransaction, openDatabase, type SqliteDatabase, type SqliteStatement } from "./database.ts"
import { dayOf, Scope, type ScopeKey } from "./scope.ts"
import { createScopesSchema, scopesFormat } from "./scopes-schema.ts"

export const scopesName = "scopes.db"
const keptOpen = 4_096

/** What scopes.db has, and what it had once. Nothing of it ever gets less but `open` and `keys`. */
export type ScopeCounts = { readonly open: number; readonly erased: number; readonly keys: number; readonly destroyed: number }

export class ScopeStore {
  readonly #database: SqliteDatabase
  readonly #path: string
  readonly #byName = new Map<string, Scope>()
  readonly #byId = new Map<string, Scope | "erased">()
  readonly #pseudonymKey: KeyObject
  readonly #find: SqliteStatement
  readonly #findId: SqliteStatement
  readonly #keys: SqliteStatement
  readonly #insert: { readonly scope: SqliteStatement; readonly key: SqliteStatement; readonly move: SqliteStatement } | undefined
  readonly #version: SqliteStatement
  #seen: unknown

  constructor(path: string, database: SqliteDatabase, writable: boolean) {
    this.#path = path
    this.#database = database
    this.#find = database.prepare("SELECT scope_id, session, sender, salt FROM scopes WHERE session = ? AND sender = ? AND salt IS NOT NULL").raw()
    this.#findId = database.prepare("SELECT scope_id, session, sender, salt FROM scopes WHERE scope_id = ?").raw()
    this.#keys = database.prepare("SELECT from_chunk, day, key FROM scope_keys WHERE scope_id = ? ORDER BY from_chunk").raw()
    this.#version = database.prepare("PRAGMA data_version").pluck()
    this.#insert = writable
      ? {
          scope: database.prepare("INSERT INTO scopes(scope_id, session, sender, salt, created_ms) VALUES (?, ?, ?, ?, ?)"),
          key: database.prepare("INSERT INTO scope_keys(scope_id, from_chunk, day, key) VALUES (?, ?, ?, ?)"),
          move: database.prepare("UPDATE scope_keys SET from_chunk = ?, day = ? WHERE scope_id = ? AND from_chunk = ?"),
        }
      : undefined
    this.#pseudonymKey = createSecretKey(database.prepare("SELECT value FROM meta WHERE name = 'pseudonym key'").pluck().get() as Buffer)
  }

  static open(path: string, key: Uint8Array, options: { readonly readonly: boolean }): ScopeStore {
    // To SQLite an empty file is an empty database. A writer makes its tables; for who reads, they are gone.
    if (options.readonly && statSync(path, { throwIfNoEntry: false })?.size === 0) throw new Fault("store.damaged", { file: path, problem: "it is empty" })
    const database = openDatabase(path, { key, reading: options.readonly })
    try {
      if (!options.readonly) {
        database.pragma("journal_mode = DELETE")
        database.pragma("synchronous = FULL")
        database.pragma("secure_delete = ON")
        database.pragma("temp_store = MEMORY")
        createScopesSchema(database)
      }
      const format = database.pragma("user_version", { simple: true }) as number
      if (format > scopesFormat) throw new Fault("store.newer-format", { file: path, found: format, known: scopesFormat })
      return new ScopeStore(path, database, !options.readonly)
    } catch (error) {
      database.close()
      throw databaseFault(path, error)
    }
  }

  /** The scope of these labels, made durable before anybody seals with it. */
  resolve(name: ScopeName, nowMs: number): Scope {
    const session = name.session ?? ""
    const sender = name.sender ?? ""
    const label = labelOf(session, sender)
    const known = this.#byName.get(label)
    if (known) return known
    const scope = this.#load(this.#find.get(session, sender)) ?? this.#guard(() => inTransaction(this.#database, () => this.#create(session, sender, nowMs)))
    if (this.#byName.size >= keptOpen) this.#byName.clear()
    this.#byName.set(label, scope)
    return scope
  }

  /** Makes sure of the scopes of many sessions in one commit: one for each would take as many syncs of the disk. */
  resolveAll(sessions: readonly string[], nowMs: number): void {
    const fresh = [...new Set(sessions)].filter((session) => !this.#byName.has(labelOf(session, "")))
    if (fresh.length === 0) return
    this.#guard(() =>
      inTransaction(this.#database, () => {
        for (const session of fresh) if (this.#find.get(session, "") === undefined) this.#create(session, "", nowMs)
      }),
    )
  }

  /** The scope of an id: `erased` when all its keys were destroyed, undefined when it was never here. */
  byId(id: Buffer): Scope | "erased" | undefined {
    this.#forgetChanged()
    const name = id.toString("hex")
    const known = this.#byId.get(name)
    if (known) return known
    const row = this.#findId.get(id)
    if (!row) return undefined
    const scope = this.#load(row) ?? "erased"
    if (this.#byId.size >= keptOpen) this.#byId.clear()
    this.#byId.set(name, scope)
    return scope
  }

  /** Ids of the scopes of a session's label. */
  idsOfSession(session: string): Buffer[] {
    return this.#database.prepare("SELECT scope_id FROM scopes WHERE session = ?").pluck().all(session) as Buffer[]
  }

  /** How many scopes can be opened, and how many were erased; of all of them, how many keys there are, and how many were destroyed. */
  count(): ScopeCounts {
    const counts = `SELECT (SELECT count(salt) FROM scopes) AS open, (SELECT count(*) - count(salt) FROM scopes) AS erased,
      (SELECT count(key) FROM scope_keys) AS keys, (SELECT count(*) - count(key) FROM scope_keys) AS destroyed`
    return this.ask((database) => database.prepare(counts).get() as ScopeCounts)
  }

  /** A stable stand-in for an id that may name a person: 20 characters, not to be guessed back without this file. */
  pseudonym(text: string): string {
    return pseudonymUnder(this.#pseudonymKey, text)
  }

  /** For threads of our own that make pseudonyms. */
  get pseudonymKey(): KeyObject {
    return this.#pseudonymKey
  }

  /** HMAC-SHA-256 of a text under the scope's redaction salt, as hex: what stands in for a text that a setting hides. */
  redactionHash(scope: Scope, text: string | Uint8Array): string {
    return createHmac("sha256", scope.redactionSalt).update(text).digest("hex")
  }

  /** The tables, for what erases; nobody keeps what was read before. */
  change<T>(work: (database: SqliteDatabase) => T): T {
    this.#forget()
    return this.#guard(() => inTransaction(this.#database, () => work(this.#database)))
  }

  /** Writes the file anew from its rows: what a page kept of a row that is gone, between others or after a split, is gone with it (`secure_delete` leaves such). */
  rewrite(): void {
    this.#guard(() => this.#database.exec("VACUUM"))
  }

  /** The tables, to ask. */
  ask<T>(question: (database: SqliteDatabase) => T): T {
    return this.#guard(() => question(this.#database))
  }

  close(): void {
    this.#database.close()
  }

  #create(session: string, sender: string, nowMs: number): Scope {
    const id = randomBytes(scopeIdBytes)
    const salt = randomBytes(32)
    const [key, day] = [randomBytes(32), dayOf(nowMs)]
    this.#insert?.scope.run(id, session, sender, salt, nowMs)
    this.#insert?.key.run(id, 0, day, key)
    return this.#scope({ id, session, sender, salt }, [{ fromChunk: 0, day, key: createSecretKey(key) }])
  }

  #load(row: unknown): Scope | undefined {
    if (!Array.isArray(row)) return undefined
    const [id, session, sender, salt] = row as [Buffer, string, string, Buffer | null]
    return salt ? this.#scope({ id, session, sender, salt }, this.#keysOf(id)) : undefined
  }

  #scope(row: { readonly id: Buffer; readonly session: string; readonly sender: string; readonly salt: Buffer }, keys: readonly ScopeKey[]): Scope {
    return new Scope({ ...row, keys, renew: (fromChunk, day) => this.#renewed(row.id, fromChunk, day) })
  }

  #keysOf(id: Buffer): ScopeKey[] {
    const rows = this.#keys.all(id) as [number, number, Buffer | null][]
    return rows.map(([fromChunk, day, key]) => ({ fromChunk, day, key: key === null ? undefined : createSecretKey(key) }))
  }

  /**
   * All keys of a scope, the last of them for this chunk and day: one a day, whoever asks for it first. A key for this chunk or a later one has sealed
   * nothing that was committed, and takes the new one's place. When it was destroyed, what is left of it is moved out of the way: no row is ever removed.
   */
  #renewed(id: Buffer, fromChunk: number, day: number): readonly ScopeKey[] {
    const known = this.#keysOf(id)
    const last = known.at(-1)
    if (last?.key && last.fromChunk >= fromChunk) {
      const moved = { ...last, fromChunk, day: Math.max(day, last.day) }
      this.#guard(() => this.#insert?.move.run(fromChunk, moved.day, id, last.fromChunk))
      return [...known.slice(0, -1), moved]
    }
    if (last?.key && last.day >= day) return known
    const isInTheWay = last !== undefined && last.fromChunk >= fromChunk
    const key = randomBytes(32)
    this.#guard(() => {
      if (isInTheWay) this.#insert?.move.run(-1 - last.fromChunk, last.day, id, last.fromChunk)
      this.#insert?.key.run(id, fromChunk, Math.max(day, last?.day ?? 0), key)
    })
    return this.#keysOf(id)
  }

  /** Where another process writes the file: a key it destroyed is kept nowhere, and one it made is known. */
  #forgetChanged(): void {
    if (this.#insert) return
    const version = this.#version.get()
    if (version === this.#seen) return
    this.#seen = version
    this.#forget()
  }

  #forget(): void {
    this.#byName.clear()
    this.#byId.clear()
  }

  #guard<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      throw databaseFault(this.#path, error)
    }
  }
}

export function pseudonymUnder(key: KeyObject, text: string): string {
  return `~${createHmac("sha256", key).update(text).digest("base64url").slice(0, 19)}`
}

function labelOf(session: string, sender: string): string {
  return `${session.length} ${session}${sender}`
}
