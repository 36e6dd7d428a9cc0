/**
 * manifest.json of a backup: which ledger, how much of it, and what its files were when they were made. It is not signed, and nothing is believed because it
 * says so: who is to be kept from changing a backup is kept by the page seals and the signed checkpoint in it, and who has the keys could sign a manifest as
 * well. It finds what a disk has lost before an hour is spent on it.
 */
import { existsSync } from "node:fs"
import { dirname, join } from "node:path"
import { Fault, problemOf } from "../../base/fault.ts"
import { countOf, objectOf, stringOf } from "../../base/json.ts"
import { keyStoreName } from "../../vault/key-store.ts"
import type { ScopeCounts } from "../../vault/scopes.ts"
import { journalName } from "../../journal/files.ts"
import { backupsIn, headNoteName, manifestName, readBytes } from "./backup-names.ts"

const manifestFormat = 1

/** In the order in which they are written and looked at. */
export const backedUp = [keyStoreName, headNoteName, journalName] as const
export type BackedUp = (typeof backedUp)[number]

/** `sha256` in hex. */
export type FileFacts = { readonly bytes: number; readonly sha256: string }

export type Manifest = {
  readonly format: typeof manifestFormat
  readonly storeId: string
  readonly origin: string
  /** ISO 8601. */
  readonly createdAt: string
  /** Of the program that made it. */
  readonly version: string
  readonly entries: number
  /** RFC 6962 root of all of them, in base64. */
  readonly root: string
  /** Entries that the checkpoint in `head.note` covers. */
  readonly covered: number
  /** Of the master key that its keys.json is wrapped under. */
  readonly masterFingerprint: string
  /** Sessions and senders whose key was in the keys place then, and those whose key was destroyed by then. */
  readonly scopes: ScopeCounts
  readonly files: Readonly<Record<BackedUp, FileFacts>>
}

export function manifestText(manifest: Omit<Manifest, "format">): string {
  return `${JSON.stringify({ format: manifestFormat, ...manifest }, null, 2)}\n`
}

/** @throws {Fault} `backup.absent`, `backup.damaged`, `store.newer-format` */
export function readManifest(directory: string): Manifest {
  const file = join(directory, manifestName)
  if (!existsSync(file)) throw new Fault("backup.absent", { directory, problem: `${manifestName} is not there` })
  const damaged = (problem: string) => new Fault("backup.damaged", { directory, problem: `${manifestName}: ${problem}` })
  let fields: Readonly<Record<string, unknown>>
  try {
    fields = objectOf(JSON.parse(readBytes(file).toString("utf8")))
  } catch (error) {
    throw error instanceof Fault ? error : damaged(problemOf(error))
  }
  const format = countOf(fields["format"]) ?? 0
  if (format > manifestFormat) throw new Fault("store.newer-format", { file, found: format, known: manifestFormat })
  const texts = ["storeId", "origin", "createdAt", "version", "root", "masterFingerprint"].every((name) => stringOf(fields[name]) !== undefined)
  const counts = ["entries", "covered"].every((name) => countOf(fields[name]) !== undefined)
  const files = objectOf(fields["files"])
  const scopes = objectOf(fields["scopes"])
  const counted = ["open", "erased", "keys", "destroyed"].every((name) => countOf(scopes[name]) !== undefined)
  const whole = backedUp.every((name) => isFileFacts(files[name])) && /^[0-9a-f]{16}$/.test(String(fields["storeId"]))
  if (format !== manifestFormat || !texts || !counts || !counted || !whole) throw damaged("a field is missing or has the wrong shape")
  return fields as Manifest
}

function isFileFacts(value: unknown): boolean {
  const { bytes, sha256 } = objectOf(value)
  return countOf(bytes) !== undefined && /^[0-9a-f]{64}$/.test(stringOf(sha256) ?? "")
}

/** Of all whole backups of the ledger in a directory. */
export function manifestsBeside(backup: string): readonly Manifest[] {
  const directory = dirname(backup)
  const { storeId } = readManifest(backup)
  return backupsIn(directory).flatMap(({ name, storeId: of }) => (of === storeId ? (manifestIn(join(directory, name)) ?? []) : []))
}

function manifestIn(backup: string): Manifest | undefined {
  try {
    return readManifest(backup)
  } catch (error) {
    if (error instanceof Fault) return undefined // what is no whole backup says nothing
    throw error
  }
}
