/** A running ledger, and the commands about its backups as an operator gives them. */
import assert from "node:assert/strict"
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { ledgerFiles, type LedgerFiles } from "../../src/journal/files.ts"
import { JournalReader, factsOf } from "../../src/journal/reader.ts"
import type { CreatedBackup } from "../../src/operations/backup/create-backup.ts"
import type { RestoredBackup } from "../../src/operations/backup/restore-backup.ts"
import { openKeyStore, type OpenKeys } from "../../src/vault/key-store.ts"
import { findMasterSecret } from "../../src/vault/master-key.ts"
import type { Rig } from "./rig.ts"

export type Backups = { readonly to: string; readonly keysTo: string }

export function backupPlaces(rig: Rig): Backups {
  const places = { to: join(rig.root, "backups"), keysTo: join(rig.root, "backed-up-keys") }
  for (const directory of Object.values(places)) mkdirSync(directory)
  return places
}

export const placesOf = (rig: Rig, files: LedgerFiles = rig.files) => ["--data-dir", files.directory, "--key-file", rig.keyFile, "--head-note", files.headNote]

export const createWords = ({ to, keysTo }: Backups) => ["backup", "create", "--to", to, "--keys-to", keysTo]

/** One line of JSON of a command that is to end well. */
export async function must<T>(rig: Rig, words: readonly string[], files = rig.files, exit = 0): Promise<T> {
  const { status, stdout, stderr } = await rig.run([...words, "--json", ...placesOf(rig, files)])
  assert.equal(status, exit, `${words.join(" ")}: ${stdout}${stderr}`)
  return JSON.parse(stdout) as T
}

export const backUp = (rig: Rig, places: Backups): Promise<CreatedBackup> => must(rig, createWords(places))

export const putBack = (rig: Rig, { keysTo }: Backups, backup: string, files = rig.files): Promise<RestoredBackup> =>
  must(rig, ["backup", "restore", backup, "--keys", keysTo], files)

export function filesAt(rig: Rig, name: string): LedgerFiles {
  return ledgerFiles(join(rig.root, name), join(rig.root, `${name}.note`))
}

export function keysOf({ directory, keyFile }: Pick<Rig, "directory" | "keyFile">): OpenKeys {
  return openKeyStore(directory, findMasterSecret({ keyFile, environment: {} }) ?? assert.fail("no key"))
}

/** The facts of all entries of a type. */
export function factsIn(files: LedgerFiles, keys: OpenKeys, type: string): readonly Readonly<Record<string, unknown>>[] {
  return JournalReader.ask(files, keys, (reader) =>
    [...reader.entries(0, Number.MAX_SAFE_INTEGER)].filter(({ header }) => header.type === type).map((entry) => factsOf(entry)),
  )
}
