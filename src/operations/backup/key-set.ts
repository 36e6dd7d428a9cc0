/**
 * The keys of a ledger in its keys place: scopes.db and keys.json, one set, replaced with every backup. Whoever restores an old journal takes this set, so that
 * a scope whose key was destroyed since stays closed. Each file is replaced in one step and is good beside either of the other's times: the key that seals
 * scopes.db is the same in every keys.json of a ledger. It is replaced before a backup gets its name, so it has the scopes of every entry of every backup.
 */
import { existsSync, readdirSync, renameSync, rmSync } from "node:fs"
import { dirname, join } from "node:path"
import { Fault, problemOf } from "../../base/fault.ts"
import { makePrivateDirectory, syncDirectory, writeDurably } from "../../vault/durable-file.ts"
import { keyStoreName, parseKeyStore, type OpenKeys } from "../../vault/key-store.ts"
import { copyScopes } from "../../vault/scope-copy.ts"
import { ScopeStore, scopesName } from "../../vault/scopes.ts"
import { keySetName, readBytes } from "./backup-names.ts"

export type KeySet = { readonly directory: string; readonly scopes: string; readonly keys: string }

const newScopesName = ".new-scopes.db"

function keySetAt(directory: string): KeySet {
  return { directory, scopes: join(directory, scopesName), keys: join(directory, keyStoreName) }
}

/** What a process that was killed left: it would keep keys that are destroyed later. */
export function removeKeyLeftovers(place: string, storeId: string): void {
  const directory = join(place, keySetName(storeId))
  if (!existsSync(directory)) return
  const isLeft = (name: string) => name.startsWith(newScopesName) || /^keys\.json\.\d+\.tmp$/.test(name)
  for (const name of readdirSync(directory).filter(isLeft)) rmSync(join(directory, name), { force: true })
}

/** Answers where it is, and how many scopes have their key and how many had it destroyed. */
export function replaceKeySet(place: string, source: { readonly scopes: string; readonly keys: string }, keys: OpenKeys) {
  const set = keySetAt(join(place, keySetName(keys.store.storeId)))
  makePrivateDirectory(set.directory)
  const fresh = join(set.directory, newScopesName)
  try {
    copyScopes(source.scopes, keys.scopesKey, fresh)
    const store = ScopeStore.open(fresh, keys.scopesKey, { readonly: true })
    const counts = store.count()
    store.close()
    renameSync(fresh, set.scopes)
    writeDurably(set.keys, readBytes(source.keys))
    syncDirectory(set.directory)
    syncDirectory(place)
    return { directory: set.directory, ...counts }
  } catch (error) {
    throw error instanceof Fault ? error : new Fault("store.write-failed", { file: set.scopes, problem: problemOf(error) }, error)
  } finally {
    removeKeyLeftovers(place, keys.store.storeId)
  }
}

/**
 * The set of a ledger: in the place that was named, or the set itself; beside the backup where none was.
 * @throws {Fault} `backup.keys-absent`
 */
export function findKeySet(storeId: string, backup: string, place: string | undefined): KeySet {
  const beside = join(dirname(backup), keySetName(storeId))
  const looked = place === undefined ? [beside] : [join(place, keySetName(storeId)), place]
  const found = looked.map(keySetAt).find((set) => existsSync(set.scopes) && existsSync(set.keys))
  if (!found || parseKeyStore(readBytes(found.keys).toString("utf8"), found.keys).storeId !== storeId) {
    throw new Fault("backup.keys-absent", { storeId, looked: looked.join(", ") })
  }
  return found
}
