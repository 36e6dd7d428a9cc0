/**
 * The header of an entry, format 1: the bytes the Merkle leaf covers. Public for ever, no personal data.
 *
 *   offset  size  field
 *        0     4  magic "SLE1"
 *        4     8  sequence, unsigned big endian (the leaf index; the first entry is 0)
 *       12     8  time of recording, milliseconds since 1970-01-01 UTC, unsigned big endian, never before the previous entry's, before the year 10000
 *       20    32  id hash
 *       52    16  scope id
 *       68    32  facts hash
 *      100    32  content hash, 32 zero bytes when the entry has no content
 *      132    32  previous hash: the leaf hash of the entry before, 32 zero bytes for entry 0
 *      164     1  length of the type, n
 *      165     n  type, lower-case ASCII `noun.past-participle`
 *
 * Leaf hash (RFC 6962, 2.1): SHA-256(0x00 | header). It is the entry hash and the chain link too.
 */
import { assert, Fault } from "../base/fault.ts"
import { hashBytes, sha256Into } from "./sha256.ts"

export const headerFormat = 1
export const headerMagic = 0x534c4531
export const headerFixedBytes = 165
export const scopeIdBytes = 16
/** The last millisecond of the year 9999: beyond it there is no one way to write a date. */
export const latestTimeMs = 253_402_300_799_999

export const headerOffset = {
  sequence: 4,
  time: 12,
  idHash: 20,
  scopeId: 52,
  factsHash: 68,
  contentHash: 100,
  previousHash: 132,
  typeLength: 164,
  type: 165,
} as const

export const zeroHash: Buffer = Buffer.alloc(hashBytes)

export type Header = {
  readonly sequence: number
  readonly timeMs: number
  readonly idHash: Buffer
  readonly scopeId: Buffer
  readonly factsHash: Buffer
  readonly contentHash: Buffer
  readonly previousHash: Buffer
  readonly type: string
}

export const typeShape = /^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+$/

/** Writes magic, sequence, time and type; the hashes are written in place by the appender. Returns the header's size in bytes. */
export function writeHeaderFrame(target: Buffer, sequence: number, timeMs: number, type: string): number {
  assert(timeMs >= 0 && timeMs <= latestTimeMs, "a time that no header can hold")
  target.writeUInt32BE(headerMagic, 0)
  writeUint64(target, headerOffset.sequence, sequence)
  writeUint64(target, headerOffset.time, timeMs)
  target[headerOffset.typeLength] = type.length
  target.write(type, headerOffset.type, "latin1")
  return headerFixedBytes + type.length
}

export function encodeHeader(header: Header): Buffer {
  const bytes = Buffer.alloc(headerFixedBytes + header.type.length)
  writeHeaderFrame(bytes, header.sequence, header.timeMs, header.type)
  bytes.set(header.idHash, headerOffset.idHash)
  bytes.set(header.scopeId, headerOffset.scopeId)
  bytes.set(header.factsHash, headerOffset.factsHash)
  bytes.set(header.contentHash, headerOffset.contentHash)
  bytes.set(header.previousHash, headerOffset.previousHash)
  return bytes
}

/**
 * Parses a header nobody vouched for. There is one encoding of every header; anything else is refused.
 * @throws {Fault} `store.damaged` naming the field; the caller knows the file and adds it.
 */
export function parseHeader(bytes: Buffer, file = "a header"): Header {
  const refuse = (problem: string): never => {
    throw new Fault("store.damaged", { file, problem })
  }
  if (bytes.length < headerFixedBytes + 1) refuse(`a header of ${bytes.length} bytes is too short`)
  const magic = bytes.readUInt32BE(0)
  if (magic !== headerMagic) {
    if (magic >>> 8 === headerMagic >>> 8) {
      throw new Fault("store.newer-format", { file, found: bytes.toString("latin1", 3, 4), known: headerFormat })
    }
    refuse("a header does not begin with SLE1")
  }
  const typeLength = bytes[headerOffset.typeLength] ?? 0
  if (typeLength === 0 || bytes.length !== headerFixedBytes + typeLength) refuse("a header's type has the wrong length")
  const type = bytes.toString("latin1", headerOffset.type)
  if (!typeShape.test(type)) refuse("a header's type has characters a type cannot have")
  const sequence = readUint64(bytes, headerOffset.sequence)
  if (!Number.isSafeInteger(sequence)) refuse("a header's sequence is 2^53 or more")
  const timeMs = readUint64(bytes, headerOffset.time)
  if (timeMs > latestTimeMs) refuse("a header's time is after the year 9999")
  return {
    sequence,
    timeMs,
    idHash: bytes.subarray(headerOffset.idHash, headerOffset.scopeId),
    scopeId: bytes.subarray(headerOffset.scopeId, headerOffset.factsHash),
    factsHash: bytes.subarray(headerOffset.factsHash, headerOffset.contentHash),
    contentHash: bytes.subarray(headerOffset.contentHash, headerOffset.previousHash),
    previousHash: bytes.subarray(headerOffset.previousHash, headerOffset.typeLength),
    type,
  }
}

let leafInput = Buffer.alloc(1 + headerFixedBytes + 255)

/** Writes the leaf hash of the first `sizeBytes` of `header`. */
export function leafHashInto(target: Buffer, offset: number, header: Uint8Array, sizeBytes = header.length): void {
  if (leafInput.length < sizeBytes + 1) leafInput = Buffer.alloc(sizeBytes + 1)
  leafInput[0] = 0x00
  leafInput.set(sizeBytes === header.length ? header : header.subarray(0, sizeBytes), 1)
  sha256Into(target, offset, leafInput.subarray(0, sizeBytes + 1))
}

export function leafHash(header: Uint8Array): Buffer {
  const digest = Buffer.allocUnsafe(hashBytes)
  leafHashInto(digest, 0, header)
  return digest
}

export function writeUint64(target: Buffer, offset: number, value: number): void {
  target.writeUInt32BE(Math.floor(value / 0x1_0000_0000), offset)
  target.writeUInt32BE(value >>> 0, offset + 4)
}

/** A 64-bit value read as a number; beyond 2^53 it loses exactness, which every comparison after it then shows. */
export function readUint64(bytes: Buffer, offset: number): number {
  return bytes.readUInt32BE(offset) * 0x1_0000_0000 + bytes.readUInt32BE(offset + 4)
}
