/**
 * Sizes of texts that are recorded elsewhere, taken on the host's thread without copying the text: one prompt passes half a dozen hooks, and stands in
 * the record once.
 */
import { objectOf } from "../../base/json.ts"

/** Length in UTF-16 units; undefined when it is no text. */
export function lengthOf(text: unknown): number | undefined {
  return typeof text === "string" ? text.length : undefined
}

export type ContentSize = {
  /** UTF-16 units of all texts in it. */
  readonly length: number
  readonly blocks: number | undefined
  readonly toolCalls: number | undefined
}

/** One message of a model has far fewer; what is beyond is not looked at. */
const mostBlocks = 1000

/** A message's content: a text, or a list of blocks. */
export function sizeOfContent(content: unknown): ContentSize {
  if (!Array.isArray(content)) return { length: lengthOf(content) ?? 0, blocks: undefined, toolCalls: undefined }
  let length = 0
  let toolCalls = 0
  for (let index = 0; index < content.length && index < mostBlocks; index++) {
    const block = objectOf(content[index])
    length += lengthOf(block["text"]) ?? lengthOf(block["thinking"]) ?? 0
    if (block["type"] === "toolCall") toolCalls++
  }
  return { length, blocks: content.length, toolCalls: toolCalls > 0 ? toolCalls : undefined }
}
