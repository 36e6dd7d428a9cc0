/**
 * A ledger opened for reading: what every view is computed from. Works beside a running writer, without one, and on a copy of the directory.
 * Projections that lag are brought forward; where the directory cannot be written they are computed in memory.
 */
import { existsSync } from "node:fs"
import { Fault } from "../base/fault.ts"
import type { LedgerFiles } from "../journal/files.ts"
import { JournalReader } from "../journal/reader.ts"
import { ViewStore } from "../projections/view-store.ts"
import { databaseFault, isDriverError, type SqliteDatabase } from "../vault/database.ts"
import { keyStoreExists, openKeyStore, type OpenKeys } from "../vault/key-store.ts"
import { findMasterSecret, masterKeyVariable, type SecretPlaces } from "../vault/master-key.ts"
import { ScopeStore } from "../vault/scopes.ts"

export type LedgerAccess = {
  readonly files: LedgerFiles
  readonly keys: OpenKeys
  readonly reader: JournalReader
  /** Undefined when scopes.db is not there: contents stay sealed, everything else works. */
  readonly scopes: ScopeStore | undefined
  /** Asks the projections, brought up to date. Where their file turns out to be damaged it is built again and asked again. */
  readonly ask: <T>(question: (views: SqliteDatabase) => T) => T
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
  let reader: JournalReader
  try {
    reader = JournalReader.open(files, keys)
  } catch (error) {
    scopes?.close()
    throw error
  }
  let views: ViewStore | undefined
  const ask = <T>(question: (views: SqliteDatabase) => T): T => {
    views ??= currentViews(files, keys, reader, options)
    try {
      return question(views.database)
    } catch (error) {
      if (!views.recover(error)) throw isDriverError(error) ? databaseFault(files.views, error) : error
      bringForward(views, reader, options)
      return question(views.database)
    }
  }
  return {
    files,
    keys,
    reader,
    scopes,
    ask,
    close: () => {
      views?.close()
      reader.close()
      scopes?.close()
    },
  }
}

function currentViews(files: LedgerFiles, keys: OpenKeys, reader: JournalReader, options: AccessOptions): ViewStore {
  const views = openViews(files, keys)
  bringForward(views, reader, options)
  return views
}

function bringForward(views: ViewStore, reader: JournalReader, options: AccessOptions): void {
  views.catchUp(reader, { sliceEntries: 2_000, onProgress: options.onProgress })
}

function openViews(files: LedgerFiles, keys: OpenKeys): ViewStore {
  try {
    return ViewStore.open(files.views, keys.viewsKey)
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return ViewStore.inMemory()
  }
}
