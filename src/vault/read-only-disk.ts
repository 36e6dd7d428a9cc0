/** A disk that takes nothing, told from a directory that does not take it from us: a write to the one is refused to everybody. */
import { accessSync, constants } from "node:fs"
import { dirname } from "node:path"
import { Fault } from "../base/fault.ts"

/** The fault of a write that failed, where it failed because the disk of the file is read-only. */
export function readOnlyFault(file: string, cause: unknown): Fault | undefined {
  return isReadOnly(file) || isReadOnly(dirname(file)) ? new Fault("store.read-only", { file }, cause) : undefined
}

/** access(2) answers EROFS for what is asked to be writable on such a disk, to root as well. */
function isReadOnly(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return false
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EROFS"
  }
}
