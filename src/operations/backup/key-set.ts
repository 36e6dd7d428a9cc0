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
import { copyScopes, lostSince } from "../../vault/scope-copy.ts"
import { ScopeStore, scopesName, type ScopeCounts } from "../../vault/scopes.ts"
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

/** @throws {Fault} `backup.keys-newer` where the set that is there knows more: it would be lost, and what was erased could come back. */
export function replaceKeySet(place: string, source: Omit<KeySet, "directory">, keys: OpenKeys): ScopeCounts & { readonly directory: string } {
  const set = keySetAt(join(place, keySetName(keys.store.storeId)))
  makePrivateDirectory(set.directory)
  const fresh = join(set.directory, newScopesName)
  try {
    copyScopes(source.scopes, keys.scopesKey, fresh)
    const problem = existsSync(set.scopes) ? lostSince(set.scopes, fresh, keys.scopesKey) : undefined
    if (problem !== undefined) throw new Fault("backup.keys-newer", { directory: set.directory, problem })
    const counts = countsOf(fresh, keys)
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

function countsOf(scopes: string, keys: OpenKeys): ScopeCounts {
  const store = ScopeStore.open(scopes, keys.scopesKey, { readonly: true })
  try {
    return store.count()
  } finally {
    store.close()
  }
}

/**
 * A set is at least as new as every backup beside the one that is restored: it has no fewer scopes, and no fewer of them destroyed.
 * @throws {Fault} `backup.keys-older`
 */
export function refuseOlderSet({ directory, scopes }: KeySet, keys: OpenKeys, backups: readonly ScopeCounts[]): void {
  const { open, erased, destroyed: gone } = countsOf(scopes, keys)
  const most = (of: (counts: ScopeCounts) => number) => Math.max(0, ...backups.map(of))
  const [total, destroyed] = [most((counts) => counts.open + counts.erased), most((counts) => counts.destroyed)]
  if (gone < destroyed) throw new Fault("backup.keys-older", { directory, problem: `${destroyed} were destroyed by then, and here ${gone} are` })
  if (open + erased < total) throw new Fault("backup.keys-older", { directory, problem: `there were ${total} by then, and here are ${open + erased}` })
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
