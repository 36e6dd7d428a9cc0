/**
 * What stands in a directory of backups, told by names alone.
 *
 *   <store id>-<UTC time>-<entries>/   a backup of the journal: its name comes last, so what has it is whole
 *   .making-<store id>/                one that is being made, or was left by a process that was killed
 *   .leaving-<name>/                   one that is being removed
 *   keys-<store id>/                   the one set of keys, replaced with each backup
 */
import { readdirSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { Fault, problemOf } from "../../base/fault.ts"

export const manifestName = "manifest.json"
export const headNoteName = "head.note"

export type BackupName = { readonly name: string; readonly storeId: string; readonly time: string; readonly entries: number }

const pattern = /^([0-9a-f]{16})-(\d{8}T\d{9}Z)-(\d+)$/

export function backupName(storeId: string, nowMs: number, entries: number): string {
  return `${storeId}-${new Date(nowMs).toISOString().replace(/[-:.]/g, "")}-${entries}`
}

export function parseBackupName(name: string): BackupName | undefined {
  const [, storeId, time, entries] = pattern.exec(name) ?? []
  return storeId === undefined || time === undefined ? undefined : { name, storeId, time, entries: Number(entries) }
}

export function makingName(storeId: string): string {
  return `.making-${storeId}`
}

export function leavingName(name: string): string {
  return `.leaving-${name}`
}

export function keySetName(storeId: string): string {
  return `keys-${storeId}`
}

/** Backups of a directory, the oldest first. */
export function backupsIn(directory: string): readonly BackupName[] {
  return namesIn(directory)
    .flatMap((name) => parseBackupName(name) ?? [])
    .sort((a, b) => (a.time === b.time ? a.entries - b.entries : a.time < b.time ? -1 : 1))
}

/** What earlier processes left half-made or half-removed. Asked under the ledger's backup lock: nobody is at it. */
export function removeLeftovers(directory: string, storeId: string): void {
  const isLeft = (name: string) => name === makingName(storeId) || name.startsWith(leavingName(`${storeId}-`))
  for (const name of namesIn(directory).filter(isLeft)) removeTree(join(directory, name))
}

export function removeTree(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true })
  } catch (error) {
    throw new Fault("store.write-failed", { file: path, problem: problemOf(error) }, error)
  }
}

/** @throws {Fault} `backup.no-place` when it is not there, or cannot be looked into. */
export function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
  } catch (error) {
    throw new Fault("backup.no-place", { directory, problem: problemOf(error) }, error)
  }
}

/** @throws {Fault} `store.unreadable` */
export function readBytes(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    throw new Fault("store.unreadable", { file, problem: problemOf(error) }, error)
  }
}
