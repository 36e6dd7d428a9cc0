/**
 * The lines of a file nobody vouched for, as bytes: separated by a line feed and by nothing else (`node:readline` also splits at U+2028, which may stand
 * inside JSON). A carriage return before a line feed, empty lines and a missing last line feed are passed over: mail and version control make them.
 */
import { Fault } from "../base/fault.ts"
import type { ByteSource } from "./byte-source.ts"

const longestLineBytes = 1 << 27
const lineFeed = 0x0a
const carriageReturn = 0x0d
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/** @throws {Fault} `export.unreadable` when a line is too long to be a row, and what the system throws of a file that cannot be read. */
export function* linesOf(source: ByteSource): Generator<Buffer> {
  for (const line of shortLinesOf(source)) yield Buffer.from(line)
}

/**
 * As `linesOf`, for files of many short lines, of which nothing is kept: a line is good until the next one is asked for.
 * @throws {Fault} `export.unreadable`, and what the system throws of a file that cannot be read.
 */
export function* shortLinesOf(source: ByteSource): Generator<Buffer> {
  const open = source.open()
  try {
    let room = Buffer.allocUnsafeSlow(1 << 20)
    let held = 0
    for (;;) {
      const read = open.next(room, held)
      const bytes = room.subarray(0, held + read)
      let from = 0
      for (let end = bytes.indexOf(lineFeed, held); end >= 0; end = bytes.indexOf(lineFeed, from)) {
        const line = trimmed(bytes.subarray(from, end))
        if (line.length > 0) yield line
        from = end + 1
      }
      held = bytes.length - from
      if (read === 0) {
        const last = trimmed(bytes.subarray(from))
        if (last.length > 0) yield last
        return
      }
      if (held === room.length) {
        if (held >= longestLineBytes) throw new Fault("export.unreadable", { file: source.name, problem: `a line is longer than ${longestLineBytes} bytes` })
        room = Buffer.concat([room], held * 2)
      } else bytes.copy(room, 0, from)
    }
  } finally {
    open.close()
  }
}

/** The last line that is not empty, of the bytes at the end of a file. */
export function lastLineOf(bytes: Buffer): Buffer {
  for (let end = bytes.length; end >= 0;) {
    const from = end === 0 ? 0 : bytes.lastIndexOf(lineFeed, end - 1) + 1
    const line = trimmed(bytes.subarray(from, end))
    if (line.length > 0) return line
    end = from - 1
  }
  return Buffer.alloc(0)
}

/** @throws {Fault} `export.unreadable` when the bytes are not UTF-8. */
export function textOf(line: Buffer, file: string): string {
  try {
    return utf8.decode(line)
  } catch (error) {
    throw new Fault("export.unreadable", { file, problem: "a line is not UTF-8" }, error)
  }
}

function trimmed(line: Buffer): Buffer {
  return line.at(-1) === carriageReturn ? line.subarray(0, -1) : line
}
