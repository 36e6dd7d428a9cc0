/**
 * A ledger opened for reading: what every view is computed from. Works beside a running writer, without one, on a copy of the directory, and where
 * nothing can be written.
 */
import { existsSync } from "node:fs"
import { Fault } from "../base/fault.ts"
import { absentKeyStore, type LedgerFiles } from "../journal/files.ts"
import { storedKeyChain } from "../journal/hand-overs.ts"
import { JournalReader } from "../journal/reader.ts"
import { askMap, eventMap, mapLag, type MapRootsOf } from "../projections/event-map.ts"
import type { MapTree } from "../projections/map-tree.ts"
import type { SqliteDatabase } from "../vault/database.ts"
import { isRekeying } from "../vault/data-keys.ts"
import { forgetKeyCommands } from "../vault/key-command.ts"
import { keyStoreExists, openKeyStore, readKeyStore, type OpenKeys } from "../vault/key-store.ts"
import { findMasterSecret, masterKeyVariable, type SecretPlaces } from "../vault/master-key.ts"
import { ScopeStore } from "../vault/scopes.ts"
import type { KeyChain } from "../verify/key-chain.ts"
import { CurrentViews, type Progress } from "./current-views.ts"

export type LedgerAccess = {
  readonly files: LedgerFiles
  readonly keys: OpenKeys
  /** The keys as they are now: another one may sign since `keys` was read. */
  readonly reopenKeys: () => OpenKeys
  readonly reader: JournalReader
  /** Undefined when scopes.db is not there: contents stay sealed, everything else works. */
  readonly scopes: ScopeStore | undefined
  /** The keys that signed it, in order, hand-overs checked. */
  readonly keyChain: () => KeyChain
  /** Asks the projections, brought up to date. */
  readonly ask: <T>(question: (views: SqliteDatabase) => T) => T
  /** Entries may have come since projections were asked first: the next question is answered of them, too. */
  readonly renew: () => void
  /** Asks the map of event ids as it is of all entries, and of how many it is: it takes longer than all other projections. Changes to it are nobody else's. */
  readonly askMap: <T>(question: (tree: MapTree, size: number, roots: MapRootsOf) => T) => T
  /** Asks the projections as they stand: for what does not depend on how far they are. Undefined where they cannot be read. */
  readonly glance: <T>(question: (views: SqliteDatabase) => T) => T | undefined
  /** For who stays: the next question is answered with what was recorded meanwhile. */
  readonly refresh: () => void
  readonly close: () => void
}

/** Files that were sealed anew take the places of others one by one: for so long one of them may not fit the keys. */
const switchAttempts = 40
const betweenAttemptsMs = 50
const sleeper = new Int32Array(new SharedArrayBuffer(4))

export type AccessOptions = { readonly onProgress?: Progress }

export function openForReading(files: LedgerFiles, places: SecretPlaces, options: AccessOptions = {}): LedgerAccess {
  for (let attempt = 0; ; attempt++) {
    const before = keyStoreExists(files.directory) ? readKeyStore(files.directory).wrapped.page : undefined
    try {
      return opened(files, places, options)
    } catch (error) {
      const mayPass = error instanceof Fault && (error.code === "store.damaged" || error.code === "key.out-of-step")
      if (!mayPass || before === undefined) throw error
      if (!isRekeying(files.directory) && readKeyStore(files.directory).wrapped.page === before) throw error
      if (attempt === switchAttempts) throw new Fault("rekey.switching", { directory: files.directory }, error)
      Atomics.wait(sleeper, 0, 0, betweenAttemptsMs)
    }
  }
}

function opened(files: LedgerFiles, places: SecretPlaces, options: AccessOptions): LedgerAccess {
  if (!keyStoreExists(files.directory)) throw absentKeyStore(files)
  const secret = findMasterSecret(places)
  if (!secret) throw new Fault("key.absent", { directory: files.directory, looked: `${places.keyFile}, ${masterKeyVariable}` })
  const keys = openKeyStore(files.directory, secret)
  const reader = JournalReader.open(files, keys)
  let scopes: ScopeStore | undefined
  try {
    scopes = existsSync(files.scopes) ? ScopeStore.open(files.scopes, keys.scopesKey, { readonly: true }) : undefined
  } catch (error) {
    reader.close()
    throw error
  }
  const chain = new KnownChain(reader, files.journal)
  const views = new CurrentViews(files, keys.viewsKey, reader, options)
  const maps = new CurrentViews(files, keys.viewsKey, reader, { ...options, rows: [eventMap], mayLack: mapLag })
  return {
    files,
    keys,
    reopenKeys: () => {
      forgetKeyCommands() // another master key may have taken the place of the one that was found
      return openKeyStore(files.directory, findMasterSecret(places) ?? secret)
    },
    reader,
    scopes,
    keyChain: () => chain.now(),
    ask: (question) => views.ask(question),
    renew: () => views.renew(),
    askMap: (question) => maps.ask((views) => askMap(views, reader, question)),
    glance: (question) => views.glance(question),
    refresh: () => views.refresh(),
    close: () => {
      views.close()
      maps.close()
      reader.close()
      scopes?.close()
    },
  }
}

/** Read once for as long as no further hand-over is recorded. */
class KnownChain {
  readonly #reader: JournalReader
  readonly #file: string
  #known: { readonly handOvers: string; readonly chain: KeyChain } | undefined

  constructor(reader: JournalReader, file: string) {
    this.#reader = reader
    this.#file = file
  }

  now(): KeyChain {
    const handOvers = this.#reader.noted("hand-over").join()
    if (this.#known?.handOvers !== handOvers) this.#known = { handOvers, chain: storedKeyChain(this.#reader, this.#file) }
    return this.#known.chain
  }
}
