/**
 * Events as the bytes in which they travel from the thread that made them to the writer: nobody between parses or writes them. One after the other, each:
 *
 *   size of head, 4 big endian | size of facts, 4 | size of content, 4, or ffffffff without one | head | facts | content
 *
 * The head is the JSON list `[type, id, session, sender]`, null for what the scope has not; facts and content are the JSON of the entry.
 */
import type { NewEvent } from "../../format/event.ts"

export type PackedEvent = {
  readonly type: string
  readonly id: string
  readonly session: string | undefined
  readonly sender: string | undefined
  readonly facts: Buffer
  readonly content: Buffer | undefined
}

const sizesBytes = 12
/** Most sources are small, and what a batch holds stays with it until it is on disk. */
const roomAtFirst = 16 * 1024
const noContent = 0xffff_ffff
const markedImported = ',"imported":true'
/** UTF-8 takes no more for one character of JavaScript. */
const mostBytesEach = 3

export class EventPack {
  count = 0
  sizeBytes = 0
  #bytes = Buffer.allocUnsafeSlow(roomAtFirst)

  get bytes(): Buffer<ArrayBuffer> {
    return this.#bytes.subarray(0, this.sizeBytes)
  }

  /** The facts say that it is imported. */
  add({ type, id, scope, facts, content }: NewEvent): void {
    const idText = JSON.stringify(id)
    const head = `["${type}",${idText},${textOrNull(scope?.session)},${textOrNull(scope?.sender)}]`
    const members = JSON.stringify(facts)
    const said = content === undefined ? undefined : JSON.stringify(content)
    const start = `{"id":${idText}${markedImported}`
    this.#room(sizesBytes + mostBytesEach * (head.length + start.length + members.length + (said?.length ?? 0)))
    const [bytes, at] = [this.#bytes, this.sizeBytes]
    const headEnd = at + sizesBytes + bytes.write(head, at + sizesBytes)
    const factsAt = headEnd + bytes.write(start, headEnd)
    const factsEnd = factsAt + bytes.write(members === "{}" ? "}" : `,${members.slice(1)}`, factsAt)
    const end = said === undefined ? factsEnd : factsEnd + bytes.write(said, factsEnd)
    bytes.writeUInt32BE(headEnd - at - sizesBytes, at)
    bytes.writeUInt32BE(factsEnd - headEnd, at + 4)
    bytes.writeUInt32BE(said === undefined ? noContent : end - factsEnd, at + 8)
    this.sizeBytes = end
    this.count++
  }

  #room(bytes: number): void {
    if (this.sizeBytes + bytes <= this.#bytes.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(this.sizeBytes + bytes, this.#bytes.length * 2))
    this.#bytes.copy(larger, 0, 0, this.sizeBytes)
    this.#bytes = larger
  }
}

function textOrNull(text: string | undefined): string {
  return text === undefined ? "null" : JSON.stringify(text)
}

/** Where each event begins, and the end: views into `bytes`. Undefined when they are not whole. */
export function eventParts(bytes: Buffer): readonly Buffer[] | undefined {
  const parts: Buffer[] = []
  for (let at = 0; at < bytes.length;) {
    const end = at + sizesBytes + (at + sizesBytes > bytes.length ? Number.NaN : sizesAt(bytes, at).reduce((sum, one) => sum + one, 0))
    if (!(end <= bytes.length)) return undefined
    parts.push(bytes.subarray(at, end))
    at = end
  }
  return parts
}

/** One event of `eventParts`. Undefined when its head is not one. */
export function unpacked(part: Buffer): PackedEvent | undefined {
  const [headBytes, factsBytes] = sizesAt(part, 0)
  const head = headIn(part.toString("utf8", sizesBytes, sizesBytes + headBytes))
  if (head === undefined) return undefined
  const [type, id, session, sender] = head
  const isNamed = typeof type === "string" && typeof id === "string"
  if (!isNamed || !isTextOrNull(session) || !isTextOrNull(sender)) return undefined
  const factsAt = sizesBytes + headBytes
  const contentAt = factsAt + factsBytes
  const hasContent = part.readUInt32BE(8) !== noContent
  return {
    type,
    id,
    session: session ?? undefined,
    sender: sender ?? undefined,
    facts: part.subarray(factsAt, contentAt),
    content: hasContent ? part.subarray(contentAt) : undefined,
  }
}

function sizesAt(bytes: Buffer, at: number): readonly [head: number, facts: number, content: number] {
  const content = bytes.readUInt32BE(at + 8)
  return [bytes.readUInt32BE(at), bytes.readUInt32BE(at + 4), content === noContent ? 0 : content]
}

function headIn(text: string): readonly unknown[] | undefined {
  try {
    const head: unknown = JSON.parse(text)
    return Array.isArray(head) && head.length === 4 ? (head as readonly unknown[]) : undefined
  } catch {
    // The caller refuses all of it.
    return undefined
  }
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === "string"
}
