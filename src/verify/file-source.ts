/** The bytes of a file, by its path: the one place of `verify/` that opens files. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs"
import type { ByteSource } from "./byte-source.ts"

export function fileSource(path: string): ByteSource {
  const open = () => {
    const file = openSync(path, "r")
    return {
      next: (room: Buffer, at: number) => readSync(file, room, at, room.length - at, null),
      last: (mostBytes: number) => {
        const { size } = fstatSync(file)
        const bytes = Buffer.alloc(Math.min(size, mostBytes))
        readSync(file, bytes, 0, bytes.length, size - bytes.length)
        return bytes
      },
      close: () => closeSync(file),
    }
  }
  return { name: path, open }
}
