/**
 * All data sealed anew: other page keys, another key in the place of every key of contents. The databases are written beside the ones that are there while
 * the ledger is used; then the writer lets go for a moment, the rest is carried over, and the new files take the place of the old ones.
 *
 *   made        rekey.json: the new keys; nothing is sealed under them yet
 *   copied      journal.db.next, scopes.db.next and views.db.next are as good as up to date
 *   let go      no writer has the ledger
 *   switching   everything is carried over and durable: from here on there is only forwards (`switch-files.ts`)
 *   entered     `vault.rekeyed` is on record
 *
 * Cut off before `switching`, the ledger is what it was; the next one goes on with what was copied.
 */
import { existsSync, statSync } from "node:fs"
import { systemClocks } from "../../base/clock.ts"
import { Fault } from "../../base/fault.ts"
import { JournalCopy } from "../../journal/copy-journal.ts"
import type { LedgerFiles } from "../../journal/files.ts"
import { headNoteState, mayReplace } from "../../journal/head-note.ts"
import { JournalReader } from "../../journal/reader.ts"
import { copyDatabase } from "../../vault/copy-database.ts"
import { ScopesCopy } from "../../vault/copy-scopes.ts"
import { beginSwitch, isRekeying, makeDataKeys, readDataKeys, removeDataKeys, type NextDataKeys } from "../../vault/data-keys.ts"
import { syncDirectory, syncFile } from "../../vault/durable-file.ts"
import type { OpenKeys } from "../../vault/key-store.ts"
import { tryLock, waitForLock } from "../../vault/lock.ts"
import type { SecretPlaces } from "../../vault/master-key.ts"
import { ScopeStore } from "../../vault/scopes.ts"
import { refuseWithoutRoom } from "../backup/copy-file.ts"
import { storeCheckpoint } from "../checkpoint.ts"
import { openKeys } from "../create-key.ts"
import { entryOf } from "../entry-of.ts"
import { openLedger, type OpenOptions } from "../open-ledger.ts"
import { nextOf, removeNextFiles, settleSwitch, type SwitchStep } from "./switch-files.ts"

export type RekeyStep = "made" | "copying" | "copied" | "let go" | "finished" | SwitchStep | "entered"

export type RekeyOptions = OpenOptions & {
  /** Has a running writer let go of the ledger; answers at once where none runs. */
  readonly letGo: () => Promise<void>
  readonly onProgress?: ((done: number, total: number) => void) | undefined
  /** Called when a step is done, and in every piece of the copying: a test ends the process there. */
  readonly reached?: ((step: RekeyStep) => void) | undefined
}

export type Rekeyed = { readonly entries: number; readonly bytes: number; readonly resumed: boolean; readonly stoodStillMs: number }

const lockWithinMs = 20_000
const lockEveryMs = 10
/** So little is left that carrying it over takes no time worth speaking of. */
const fewEntries = 2_000

/** @throws {Fault} `rekey.not-now`, `rekey.running`, `backup.no-room`, `store.locked`; the ledger is what it was then. */
export async function rekey(files: LedgerFiles, places: SecretPlaces, options: RekeyOptions): Promise<Rekeyed> {
  const lock = tryLock(files.rekeyLock)
  if (!lock) throw new Fault("rekey.running", { directory: files.directory })
  try {
    return await underLock(files, places, options)
  } finally {
    lock.release()
  }
}

async function underLock(files: LedgerFiles, places: SecretPlaces, options: RekeyOptions): Promise<Rekeyed> {
  const { keys } = openKeys(files, places)
  const resumed = isRekeying(files.directory)
  const { boot } = systemClocks()
  const found = readDataKeys(files.directory, keys)
  // What another run of the machine copied may not have reached the disk.
  if (found?.state === "copying" && (boot === undefined || found.boot !== boot)) removeNextFiles(files)
  const next = found ?? begin(files, keys, boot)
  options.reached?.("made")
  const copy = next.state === "copying" ? new Copying(files, keys, next) : undefined
  try {
    if (copy) await copy.run(options)
    options.reached?.("copied")
    return await finish(files, places, { keys, next, copy, resumed }, options)
  } finally {
    copy?.close()
  }
}

function begin(files: LedgerFiles, keys: OpenKeys, boot: string | undefined): NextDataKeys {
  const { directory } = files
  const problem = keys.store.next ? "another master key is being put in place" : keys.store.pending ? "the signing key is being handed over" : undefined
  if (problem !== undefined) throw new Fault("rekey.not-now", { directory, problem })
  removeNextFiles(files)
  refuseWithoutRoom([{ directory, bytes: [files.journal, files.scopes, files.views].reduce((sum, path) => sum + sizeOf(path), 0) }])
  return makeDataKeys(directory, keys, boot)
}

type Work = { readonly keys: OpenKeys; readonly next: NextDataKeys; readonly copy: Copying | undefined; readonly resumed: boolean }

async function finish(files: LedgerFiles, places: SecretPlaces, { keys, next, copy, resumed }: Work, options: RekeyOptions): Promise<Rekeyed> {
  await options.letGo()
  const beganMs = performance.now()
  const lock = await waitForLock(files.lock, lockWithinMs, lockEveryMs)
  if (!lock) throw new Fault("store.locked", { directory: files.directory })
  try {
    options.reached?.("let go")
    copy?.finish()
    options.reached?.("finished")
    if (copy) beginSwitch(files.directory, keys, next)
    options.reached?.("switching")
    settleSwitch(files, keys, options.reached)
    const ledger = openLedger(files, places, options)
    try {
      const entry = entryOf(
        { type: "vault.rekeyed", id: `vault.rekeyed:${ledger.journal.size}`, facts: { size: ledger.journal.size } },
        ledger.scopes,
        options.nowMs,
      )
      ledger.journal.append([entry], options.nowMs)
      storeCheckpoint(ledger.journal, 0, options.nowMs, writesNote(files, ledger.keys))
      options.reached?.("entered")
      return { entries: ledger.journal.size - 1, bytes: sizeOf(files.journal), resumed, stoodStillMs: Math.round(performance.now() - beganMs) }
    } finally {
      ledger.close()
    }
  } finally {
    lock.release()
  }
}

/** Gives up what was copied; the ledger is what it was. @throws {Fault} `rekey.not-now` when there is nothing to give up, or no way back. */
export function cancelRekey(files: LedgerFiles, places: SecretPlaces): void {
  const { directory } = files
  const lock = tryLock(files.rekeyLock)
  if (!lock) throw new Fault("rekey.running", { directory })
  try {
    const next = readDataKeys(directory, openKeys(files, places).keys)
    if (!next) throw new Fault("rekey.not-now", { directory, problem: "none has begun" })
    if (next.state === "switching")
      throw new Fault("rekey.not-now", { directory, problem: "the new files are taking their places already; run vault rekey to complete it" })
    removeDataKeys(directory)
    removeNextFiles(files)
  } finally {
    lock.release()
  }
}

class Copying {
  readonly #files: LedgerFiles
  readonly #keys: OpenKeys
  readonly #next: NextDataKeys
  readonly #old: ScopeStore
  readonly #scopes: ScopesCopy
  readonly #journal: JournalCopy

  constructor(files: LedgerFiles, keys: OpenKeys, next: NextDataKeys) {
    this.#files = files
    this.#keys = keys
    this.#next = next
    this.#old = ScopeStore.open(files.scopes, keys.scopesKey, { readonly: true })
    this.#scopes = new ScopesCopy(nextOf(files.scopes), next.scopesKey)
    this.#scopes.bringUpToDate({ path: files.scopes, key: keys.scopesKey })
    this.#journal = new JournalCopy({
      from: { path: files.journal, key: keys.journalKey },
      to: { path: nextOf(files.journal), key: next.journalKey },
      scopes: this.#old,
      nextKey: (scope, chunk) => {
        const found = scope.keyAt(chunk)
        return found?.key && this.#scopes.newKey(scope.id, found.fromChunk, found.day)
      },
    })
  }

  /** As far as it gets beside a writer at work. */
  async run({ onProgress, reached }: RekeyOptions): Promise<void> {
    for (;;) {
      const { entries, of } = this.#journal.step()
      onProgress?.(entries, of)
      reached?.("copying")
      if (of - entries <= fewEntries) break
      await new Promise((resolve) => setImmediate(resolve))
    }
    if (existsSync(this.#files.views)) {
      copyDatabase({ path: this.#files.views, key: this.#keys.viewsKey }, { path: nextOf(this.#files.views), key: this.#next.viewsKey })
    }
  }

  /** What came since. Nobody writes. */
  finish(): void {
    this.#journal.finish()
    this.#scopes.finish({ path: this.#files.scopes, key: this.#keys.scopesKey })
    this.close()
    for (const path of [this.#files.journal, this.#files.scopes, this.#files.views]) if (existsSync(nextOf(path))) syncFile(nextOf(path))
    syncDirectory(this.#files.directory)
  }

  close(): void {
    this.#journal.close()
    this.#scopes.close()
    this.#old.close()
  }
}

/** False while the note outside is evidence. */
function writesNote(files: LedgerFiles, keys: OpenKeys): boolean {
  return JournalReader.ask(files, keys, (reader) => mayReplace(headNoteState(files.headNote, keys.store.verifierKey, reader)))
}

function sizeOf(path: string): number {
  return ["", "-wal"].reduce((sum, suffix) => sum + (statSync(path + suffix, { throwIfNoEntry: false })?.size ?? 0), 0)
}
