/** Copies and reads large files in pieces, so that somebody who watches sees it go on; what is copied is on the disk afterwards. */
import { createHash } from "node:crypto"
import { closeSync, fsyncSync, openSync, readSync, statfsSync, statSync, writeSync } from "node:fs"
import { Fault, problemOf } from "../../base/fault.ts"
import type { FileFacts } from "./manifest.ts"

/** Bytes done, of how many. */
export type Progress = (done: number, total: number) => void

const pieceBytes = 1 << 20
/** Beside the files themselves: pages of the log that are copied in, small files, directories. */
const roomToSpareBytes = 1 << 20

/** Answers what was read. @throws {Fault} `store.unreadable` of the source, `store.write-failed` of the target. */
export function copyFile(from: string, to: string, onProgress: Progress = () => {}): FileFacts {
  const target = writing(to, () => openSync(to, "w", 0o600))
  try {
    const facts = readPieces(from, onProgress, (piece) => writing(to, () => writeAll(target, piece)))
    writing(to, () => fsyncSync(target))
    return facts
  } finally {
    closeSync(target)
  }
}

export function fileFacts(path: string, onProgress: Progress = () => {}): FileFacts {
  return readPieces(path, onProgress, () => {})
}

function readPieces(path: string, onProgress: Progress, take: (piece: Buffer) => void): FileFacts {
  const reading = <T>(read: () => T): T => {
    try {
      return read()
    } catch (error) {
      throw new Fault("store.unreadable", { file: path, problem: problemOf(error) }, error)
    }
  }
  const file = reading(() => openSync(path, "r"))
  try {
    const total = reading(() => statSync(path).size)
    const hash = createHash("sha256")
    const buffer = Buffer.alloc(pieceBytes)
    let bytes = 0
    for (;;) {
      const count = reading(() => readSync(file, buffer, 0, pieceBytes, bytes))
      if (count === 0) return { bytes, sha256: hash.digest("hex") }
      const piece = buffer.subarray(0, count)
      hash.update(piece)
      take(piece)
      bytes += count
      onProgress(bytes, Math.max(total, bytes))
    }
  } finally {
    closeSync(file)
  }
}

/** A disk that fills up takes a part of what it is given. */
function writeAll(file: number, piece: Buffer): void {
  for (let done = 0; done < piece.length;) done += writeSync(file, piece, done)
}

function writing<T>(path: string, write: () => T): T {
  try {
    return write()
  } catch (error) {
    throw error instanceof Fault ? error : new Fault("store.write-failed", { file: path, problem: problemOf(error) }, error)
  }
}

export function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

/** @throws {Fault} `backup.no-room` when the disks of these directories have less than is to be written there. */
export function refuseWithoutRoom(wanted: readonly { readonly directory: string; readonly bytes: number }[]): void {
  const disks = new Map<number, { readonly directory: string; readonly bytes: number }>()
  for (const { directory, bytes } of wanted) {
    const { dev } = statSync(directory)
    disks.set(dev, { directory, bytes: bytes + (disks.get(dev)?.bytes ?? roomToSpareBytes) })
  }
  for (const { directory, bytes } of disks.values()) {
    const { bavail, bsize } = statfsSync(directory)
    if (bavail * bsize < bytes) throw new Fault("backup.no-room", { directory, neededBytes: bytes, leftBytes: bavail * bsize })
  }
}
