/** What a directory of backups has: those that are whole, what was left of others, and the keys. Reads names and manifests; `checkBackup` reads the rest. */
import { existsSync, statSync } from "node:fs"
import { join } from "node:path"
import { Fault, problemOf } from "../../base/fault.ts"
import { scopesName } from "../../vault/scopes.ts"
import { backupsIn, namesIn } from "./backup-names.ts"
import { sizeOf } from "./copy-file.ts"
import { readManifest, type Manifest } from "./manifest.ts"

export type ListedBackup = Pick<Manifest, "storeId" | "createdAt" | "entries" | "covered" | "masterFingerprint"> & {
  readonly backup: string
  readonly bytes: number
}

export type BackupList = {
  /** The oldest first. */
  readonly backups: readonly ListedBackup[]
  /** Has the name of one and is none, or was left half-done. */
  readonly notWhole: readonly { readonly name: string; readonly problem: string }[]
  readonly keySets: readonly { readonly directory: string; readonly storeId: string; readonly at: string }[]
}

/** @throws {Fault} `backup.no-place` */
export function listBackups(directory: string): BackupList {
  const names = namesIn(directory)
  const backups: ListedBackup[] = []
  const notWhole = names
    .filter((name) => /^\.(?:making|leaving)-[0-9a-f]{16}/.test(name))
    .map((name) => ({ name, problem: "being made or removed, or left by a process that was killed" }))
  for (const { name } of backupsIn(directory)) {
    const backup = join(directory, name)
    try {
      const { storeId, createdAt, entries, covered, masterFingerprint, files } = readManifest(backup)
      const missing = Object.entries(files).find(([file, { bytes }]) => sizeOf(join(backup, file)) !== bytes)
      if (missing) notWhole.push({ name, problem: `${missing[0]} is not of the size it had` })
      else {
        const bytes = Object.values(files).reduce((sum, file) => sum + file.bytes, 0)
        backups.push({ backup, storeId, createdAt, entries, covered, masterFingerprint, bytes })
      }
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      notWhole.push({ name, problem: problemOf(error) })
    }
  }
  return { backups, notWhole, keySets: names.flatMap((name) => keySetOf(directory, name) ?? []) }
}

function keySetOf(directory: string, name: string): BackupList["keySets"][number] | undefined {
  const storeId = /^keys-([0-9a-f]{16})$/.exec(name)?.[1]
  const scopes = join(directory, name, scopesName)
  if (storeId === undefined || !existsSync(scopes)) return undefined
  return { directory: join(directory, name), storeId, at: statSync(scopes).mtime.toISOString() }
}
