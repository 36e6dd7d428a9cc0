/**
 * A transcript in a file of its own: a JSON record a line, plain or zstd. The first record is the session's: its id, when it began, and the session it was
 * forked from. A fork begins with rows of the other session, which carry their own, earlier times.
 */
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs"
import { zstdDecompressSync } from "node:zlib"
import { objectOf, stringOf } from "../../base/json.ts"
import type { RunKind } from "../../format/event.ts"
import type { SessionSink, Sinks } from "../sinks.ts"
import type { SessionPlace } from "../usage/place.ts"
import type { TranscriptRow } from "../usage/read-row.ts"
import { isShared } from "../usage/turns.ts"
import { feedLines, type Fed } from "./line-feed.ts"
import { EveryLine } from "./every-line.ts"
import { rowIn, UsageLines } from "./usage-lines.ts"

export type TranscriptTask = {
  readonly path: string
  readonly packed: boolean
  readonly isCopy: boolean
  readonly place: SessionPlace
  readonly latestMs: number
}

export type TranscriptRead = {
  /** Where the last complete line ended; of a packed file, its end. */
  readonly endByte: number
  readonly rows: number
  /** Lines, or the file's end, that could not be read. */
  readonly unreadable: number
}

export const headBytes = 16 * 1024
/** Of a packed transcript at a time: lines are searched, and parsed, in pieces that stay near. */
const pieceBytes = 64 * 1024
const head = Buffer.allocUnsafeSlow(headBytes)
/** What a packed transcript may come to: those that are larger than the host writes are refused, not unpacked. */
const mostUnpackedBytes = 512 * 2 ** 20
const mostPackedBytes = 256 * 2 ** 20

/** @throws errors of the file system and of zstd, whose words say what is wrong with the file. */
export function readTranscript(task: TranscriptTask, sinks: Sinks): TranscriptRead {
  // What may be a symbolic link, a pipe or a device is not opened as a file.
  const descriptor = openSync(task.path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const stat = fstatSync(descriptor)
    if (!stat.isFile()) throw new Error("it is no regular file")
    return task.packed ? readPacked(task, descriptor, stat.size, sinks) : readPlain(task, descriptor, stat.mtimeMs, sinks)
  } finally {
    closeSync(descriptor)
  }
}

function readPlain(task: TranscriptTask, descriptor: number, modifiedMs: number, sinks: Sinks): TranscriptRead {
  const reader = new Reading(task, head.subarray(0, readSync(descriptor, head, 0, headBytes, 0)), modifiedMs, sinks)
  const fed = feedLines(
    descriptor,
    (bytes) => reader.lines.piece(bytes),
    (bytes) => reader.rest(bytes),
  )
  return reader.end(fed)
}

function readPacked(task: TranscriptTask, descriptor: number, size: number, sinks: Sinks): TranscriptRead {
  if (size > mostPackedBytes) throw new Error(`it is larger than ${mostPackedBytes} bytes`)
  const packed = Buffer.allocUnsafeSlow(size)
  const filled = readSync(descriptor, packed, 0, size, 0)
  const bytes = zstdDecompressSync(packed.subarray(0, filled), { maxOutputLength: mostUnpackedBytes })
  const reader = new Reading(task, bytes.subarray(0, headBytes), fstatSync(descriptor).mtimeMs, sinks)
  const to = bytes.lastIndexOf(0x0a) + 1
  for (let from = 0; from < to;) {
    const full = bytes.lastIndexOf(0x0a, from + pieceBytes) + 1
    const next = full > from ? full : bytes.indexOf(0x0a, from) + 1
    reader.lines.piece(bytes.subarray(from, next))
    from = next
  }
  if (to < bytes.length) reader.rest(bytes.subarray(to))
  return reader.end({ endByte: size, overlong: 0 })
}

/** Pieces of one transcript become rows of its session. */
export class Reading {
  readonly lines: UsageLines | EveryLine
  /** What comes was told before, and is gone over for what it says of the rows behind it. */
  isKnown = false
  readonly #sink: SessionSink
  #rows = 0
  #overlong = 0
  #isRestUnreadable = false

  constructor(task: TranscriptTask, head: Buffer, modifiedMs: number, sinks: Sinks) {
    const header = headerOf(head)
    const sessionId = stringOf(header["id"]) ?? task.place.sessionId
    const place = { ...task.place, sessionId }
    // Rows of another session come before the first moment of this one.
    const begunMs = header["parentSession"] === undefined ? Number.NaN : Date.parse(String(header["timestamp"]))
    const unseen = task.isCopy ? ("copy" as const) : ""
    const setting = { sessionId, otherwiseMs: Math.floor(modifiedMs), latestMs: task.latestMs, unseen } as const
    const sink = sinks.of(place, begunMs)
    this.#sink = sink
    const onRow = (row: TranscriptRow, kind: RunKind | undefined) => {
      if (this.isKnown) sink.pass(row)
      else if (sink.add(row, { ...setting, kind: kind ?? place.kind })) this.#rows++
    }
    this.lines = sinks.isDeep ? new EveryLine(onRow) : new UsageLines(onRow, isShared(place))
  }

  /** A last line without its end: whole all the same, still being written, or cut off. */
  rest(bytes: Buffer): void {
    this.#isRestUnreadable = rowIn(bytes.toString("utf8")) === undefined
    if (!this.#isRestUnreadable) this.lines.piece(bytes)
  }

  /** A last line that may still be written: where it is whole it is taken, and it is read again in either case. */
  perhapsWhole(bytes: Buffer): void {
    if (rowIn(bytes.toString("utf8")) !== undefined) this.lines.piece(bytes)
  }

  end({ endByte, overlong }: Fed): TranscriptRead {
    this.#sink.flush()
    this.#overlong += overlong
    return { endByte, ...this.told() }
  }

  /** So far. */
  told(): Pick<TranscriptRead, "rows" | "unreadable"> {
    return { rows: this.#rows, unreadable: this.lines.unreadable + this.#overlong + (this.#isRestUnreadable ? 1 : 0) }
  }
}

/** The session's own record, when it stands where it should. */
function headerOf(head: Buffer): Readonly<Record<string, unknown>> {
  const end = head.indexOf(0x0a)
  if (end < 0) return {}
  try {
    const record = objectOf(JSON.parse(head.toString("utf8", 0, end)))
    return record["type"] === "session" ? record : {}
  } catch {
    // No record of a session: the file's name says whose it is.
    return {}
  }
}
