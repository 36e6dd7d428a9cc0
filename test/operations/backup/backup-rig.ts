/** A ledger with a place for its backups and one for its keys, and what operators and thieves do with both. */
import assert from "node:assert/strict"
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { systemClocks } from "../../../src/base/clock.ts"
import { Fault, type FaultJson } from "../../../src/base/fault.ts"
import { ledgerFiles, type LedgerFiles } from "../../../src/journal/files.ts"
import { checkBackup, type CheckedBackup } from "../../../src/operations/backup/check-backup.ts"
import { createBackup, type BackupOptions, type CreatedBackup } from "../../../src/operations/backup/create-backup.ts"
import { restoreBackup, type Restoring, type RestoreOptions } from "../../../src/operations/backup/restore-backup.ts"
import { openDatabase } from "../../../src/vault/database.ts"
import { tryLock } from "../../../src/vault/lock.ts"
import type { SecretPlaces } from "../../../src/vault/master-key.ts"
import { startMs, temporaryDirectory, temporaryLedger, type Ending, type TestLedger } from "../../ledger-fixture.ts"
import { openedPages } from "../../opened-pages.ts"

export type BackupRig = {
  readonly root: string
  readonly to: string
  readonly keysTo: string
  readonly ledger: TestLedger
  /** Each a minute after the one before. */
  readonly create: (changes?: Partial<BackupOptions>) => Promise<CreatedBackup>
  readonly check: (backup: string, changes?: Partial<RestoreOptions>) => CheckedBackup
  /** Into `<root>/restored`, with a note of its own, unless it is said otherwise. */
  readonly restore: (backup: string, changes?: Partial<RestoreOptions> & { readonly files?: LedgerFiles }) => Restoring
  readonly target: LedgerFiles
}

export function backupRig(t: Ending, ledger: TestLedger = temporaryLedger(t)): BackupRig {
  const root = temporaryDirectory(t)
  const [to, keysTo] = [join(root, "to"), join(root, "keys")]
  for (const directory of [to, keysTo]) mkdirSync(directory)
  let nowMs = startMs + 3_600_000
  const target = ledgerFiles(join(root, "restored"), join(root, "restored.note"))
  const options = (note: string): RestoreOptions => ({
    keysFrom: keysTo,
    placesFor: () => ledger.places,
    note,
    setAside: false,
    nowMs: (nowMs += 60_000),
    clocks: systemClocks(),
    version: "test",
  })
  return {
    root,
    to,
    keysTo,
    ledger,
    target,
    create: (changes = {}) => {
      nowMs += 60_000
      return createBackup(ledger.files, ledger.places, { to, keysTo, nowMs, version: "test", askWriter: () => Promise.resolve(false), ...changes })
    },
    check: (backup, changes = {}) => checkBackup(backup, { ...options(ledger.files.headNote), ...changes }),
    restore: (backup, { files = target, ...changes } = {}) => restoreBackup(files, backup, { ...options(files.headNote), ...changes }),
  }
}

/** As an erasure does: the key of every scope of a session is destroyed, under the writer's lock. Answers the keys that were. */
export function destroyKeys(files: LedgerFiles, scopesKey: Uint8Array, session: string): readonly Buffer[] {
  const lock = tryLock(files.lock) ?? assert.fail("a writer has the ledger")
  const database = openDatabase(files.scopes, { key: scopesKey, existing: true })
  try {
    database.pragma("secure_delete = ON")
    const of = "scope_id IN (SELECT scope_id FROM scopes WHERE session = ?)"
    const keys = database.prepare(`SELECT key FROM scope_keys WHERE ${of} AND key IS NOT NULL`).pluck().all(session) as Buffer[]
    database.prepare(`UPDATE scope_keys SET key = NULL WHERE ${of}`).run(session)
    database.prepare("UPDATE scopes SET session = '', sender = '', salt = NULL WHERE session = ?").run(session)
    return keys
  } finally {
    database.close()
    lock.release()
  }
}

/** All files below a directory, with their bytes. */
export function filesBelow(directory: string): ReadonlyMap<string, Buffer> {
  if (!existsSync(directory)) return new Map()
  const paths = readdirSync(directory, { recursive: true, encoding: "utf8" }).map((name) => join(directory, name))
  return new Map(paths.filter((path) => statSync(path).isFile()).map((path) => [path, readFileSync(path)]))
}

/** Which files below a directory have one of these texts in them, for whoever has the ledger's keys: as they are, or in their pages. */
export function filesWith(
  directory: string,
  keys: { readonly journalKey: Uint8Array; readonly scopesKey: Uint8Array },
  wanted: readonly Buffer[],
): readonly string[] {
  return [...filesBelow(directory)].flatMap(([path, bytes]) => {
    const pages = /(?:^|[/.-])(?:journal|scopes)\.db$/.test(path) ? [openedPages(path, path.endsWith("scopes.db") ? keys.scopesKey : keys.journalKey)] : []
    return [bytes, ...pages].some((text) => wanted.some((one) => text.includes(one))) ? [path] : []
  })
}

/** A place for secrets with another key file. */
export function placesWith(keyFile: string): SecretPlaces {
  return { keyFile, environment: {} }
}

/** What it was refused with. */
export function faultOf(run: () => unknown): FaultJson {
  try {
    run()
  } catch (error) {
    if (error instanceof Fault) return error.toJSON()
    throw error
  }
  return assert.fail("it was not refused")
}
