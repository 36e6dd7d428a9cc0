/**
 * DER (X.690, 10 and 11), read strictly: one encoding for one value. Lengths are definite and as short as they can be, integers too, booleans are 00 or FF,
 * nothing is left over, and nothing is nested deeper than what is read here ever is. What is not so is refused, so that no byte can be changed unnoticed.
 */

/** Thrown for bytes that are no such value. Whoever reads what others wrote catches it. */
export class DerError extends Error {}

export type DerValue = {
  readonly tag: number
  /** Tag, length and content. */
  readonly whole: Buffer
  readonly content: Buffer
}

export const derTag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const

const deepest = 24
const mostOidBytes = 64
const constructed = 0x20

/**
 * The one value that `bytes` are; all that it holds is checked, too.
 * @throws {DerError}
 */
export function readDer(bytes: Buffer): DerValue {
  const value = firstOf(bytes, 0)
  if (value.whole.length !== bytes.length) throw new DerError("bytes are left over")
  check(value, 0)
  return value
}

/** The values that a constructed value holds, in their order. */
export function partsOf(value: DerValue | undefined, tag?: number): readonly DerValue[] {
  if (!value || (value.tag & constructed) === 0 || (tag !== undefined && value.tag !== tag)) throw new DerError("it is not put together as it should be")
  const parts: DerValue[] = []
  for (let at = 0; at < value.content.length;) {
    const part = firstOf(value.content, at)
    parts.push(part)
    at += part.whole.length
  }
  return parts
}

/** The content of a value that must be of this type. */
export function contentOf(value: DerValue | undefined, tag: number): Buffer {
  if (!value || value.tag !== tag) throw new DerError("a value is missing or of another type")
  return value.content
}

/** An object identifier, dotted. */
export function oidOf(value: DerValue | undefined): string {
  const content = contentOf(value, derTag.oid)
  if (content.length > mostOidBytes) throw new DerError("an object identifier is longer than any that is used")
  const arcs: bigint[] = []
  let arc = 0n
  for (const [index, byte] of content.entries()) {
    if (byte === 0x80 && arc === 0n) throw new DerError("an object identifier is written longer than it is")
    arc = (arc << 7n) | BigInt(byte & 0x7f)
    if (byte >= 0x80 && index < content.length - 1) continue
    if (byte >= 0x80) throw new DerError("an object identifier is cut short")
    arcs.push(arc)
    arc = 0n
  }
  const [first] = arcs
  if (first === undefined) throw new DerError("an object identifier is empty")
  const top = first < 80n ? first / 40n : 2n
  return [top, first - top * 40n, ...arcs.slice(1)].join(".")
}

/** An integer as its bytes in hex, without a sign byte; negative ones are refused. */
export function unsignedOf(value: DerValue | undefined): string {
  const content = contentOf(value, derTag.integer)
  if ((content[0] ?? 0x80) >= 0x80) throw new DerError("an integer is negative")
  return (content[0] === 0 && content.length > 1 ? content.subarray(1) : content).toString("hex")
}

/** Milliseconds since 1970 of UTCTime or GeneralizedTime in the forms of RFC 5280, 4.1.2.5, and RFC 3161, 2.4.2: UTC, with seconds, perhaps with a fraction. */
export function timeOf(value: DerValue | undefined): number {
  const isShort = value?.tag === derTag.utcTime
  const text = contentOf(value, isShort ? derTag.utcTime : derTag.generalizedTime).toString("latin1")
  const match = (isShort ? /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/ : /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\.\d*[1-9])?Z$/).exec(text)
  if (!match) throw new DerError("a time is not written as it must be")
  const [, yearText = "", month = "", day = "", hour = "", minute = "", second = "", fraction = ""] = match
  const year = isShort ? Number(yearText) + (Number(yearText) < 50 ? 2000 : 1900) : Number(yearText)
  const iso = `${String(year).padStart(4, "0")}-${month}-${day}T${hour}:${minute}:${second}`
  const ms = Date.parse(`${iso}Z`)
  if (Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 19) !== iso) throw new DerError("a time is none of the calendar")
  return ms + Math.floor(Number(`0${fraction}`) * 1000)
}

function firstOf(bytes: Buffer, at: number): DerValue {
  const tag = bytes[at]
  let length = bytes[at + 1]
  if (tag === undefined || length === undefined || (tag & 0x1f) === 0x1f) throw new DerError("a value is cut short")
  let start = at + 2
  if (length >= 0x80) {
    const count = length & 0x7f
    if (count < 1 || count > 3 || start + count > bytes.length) throw new DerError("a length is not definite, or too large")
    length = bytes.readUIntBE(start, count)
    if (length < 0x80 || (count > 1 && length < 2 ** (8 * (count - 1)))) throw new DerError("a length is written longer than it is")
    start += count
  }
  if (start + length > bytes.length) throw new DerError("a value is cut short")
  return { tag, whole: bytes.subarray(at, start + length), content: bytes.subarray(start, start + length) }
}

function check(value: DerValue, depth: number): void {
  const { tag, content } = value
  if (depth > deepest) throw new DerError("it is nested too deep")
  if ((tag & constructed) !== 0) {
    for (const part of partsOf(value)) check(part, depth + 1)
    return
  }
  const [first, second] = content
  if (tag === derTag.boolean && (content.length !== 1 || (first !== 0 && first !== 0xff))) throw new DerError("a boolean is neither true nor false")
  if (tag === derTag.null && content.length > 0) throw new DerError("a null holds something")
  if (tag !== derTag.integer) return
  if (first === undefined) throw new DerError("an integer is empty")
  if (second !== undefined && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80)))
    throw new DerError("an integer is written longer than it is")
}

/** A value of a tag, from the bytes it holds. */
export function der(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const length = content.reduce((sum, part) => sum + part.length, 0)
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), ...content])
}

/** An integer from the bytes of a number without a sign. */
export function derUnsigned(bytes: Uint8Array): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0)
  const short = first < 0 ? Uint8Array.of(0) : bytes.subarray(first)
  return der(derTag.integer, (short[0] ?? 0) >= 0x80 ? Uint8Array.of(0) : Uint8Array.of(), short)
}
