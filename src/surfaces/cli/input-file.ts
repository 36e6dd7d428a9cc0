/** Files that people name on the command line, `-` for standard input. */
import { readFileSync } from "node:fs"
import { Fault, problemOf } from "../../base/fault.ts"

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/** @throws {Fault} `cli.file-unreadable` */
export function readInput(file: string): Buffer {
  try {
    return readFileSync(file === "-" ? 0 : file)
  } catch (error) {
    throw new Fault("cli.file-unreadable", { file, problem: problemOf(error) }, error)
  }
}

/**
 * The text of a file that is checked: exactly its bytes, so that no two files have one text.
 * @throws {Fault} `cli.file-unreadable`, also when it is not UTF-8.
 */
export function readText(file: string): string {
  try {
    return utf8.decode(readInput(file))
  } catch (error) {
    throw error instanceof Fault ? error : new Fault("cli.file-unreadable", { file, problem: "it is not UTF-8" }, error)
  }
}
