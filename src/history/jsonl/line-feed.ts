/**
 * A file's bytes as pieces that end where a line ends. Pieces are small: what stays in the processor's cache is scanned twice as fast. A line that is
 * longer than the most a host writes is passed over, whatever its length, and counted.
 */
import { readSync } from "node:fs"

/** A piece of complete lines, valid until the next one. */
export type OnPiece = (bytes: Buffer) => void

export type Fed = {
  /** Where the last complete line ended. */
  readonly endByte: number
  /** Lines that were too long. */
  readonly overlong: number
}

const pieceBytes = 64 * 1024
/** Images stand in transcripts as base64; the host bounds an event at 4 MiB today, and did not always. */
const mostLineBytes = 64 * 2 ** 20
const newline = 0x0a
/** One file is read at a time, so all share it. */
const ordinary = Buffer.allocUnsafeSlow(pieceBytes)

/** A part of a file, from the beginning of a line on. */
export type Range = { readonly fromByte: number; readonly toByte: number }

const everything: Range = { fromByte: 0, toByte: Number.POSITIVE_INFINITY }

/** Reads to the end as it is now, or to that of the range. A rest without a line feed is given last, as a piece of its own. */
export function feedLines(descriptor: number, onPiece: OnPiece, onRest: OnPiece, { fromByte, toByte }: Range = everything): Fed {
  let buffer: Buffer = ordinary
  let [kept, startByte, overlong] = [0, fromByte, 0]
  let isSkipping = false
  for (;;) {
    if (kept === buffer.length) {
      if (buffer.length < mostLineBytes) {
        const larger = Buffer.allocUnsafeSlow(buffer.length * 2)
        buffer.copy(larger, 0, 0, kept)
        buffer = larger
      } else {
        startByte += kept
        kept = 0
        if (!isSkipping) overlong++
        isSkipping = true
      }
    }
    const wanted = Math.min(buffer.length - kept, toByte - startByte - kept)
    const read = wanted > 0 ? readSync(descriptor, buffer, kept, wanted, startByte + kept) : 0
    if (read === 0) break
    const filled = kept + read
    let from = 0
    if (isSkipping) {
      const end = buffer.subarray(0, filled).indexOf(newline)
      if (end < 0) {
        startByte += filled
        kept = 0
        continue
      }
      isSkipping = false
      from = end + 1
    }
    const to = buffer.lastIndexOf(newline, filled - 1) + 1
    if (to > from) onPiece(buffer.subarray(from, to))
    const done = Math.max(from, to)
    buffer.copyWithin(0, done, filled)
    kept = filled - done
    startByte += done
    if (kept === 0) buffer = ordinary
  }
  if (kept > 0 && !isSkipping) onRest(buffer.subarray(0, kept))
  return { endByte: startByte, overlong }
}
