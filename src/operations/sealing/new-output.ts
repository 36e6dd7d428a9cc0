/** A file or directory that is there whole or not at all: made beside its place under another name, and put there when it is finished. Never over anything. */
import { randomBytes } from "node:crypto"
import { closeSync, existsSync, fsyncSync, linkSync, lstatSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs"
import { dirname, join } from "node:path"
import { Fault } from "../../base/fault.ts"
import { syncDirectory } from "../../vault/durable-file.ts"
import { writeFault } from "../../vault/sealed-file/raw-file.ts"

const signals = [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const
/** File systems without hard links. */
const noLinks = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"]

/**
 * Makes what stands at `path` when this comes back: `make` is given the name to make it under, and what it makes is removed when it throws or is interrupted.
 * @throws {Fault} `sealed.exists`, `sealed.no-room`, `sealed.write-failed`; what `make` throws
 */
export async function makeWhole<T>(path: string, make: (beside: string) => Promise<T>): Promise<T> {
  if (existsSync(path)) throw new Fault("sealed.exists", { file: path })
  const beside = join(dirname(path), `.sealing-${randomBytes(8).toString("hex")}`)
  const discard = () => rmSync(beside, { recursive: true, force: true })
  const stops = signals.map(([signal, status]) => {
    const stop = () => {
      discard()
      process.exit(status)
    }
    process.once(signal, stop)
    return () => process.off(signal, stop)
  })
  try {
    const made = await make(beside)
    publish(beside, path)
    return made
  } catch (error) {
    discard()
    throw error
  } finally {
    for (const forget of stops) forget()
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
