/** Where a command's product goes: a file that must not be there yet, or standard output. */
import { closeSync, openSync, writeFileSync } from "node:fs"
import { Fault, problemOf } from "../../base/fault.ts"
import type { CommandContext } from "./command.ts"

export type Sink = { readonly write: (text: string) => Promise<void>; readonly close: () => void }

/** A new file of the owner's alone, or standard output when no path is given. Never replaces a file. */
export function openSink({ terminal }: CommandContext, path: string | undefined): Sink {
  if (path === undefined) return { write: (text) => terminal.write(text), close: () => {} }
  const fail = (error: unknown): never => {
    if (error instanceof Error && "code" in error && error.code === "EEXIST")
      throw new Fault("cli.usage", { problem: `${path} exists already; name another file.` }, error)
    throw new Fault("store.write-failed", { file: path, problem: problemOf(error) }, error)
  }
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
