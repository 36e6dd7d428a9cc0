/** The bytes of a sealed file as they lie on the disk: reads and writes at positions, and the barrier between what is durable and what is not. */
import { closeSync, fdatasyncSync, fstatSync, ftruncateSync, openSync, read, readSync, writeSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { Fault, problemOf } from "../../base/fault.ts"
import { tryPassingLock, type FileLock } from "../lock.ts"

export type RawFile = {
  /** Fills `into` from a position on; answers how many bytes there were, which are fewer only at the end of the file. */
  readonly read: (into: Uint8Array, position: number) => number
  /** As `read`, beside other work. */
  readonly readLater: (into: Uint8Array, position: number) => Promise<number>
  readonly write: (bytes: Uint8Array, position: number) => void
  /** What was written before is on the disk before anything that is written after. */
  readonly sync: () => void
  readonly truncate: (sizeBytes: number) => void
  readonly sizeBytes: () => number
  readonly close: () => void
}

/**
 * For writing it holds a lock beside the file until it is closed.
 * @throws {Fault} `cli.file-unreadable` when there is no such file, or it is not ours to open; `sealed.busy` when another holds the lock.
 */
export function openRawFile(path: string, mode: "r" | "r+"): RawFile {
  let file: number
  try {
    file = openSync(path, mode)
  } catch (error) {
    throw new Fault("cli.file-unreadable", { file: path, problem: problemOf(error) }, error)
  }
  let lock: FileLock | undefined
  try {
    if (mode === "r+") lock = lockOf(path)
  } catch (error) {
    closeSync(file)
    throw error
  }
  const reading = <T>(work: () => T): T => {
    try {
      return work()
    } catch (error) {
      throw new Fault("cli.file-unreadable", { file: path, problem: problemOf(error) }, error)
    }
  }
  const writing = (work: () => void): void => {
    try {
      work()
    } catch (error) {
      throw writeFault(path, error)
    }
  }
  return {
    read: (into, position) => reading(() => fill(into.length, (at) => readSync(file, into, at, into.length - at, position + at))),
    readLater: (into, position) => readLater(file, into, position, path),
    write: (bytes, position) => writing(() => fill(bytes.length, (at) => writeSync(file, bytes, at, bytes.length - at, position + at))),
    sync: () => writing(() => fdatasyncSync(file)),
    truncate: (sizeBytes) => writing(() => ftruncateSync(file, sizeBytes)),
    sizeBytes: () => reading(() => fstatSync(file).size),
    close: () => {
      closeSync(file)
      lock?.release()
    },
  }
}

/** Beside the file, under a name of its own, so that it is the same to whoever opens the file by its name. */
export function writingLockOf(path: string): string {
  return join(dirname(path), `.${basename(path)}.writing`)
}

function lockOf(path: string): FileLock {
  let lock: FileLock | undefined
  try {
    lock = tryPassingLock(writingLockOf(path))
  } catch (error) {
    throw writeFault(path, error instanceof Fault && error.code === "store.write-failed" ? error.cause : error)
  }
  if (!lock) throw new Fault("sealed.busy", { file: path })
  return lock
}

/** What a failed write means to the person who has to mend it. */
export function writeFault(file: string, error: unknown): Fault {
  if (error instanceof Fault) return error
  const code = error instanceof Error && "code" in error ? String(error.code) : ""
  if (code === "EEXIST" || code === "ENOTEMPTY") return new Fault("sealed.exists", { file }, error)
  if (code === "ENOSPC" || code === "EDQUOT" || code === "EFBIG") return new Fault("sealed.no-room", { file, problem: problemOf(error) }, error)
  if (code === "EROFS") return new Fault("store.read-only", { file }, error)
  return new Fault("sealed.write-failed", { file, problem: problemOf(error) }, error)
}

/** The system may take or give fewer bytes than it was asked to; none at all is the end. */
function fill(lengthBytes: number, step: (at: number) => number): number {
  let at = 0
  while (at < lengthBytes) {
    const count = step(at)
    if (count === 0) break
    at += count
  }
  return at
}

async function readLater(file: number, into: Uint8Array, position: number, path: string): Promise<number> {
  let at = 0
  while (at < into.length) {
    const count = await new Promise<number>((resolve, reject) => {
      read(file, into, at, into.length - at, position + at, (error, bytesRead) => {
        if (error) reject(new Fault("cli.file-unreadable", { file: path, problem: problemOf(error) }, error))
        else resolve(bytesRead)
      })
    })
    if (count === 0) break
    at += count
  }
  return at
}
