/** Tables of scopes.db, format 2; what format 1 had is carried over. See docs/spec/store.md. */
import { createHmac, randomBytes } from "node:crypto"
import type { SqliteDatabase } from "./database.ts"
import { dayOf } from "./scope.ts"

export const scopesFormat = 2

const tables = `
  CREATE TABLE scopes(
    scope_id BLOB PRIMARY KEY, session TEXT NOT NULL, sender TEXT NOT NULL,
    salt BLOB,  -- of redaction hashes; NULL once the scope is erased, and then both labels are empty
    created_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  -- One open scope a label; those that were erased stay beside it, and what comes later gets a new one.
  CREATE UNIQUE INDEX open_scopes ON scopes(session, sender) WHERE salt IS NOT NULL;
  CREATE TABLE scope_keys(
    scope_id BLOB NOT NULL, from_chunk INTEGER NOT NULL, day INTEGER NOT NULL,
    key BLOB,  -- NULL once destroyed: the content is erased, the row says so
    PRIMARY KEY(scope_id, from_chunk)
  ) STRICT, WITHOUT ROWID;`

/** All of it in one commit: a process that dies meanwhile leaves the file as it was. */
export function createScopesSchema(database: SqliteDatabase): void {
  const format = database.pragma("user_version", { simple: true }) as number
  if (format >= scopesFormat) return
  database.exec("BEGIN IMMEDIATE")
  if (format === 0) {
    database.exec(`${tables} CREATE TABLE meta(name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;`)
    database.prepare("INSERT INTO meta(name, value) VALUES ('pseudonym key', ?)").run(randomBytes(32))
  } else {
    carryOver(database)
  }
  database.pragma(`user_version = ${scopesFormat}`)
  database.exec("COMMIT")
}

/** In format 1 a scope had one key, and its redaction salt was made from it. */
function carryOver(database: SqliteDatabase): void {
  const rows = database.prepare("SELECT scope_id, session, sender, key, created_ms FROM scopes").raw().all() as [
    Buffer,
    string,
    string,
    Buffer | null,
    number,
  ][]
  database.exec(`DROP INDEX open_scopes; DROP INDEX scopes_by_session; DROP TABLE scopes; ${tables}`)
  const scope = database.prepare("INSERT INTO scopes(scope_id, session, sender, salt, created_ms) VALUES (?, ?, ?, ?, ?)")
  const key = database.prepare("INSERT INTO scope_keys(scope_id, from_chunk, day, key) VALUES (?, 0, ?, ?)")
  for (const [id, session, sender, its, createdMs] of rows) {
    if (its) scope.run(id, session, sender, createHmac("sha256", its).update("sovereign-ledger/redaction-salt/1").digest(), createdMs)
    else scope.run(id, "", "", null, createdMs)
    key.run(id, dayOf(createdMs), its)
  }
}
