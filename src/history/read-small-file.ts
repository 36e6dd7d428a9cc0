/** A file that is read whole: regular, not through a symbolic link, and no larger than it may be. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs"

/** @throws errors of the file system, and an Error that says what is wrong with the file */
export function readSmallFile(path: string, mostBytes: number): Buffer {
  // What may be a pipe or a device must not keep us waiting.
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const stat = fstatSync(descriptor)
    if (!stat.isFile()) throw new Error("it is no regular file")
    if (stat.size > mostBytes) throw new Error(`it is larger than ${mostBytes} bytes`)
    return readFileSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
