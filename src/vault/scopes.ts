/**
 * scopes.db: the keys that open content, one a scope (session x sender), and the labels of people and sessions.
 * Kept and backed up apart from the journal: destroying a key here erases that content, and no hash or proof changes.
 */
import { createSecretKey, createHmac, randomBytes, type KeyObject } from "node:crypto"
import { Fault } from "../base/fault.ts"
import type { ScopeName } from "../format/event.ts"
import { scopeIdBytes } from "../format/header.ts"
import { databaseFault, openDatabase, type SqliteDatabase, type SqliteStatement } from "./database.ts"

export const scopesName = "scopes.db"
const scopesFormat = 1
const keptOpen = 4_096

export type Scope = {
  readonly id: Buffer
  /** The id as hex, which is how maps and facts name it. */
  readonly name: string
  readonly key: KeyObject
  readonly session: string
  readonly sender: string
}

export class ScopeStore {
  readonly #database: SqliteDatabase
  readonly #path: string
  readonly #byName = new Map<string, Scope>()
  readonly #byId = new Map<string, Scope | "erased">()
  readonly #pseudonymKey: KeyObject
  readonly #find: SqliteStatement
  readonly #findId: SqliteStatement
  readonly #insert: SqliteStatement | undefined

  constructor(path: string, database: SqliteDatabase, writable: boolean) {
    this.#path = path
    this.#database = database
    this.#find = database.prepare("SELECT scope_id, key, session, sender FROM scopes WHERE session = ? AND sender = ? AND key IS NOT NULL").raw()
    this.#findId = database.prepare("SELECT scope_id, key, session, sender FROM scopes WHERE scope_id = ?").raw()
    this.#insert = writable ? database.prepare("INSERT INTO scopes(scope_id, session, sender, key, created_ms) VALUES (?, ?, ?, ?, ?)") : undefined
    this.#pseudonymKey = createSecretKey(database.prepare("SELECT value FROM meta WHERE name = 'pseudonym key'").pluck().get() as Buffer)
  }

  static open(path: string, key: Uint8Array, options: { readonly readonly: boolean }): ScopeStore {
    const database = openDatabase(path, { key, readonly: options.readonly })
    try {
      if (!options.readonly) {
        database.pragma("journal_mode = DELETE")
        database.pragma("synchronous = FULL")
        database.pragma("secure_delete = ON")
        createSchema(database)
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
    const scope = this.#load(this.#find.get(session, sender)) ?? this.#create(session, sender, nowMs)
    if (this.#byName.size >= keptOpen) this.#byName.clear()
    this.#byName.set(label, scope)
    return scope
  }

  /** Makes sure of the scopes of many sessions in one commit: one for each would take as many syncs of the disk. */
  resolveAll(sessions: readonly string[], nowMs: number): void {
    const fresh = [...new Set(sessions)].filter((session) => !this.#byName.has(labelOf(session, "")))
    if (fresh.length === 0) return
    try {
      this.#database.exec("BEGIN IMMEDIATE")
      for (const session of fresh) if (this.#find.get(session, "") === undefined) this.#create(session, "", nowMs)
      this.#database.exec("COMMIT")
    } catch (error) {
      if (this.#database.inTransaction) this.#database.exec("ROLLBACK")
      throw databaseFault(this.#path, error)
    }
  }

  /** The scope of an id: `erased` when its key was destroyed, undefined when it was never here. */
  byId(id: Buffer): Scope | "erased" | undefined {
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

  /** How many scopes have their key, and how many had it destroyed. */
  count(): { readonly open: number; readonly erased: number } {
    return this.#database.prepare("SELECT count(key) AS open, count(*) - count(key) AS erased FROM scopes").get() as { open: number; erased: number }
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
  redactionHash(scope: Scope, text: string): string {
    return createHmac("sha256", redactionSalt(scope)).update(text).digest("hex")
  }

  close(): void {
    this.#database.close()
  }

  #create(session: string, sender: string, nowMs: number): Scope {
    const id = randomBytes(scopeIdBytes)
    const key = randomBytes(32)
    try {
      this.#insert?.run(id, session, sender, key, nowMs)
    } catch (error) {
      throw databaseFault(this.#path, error)
    }
    return { id, name: id.toString("hex"), key: createSecretKey(key), session, sender }
  }

  #load(row: unknown): Scope | undefined {
    if (!Array.isArray(row)) return undefined
    const [id, key, session, sender] = row as [Buffer, Buffer | null, string, string]
    return key ? { id, name: id.toString("hex"), key: createSecretKey(key), session, sender } : undefined
  }
}

export function pseudonymUnder(key: KeyObject, text: string): string {
  return `~${createHmac("sha256", key).update(text).digest("base64url").slice(0, 19)}`
}

function labelOf(session: string, sender: string): string {
  return `${session.length} ${session}${sender}`
}

const redactionLabel = "sovereign-ledger/redaction-salt/1"

/**
 * The salt of a scope's redaction hashes, 32 bytes: HMAC-SHA-256 of a label under the scope's key. Handed out, it lets a hash of this one scope be checked
 * against a text and opens nothing; with the scope's key it goes.
 */
export function redactionSalt(scope: Scope): Buffer {
  return createHmac("sha256", scope.key).update(redactionLabel).digest()
}

/** All of it in one commit: a process that dies meanwhile leaves an empty file, never half a store. */
function createSchema(database: SqliteDatabase): void {
  if (database.pragma("user_version", { simple: true }) !== 0) return
  database.exec(`
    BEGIN IMMEDIATE;
    CREATE TABLE scopes(
      scope_id BLOB PRIMARY KEY, session TEXT NOT NULL, sender TEXT NOT NULL,
      key BLOB,  -- NULL once destroyed: the content is erased, the row says so
      created_ms INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    -- One open scope a label; those whose key was destroyed stay beside it, and what comes later gets a new one.
    CREATE UNIQUE INDEX open_scopes ON scopes(session, sender) WHERE key IS NOT NULL;
    CREATE INDEX scopes_by_session ON scopes(session);
    CREATE TABLE meta(name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;`)
  database.prepare("INSERT INTO meta(name, value) VALUES ('pseudonym key', ?)").run(randomBytes(32))
  database.pragma(`user_version = ${scopesFormat}`)
  database.exec("COMMIT")
}
