/**
 * Sets a ledger up: a master key in a key file, the keys it wraps, and a journal with its first entry and checkpoint. Refuses to replace any of them.
 * Where a key command gives the master key, none is made and no file is written.
 */
import { randomBytes } from "node:crypto"
import { existsSync, rmSync } from "node:fs"
import { dirname } from "node:path"
import { Fault } from "../base/fault.ts"
import { absentKeyStore, type LedgerFiles } from "../journal/files.ts"
import { tryLock } from "../vault/lock.ts"
import { makePrivateDirectory, writeDurably } from "../vault/durable-file.ts"
import { createKeyStore, keyStoreExists, openKeyStore, type OpenKeys } from "../vault/key-store.ts"
import type { KeyCommand } from "../vault/key-command.ts"
import { findMasterSecret, writeKey, type MasterSecret, type SecretPlaces } from "../vault/master-key.ts"
import { storeCheckpoint } from "./checkpoint.ts"
import { openLedger, type OpenOptions } from "./open-ledger.ts"

export type CreatedKey = { readonly keys: OpenKeys; readonly source: MasterSecret["source"]; readonly where: string }

/**
 * @param keyFileFor names the key file of a ledger by its id.
 * @throws {Fault} `key.exists` when the ledger is set up already, `store.incomplete` when a journal is there without its keys.
 */
export function createKey(
  files: LedgerFiles,
  keyFileFor: (storeId: string) => string,
  options: OpenOptions & { readonly keyCommand?: KeyCommand | undefined },
): CreatedKey {
  if (keyStoreExists(files.directory)) throw new Fault("key.exists", { file: files.keys })
  for (const other of [files.journal, files.scopes]) {
    if (existsSync(other)) throw new Fault("store.incomplete", { file: files.keys, other })
  }
  const { keyCommand } = options
  if (keyCommand) {
    const places = { keyCommand, keyFile: "", environment: {} }
    const secret = foundSecret(files, places)
    makePrivateDirectory(files.directory)
    const keys = createKeyStore(files.directory, secret, options.nowMs)
    beginJournal(files, places, options)
    return { keys, source: secret.source, where: secret.where }
  }
  makePrivateDirectory(files.directory)
  const master = writeKey(randomBytes(32))
  const secret: MasterSecret = { source: "key file", where: "a new key file", text: master }
  const keys = createKeyStore(files.directory, secret, options.nowMs)
  const keyFile = keyFileFor(keys.store.storeId)
  try {
    makePrivateDirectory(dirname(keyFile))
    writeDurably(keyFile, `${master}\n`, { exclusive: true })
  } catch (error) {
    rmSync(files.keys) // a ledger whose key was never written must not look set up
    throw error
  }
  beginJournal(files, { keyFile, environment: {} }, options)
  return { keys, source: "key file", where: keyFile }
}

function beginJournal(files: LedgerFiles, places: SecretPlaces, options: OpenOptions): void {
  const lock = tryLock(files.lock)
  if (!lock) return // a writer was waiting for this key and begins the journal itself
  try {
    const ledger = openLedger(files, places, options)
    storeCheckpoint(ledger.journal, 0, options.nowMs)
    ledger.close()
  } finally {
    lock.release()
  }
}

/** Opens the keys with whatever secret is found, to show or back them up. */
export function openKeys(files: LedgerFiles, places: SecretPlaces): { readonly keys: OpenKeys; readonly secret: MasterSecret } {
  if (!keyStoreExists(files.directory)) throw absentKeyStore(files)
  const secret = foundSecret(files, places)
  return { keys: openKeyStore(files.directory, secret), secret }
}

function foundSecret({ directory }: LedgerFiles, places: SecretPlaces): MasterSecret {
  const secret = findMasterSecret(places)
  if (!secret) throw new Fault("key.absent", { directory, looked: places.keyFile })
  return secret
}
