/**
 * Opens a ledger for writing: keys, scopes, journal, and the entry every journal begins with.
 * A store that is damaged, newer or half there is refused by a sentence; nothing is renamed, and no empty ledger is started over an old one.
 */
import { existsSync, statSync } from "node:fs"
import { Fault } from "../base/fault.ts"
import type { NewEvent } from "../format/event.ts"
import { Journal, type JournalOptions } from "../journal/journal.ts"
import { explained } from "../journal/file-salt.ts"
import type { LedgerFiles } from "../journal/files.ts"
import { journalFormat } from "../journal/schema.ts"
import { makePrivateDirectory } from "../vault/durable-file.ts"
import { createKeyStore, keyStoreExists, openKeyStore, type OpenKeys } from "../vault/key-store.ts"
import { authenticate } from "../vault/key-store-steps.ts"
import { findMasterSecret, masterKeyVariable, type SecretPlaces } from "../vault/master-key.ts"
import { ScopeStore } from "../vault/scopes.ts"
import { storeCheckpoint } from "./checkpoint.ts"
import { entryOf } from "./entry-of.ts"
import { settleErasures } from "./erase/erase-content.ts"
import { repeatErasures } from "./erase/repeat-erasures.ts"
import { settleHolds } from "./erase/legal-holds.ts"
import { settlePruned } from "./prune/pruned-files.ts"
import { settleMaster } from "./replace-master.ts"
import { settleSwitch } from "./rekey/switch-files.ts"
import { settleHandOver } from "./settle-hand-over.ts"

export type OpenLedger = {
  readonly files: LedgerFiles
  /** Where the master key is looked for first, whether it came from there or not. */
  readonly keyFile: string
  /** Those that sign now. */
  readonly keys: OpenKeys
  /** Signs with these from now on: after a hand-over. */
  readonly adopt: (keys: OpenKeys) => void
  readonly scopes: ScopeStore
  readonly journal: Journal
  readonly close: () => void
}

export type OpenOptions = JournalOptions & { readonly nowMs: number; readonly version: string }

export function openLedger(files: LedgerFiles, places: SecretPlaces, options: OpenOptions): OpenLedger {
  const secret = findMasterSecret(places)
  if (!secret) throw absentKey(files, places)
  makePrivateDirectory(files.directory)
  refuseHalfStore(files)
  let keys = keyStoreExists(files.directory) ? openKeyStore(files.directory, secret) : createKeyStore(files.directory, secret, options.nowMs)
  settlePruned(files, keys.store.storeId)
  if (settleSwitch(files, keys)) keys = openKeyStore(files.directory, secret)
  const scopes = openScopes(files, keys)
  try {
    const journal = new Journal(files, keys, options)
    const adopt = (next: OpenKeys) => {
      keys = next
      journal.adopt(next)
    }
    try {
      if (journal.size === 0) begin(journal, scopes, keys, options)
      else adopt(settleHandOver(files, keys))
      const enter = (events: readonly NewEvent[]) =>
        void journal.append(
          events.map((event) => entryOf(event, scopes, options.nowMs)),
          options.nowMs,
        )
      adopt(settleMaster(files.directory, keys, options.nowMs, enter))
      adopt(authenticate(files.directory, keys))
      journal.noteKeysFormat(keys.store.format)
      settleErasures(scopes, enter)
      repeatErasures(files, keys, scopes, enter)
      settleHolds(scopes, enter)
    } catch (error) {
      journal.close()
      throw error
    }
    const close = () => {
      journal.close()
      scopes.close()
    }
    return {
      files,
      keyFile: places.keyFile,
      get keys() {
        return keys
      },
      adopt,
      scopes,
      journal,
      close,
    }
  } catch (error) {
    scopes.close()
    throw error
  }
}

export function absentKey(files: LedgerFiles, places: SecretPlaces): Fault {
  return new Fault("key.absent", { directory: files.directory, looked: `${places.keyFile}, the setting masterKey, ${masterKeyVariable}` })
}

function openScopes(files: LedgerFiles, keys: OpenKeys): ScopeStore {
  try {
    return ScopeStore.open(files.scopes, keys.scopesKey, { readonly: false })
  } catch (error) {
    throw explained(error, files, keys)
  }
}

/** Each file without its partners means that something was lost: say which, and touch nothing. */
function refuseHalfStore(files: LedgerFiles): void {
  const journal = existsSync(files.journal)
  if (journal && !existsSync(files.keys)) throw new Fault("store.incomplete", { file: files.keys, other: files.journal })
  if (journal && !existsSync(files.scopes)) throw new Fault("store.incomplete", { file: files.scopes, other: files.journal })
  if (journal && statSync(files.scopes).size === 0) throw new Fault("store.damaged", { file: files.scopes, problem: "it is empty" })
  if (existsSync(files.scopes) && !existsSync(files.keys)) throw new Fault("store.incomplete", { file: files.keys, other: files.scopes })
}

function begin(journal: Journal, scopes: ScopeStore, keys: OpenKeys, options: OpenOptions): void {
  const { origin, verifierKey } = keys.store
  const opened = entryOf(
    { type: "journal.opened", id: `journal.opened:${origin}`, facts: { format: journalFormat, origin, verifierKey, version: options.version } },
    scopes,
    options.nowMs,
  )
  journal.append([opened], options.nowMs)
  storeCheckpoint(journal, 0, options.nowMs) // from here on a journal without a checkpoint is one that lost it
}
