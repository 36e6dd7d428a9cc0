/**
 * scopes.db written anew under another page key, with a new key in the place of each one in it. Ids, labels and salts stay; what was erased stays erased.
 * Brought up to date as often as one likes: the keys that were made stay.
 */
import { createSecretKey, randomBytes, type KeyObject } from "node:crypto"
import { inTransaction, openDatabase, type SqliteDatabase, type SqliteStatement } from "./database.ts"
import { createScopesSchema } from "./scopes-schema.ts"

const keptKeys = 4_096

/** The keys in the new file, by the ones in whose place they are. */
export class NewKeys {
  readonly #kept = new Map<string, KeyObject>()
  readonly #find: SqliteStatement

  constructor(database: SqliteDatabase) {
    this.#find = database.prepare("SELECT key FROM scope_keys WHERE scope_id = ? AND from_chunk = ?").pluck()
  }

  /** Undefined where there is none yet. */
  find(scopeId: Buffer, fromChunk: number): KeyObject | undefined {
    const name = `${fromChunk} ${scopeId.toString("latin1")}`
    const kept = this.#kept.get(name)
    if (kept) return kept
    const known = this.#find.get(scopeId, fromChunk)
    if (!Buffer.isBuffer(known)) return undefined
    const key = createSecretKey(known)
    if (this.#kept.size >= keptKeys) this.#kept.clear()
    this.#kept.set(name, key)
    return key
  }
}

export class ScopesCopy {
  readonly #database: SqliteDatabase
  readonly #keys: NewKeys
  readonly #insert: SqliteStatement

  /** @param path of the new file, which is made when it is not there. */
  constructor(path: string, key: Uint8Array) {
    this.#database = openDatabase(path, { key })
    this.#database.pragma("journal_mode = DELETE")
    this.#database.pragma("synchronous = OFF") // as the journal's copy: synced once, at the end
    this.#database.pragma("temp_store = MEMORY")
    createScopesSchema(this.#database)
    this.#keys = new NewKeys(this.#database)
    this.#insert = this.#database.prepare("INSERT INTO scope_keys(scope_id, from_chunk, day, key) VALUES (?, ?, ?, ?)")
  }

  /** The new key in the place of one of a scope; made when it is first asked for, and durable before what was sealed under it is. */
  newKey(scopeId: Buffer, fromChunk: number, day: number): KeyObject {
    const known = this.#keys.find(scopeId, fromChunk)
    if (known) return known
    const key = randomBytes(32)
    this.#insert.run(scopeId, fromChunk, day, key)
    return createSecretKey(key)
  }

  /** Everything of the old file but its keys; of those, which there are, and which were destroyed. */
  bringUpToDate(old: { readonly path: string; readonly key: Uint8Array }): void {
    const database = this.#database
    attach(database, old)
    try {
      inTransaction(database, () =>
        database.exec(`
          DELETE FROM main.scopes;
          INSERT INTO main.scopes SELECT * FROM old.scopes;
          DELETE FROM main.meta;
          INSERT INTO main.meta SELECT * FROM old.meta;
          DELETE FROM main.scope_keys WHERE NOT EXISTS (SELECT 1 FROM old.scope_keys o WHERE o.scope_id = main.scope_keys.scope_id AND o.from_chunk = main.scope_keys.from_chunk);
          INSERT INTO main.scope_keys SELECT o.scope_id, o.from_chunk, o.day, iif(o.key IS NULL, NULL, randomblob(32)) FROM old.scope_keys o
            WHERE NOT EXISTS (SELECT 1 FROM main.scope_keys n WHERE n.scope_id = o.scope_id AND n.from_chunk = o.from_chunk);
          UPDATE main.scope_keys SET day = (SELECT o.day FROM old.scope_keys o WHERE o.scope_id = main.scope_keys.scope_id AND o.from_chunk = main.scope_keys.from_chunk);
          UPDATE main.scope_keys SET key = NULL WHERE key IS NOT NULL
            AND EXISTS (SELECT 1 FROM old.scope_keys o WHERE o.scope_id = main.scope_keys.scope_id AND o.from_chunk = main.scope_keys.from_chunk AND o.key IS NULL);`),
      )
    } finally {
      database.exec("DETACH old")
    }
  }

  /** The last of it: written from its rows alone, so that no page keeps what was destroyed meanwhile. */
  finish(old: { readonly path: string; readonly key: Uint8Array }): void {
    this.bringUpToDate(old)
    this.#database.exec("VACUUM")
  }

  close(): void {
    this.#database.close()
  }
}

/** Another sealed file beside the one that is open, as `old`. */
export function attach(database: SqliteDatabase, { path, key }: { readonly path: string; readonly key: Uint8Array }): void {
  database.exec(`ATTACH '${path.replaceAll("'", "''")}' AS old KEY "raw:${Buffer.from(key).toString("hex")}"`)
}
