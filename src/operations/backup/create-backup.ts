/**
 * Makes a backup of a ledger, beside a running writer too: a copy of the journal as of one commit, and the one set of keys in its place. In this order:
 *
 *   leftovers   of a process that was killed are removed
 *   checkpoint  stored by the running writer, or under its lock: what was acknowledged before is covered by a signature
 *   journal     copied with its log, which is then copied into it: pages stay sealed, nothing else stands beside them
 *   keys        of scopes, at least as new as the journal; then keys.json. From here on the newest keys are of all backups there are
 *   name        the directory gets its own when all of it is on the disk: what has a name is whole
 *   oldest      backups of this ledger beyond those that are kept are removed
 */
import { existsSync, mkdirSync, realpathSync, renameSync, statSync } from "node:fs"
import { basename, dirname, join, sep } from "node:path"
import { Fault, problemOf } from "../../base/fault.ts"
import { rangeRoot } from "../../format/merkle.ts"
import { copyJournal, type CopyFile } from "../../journal/consistent-copy.ts"
import { journalName, ledgerFiles, type LedgerFiles } from "../../journal/files.ts"
import { storedKeyChain } from "../../journal/hand-overs.ts"
import { keysOutOfStep } from "../../journal/keys-in-step.ts"
import { JournalReader } from "../../journal/reader.ts"
import { openDatabase } from "../../vault/database.ts"
import { syncDirectory, writeDurably } from "../../vault/durable-file.ts"
import { keyStoreName, parseKeyStore, type OpenKeys } from "../../vault/key-store.ts"
import { tryLock } from "../../vault/lock.ts"
import type { SecretPlaces } from "../../vault/master-key.ts"
import { openKeys } from "../create-key.ts"
import { backupName, headNoteName, makingName, manifestName, readBytes, removeLeftovers, removeTree } from "./backup-names.ts"
import { copyFile, fileFacts, refuseWithoutRoom, sizeOf, type Progress } from "./copy-file.ts"
import { keepNewest, type Kept } from "./keep-newest.ts"
import { removeKeyLeftovers, replaceKeySet } from "./key-set.ts"
import { manifestText, type Manifest } from "./manifest.ts"
import { storeCheckpointAlone } from "./store-checkpoint-alone.ts"

export type BackupOptions = {
  readonly to: string
  /** Where the set of keys is kept; `to` where they are not apart. */
  readonly keysTo: string
  /** How many backups of this ledger to keep, with the new one; all of them when it is left out. */
  readonly keep?: number | undefined
  readonly nowMs: number
  readonly version: string
  /** Has the running writer store a checkpoint; answers no where none runs. */
  readonly askWriter: () => Promise<boolean>
  readonly onProgress?: Progress
  readonly onHashing?: Progress
}

export type CreatedBackup = Pick<Manifest, "storeId" | "entries" | "covered" | "root" | "createdAt"> & {
  readonly backup: string
  readonly bytes: number
  readonly keys: { readonly directory: string; readonly open: number; readonly erased: number }
} & Kept

type Copied = { readonly entries: number; readonly root: string; readonly covered: number; readonly note: string; readonly keysText: Buffer }

/** @throws {Fault} `backup.running`, `backup.no-place`, `backup.no-room`, and what keeps a ledger from being read or a disk from being written. */
export async function createBackup(files: LedgerFiles, places: SecretPlaces, options: BackupOptions): Promise<CreatedBackup> {
  const { keys } = openKeys(files, places)
  if (!existsSync(files.journal)) throw new Fault("store.incomplete", { file: files.journal, other: files.keys })
  if (!existsSync(files.scopes)) throw new Fault("store.incomplete", { file: files.scopes, other: files.journal })
  for (const place of [options.to, options.keysTo]) refusePlace(place, files.directory)
  const lock = tryLock(files.backupLock)
  if (!lock) throw new Fault("backup.running", { directory: files.directory })
  try {
    removeLeftovers(options.to, keys.store.storeId)
    removeKeyLeftovers(options.keysTo, keys.store.storeId)
    if (!(await options.askWriter())) storeCheckpointAlone(files, places, options)
    return make(files, keys, options)
  } finally {
    lock.release()
  }
}

/** A backup within the ledger's own directory would be lost with it. */
function refusePlace(place: string, ledger: string): void {
  const refuse = (problem: string, cause?: unknown) => new Fault("backup.no-place", { directory: place, problem }, cause)
  let path: string
  try {
    if (!statSync(place).isDirectory()) throw refuse("it is no directory")
    path = realpathSync(place)
  } catch (error) {
    throw error instanceof Fault ? error : refuse(problemOf(error), error)
  }
  const directory = realpathSync(ledger)
  if (path === directory || path.startsWith(`${directory}${sep}`)) throw refuse("it is within the ledger's own directory, and would be lost with it")
}

function make(files: LedgerFiles, keys: OpenKeys, options: BackupOptions): CreatedBackup {
  const { to, keysTo, nowMs, version } = options
  const { storeId, origin } = keys.store
  const logBytes = sizeOf(`${files.journal}-wal`)
  refuseWithoutRoom([
    { directory: to, bytes: sizeOf(files.journal) + 2 * logBytes },
    { directory: keysTo, bytes: sizeOf(files.scopes) },
  ])
  const making = join(to, makingName(storeId))
  try {
    makeDirectory(making)
    const copied = copyInto(making, files, keys, options.onProgress ?? (() => {}))
    const { directory: setDirectory, ...scopes } = replaceKeySet(keysTo, files, keys)
    writeDurably(join(making, keyStoreName), copied.keysText)
    writeDurably(join(making, headNoteName), copied.note)
    const { entries, root, covered } = copied
    const createdAt = new Date(nowMs).toISOString()
    const { masterFingerprint } = parseKeyStore(copied.keysText.toString("utf8"), join(making, keyStoreName))
    const facts = (name: string) => fileFacts(join(making, name), options.onHashing)
    const all = { [keyStoreName]: facts(keyStoreName), [headNoteName]: facts(headNoteName), [journalName]: facts(journalName) }
    const manifest = { storeId, origin, createdAt, version, entries, root, covered, masterFingerprint, scopes, files: all }
    writeDurably(join(making, manifestName), manifestText(manifest))
    const backup = join(to, backupName(storeId, nowMs, entries))
    rename(making, backup)
    const bytes = Object.values(all).reduce((sum, file) => sum + file.bytes, 0)
    const kept = options.keep === undefined ? { removed: [], left: [] } : keepNewest(to, basename(backup), options.keep)
    return { backup, storeId, entries, covered, root, createdAt, bytes, keys: { directory: setDirectory, ...scopes }, ...kept }
  } catch (error) {
    removeTree(making)
    throw error
  }
}

/** The journal as of one commit, and the keys.json that was in step with it. */
function copyInto(making: string, files: LedgerFiles, keys: OpenKeys, onProgress: Progress): Copied {
  const target = ledgerFiles(making, join(making, headNoteName))
  const before = readBytes(files.keys)
  const copy: CopyFile = (from, to) => void copyFile(from, to, from === files.journal ? onProgress : undefined)
  JournalReader.ask(files, keys, (reader) => copyJournal(files, reader, target.journal, copy))
  const after = readBytes(files.keys)
  mergeLog(target.journal, keys)
  const reader = JournalReader.open(target, keys, { alone: true })
  try {
    const entries = reader.size()
    const root = rangeRoot(reader.subtrees(entries), 0, entries)
    const chain = storedKeyChain(reader, target.journal)
    const checkpoint = reader.latestCheckpoint()
    if (!checkpoint) throw new Fault("store.damaged", { file: files.journal, problem: "it has no checkpoint" })
    const cosigned = reader.cosignatures.last().filter(({ size }) => size === checkpoint.size)
    const note = checkpoint.note + cosigned.map(({ line }) => `${line}\n`).join("")
    // A hand-over of the signing key meanwhile: one of the two is of the journal's time.
    const problemWith = (text: Buffer) => keysOutOfStep(parseKeyStore(text.toString("utf8"), files.keys), reader, chain)
    const keysText = [after, before].find((text) => problemWith(text) === undefined)
    if (!keysText) throw new Fault("key.out-of-step", { problem: problemWith(after) ?? "" })
    return { entries, root: root.toString("base64"), covered: checkpoint.size, note, keysText }
  } finally {
    reader.close()
  }
}

/** What the log holds reaches the file, and the log is gone, when its only connection closes. */
function mergeLog(journal: string, keys: OpenKeys): void {
  const database = openDatabase(journal, { key: keys.journalKey, existing: true, alone: true })
  try {
    database.pragma("synchronous = FULL")
    database.pragma("wal_checkpoint(TRUNCATE)")
  } finally {
    database.close()
  }
}

function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    throw new Fault("store.write-failed", { file: path, problem: problemOf(error) }, error)
  }
}

function rename(from: string, to: string): void {
  try {
    syncDirectory(from)
    renameSync(from, to)
    syncDirectory(dirname(to))
  } catch (error) {
    throw new Fault("store.write-failed", { file: to, problem: problemOf(error) }, error)
  }
}
