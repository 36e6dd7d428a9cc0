/**
 * What is done to scopes.db when content is erased, and the holds that keep it from being erased. An erasure is written down before it is begun, so that a
 * crash neither loses it nor leaves half of it: whoever opens the ledger for writing next completes it.
 *
 *   meta 'erasure <id>'       what is to be destroyed; gone, with the keys, when it is
 *   meta 'legal hold <id>'    content that is not to be erased, until it is lifted
 */
import { objectOf, stringOf } from "../base/json.ts"
import type { SqliteDatabase } from "./database.ts"
import type { ErasedBefore } from "./scope.ts"
import type { ScopeStore } from "./scopes.ts"

/** Whose content: the key of a session, whoever sent a message, or an agent's id, as the host names them. */
export type ErasureWho = { readonly by: "session" | "sender" | "agent"; readonly value: string; readonly channel?: string }

export type Erasure = {
  /** 16 hex digits. */
  readonly id: string
  readonly by: ErasureWho["by"]
  /** A pseudonym, or the agent's id. */
  readonly who: string
  /** Only keys of days before this one; all of them, and the scope's labels, when it is left out. */
  readonly beforeDay?: number
  readonly reason?: string
  /** Ids of scopes, in hex. */
  readonly scopes: readonly string[]
}

export type LegalHold = {
  readonly id: string
  readonly who: ErasureWho
  readonly reason: string
  readonly placedMs: number
  readonly state: "placed" | "standing" | "lifted"
}

export type OpenScope = { readonly id: Buffer; readonly session: string; readonly sender: string }

const erasurePrefix = "erasure "
/** A scope that can be opened and has nothing that it opens. */
const namesAlone = "s.scope_id = ? AND s.salt IS NOT NULL AND NOT EXISTS (SELECT 1 FROM scope_keys k WHERE k.scope_id = s.scope_id AND k.key IS NOT NULL)"
const holdPrefix = "legal hold "

/** All scopes that can be opened. */
export function openScopes(scopes: ScopeStore): readonly OpenScope[] {
  return scopes.ask((database) => database.prepare("SELECT scope_id AS id, session, sender FROM scopes WHERE salt IS NOT NULL").all() as OpenScope[])
}

/** Of these scopes, those that have a key of a day before this one; all of them when it is left out. */
export function withKeysBefore(scopes: ScopeStore, open: readonly OpenScope[], beforeDay: number | undefined): readonly OpenScope[] {
  if (beforeDay === undefined) return open
  return scopes.ask((database) => {
    const old = database.prepare("SELECT 1 FROM scope_keys WHERE scope_id = ? AND day < ? AND key IS NOT NULL LIMIT 1").pluck()
    return open.filter(({ id }) => old.get(id, beforeDay) !== undefined)
  })
}

/** Durably: from here on it will be carried out. */
export function beginErasure(scopes: ScopeStore, erasure: Erasure): void {
  scopes.change((database) => put(database, erasurePrefix + erasure.id, erasure))
}

/** What an erasure is of; as `hasLeftOf` of a scope, for very many. Ids in hex. */
export type ErasedScopes = ErasedBefore & { readonly scopes: readonly string[] }

/** Of these scopes, those of which something is left that was erased. */
export function leftOf(scopes: ScopeStore, { scopes: ids, day, chunk }: ErasedScopes): readonly string[] {
  return scopes.ask((database) => {
    const key = database.prepare("SELECT 1 FROM scope_keys WHERE scope_id = ? AND from_chunk < ? AND day < ? AND key IS NOT NULL LIMIT 1").pluck()
    const names = database.prepare(`SELECT 1 FROM scopes s WHERE ${namesAlone}`).pluck()
    return ids.filter((id) => {
      const scope = Buffer.from(id, "hex")
      return key.get(scope, chunk, day ?? Number.MAX_SAFE_INTEGER) !== undefined || (day === undefined && names.get(scope) !== undefined)
    })
  })
}

/** Of these scopes, those that have any key or name. In the order in which they stand, so that each page is opened once. */
export function notEmpty(scopes: ScopeStore, ids: Iterable<string>): ReadonlySet<string> {
  return scopes.ask((database) => {
    const key = "EXISTS (SELECT 1 FROM scope_keys WHERE scope_id = ? AND key IS NOT NULL)"
    const has = database.prepare(`SELECT ${key} OR EXISTS (SELECT 1 FROM scopes WHERE scope_id = ? AND salt IS NOT NULL)`).pluck()
    const isOne = (id: Buffer) => has.get(id, id) === 1
    return new Set([...ids].sort().filter((id) => isOne(Buffer.from(id, "hex"))))
  })
}

/** As `destroyKeys`, of erasures on record that scopes.db knows nothing of. What was recorded after them, under keys of its own, stays. */
export function destroyAgain(scopes: ScopeStore, erasures: readonly ErasedScopes[]): void {
  scopes.change((database) => {
    const destroy = database.prepare("UPDATE scope_keys SET key = NULL WHERE scope_id = ? AND from_chunk < ? AND day < ? AND key IS NOT NULL")
    const forget = database.prepare(`UPDATE scopes AS s SET session = '', sender = '', salt = NULL WHERE ${namesAlone}`)
    for (const { scopes: ids, day, chunk } of erasures) {
      for (const scope of ids.map((id) => Buffer.from(id, "hex"))) {
        destroy.run(scope, chunk, day ?? Number.MAX_SAFE_INTEGER)
        if (day === undefined) forget.run(scope)
      }
    }
  })
  scopes.rewrite()
}

/** Those that were begun and not completed. */
export function begunErasures(scopes: ScopeStore): readonly Erasure[] {
  return scopes.ask((database) => allOf(database, erasurePrefix) as unknown as readonly Erasure[])
}

/** The keys are gone when this returns, from every page of the file and from whoever opened it here. */
export function destroyKeys(scopes: ScopeStore, { id, beforeDay, scopes: ids }: Erasure): void {
  scopes.change((database) => {
    const destroy = database.prepare("UPDATE scope_keys SET key = NULL WHERE scope_id = ? AND day < ? AND key IS NOT NULL")
    const forget = database.prepare("UPDATE scopes SET session = '', sender = '', salt = NULL WHERE scope_id = ?")
    for (const scope of ids) {
      destroy.run(Buffer.from(scope, "hex"), beforeDay ?? Number.MAX_SAFE_INTEGER)
      if (beforeDay === undefined) forget.run(Buffer.from(scope, "hex"))
    }
  })
  scopes.rewrite()
  scopes.change((database) => remove(database, erasurePrefix + id))
}

/** Durably, before it is on record; `placed` and `lifted` are what has to be put on record yet. */
export function putHold(scopes: ScopeStore, hold: LegalHold): void {
  scopes.change((database) => put(database, holdPrefix + hold.id, hold))
}

export function dropHold(scopes: ScopeStore, id: string): void {
  scopes.change((database) => remove(database, holdPrefix + id))
}

export function legalHolds(scopes: ScopeStore): readonly LegalHold[] {
  const holds = scopes.ask((database) => allOf(database, holdPrefix) as unknown as readonly LegalHold[])
  return [...holds].sort((a, b) => a.placedMs - b.placedMs)
}

export function parseWho(value: unknown): ErasureWho | undefined {
  const { by, value: name, channel } = objectOf(value)
  if ((by !== "session" && by !== "sender" && by !== "agent") || stringOf(name) === undefined || name === "") return undefined
  const where = by === "sender" && typeof channel === "string" && channel !== "" ? { channel } : {}
  return { by, value: String(name), ...where }
}

function put(database: SqliteDatabase, name: string, value: object): void {
  database.prepare("INSERT OR REPLACE INTO meta(name, value) VALUES (?, ?)").run(name, Buffer.from(JSON.stringify(value)))
}

function remove(database: SqliteDatabase, name: string): void {
  database.prepare("DELETE FROM meta WHERE name = ?").run(name)
}

function allOf(database: SqliteDatabase, prefix: string): readonly Readonly<Record<string, unknown>>[] {
  const rows = database.prepare("SELECT value FROM meta WHERE substr(name, 1, ?) = ?").pluck().all(prefix.length, prefix) as Buffer[]
  return rows.map((bytes) => objectOf(JSON.parse(bytes.toString("utf8"))))
}
