/** Checks a backup where it lies: its files are what they were, its keys open it, every entry is verified; and how far it is behind the note outside. */
import { join } from "node:path"
import { Fault } from "../../base/fault.ts"
import { ledgerFiles, type LedgerFiles } from "../../journal/files.ts"
import { headNote, type HeadNote } from "../../journal/head-note.ts"
import { JournalReader } from "../../journal/reader.ts"
import { verifyStore } from "../../journal/verify-store.ts"
import { ScopeStore } from "../../vault/scopes.ts"
import type { SecretPlaces } from "../../vault/master-key.ts"
import type { VerifyReport } from "../../verify/verdict.ts"
import { headNoteName } from "./backup-names.ts"
import { chooseKeys, type ChosenKeys } from "./choose-keys.ts"
import { fileFacts, type Progress } from "./copy-file.ts"
import { findKeySet, refuseOlderSet } from "./key-set.ts"
import { backedUp, manifestsBeside, readManifest, type BackedUp, type FileFacts, type Manifest } from "./manifest.ts"

export type CheckOptions = {
  /** The keys place, or the set in it; beside the backup when it is left out. */
  readonly keysFrom?: string | undefined
  readonly placesFor: (storeId: string) => SecretPlaces
  /** The note outside the data directory, which the backup is compared with. */
  readonly note: string
  readonly onHashing?: Progress
  readonly onVerifying?: Progress
}

/** What the note outside knows that a copy does not. */
export type Behind = { readonly note: HeadNote["state"]; readonly noteSize: number | null; readonly behind: number }

export type CheckedBackup = { readonly manifest: Manifest; readonly keysFrom: ChosenKeys["from"]; readonly keySet: string } & Behind & {
    readonly report: VerifyReport
  }

/** @throws {Fault} `backup.absent`, `backup.damaged`, `backup.keys-absent`, `backup.keys-older`, and what `chooseKeys` tells. */
export function checkBackup(backup: string, options: CheckOptions): CheckedBackup {
  const manifest = readManifest(backup)
  const set = findKeySet(manifest.storeId, backup, options.keysFrom)
  for (const name of backedUp) expectFile(backup, manifest, name, fileFacts(join(backup, name), name === "journal.db" ? options.onHashing : undefined))
  const files = { ...ledgerFiles(backup, join(backup, headNoteName)), scopes: set.scopes }
  const chosen = chooseKeys(files, set.keys, options.placesFor(manifest.storeId))
  refuseOlderSet(
    set,
    chosen.keys,
    [manifest, ...manifestsBeside(backup)].map(({ scopes }) => scopes),
  )
  const looked = lookAt(files, chosen, { note: options.note, onVerifying: options.onVerifying })
  expectSize(backup, manifest, looked.report)
  return { manifest, keysFrom: chosen.from, keySet: set.directory, ...looked }
}

export function expectFile(backup: string, { files }: Manifest, name: BackedUp, found: FileFacts): void {
  const wanted = files[name]
  if (found.bytes === wanted.bytes && found.sha256 === wanted.sha256) return
  const problem = found.bytes === wanted.bytes ? `${name} has other bytes than it had` : `${name} has ${found.bytes} bytes, and had ${wanted.bytes}`
  throw new Fault("backup.damaged", { directory: backup, problem })
}

export function expectSize(backup: string, { entries, root }: Manifest, report: VerifyReport): void {
  const size = report.to + 1 // with those that were removed
  if (report.verdict === "invalid" || (size === entries && report.root === root)) return
  throw new Fault("backup.damaged", { directory: backup, problem: `it was made of ${entries} entries, and these ${size} are others` })
}

type Looking = { readonly note: string; readonly onVerifying?: Progress | undefined }

/** Opens files that nobody else has, and verifies all of it. */
export function lookAt(files: LedgerFiles, { keys, newestKey }: ChosenKeys, { note, onVerifying }: Looking): Behind & { readonly report: VerifyReport } {
  const scopes = ScopeStore.open(files.scopes, keys.scopesKey, { readonly: true })
  try {
    return JournalReader.ask(
      files,
      keys,
      (reader) => {
        const report = verifyStore({ files, keys, reader, scopes }, { payloads: true, erasesAgain: true, ...(onVerifying ? { onProgress: onVerifying } : {}) })
        return { report, ...(report.verdict === "invalid" ? { note: "unreadable", noteSize: null, behind: 0 } : behind(note, newestKey, reader)) }
      },
      { alone: true },
    )
  } finally {
    scopes.close()
  }
}

function behind(path: string, newestKey: string, reader: JournalReader): Behind {
  const { state, size } = headNote(path, newestKey, reader)
  return { note: state, noteSize: size ?? null, behind: Math.max(0, (size ?? 0) - reader.size()) }
}
