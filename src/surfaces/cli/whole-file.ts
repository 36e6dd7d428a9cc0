/** Files that appear whole or not at all: written beside their place under another name, synced, and moved there at the end. */
import { closeSync, fsyncSync, linkSync, openSync, readdirSync, renameSync, rmSync, writeSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { Fault, problemOf } from "../../base/fault.ts"
import { refuseTaken, taken } from "./sink.ts"

export type WholeFile = {
  /** @throws {Fault} `store.write-failed` */
  readonly write: (part: string | Uint8Array) => void
  /** Moves it to its place. */
  readonly finish: () => void
  /** Leaves nothing behind; nothing happens once it is finished. */
  readonly giveUp: () => void
}

const heldCharacters = 64 * 1024

/** A file of the owner's alone (mode 0600). One that is there is replaced only when `force` says so, and stays as it is until the new one is whole. */
export function openWholeFile(path: string, force: boolean): WholeFile {
  if (!force) refuseTaken(path)
  const partial = join(dirname(path), `.${basename(path)}.${process.pid}.partial`)
  const told = <T>(work: () => T): T => {
    try {
      return work()
    } catch (error) {
      throw new Fault("store.write-failed", { file: path, problem: problemOf(error) }, error)
    }
  }
  removeLeft(path)
  const file = told(() => openSync(partial, "w", 0o600))
  let [held, isOpen, isThere] = ["", true, true]
  const put = (bytes: Uint8Array) => {
    for (let at = 0; at < bytes.length;) at += told(() => writeSync(file, bytes, at))
  }
  const flush = () => {
    const text = held
    held = ""
    put(Buffer.from(text))
  }
  const close = () => {
    if (isOpen) closeSync(file)
    isOpen = false
  }
  return {
    write: (part) => {
      if (typeof part === "string") held += part
      if (typeof part !== "string" || held.length >= heldCharacters) flush()
      if (typeof part !== "string") put(part)
    },
    finish: () => {
      flush()
      told(() => fsyncSync(file))
      close()
      if (force) told(() => renameSync(partial, path))
      else moveTo(partial, path)
      isThere = false
    },
    giveUp: () => {
      close()
      if (isThere) rmSync(partial, { force: true })
      isThere = false
    },
  }
}

/** What processes left of it that were killed. */
function removeLeft(path: string): void {
  const [directory, prefix] = [dirname(path), `.${basename(path)}.`]
  try {
    for (const name of readdirSync(directory)) {
      const [, pid] = name.startsWith(prefix) ? (/^(\d{1,10})\.partial$/.exec(name.slice(prefix.length)) ?? []) : []
      if (pid !== undefined && !isRunning(Number(pid))) rmSync(join(directory, name), { force: true })
    }
  } catch {
    // A directory that cannot be listed may still be written to.
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return !(error instanceof Error && "code" in error && error.code === "ESRCH")
  }
}

/** A link fails where a rename would take the place of what came meanwhile. */
function moveTo(partial: string, path: string): void {
  try {
    linkSync(partial, path)
    rmSync(partial)
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : ""
    if (code === "EEXIST") throw taken(path, error)
    // Some file systems have no links.
    refuseTaken(path)
    renameSync(partial, path)
  }
}
