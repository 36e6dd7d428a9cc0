/** Small files that must be whole or absent: written beside, fsynced, renamed, and the directory fsynced. */
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { Fault, problemOf } from "../base/fault.ts"

export type DurableOptions = {
  readonly mode?: number
  /** Refuse with `key.exists` instead of replacing what is there. */
  readonly exclusive?: boolean
}

/** @throws {Fault} `store.write-failed`; `key.exists` when exclusive and the file is there. */
export function writeDurably(path: string, bytes: string | Uint8Array, options: DurableOptions = {}): void {
  const beside = `${path}.${process.pid}.tmp`
  try {
    const file = openSync(beside, "w", options.mode ?? 0o600)
    try {
      writeFileSync(file, bytes) // goes on after a short write, which a disk that fills up gives
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    if (options.exclusive) {
      linkSync(beside, path)
      rmSync(beside)
    } else {
      renameSync(beside, path)
    }
    syncDirectory(dirname(path))
  } catch (error) {
    discard(beside)
    if (error instanceof Error && "code" in error && error.code === "EEXIST") throw new Fault("key.exists", { file: path }, error)
    throw new Fault("store.write-failed", { file: path, problem: problemOf(error) }, error)
  }
}

/** What was written to a file without syncing is on the disk when this returns. */
export function syncFile(path: string): void {
  const file = openSync(path, "r+")
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** What processes left beside a file that were killed while they wrote it. Nobody may be writing it now. */
export function removeLeftovers(path: string): void {
  const [directory, name] = [dirname(path), basename(path)]
  const isLeftover = (other: string) => other.startsWith(name) && /^\.\d+\.tmp$/.test(other.slice(name.length))
  for (const other of readdirSync(directory).filter(isLeftover)) rmSync(join(directory, other), { force: true })
}

/** The one in the place of the other, whole or not at all. @throws {Fault} `store.write-failed` */
export function renameDurably(from: string, to: string): void {
  try {
    renameSync(from, to)
    syncDirectory(dirname(to))
  } catch (error) {
    throw new Fault("store.write-failed", { file: to, problem: problemOf(error) }, error)
  }
}

function discard(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    // What kept the file from being written keeps it from being removed, and is what the caller is told.
  }
}

export function makePrivateDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw new Fault("store.write-failed", { file: path, problem: problemOf(error) }, error)
  }
}

/** Names in it that came and went stay so. */
export function syncDirectory(path: string): void {
  if (process.platform === "win32") return // Windows has no fsync of a directory; a rename there is journaled by the file system.
  const directory = openSync(path, "r")
  try {
    fsyncSync(directory)
  } finally {
    closeSync(directory)
  }
}
