/** Small files that must be whole or absent: written beside, fsynced, renamed, and the directory fsynced. */
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { open } from "node:fs/promises"
import { basename, dirname, join } from "node:path"
import { Fault, problemOf } from "../base/fault.ts"
import { readOnlyFault } from "./read-only-disk.ts"

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
    throw writeFault(path, error)
  }
}

function writeFault(file: string, error: unknown): Fault {
  return readOnlyFault(file, error) ?? new Fault("store.write-failed", { file, problem: problemOf(error) }, error)
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

/**
 * Has a file that grows written to the disk meanwhile, on a thread of the runtime's own, so that little is left to wait for in the end. Nothing is
 * promised by it: `syncFile` is.
 */
export class Flusher {
  readonly #path: string
  #under: Promise<void> | undefined

  constructor(path: string) {
    this.#path = path
  }

  /** Begins, unless it is under way. */
  flush(): void {
    this.#under ??= this.#flushed().finally(() => (this.#under = undefined))
  }

  async end(): Promise<void> {
    await this.#under
  }

  async #flushed(): Promise<void> {
    try {
      const file = await open(this.#path, "r+")
      try {
        await file.datasync()
      } finally {
        await file.close()
      }
    } catch {
      // What keeps it from being written is told by who has to know that it is.
    }
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
    throw writeFault(to, error)
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
    throw writeFault(path, error)
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
