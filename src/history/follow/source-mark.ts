/**
 * Whether a source may have changed, for a few system calls and without a lock. Of a store that is the header of the index of its write-ahead log, which each commit
 * changes (https://www.sqlite.org/walformat.html#the_wal_index_header; `PRAGMA data_version` compares the same bytes), and the counters in the header of its
 * file, which each commit without such a log changes. It is taken before a source is read, so that what comes while it is read is another mark.
 */
import { closeSync, constants, openSync, readSync } from "node:fs"
import type { Source } from "../find-sources.ts"

/** One of the two copies of the index's header. */
const indexHeaderBytes = 48
/** From the file's change counter to its version-valid-for number. */
const [counterAt, counterBytes] = [24, 76]

export function sourceMark({ kind, path, inode, sizeBytes, modifiedMs }: Source): string {
  const stamp = `${inode} ${sizeBytes} ${modifiedMs}`
  return kind.endsWith("store") ? `${stamp} ${bytesOf(path, counterAt, counterBytes)} ${bytesOf(`${path}-shm`, 0, indexHeaderBytes)}` : stamp
}

function bytesOf(path: string, at: number, length: number): string {
  let descriptor: number | undefined
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    const bytes = Buffer.alloc(length)
    return bytes.toString("base64", 0, readSync(descriptor, bytes, 0, length, at))
  } catch {
    // What cannot be read is named by who reads the source.
    return ""
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}
