/** A file or directory that is there whole or not at all: made beside its place under another name, and put there when it is finished. Never over anything. */
import { randomBytes } from "node:crypto"
import { closeSync, existsSync, fsyncSync, linkSync, lstatSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, writeSync } from "node:fs"
import { dirname, join } from "node:path"
import { Fault } from "../../base/fault.ts"
import { onStopSignal, stopStatus } from "../../base/stop-signals.ts"
import { syncDirectory } from "../../vault/durable-file.ts"
import { tryPassingLock, type FileLock } from "../../vault/lock.ts"
import { writeFault, writingLockOf } from "../../vault/sealed-file/raw-file.ts"

const lockEnding = ".lock"
const lockName = /^\.sealing-[0-9a-f]{16}\.lock$/
/** File systems without hard links. */
const noLinks = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"]

/**
 * Makes what stands at `path` when this comes back: `make` is given the name to make it under, and what it makes is removed when it throws or is interrupted.
 * @throws {Fault} `sealed.exists`, `sealed.no-room`, `sealed.write-failed`; what `make` throws
 */
export async function makeWhole<T>(path: string, make: (beside: string) => Promise<T>): Promise<T> {
  if (existsSync(path)) throw new Fault("sealed.exists", { file: path })
  removeLeftovers(dirname(path))
  let held: Reserved | undefined
  const forget = onStopSignal((signal) => {
    if (held) discard(held)
    process.nextTick(() => process.exit(stopStatus[signal])) // when what else is being made was discarded, too
  })
  try {
    held = reserved(path)
    const made = await make(held.beside)
    publish(held.beside, path)
    return made
  } finally {
    forget()
    if (held) discard(held)
  }
}

type Reserved = { readonly beside: string; readonly lock: FileLock }

/** What was published stands under its own name by then. */
function discard({ beside, lock }: Reserved): void {
  for (const left of [beside, writingLockOf(beside)]) rmSync(left, { recursive: true, force: true })
  lock.release()
}

/** A name beside the output that is ours for as long as this process lives. */
function reserved(path: string): Reserved {
  for (;;) {
    const beside = join(dirname(path), `.sealing-${randomBytes(8).toString("hex")}`)
    try {
      const lock = tryPassingLock(beside + lockEnding)
      if (lock) return { beside, lock } // else somebody who tidies up was faster
    } catch (error) {
      throw writeFault(path, error instanceof Fault && error.code === "store.write-failed" ? error.cause : error)
    }
  }
}

/** What processes left there that were killed: the lock on a name that one of them made it under is free. What has none is of nobody we know, and is left. */
function removeLeftovers(directory: string): void {
  for (const name of namesIn(directory).filter((each) => lockName.test(each))) {
    const beside = join(directory, name.slice(0, -lockEnding.length))
    try {
      const lock = tryPassingLock(beside + lockEnding)
      if (!lock) continue
      discard({ beside, lock })
    } catch {
      // What cannot be tidied up, as what is another user's, keeps nobody from making what he came for; why not is told if that fails, too.
    }
  }
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
  } catch {
    return [] // it is not there, or not ours: what is to be made there tells
  }
}

function publish(beside: string, path: string): void {
  try {
    if (lstatSync(beside).isDirectory()) {
      // Only over an empty directory of our own: what somebody puts into it meanwhile keeps it.
      mkdirSync(path, { mode: 0o700 })
      renameSync(beside, path)
    } else linkOrClaim(beside, path)
    syncDirectory(dirname(path))
  } catch (error) {
    throw writeFault(path, error)
  }
}

function linkOrClaim(beside: string, path: string): void {
  try {
    linkSync(beside, path)
    rmSync(beside)
  } catch (error) {
    if (!(error instanceof Error && "code" in error && noLinks.includes(String(error.code)))) throw error
    closeSync(openSync(path, "wx", 0o600))
    renameSync(beside, path)
  }
}

/** Writes a new file (mode 0600) and syncs it; answers its bytes. */
export async function writeStream(path: string, source: AsyncIterable<Uint8Array>): Promise<number> {
  const writing = <T>(work: () => T): T => {
    try {
      return work()
    } catch (error) {
      throw writeFault(path, error)
    }
  }
  const file = writing(() => openSync(path, "wx", 0o600))
  let bytes = 0
  try {
    for await (const piece of source) {
      writing(() => {
        for (let at = 0; at < piece.length;) at += writeSync(file, piece, at)
      })
      bytes += piece.length
    }
    writing(() => fsyncSync(file))
  } finally {
    closeSync(file)
  }
  return bytes
}
