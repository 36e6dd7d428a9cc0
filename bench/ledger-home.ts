/** A ledger of its own for a bench: a private directory below the system's temporary one, with a key file, gone when the process ends. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { ledgerFiles, type LedgerFiles } from "../src/journal/files.ts"
import { createKey } from "../src/operations/create-key.ts"
import type { SecretPlaces } from "../src/vault/master-key.ts"

export type LedgerHome = {
  readonly root: string
  readonly files: LedgerFiles
  readonly keyFile: string
  readonly secrets: SecretPlaces
}

export const benchVersion = "0.0.0-bench"

const made: string[] = []

/** An empty directory that is removed when the process ends, also by a signal. */
export function temporaryDirectory(name: string): string {
  if (made.length === 0) {
    process.once("exit", () => made.forEach((path) => rmSync(path, { recursive: true, force: true })))
    for (const [signal, status] of [
      ["SIGINT", 130],
      ["SIGTERM", 143],
    ] as const)
      process.once(signal, () => process.exit(status))
  }
  const path = mkdtempSync(join(tmpdir(), `sl-bench-${name}-`))
  made.push(path)
  return path
}

export function homeAt(root: string): LedgerHome {
  const keyFile = join(root, "master.key")
  return { root, files: ledgerFiles(join(root, "data"), join(root, "head.note")), keyFile, secrets: { keyFile, environment: {} } }
}

/** A ledger that is set up and has one entry. */
export function makeHome(name: string, nowMs = Date.now()): LedgerHome {
  const home = homeAt(temporaryDirectory(name))
  createKey(home.files, () => home.keyFile, { nowMs, version: benchVersion })
  return home
}

export function copyHome(home: LedgerHome, name: string): LedgerHome {
  const copy = homeAt(temporaryDirectory(name))
  mkdirSync(copy.root, { recursive: true })
  cpSync(home.root, copy.root, { recursive: true })
  return copy
}

export function removeHome(home: LedgerHome): void {
  rmSync(home.root, { recursive: true, force: true })
}

/** Bytes of every file of the ledger, by name; the key file is the operator's and does not count. */
export function fileSizes(home: LedgerHome): Readonly<Record<string, number>> {
  const inside = readdirSync(home.files.directory).map((name) => [name, statSync(join(home.files.directory, name)).size] as const)
  return Object.fromEntries([...inside, ["head.note", statSync(home.files.headNote).size]])
}
