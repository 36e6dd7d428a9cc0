/** A text as a JSON string of at most so many bytes, cut at the end and marked when it is longer. */
import { cutString, endsLikeMark } from "./cut-marks.ts"

export type BoundedText = {
  readonly json: string
  readonly sizeBytes: number
  /** UTF-16 units left out; undefined when the text is whole and carries no mark. */
  readonly lostUnits?: number
}

/** A JSON escape is six bytes at most, so a sixth of the room always fits. */
const worstBytesPerUnit = 6

/** `limitBytes` is at least 64, which holds any mark. */
export function boundText(text: string, limitBytes: number): BoundedText {
  // The length first: a text that is too long is not looked at as a whole.
  if (text.length + 2 <= limitBytes && !endsLikeMark(text)) {
    const json = quoted(text)
    const sizeBytes = Buffer.byteLength(json)
    if (sizeBytes <= limitBytes) return { json, sizeBytes }
  }
  const mark = cutString(text.length)
  const fixedBytes = 2 + Buffer.byteLength(mark)
  const room = limitBytes - fixedBytes
  let keep = Math.max(0, Math.min(text.length, room))
  for (let attempt = 0; ; attempt++) {
    const start = text.slice(0, splitsPair(text, keep) ? keep - 1 : keep)
    const json = quoted(start + mark)
    const sizeBytes = Buffer.byteLength(json)
    if (sizeBytes <= limitBytes || keep === 0) return { json, sizeBytes, lostUnits: text.length - start.length }
    keep = Math.floor(attempt < 3 ? (keep * room) / (sizeBytes - fixedBytes) : room / worstBytesPerUnit)
  }
}

export function quoted(text: string): string {
  return JSON.stringify(text.toWellFormed())
}

function splitsPair(text: string, end: number): boolean {
  const unit = end > 0 && end < text.length ? text.charCodeAt(end - 1) : 0
  return unit >= 0xd800 && unit <= 0xdbff
}
