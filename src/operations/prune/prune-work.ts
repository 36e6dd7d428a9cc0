/** One removal under way: what goes, the copies that will not have it, and the projections of what will be left. */
import { Fault } from "../../base/fault.ts"
import type { EventFacts } from "../../format/event.ts"
import { rangeRoot } from "../../format/merkle.ts"
import { closingIn, closingOf } from "../../journal/closing.ts"
import { JournalCopy } from "../../journal/copy-journal.ts"
import { idsDigest } from "../../journal/removed-ids.ts"
import type { LedgerFiles } from "../../journal/files.ts"
import { JournalReader } from "../../journal/reader.ts"
import { verifyRange } from "../../journal/verify-range.ts"
import { carriedCounts } from "../../projections/carried-counts.ts"
import { closedFacts } from "../../projections/closed-state.ts"
import { keepSnapshot, keptSnapshot } from "../../projections/ledger-snapshot.ts"
import { stateUpTo } from "../../projections/ledger-state.ts"
import { ViewStore } from "../../projections/view-store.ts"
import { openDatabase, readFileSalt } from "../../vault/database.ts"
import { syncDirectory, syncFile } from "../../vault/durable-file.ts"
import type { OpenKeys } from "../../vault/key-store.ts"
import { ScopeStore } from "../../vault/scopes.ts"
import { bytesWithLogs, copyBeside } from "../rekey/copy-beside.ts"
import { nextOf } from "../rekey/switch-files.ts"
import { planPrune, standingHolds, type PrunePlan } from "./plan.ts"
import type { Pruned, PruneOptions } from "./prune.ts"

const sliceEntries = 5_000

export class PruneWork {
  readonly plan: PrunePlan | undefined
  readonly keys: OpenKeys
  readonly bytesBefore: number
  readonly #files: LedgerFiles
  readonly #options: PruneOptions
  readonly #scopes: ScopeStore
  readonly #reader: JournalReader
  /** What was gone before. */
  readonly #first: number
  readonly #holds: string
  #facts: EventFacts["journal.closed"] | undefined
  #copy: JournalCopy | undefined
  #views: ViewStore | undefined

  constructor(files: LedgerFiles, keys: OpenKeys, options: PruneOptions) {
    this.#files = files
    this.keys = keys
    this.#options = options
    this.bytesBefore = bytesOf(files)
    this.#scopes = ScopeStore.open(files.scopes, keys.scopesKey, { readonly: true })
    this.#reader = JournalReader.open(files, keys)
    this.#holds = standingHolds(this.#scopes)
    this.#first = closingOf(this.#reader, files.journal)?.upTo ?? 0
    const { retention } = options
    const ageMs = Math.min(options.nowMs, options.ledgerMs)
    this.plan = planPrune({ reader: this.#reader, scopes: this.#scopes, retention, ageMs, bytes: this.bytesBefore })
  }

  refuseNewHolds(): void {
    if (standingHolds(this.#scopes) !== this.#holds)
      throw new Fault("retention.not-now", { directory: this.#files.directory, problem: "a legal hold was placed or lifted meanwhile" })
  }

  /** What does not verify is evidence, and stays. */
  verify(): void {
    const ledger = { files: this.#files, keys: this.keys, reader: this.#reader, scopes: this.#scopes }
    for (const range of this.plan?.evidence ?? []) {
      const { verdict, problems } = verifyRange(ledger, { ...range, payloads: true, onProgress: this.#options.onProgress })
      if (verdict === "invalid") throw new Fault("retention.not-valid", { ...range, problem: problems[0]?.what ?? "unknown" })
    }
  }

  /** What the closing entry says; counted once. */
  facts(): EventFacts["journal.closed"] {
    return (this.#facts ??= this.#counted())
  }

  #counted(): EventFacts["journal.closed"] {
    if (!this.plan) throw new Fault("retention.not-now", { directory: this.#files.directory, problem: "there is nothing to remove" })
    const { upTo, contents, removedEntries, removedContents, reason } = this.plan
    const size = this.#reader.size()
    const closing = closingOf(this.#reader)
    const ids = idsDigest(this.#reader, closing, upTo)
    const last = upTo === 0 ? undefined : this.#reader.entry(upTo - 1)
    return {
      upTo,
      root: rangeRoot(this.#reader.subtrees(size), 0, upTo).toString("base64"),
      closedMs: last?.header.timeMs ?? closing?.timeMs ?? 0,
      contents: Object.fromEntries([...contents].filter(([, before]) => before > 0)),
      removedEntries,
      removedContents,
      reason,
      ...(upTo === 0 ? {} : { ...closedFacts(stateUpTo(this.#reader, upTo)), ...carriedCounts(this.#files, this.keys, this.#reader, upTo) }),
      ...(ids === undefined ? {} : { ids }),
    }
  }

  /** As far as it gets beside a writer at work. */
  async copy(): Promise<void> {
    await copyBeside(this.#begin(), nextOf(this.#files.journal), this.#options)
    this.#project()
  }

  #begin(): JournalCopy {
    const { journal } = this.#files
    this.#copy = new JournalCopy({
      from: { path: journal, key: this.keys.journalKey },
      // The salt stays: with it the file is the one that keys.json knows.
      to: { path: nextOf(journal), key: this.keys.journalKey, salt: readFileSalt(journal) },
      scopes: this.#scopes,
      ...(this.plan ? { removal: this.plan.removal } : {}),
    })
    return this.#copy
  }

  /** What came since. Nobody writes. */
  finish(closedBy: number): void {
    this.#copy?.finish(closedBy)
    this.#project(closedBy)
    this.#copy?.seal()
    this.#closeFiles()
    for (const path of [this.#files.journal, this.#files.views]) syncFile(nextOf(path))
    syncDirectory(this.#files.directory)
  }

  /** The projections of the journal as it will be, so that nobody has to wait for them. */
  #project(closedBy?: number): void {
    const next = { ...this.#files, journal: nextOf(this.#files.journal), views: nextOf(this.#files.views) }
    if (!this.#views) {
      this.#views = ViewStore.open(next.views, this.keys.viewsKey)
      this.#views.willStandOver(closingIn(this.#reader.size(), this.facts()) ?? unclosed())
    }
    const views = this.#views
    JournalReader.ask(next, this.keys, (reader) => {
      if (closedBy !== undefined) views.standOver(closedBy)
      views.catchUp(reader, { sliceEntries, onProgress: this.#options.onProgress })
      if (closedBy !== undefined) this.#carrySnapshot(views, reader)
    })
  }

  /** The ledger's state as it was kept: a start then replays no more than before. */
  #carrySnapshot(views: ViewStore, reader: JournalReader): void {
    try {
      const old = openDatabase(this.#files.views, { key: this.keys.viewsKey, existing: true })
      try {
        const kept = keptSnapshot(old, this.#reader)
        if (kept) keepSnapshot(views.database, reader, kept)
      } finally {
        old.close()
      }
    } catch (error) {
      // It is made again from the balances that were carried on.
      if (!(error instanceof Fault)) throw error
    }
  }

  told(closedBy: number | null, stoodStillMs: number): Pruned {
    const { plan } = this
    const removed = plan ? { removedEntries: plan.removedEntries, removedContents: plan.removedContents } : { removedEntries: 0, removedContents: 0 }
    const upTo = plan?.upTo ?? this.#first
    const bytesAfter = closedBy === null ? this.bytesBefore : bytesOf(this.#files)
    return { ...removed, upTo, closedBy, heldAt: plan?.heldAt ?? null, bytesBefore: this.bytesBefore, bytesAfter, stoodStillMs }
  }

  close(): void {
    this.#closeFiles()
    this.#reader.close()
    this.#scopes.close()
  }

  #closeFiles(): void {
    this.#copy?.close()
    this.#copy = undefined
    this.#views?.close()
    this.#views = undefined
  }
}

function unclosed(): never {
  throw new Error("what closes the journal is not well formed")
}

/** Of all files of the ledger. */
export function bytesOf({ journal, views, scopes, keys }: LedgerFiles): number {
  return bytesWithLogs([journal, views, scopes, keys])
}
