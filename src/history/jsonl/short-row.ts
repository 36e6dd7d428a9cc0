/**
 * A row of a transcript without its content, which is most of it: the text up to `"content":[` and the text from the `]` before the usage, or before the
 * line's end where the usage stands first, are parsed as one.
 *
 * When that parses, and the content is an empty list, the row is what the whole line would have given: of a line that is JSON, what was cut out leaves the
 * parser where it took it up, between the same brackets. It cannot have been inside a string, because behind the `]` comes a name in quotes, or the end.
 * What is cut out is not checked: a line may be no JSON in there. Where anything is unusual, the answer is undefined, and the whole line is parsed.
 */
import { transcriptRow, type TranscriptRow } from "../usage/read-row.ts"
import type { RowShapes } from "./row-shapes.ts"

/** Where it stands, a row may tell usage. */
export const usageMark = Buffer.from('usage"')
const contentMark = Buffer.from('"content":')
const [openBracket, closeBracket, closeBrace, comma, quote, space] = [0x5b, 0x5d, 0x7d, 0x2c, 0x22, 0x20]

/** `hit` is where the mark stands first in the line from `start` to `end`. */
export function shortRow(bytes: Buffer, start: number, end: number, hit: number, shapes?: RowShapes): TranscriptRow | undefined {
  // Looked for in the line alone: beyond it, a text of a million short lines would be searched from each of them.
  const line = bytes.subarray(start, end)
  const found = line.indexOf(contentMark)
  if (found < 0) return undefined
  const content = start + found
  const opened = skipSpace(bytes, content + contentMark.length, end)
  if (bytes[opened] !== openBracket) return undefined
  const closed = start + line.lastIndexOf(closeBracket, hit < content ? undefined : line.lastIndexOf(usageMark))
  if (closed <= opened || !isFollowedByName(bytes, closed + 1, end)) return undefined
  // One character a byte: what is not ASCII fits no shape, and is decoded where it is parsed.
  const text = bytes.toString("latin1", start, opened + 1) + bytes.toString("latin1", closed, end)
  const known = shapes?.read(text)
  if (known !== undefined) return known
  try {
    const row = transcriptRow(JSON.parse(bytes.toString("utf8", start, opened + 1) + bytes.toString("utf8", closed, end)))
    if (row === undefined || !isWhole(row)) return undefined
    shapes?.learn(text)
    return row
  } catch {
    // The brackets were not those of the content.
    return undefined
  }
}

/** Where another list stands between the content and the usage, what is between them was cut out, too: then one of these is missing. */
function isWhole({ message }: TranscriptRow): boolean {
  const { content, usage, role, provider, model, stopReason, timestamp } = message
  if (!Array.isArray(content) || content.length > 0 || typeof usage !== "object" || typeof timestamp !== "number") return false
  return typeof role === "string" && typeof provider === "string" && typeof model === "string" && typeof stopReason === "string"
}

/** A comma and a name, or nothing but closing braces. */
function isFollowedByName(bytes: Buffer, from: number, end: number): boolean {
  let at = skipSpace(bytes, from, end)
  if (bytes[at] === comma) {
    at = skipSpace(bytes, at + 1, end)
    return bytes[at] === quote && isLetter(bytes[at + 1] ?? 0)
  }
  while (at < end && bytes[at] === closeBrace) at = skipSpace(bytes, at + 1, end)
  return at === end
}

function isLetter(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || code === 0x5f
}

function skipSpace(bytes: Buffer, from: number, end: number): number {
  let at = from
  while (at < end && (bytes[at] ?? 0) <= space) at++
  return at
}
