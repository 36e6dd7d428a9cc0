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
import { existsSync } from "node:fs"
import { systemClocks } from "../../base/clock.ts"
import { Fault } from "../../base/fault.ts"
import { JournalCopy, type ChunkSupply } from "../../journal/copy-journal.ts"
import type { LedgerFiles } from "../../journal/files.ts"
import { copyDatabase, type SealedPath } from "../../vault/copy-database.ts"
import { ScopesCopy } from "../../vault/copy-scopes.ts"
import { beginSwitch, isRekeying, makeDataKeys, readDataKeys, removeDataKeys, type NextDataKeys } from "../../vault/data-keys.ts"
import { syncDirectory, syncFile } from "../../vault/durable-file.ts"
import type { OpenKeys } from "../../vault/key-store.ts"
import { tryLock } from "../../vault/lock.ts"
import type { SecretPlaces } from "../../vault/master-key.ts"
import { ScopeStore } from "../../vault/scopes.ts"
import { refuseWithoutRoom } from "../backup/copy-file.ts"
import { mayWriteNote, storeCheckpoint } from "../checkpoint.ts"
import { openKeys } from "../create-key.ts"
import { entryOf } from "../entry-of.ts"
import { openLedger, type OpenOptions } from "../open-ledger.ts"
import { isPruning, settlePruned } from "../prune/pruned-files.ts"
import type { ResealFiles } from "./reseal-chunks.ts"
import { bytesWithLogs, copyBeside } from "./copy-beside.ts"
import { aloneAtData, standStill } from "./stand-still.ts"
import { nextOf, removeNextFiles, settleSwitch, type SwitchStep } from "./switch-files.ts"

export type RekeyStep = "made" | "copying" | "copied" | "let go" | "finished" | SwitchStep | "entered"

export type RekeyOptions = OpenOptions & {
  /** Has a running writer let go of the ledger; answers at once where none runs. */
  readonly letGo: () => Promise<void>
  /** What is done beside what goes on here; left out, it is done in turn. */
  readonly beside?: RekeyBeside | undefined
  readonly onProgress?: ((done: number, total: number) => void) | undefined
  /** Called when a step is done, and in every piece of the copying: a test ends the process there. */
  readonly reached?: ((step: RekeyStep) => void) | undefined
}

export type RekeyBeside = {
  /** Copies a database. */
  readonly copyDatabase: typeof copyInTurn
  /** Reads and seals contents anew. */
  readonly reseal: (files: ResealFiles) => ResealSupply
}

export type ResealSupply = ChunkSupply & {
  /** Done when all it had open is closed. */
  readonly close: () => Promise<void>
}

export type Rekeyed = { readonly entries: number; readonly bytes: number; readonly resumed: boolean; readonly stoodStillMs: number }

function copyInTurn(from: SealedPath, to: SealedPath): Promise<void> {
  copyDatabase(from, to)
  return Promise.resolve()
}

/** @throws {Fault} `rekey.not-now`, `rekey.running`, `backup.no-room`, `store.locked`; the ledger is what it was then. */
export function rekey(files: LedgerFiles, places: SecretPlaces, options: RekeyOptions): Promise<Rekeyed> {
  return aloneAtData(files, () => sealedAnew(files, places, options))
}

async function sealedAnew(files: LedgerFiles, places: SecretPlaces, options: RekeyOptions): Promise<Rekeyed> {
  const { keys } = openKeys(files, places)
  // What a removal left in the middle of its last step would be taken for what is written anew here, by whoever opens the ledger first.
  if (isPruning(files)) await standStill(files, options.letGo, () => settlePruned(files, keys.store.storeId))
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
  refuseWithoutRoom([{ directory, bytes: bytesWithLogs([files.journal, files.scopes, files.views]) }])
  return makeDataKeys(directory, keys, boot)
}

type Work = { readonly keys: OpenKeys; readonly next: NextDataKeys; readonly copy: Copying | undefined; readonly resumed: boolean }

function finish(files: LedgerFiles, places: SecretPlaces, { keys, next, copy, resumed }: Work, options: RekeyOptions): Promise<Rekeyed> {
  return standStill(files, options.letGo, (stoodStillMs) => {
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
      storeCheckpoint(ledger.journal, 0, options.nowMs, mayWriteNote(files, ledger.keys))
      options.reached?.("entered")
      return { entries: ledger.journal.size - 1, bytes: bytesWithLogs([files.journal]), resumed, stoodStillMs: stoodStillMs() }
    } finally {
      ledger.close()
    }
  })
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
  async run({ onProgress, reached, beside }: RekeyOptions): Promise<void> {
    const { journal, scopes, views } = this.#files
    const copy = beside?.copyDatabase ?? copyInTurn
    const copied = existsSync(views) ? copy({ path: views, key: this.#keys.viewsKey }, { path: nextOf(views), key: this.#next.viewsKey }) : undefined
    const contents = beside?.reseal({
      journal: { path: journal, key: this.#keys.journalKey },
      scopes: { path: scopes, key: this.#keys.scopesKey },
      nextScopes: { path: nextOf(scopes), key: this.#next.scopesKey },
    })
    try {
      await copyBeside(this.#journal, nextOf(journal), { onProgress, reached, contents })
    } finally {
      // None of our connections to the old files may be open when the new ones take their places: the last one that closes removes a log by its name.
      await contents?.close()
      await copied
    }
  }

  /** What came since. Nobody writes. */
  finish(): void {
    this.#journal.finish()
    this.#journal.seal()
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
