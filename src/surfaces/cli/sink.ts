/** Where a command's product goes: a file that must not be there yet, or standard output. */
import { closeSync, lstatSync, openSync, writeFileSync } from "node:fs"
import { Fault, problemOf } from "../../base/fault.ts"
import type { CommandContext } from "./command.ts"

export type Sink = { readonly write: (text: string) => Promise<void>; readonly close: () => void }

/** A new file of the owner's alone, or standard output when no path is given. Never replaces a file. */
export function openSink({ terminal }: CommandContext, path: string | undefined): Sink {
  if (path === undefined) return { write: (text) => terminal.product(text), close: () => {} }
  const fail = failing(path)
  try {
    const file = openSync(path, "wx", 0o600)
    const write = async (text: string) => {
      try {
        writeFileSync(file, text)
      } catch (error) {
        fail(error)
      }
    }
    return { write, close: () => closeSync(file) }
  } catch (error) {
    return fail(error)
  }
}

/** Writes all of a new file of the owner's alone. Never replaces one. */
export function newFile(path: string, data: string | Uint8Array): void {
  try {
    writeFileSync(path, data, { flag: "wx", mode: 0o600 })
  } catch (error) {
    failing(path)(error)
  }
}

/** For who writes several: all are found free before the first is written. */
export function refuseTaken(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })) throw taken(path)
}

export function taken(path: string, cause?: unknown): Fault {
  return new Fault("cli.usage", { problem: `${path} exists already; name another file.` }, cause)
}

function failing(path: string): (error: unknown) => never {
  return (error) => {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") throw taken(path, error)
    throw new Fault("store.write-failed", { file: path, problem: problemOf(error) }, error)
  }
}
