/**
 * A ledger opened for reading: what every view is computed from. Works beside a running writer, without one, and on a copy of the directory.
 * Projections that lag are brought forward; where the directory cannot be written they are computed in memory.
 */
import { existsSync } from "node:fs"
import { Fault } from "../base/fault.ts"
import type { LedgerFiles } from "../journal/files.ts"
import { JournalReader } from "../journal/reader.ts"
import { ViewStore } from "../projections/view-store.ts"
import { keyStoreExists, openKeyStore, type OpenKeys } from "../vault/key-store.ts"
import { findMasterSecret, masterKeyVariable, type SecretPlaces } from "../vault/master-key.ts"
import { ScopeStore } from "../vault/scopes.ts"

export type LedgerAccess = {
  readonly files: LedgerFiles
  readonly keys: OpenKeys
  readonly reader: JournalReader
  /** Undefined when scopes.db is not there: contents stay sealed, everything else works. */
  readonly scopes: ScopeStore | undefined
  readonly views: () => ViewStore
  readonly close: () => void
}

export type AccessOptions = { readonly onProgress?: (done: number, total: number) => void }

export function openForReading(files: LedgerFiles, places: SecretPlaces, options: AccessOptions = {}): LedgerAccess {
  if (!keyStoreExists(files.directory)) {
    if (existsSync(files.journal)) throw new Fault("store.incomplete", { file: files.keys, other: files.journal })
    throw new Fault("store.absent", { directory: files.directory })
  }
  const secret = findMasterSecret(places)
  if (!secret) throw new Fault("key.absent", { directory: files.directory, looked: `${places.keyFile}, ${masterKeyVariable}` })
  const keys = openKeyStore(files.directory, secret)
  const scopes = existsSync(files.scopes) ? ScopeStore.open(files.scopes, keys.scopesKey, { readonly: true }) : undefined
  const reader = JournalReader.open(files, keys)
  let views: ViewStore | undefined
  return {
    files,
    keys,
    reader,
    scopes,
    views: () => (views ??= currentViews(files, keys, reader, options)),
    close: () => {
      views?.close()
      reader.close()
      scopes?.close()
    },
  }
}

function currentViews(files: LedgerFiles, keys: OpenKeys, reader: JournalReader, options: AccessOptions): ViewStore {
  const views = openViews(files, keys)
  views.catchUp(reader, { sliceEntries: 2_000, onProgress: options.onProgress })
  return views
}

function openViews(files: LedgerFiles, keys: OpenKeys): ViewStore {
  try {
    return ViewStore.open(files.views, keys.viewsKey)
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return ViewStore.inMemory()
  }
}
