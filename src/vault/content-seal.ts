/**
 * Content is sealed per scope and batch: the contents of one scope in one commit, up to about 16 kB, share one AES-256-GCM call.
 *
 *   chunk (sealed) = nonce, 12 | ciphertext | tag, 16      label: "sovereign-ledger/chunk/1" | chunk number, 8 | scope id, 16
 *   chunk (plain)  = records, each: size, 4 big endian | salt, 16 | content, UTF-8 JSON      (size counts salt and content)
 *                    or a zstd frame (RFC 8878) of them: its magic number is no size a record has
 *                    a record of size 0 is one that was removed
 *
 * A place names a record: chunk number x 1024 + index of the record in its chunk.
 *
 * Contents that come in bulk share chunks of about 64 kB, packed before they are sealed: the disk is what bulk waits for, and a history that is imported
 * takes a fraction of the room. What comes live stays as it is: a small chunk packs badly, and its sealing would take twice as long.
 */
import type { KeyObject } from "node:crypto"
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib"
import { writeUint64 } from "../format/header.ts"
import type { Scope } from "./scope.ts"
import { seal, unseal } from "./wrap.ts"

export const recordsPerChunk = 1024
const chunkTargetBytes = 16 * 1024
const bulkTargetBytes = 64 * 1024
/** Smaller ones take as long to pack as large ones, and gain less. */
const leastPackedBytes = 8 * 1024
/** Of one chunk: a content is bounded where it is captured, far below. */
const mostUnpackedBytes = 256 * 2 ** 20
const zstdMagic = 0xfd2f_b528
const fast = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }
const nothing = Buffer.alloc(0)
const labelPrefix = Buffer.from("sovereign-ledger/chunk/1")

export type SealedChunk = { readonly number: number; readonly scopeId: Buffer; readonly sealed: Buffer }

/** Collects the contents of one batch and seals them; `emit` is called once a finished chunk, in order of chunk numbers per scope. */
export class ChunkSealer {
  #next: number
  readonly #open = new Map<string, OpenChunk>()
  readonly #timeMs: number
  readonly #emit: (chunk: SealedChunk) => void

  /** @param timeMs when the batch is recorded. */
  constructor(firstNumber: number, timeMs: number, emit: (chunk: SealedChunk) => void) {
    this.#next = firstNumber
    this.#timeMs = timeMs
    this.#emit = emit
  }

  /** Takes a salted content (salt and text, as the commitment covers it) and returns its place. */
  add(scope: Scope, salted: Uint8Array, isBulk = false): number {
    let chunk = this.#open.get(scope.name)
    const targetBytes = isBulk ? bulkTargetBytes : chunkTargetBytes
    if (chunk && chunk.sizeBytes > 0 && (chunk.sizeBytes + salted.length > targetBytes || chunk.count === recordsPerChunk || chunk.isBulk !== isBulk)) {
      this.#finish(chunk)
      chunk = undefined
    }
    if (!chunk) {
      chunk = { number: this.#next++, scope, isBulk, count: 0, sizeBytes: 0, bytes: Buffer.allocUnsafe(4096) }
      this.#open.set(scope.name, chunk)
    }
    const end = chunk.sizeBytes + 4 + salted.length
    if (end > chunk.bytes.length) chunk.bytes = grown(chunk.bytes, chunk.sizeBytes, end)
    chunk.bytes.writeUInt32BE(salted.length, chunk.sizeBytes)
    chunk.bytes.set(salted, chunk.sizeBytes + 4)
    chunk.sizeBytes = end
    return chunk.number * recordsPerChunk + chunk.count++
  }

  /** Seals what is open. Call at the end of every batch. */
  flush(): void {
    for (const chunk of this.#open.values()) this.#finish(chunk)
    this.#open.clear()
  }

  #finish(chunk: OpenChunk): void {
    const { number, scope } = chunk
    const records = chunk.bytes.subarray(0, chunk.sizeBytes)
    const plain = chunk.isBulk && records.length >= leastPackedBytes ? zstdCompressSync(records, fast) : records
    this.#emit({ number, scopeId: scope.id, sealed: seal(scope.sealingKey(number, this.#timeMs), plain, labelOf(number, scope.id)) })
  }
}

type OpenChunk = { readonly number: number; readonly scope: Scope; readonly isBulk: boolean; count: number; sizeBytes: number; bytes: Buffer }

function grown(bytes: Buffer, used: number, needed: number): Buffer {
  const larger = Buffer.allocUnsafe(Math.max(needed, bytes.length * 2))
  bytes.copy(larger, 0, 0, used)
  return larger
}

/** The salted contents of a sealed chunk, in order; undefined when it does not open or is not well formed. */
export function openChunk(chunk: SealedChunk, scope: Scope): Buffer[] | undefined {
  const sealed = unsealed(chunk, scope)
  const plain = sealed && unpacked(sealed)
  return plain && recordsIn(plain)
}

function recordsIn(plain: Buffer): Buffer[] | undefined {
  const records: Buffer[] = []
  for (let at = 0; at < plain.length;) {
    if (at + 4 > plain.length) return undefined
    const end = at + 4 + plain.readUInt32BE(at)
    if (end > plain.length) return undefined
    records.push(plain.subarray(at + 4, end))
    at = end
  }
  return records
}

/** The same chunk under another key; undefined when it does not open. */
export function resealed(chunk: SealedChunk, scope: Scope, next: KeyObject): Buffer | undefined {
  const plain = unsealed(chunk, scope)
  return plain && seal(next, plain, labelOf(chunk.number, chunk.scopeId))
}

/**
 * The same chunk without some of its records, of which nothing but their places stays; null when none is left in it, undefined when it does not open.
 * @param gone indexes of records.
 */
export function withoutRecords(chunk: SealedChunk, scope: Scope, gone: ReadonlySet<number>, next?: KeyObject): Buffer | null | undefined {
  const key = next ?? scope.keyOf(chunk.number)
  const sealed = unsealed(chunk, scope)
  const plain = sealed && unpacked(sealed)
  const records = plain && recordsIn(plain)
  if (!records || key === undefined || key === "erased") return undefined
  const left = records.map((record, index) => (gone.has(index) ? nothing : record))
  if (left.every(({ length }) => length === 0)) return null
  const bytes = Buffer.concat(left.flatMap((record) => [sizeOf(record), record]))
  const isPacked = plain !== sealed && bytes.length >= leastPackedBytes
  return seal(key, isPacked ? zstdCompressSync(bytes, fast) : bytes, labelOf(chunk.number, chunk.scopeId))
}

function sizeOf({ length }: Buffer): Buffer {
  const size = Buffer.alloc(4)
  size.writeUInt32BE(length)
  return size
}

function unsealed({ number, scopeId, sealed }: SealedChunk, scope: Scope): Buffer | undefined {
  const key = scope.keyOf(number)
  return key === undefined || key === "erased" ? undefined : unseal(key, sealed, labelOf(number, scopeId))
}

function unpacked(plain: Buffer): Buffer | undefined {
  if (plain.length < 4 || plain.readUInt32LE(0) !== zstdMagic) return plain
  try {
    return zstdDecompressSync(plain, { maxOutputLength: mostUnpackedBytes })
  } catch {
    // It was sealed like this: somebody with the scope's key made it.
    return undefined
  }
}

function labelOf(number: number, scopeId: Buffer): Buffer {
  const label = Buffer.alloc(labelPrefix.length + 8 + scopeId.length)
  label.set(labelPrefix)
  writeUint64(label, labelPrefix.length, number)
  label.set(scopeId, labelPrefix.length + 8)
  return label
}
