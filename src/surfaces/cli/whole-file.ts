/** Files that appear whole or not at all: written beside their place under another name, synced, and moved there at the end. */
import { closeSync, fsyncSync, linkSync, openSync, renameSync, rmSync, writeSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { Fault, problemOf } from "../../base/fault.ts"
import { refuseTaken, taken } from "./sink.ts"

export type WholeFile = {
  /** @throws {Fault} `store.write-failed` */
  readonly write: (text: string) => void
  /** Moves it to its place. */
  readonly finish: () => void
  /** Leaves nothing behind; nothing happens once it is finished. */
  readonly giveUp: () => void
}

const heldBytes = 256 * 1024

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
  const file = told(() => openSync(partial, "w", 0o600))
  let [held, isOpen, isThere] = ["", true, true]
  const flush = () => {
    const bytes = Buffer.from(held)
    held = ""
    for (let at = 0; at < bytes.length;) at += told(() => writeSync(file, bytes, at))
  }
  const close = () => {
    if (isOpen) closeSync(file)
    isOpen = false
  }
  return {
    write: (text) => {
      held += text
      if (held.length >= heldBytes) flush()
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
