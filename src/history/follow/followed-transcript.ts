/**
 * A transcript in a file of its own, read on from the end of the last whole line. A file is known by its number and by what stands before that place, never by its name:
 * one that was renamed is read on, and one that was cut, replaced or copied is read from its beginning, where what is known already is known by the names of its rows.
 */
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs"
import { sha256Base64url } from "../../format/sha256.ts"
import { feedLines } from "../jsonl/line-feed.ts"
import { headBytes, Reading, type TranscriptTask } from "../jsonl/read-transcript.ts"
import type { SourceRead } from "../read-source.ts"
import type { Outlet } from "./outlet.ts"

/** How far a file was read. */
export type TranscriptPlace = { readonly inode: number; readonly endByte: number; readonly before: string }

export type TranscriptStep = SourceRead & { readonly place: TranscriptPlace; readonly reading: Reading; readonly isMore: boolean }

/** Of the file's beginning and of what stands before a place, at most. */
const anchorBytes = 1_024
/** Read at once: what is more is read at the next time, so that little is on its way. */
const stepBytes = 8 * 2 ** 20

export type TranscriptFollowing = {
  readonly task: TranscriptTask
  readonly known: TranscriptPlace | undefined
  readonly reading: Reading | undefined
  readonly outlet: Outlet
}

export function readOn({ task, known, reading: kept, outlet }: TranscriptFollowing): TranscriptStep {
  return withFile(task.path, (descriptor) => {
    const { ino, size, mtimeMs } = fstatSync(descriptor)
    const isSame = known !== undefined && known.inode === ino && size >= known.endByte && anchor(descriptor, known.endByte) === known.before
    const fromByte = isSame ? known.endByte : 0
    const reading = (isSame ? kept : undefined) ?? new Reading(task, headOf(descriptor), mtimeMs, outlet.sinks)
    if (isSame && kept === undefined && fromByte > 0) goOver(descriptor, reading, fromByte)
    const toByte = lineEnd(descriptor, fromByte + stepBytes, size)
    const { rows, unreadable } = reading.told()
    const fed = feedLines(
      descriptor,
      (bytes) => reading.lines.piece(bytes),
      (bytes) => reading.perhapsWhole(bytes),
      { fromByte, toByte },
    )
    const now = reading.end(fed)
    const place = { inode: ino, endByte: fed.endByte, before: anchor(descriptor, fed.endByte) }
    return { endByte: fed.endByte, rows: now.rows - rows, unreadable: now.unreadable - unreadable, place, reading, isMore: toByte < size }
  })
}

/** Where a file ends that need not be read, because nothing in it is new: at its last whole line. */
export function endOf(path: string): TranscriptPlace {
  return withFile(path, (descriptor) => {
    const { ino, size } = fstatSync(descriptor)
    const endByte = lastLineEnd(descriptor, size)
    return { inode: ino, endByte, before: anchor(descriptor, endByte) }
  })
}

/** As another reader has read it. */
export function placeAt(path: string, endByte: number): TranscriptPlace {
  return withFile(path, (descriptor) => ({ inode: fstatSync(descriptor).ino, endByte, before: anchor(descriptor, endByte) }))
}

function withFile<T>(path: string, use: (descriptor: number) => T): T {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    if (!fstatSync(descriptor).isFile()) throw new Error("it is no regular file")
    return use(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

function goOver(descriptor: number, reading: Reading, toByte: number): void {
  reading.isKnown = true
  feedLines(
    descriptor,
    (bytes) => reading.lines.piece(bytes),
    () => {},
    { fromByte: 0, toByte },
  )
  reading.isKnown = false
}

function headOf(descriptor: number): Buffer {
  return bytesAt(descriptor, 0, headBytes)
}

function anchor(descriptor: number, endByte: number): string {
  const length = Math.min(anchorBytes, endByte)
  const [first, last] = [bytesAt(descriptor, 0, length), bytesAt(descriptor, endByte - length, length)]
  return sha256Base64url(`${first.toString("base64")} ${last.toString("base64")}`)
}

function bytesAt(descriptor: number, at: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length)
  return bytes.subarray(0, length === 0 ? 0 : readSync(descriptor, bytes, 0, length, at))
}

const pieceBytes = 64 * 1024
const newline = 0x0a

/** The end of the first line that ends at a place or behind it; the file's, where it ends before that. */
function lineEnd(descriptor: number, at: number, size: number): number {
  for (let from = at; from < size; from += pieceBytes) {
    const found = bytesAt(descriptor, from, pieceBytes).indexOf(newline)
    if (found >= 0) return from + found + 1
  }
  return size
}

function lastLineEnd(descriptor: number, size: number): number {
  for (let to = size; to > 0; to -= pieceBytes) {
    const from = Math.max(0, to - pieceBytes)
    const found = bytesAt(descriptor, from, to - from).lastIndexOf(newline)
    if (found >= 0) return from + found + 1
  }
  return 0
}
