/**
 * Puts a backup back: the journal of its time, with the newest keys of scopes, so that what was erased since stays erased. Everything is put together and
 * verified in a directory of its own before anything changes its place, under the writer's lock.
 *
 * What is put back says so itself: `ledger.restored`, and `ledger.frozen` where anything ever limited spending, are its newest entries before any writer sees
 * it. So no budget is full again because a copy knows nothing of what was spent, also where the note outside is lost and no witness watches. The note
 * outside is left as it is where there is one.
 */
import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import type { Clocks } from "../../base/clock.ts"
import { Fault, problemOf } from "../../base/fault.ts"
import { doorsOf } from "../../ledger/doors.ts"
import { journalName, ledgerFiles, type LedgerFiles } from "../../journal/files.ts"
import { makePrivateDirectory, writeDurably } from "../../vault/durable-file.ts"
import { tryLock } from "../../vault/lock.ts"
import type { VerifyReport } from "../../verify/verdict.ts"
import { storeCheckpoint } from "../checkpoint.ts"
import { entryOf } from "../entry-of.ts"
import { openLedger } from "../open-ledger.ts"
import { keepDoors } from "../spend/doors-file.ts"
import { loadBook } from "../spend/ledger-book.ts"
import { headNoteName, removeTree } from "./backup-names.ts"
import { expectFile, expectSize, lookAt, type Behind, type CheckOptions } from "./check-backup.ts"
import { chooseKeys, type ChosenKeys } from "./choose-keys.ts"
import { copyFile, fileFacts, refuseWithoutRoom, sizeOf } from "./copy-file.ts"
import { findKeySet, refuseOlderSet } from "./key-set.ts"
import { manifestsBeside, readManifest, type Manifest } from "./manifest.ts"
import { finishRestoring, isWhole, ledgerFilesIn, markWhole, restoringDirectory, setAsideDirectory, settleRestoring } from "./restoring.ts"

export type RestoreOptions = CheckOptions & {
  /** Whether the files of a ledger that is there are moved beside the directory. */
  readonly setAside: boolean
  readonly nowMs: number
  readonly clocks: Clocks
  readonly version: string
}

export type RestoredBackup = {
  readonly storeId: string
  readonly directory: string
  readonly entries: number
  readonly createdAt: string
  /** Where the ledger that was there is now. */
  readonly setAside: string | null
  readonly keysFrom: ChosenKeys["from"]
  /** Of what was put back, before it says that it was. */
  readonly report: VerifyReport
  /** Spending stands still until the operator lets it go on. */
  readonly frozen: boolean
} & Behind

export type Restoring = RestoredBackup | { readonly completed: string; readonly directory: string }

/** Answers `completed` when an earlier process had died while it gave this backup its place, and all that was left to do was that. */
export function restoreBackup(files: LedgerFiles, backup: string, options: RestoreOptions): Restoring {
  const manifest = readManifest(backup)
  const { directory } = files
  const isNew = !existsSync(directory)
  makePrivateDirectory(directory)
  const lock = tryLock(files.lock)
  if (!lock) throw new Fault("store.locked", { directory })
  try {
    const completed = settleRestoring(files)
    if (completed === identity(manifest)) {
      return { completed: backup, directory }
    }
    return restore(files, backup, manifest, options)
  } finally {
    lock.release()
    if (isNew) removeUnused(files)
  }
}

function restore(files: LedgerFiles, backup: string, manifest: Manifest, options: RestoreOptions): RestoredBackup {
  const { directory } = files
  const there = ledgerFilesIn(directory)
  if (there.length > 0 && !options.setAside) throw new Fault("backup.occupied", { directory, found: there.join(", ") })
  const restoring = restoringDirectory(directory)
  try {
    const made = putTogether(restoring, backup, manifest, options)
    const frozen = sayRestored(restoring, manifest, made, options)
    const setAside = there.length > 0 ? setAsideDirectory(directory, options.nowMs) : null
    markWhole(directory, { backup: identity(manifest), setAside })
    const { chosen, ...looked } = made
    finishRestoring(files)
    return {
      ...looked,
      storeId: manifest.storeId,
      directory,
      entries: manifest.entries,
      createdAt: manifest.createdAt,
      setAside,
      keysFrom: chosen.from,
      frozen,
    }
  } catch (error) {
    // What is marked as whole is completed by the next one: files may have begun to change their places.
    if (!isWhole(directory)) removeTree(restoring)
    throw error
  }
}

type Made = Behind & { readonly report: VerifyReport; readonly chosen: ChosenKeys }

/** Copies and verifies: nothing of a ledger that is there is touched. */
function putTogether(restoring: string, backup: string, manifest: Manifest, options: RestoreOptions): Made {
  const set = findKeySet(manifest.storeId, backup, options.keysFrom)
  const source = ledgerFiles(backup, join(backup, headNoteName))
  for (const name of ["keys.json", headNoteName] as const) expectFile(backup, manifest, name, fileFacts(join(backup, name)))
  const bytes = sizeOf(source.journal) + sizeOf(set.scopes)
  refuseWithoutRoom([{ directory: dirname(restoring), bytes }])
  makeDirectory(restoring)
  const target = ledgerFiles(restoring, join(restoring, headNoteName))
  expectFile(backup, manifest, journalName, copyFile(source.journal, target.journal, options.onHashing))
  copyFile(set.scopes, target.scopes)
  copyFile(source.keys, target.keys)
  copyFile(source.headNote, target.headNote)
  const chosen = chooseKeys(target, set.keys, options.placesFor(manifest.storeId))
  writeDurably(target.keys, chosen.text)
  refuseOlderSet(
    { ...set, scopes: target.scopes },
    chosen.keys,
    [manifest, ...manifestsBeside(backup)].map(({ scopes }) => scopes),
  )
  const looked = lookAt(target, chosen, { note: options.note, onVerifying: options.onVerifying })
  const { report } = looked
  if (report.verdict === "invalid" || report.verdict === "unverifiable") {
    throw new Fault("backup.not-valid", {
      directory: backup,
      problem: `it is ${report.verdict}: ${report.problems[0]?.what ?? "contents do not open with these keys"}`,
    })
  }
  expectSize(backup, manifest, report)
  return { ...looked, chosen }
}

/** Records that it was put back, where nobody has seen it yet. Answers whether spending stands still. */
function sayRestored(restoring: string, { storeId, entries, root }: Manifest, { noteSize }: Made, options: RestoreOptions): boolean {
  const files = ledgerFiles(restoring, join(restoring, headNoteName))
  const ledger = openLedger(files, options.placesFor(storeId), options)
  try {
    const book = loadBook(ledger, options.clocks)
    const atMs = book.clock?.nowMs() ?? options.nowMs
    const evidence = `restore:${entries}:${Buffer.from(root, "base64").toString("hex").slice(0, 32)}`
    const seenSize = Math.max(entries, noteSize ?? 0)
    const { events } = book.give({ do: "recognise", evidence, by: "restore", finding: "put back", seenSize, size: entries, atMs })
    ledger.journal.append(
      events.map((event) => entryOf(event, ledger.scopes, options.nowMs)),
      options.nowMs,
    )
    keepDoors(files.doors, doorsOf(book.state))
    storeCheckpoint(ledger.journal, 0, options.nowMs)
    ledger.journal.checkpointLog("TRUNCATE")
    return book.state.frozen !== undefined
  } finally {
    ledger.close()
  }
}

function identity({ storeId, createdAt, entries, root }: Manifest): string {
  return [storeId, createdAt, entries, root].join(" ")
}

function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    throw new Fault("store.write-failed", { file: path, problem: problemOf(error) }, error)
  }
}

/** A directory that was made for a ledger which did not come. */
function removeUnused({ directory, lock }: LedgerFiles): void {
  if (readdirSync(directory).some((name) => name !== basename(lock))) return
  rmSync(lock, { force: true })
  rmdirSync(directory)
}
