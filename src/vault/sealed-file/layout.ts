/**
 * The layout of a sealed file, format 1; docs/spec/sealed-file.md says it in words.
 *
 *   header  at 0       magic, 8 | format, 2 | kind of key, 1 | log2 of the slot size, 1 | zeros, 4 | file id, 32 | key slot, 64 | MAC, 32
 *   roots   at 4096    nonce, 12 | sealed: generation, 8 | size, 8 | entry of the top, 16 | tag, 16
 *           at 8192    the same; the whole one of the higher generation counts
 *   slots   at 12288   number 1 and on, each as large as the header says: ciphertext | tag, 16
 *
 *   entry   slot number, 4 (0: nothing was ever written there, which reads as zeros) | nonce, 12
 *
 * A chunk of content stands on level 0. Where there are several, nodes of entries stand on the levels above, up to one. Numbers are big endian.
 */
import { createCipheriv, createDecipheriv, createHmac, createSecretKey, hkdfSync, timingSafeEqual, type KeyObject } from "node:crypto"
import { Fault } from "../../base/fault.ts"
import { writeUint64 } from "../../format/header.ts"
import type { Stretching } from "../master-key.ts"
import { freshNonce, nonceBytes } from "../nonce.ts"

export const sealedFileFormat = 1
export const magic = Buffer.from("89534c460d0a1a0a", "hex")
export const headerBytes = 144
export const rootPositions = [4_096, 8_192] as const
export const rootBytes = 60
export const firstSlotPosition = 12_288
export const entryBytes = 16
export const tagBytes = 16
const fileIdBytes = 32
const keySlotPosition = 48
const macPosition = 112
const rootLevel = 255
const leastSlotBits = 12
const mostSlotBits = 20

/** Where the key of a file comes from. */
export type KeySlot = { readonly kind: "ledger"; readonly storeId: string } | { readonly kind: "passphrase"; readonly stretching: Stretching }
export type Header = { readonly slotBytes: number; readonly fileId: Buffer; readonly keySlot: KeySlot }
export type FileKeys = { readonly chunks: KeyObject; readonly header: KeyObject }
export type Entry = { readonly slot: number; readonly nonce: Buffer }
export type Root = { readonly generation: number; readonly sizeBytes: number; readonly top: Entry }
/** What a sealed block is: its level (0 holds content), its index on that level, and how many bytes it has. */
export type Place = { readonly level: number; readonly index: number; readonly lengthBytes: number }

export const hole: Entry = { slot: 0, nonce: Buffer.alloc(nonceBytes) }

/** HKDF (RFC 5869, SHA-256) of the slot's key over the file id: 32 bytes that seal chunks, 32 bytes that sign the header. */
export function fileKeysOf(slotKey: Uint8Array, fileId: Uint8Array): FileKeys {
  const bytes = Buffer.from(hkdfSync("sha256", slotKey, fileId, `sovereign-ledger/sealed-file/${sealedFileFormat}`, 64))
  return { chunks: createSecretKey(bytes.subarray(0, 32)), header: createSecretKey(bytes.subarray(32)) }
}

export function headerOf({ slotBytes, fileId, keySlot }: Header, keys: FileKeys): Buffer {
  const bytes = Buffer.alloc(headerBytes)
  bytes.set(magic)
  bytes.writeUInt16BE(sealedFileFormat, 8)
  bytes[10] = keySlot.kind === "ledger" ? 1 : 2
  bytes[11] = Math.log2(slotBytes)
  bytes.set(fileId, 16)
  if (keySlot.kind === "ledger") bytes.write(keySlot.storeId, keySlotPosition, "hex")
  else {
    const { salt, memoryKib, passes, parallelism } = keySlot.stretching
    bytes.write(salt, keySlotPosition, "base64")
    ;[memoryKib, passes, parallelism].forEach((number, i) => bytes.writeUInt32BE(number, keySlotPosition + 16 + 4 * i))
  }
  bytes.set(macOf(bytes, keys), macPosition)
  return bytes
}

/**
 * Reads a header whose MAC is not checked yet: what it says of sizes and costs is held within bounds.
 * @throws {Fault} `sealed.not-sealed`, `sealed.cut`, `sealed.changed`, `store.newer-format`
 */
export function parseHeader(bytes: Buffer, file: string): Header {
  if (!bytes.subarray(0, magic.length).equals(magic)) throw new Fault("sealed.not-sealed", { file })
  if (bytes.length < headerBytes) throw new Fault("sealed.cut", { file, problem: "its header is not whole" })
  const format = bytes.readUInt16BE(8)
  if (format > sealedFileFormat) throw new Fault("store.newer-format", { file, found: format, known: sealedFileFormat })
  const [kind = 0, slotBits = 0] = bytes.subarray(10, 12)
  const keySlot = keySlotIn(bytes.subarray(keySlotPosition, macPosition), kind)
  if (format !== sealedFileFormat || slotBits < leastSlotBits || slotBits > mostSlotBits || !isZero(bytes.subarray(12, 16)) || !keySlot) {
    throw new Fault("sealed.changed", { file, problem: "its header says what no header says" })
  }
  return { slotBytes: 2 ** slotBits, fileId: Buffer.from(bytes.subarray(16, 16 + fileIdBytes)), keySlot }
}

/** The MAC when it is that of the header under these keys; it stands in the label of every block. */
export function checkedMac(bytes: Buffer, keys: FileKeys): Buffer | undefined {
  const mac = Buffer.from(bytes.subarray(macPosition, headerBytes))
  return timingSafeEqual(mac, macOf(bytes, keys)) ? mac : undefined
}

function macOf(bytes: Buffer, keys: FileKeys): Buffer {
  return createHmac("sha256", keys.header).update(bytes.subarray(0, macPosition)).digest()
}

function keySlotIn(bytes: Buffer, kind: number): KeySlot | undefined {
  if (kind === 1 && isZero(bytes.subarray(8))) return { kind: "ledger", storeId: bytes.toString("hex", 0, 8) }
  const [memoryKib = 0, passes = 0, parallelism = 0] = [16, 20, 24].map((at) => bytes.readUInt32BE(at))
  // Nobody has vouched for these yet: a file must not keep whoever opens it busy for hours.
  const usable = parallelism >= 1 && parallelism <= 16 && memoryKib >= 8 * parallelism && memoryKib <= 1_048_576 && passes >= 1 && passes <= 10
  if (kind !== 2 || !usable || !isZero(bytes.subarray(28))) return undefined
  return { kind: "passphrase", stretching: { name: "argon2id", salt: bytes.toString("base64", 0, 16), memoryKib, passes, parallelism } }
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0)
}

/** How a file of one slot size is divided. */
export class Geometry {
  readonly slotBytes: number
  /** Content in a chunk. */
  readonly chunkBytes: number
  /** Entries in a node. */
  readonly fanout: number

  constructor(slotBytes: number) {
    this.slotBytes = slotBytes
    this.chunkBytes = slotBytes - tagBytes
    this.fanout = Math.floor(this.chunkBytes / entryBytes)
  }

  chunkCount(sizeBytes: number): number {
    return Math.ceil(sizeBytes / this.chunkBytes)
  }

  /** How many blocks a level has. */
  countOn(level: number, sizeBytes: number): number {
    return Math.ceil(this.chunkCount(sizeBytes) / this.fanout ** level)
  }

  /** The level of the top: the lowest that has one block. */
  depth(sizeBytes: number): number {
    let level = 0
    while (this.countOn(level, sizeBytes) > 1) level++
    return level
  }

  /** Bytes of a block: the last one of a level has only what there is. */
  lengthOf(level: number, index: number, sizeBytes: number): number {
    if (level === 0) return Math.min(this.chunkBytes, sizeBytes - index * this.chunkBytes)
    return Math.min(this.fanout, this.countOn(level - 1, sizeBytes) - index * this.fanout) * entryBytes
  }

  position(slot: number): number {
    return firstSlotPosition + (slot - 1) * this.slotBytes
  }
}

/** Seals and opens the blocks of one file: AES-256-GCM, each bound to the header, its level, its index and its length. */
export class BlockSeal {
  readonly #key: KeyObject
  readonly #label: Buffer

  constructor(key: KeyObject, mac: Buffer) {
    this.#key = key
    this.#label = Buffer.concat([mac, Buffer.alloc(13)])
  }

  /** The pieces to write, one behind the other, and the nonce that opens them. */
  seal(plain: Uint8Array, place: Place): { readonly nonce: Buffer; readonly body: Buffer; readonly tag: Buffer } {
    const nonce = freshNonce()
    const cipher = createCipheriv("aes-256-gcm", this.#key, nonce)
    cipher.setAAD(this.#labelOf(place))
    const body = cipher.update(plain)
    cipher.final()
    return { nonce, body, tag: cipher.getAuthTag() }
  }

  /** Undefined unless it is that block, as it was sealed with this nonce. */
  open(sealed: Uint8Array, nonce: Uint8Array, place: Place): Buffer | undefined {
    const decipher = createDecipheriv("aes-256-gcm", this.#key, nonce, { authTagLength: tagBytes })
    decipher.setAAD(this.#labelOf(place))
    decipher.setAuthTag(sealed.subarray(place.lengthBytes, place.lengthBytes + tagBytes))
    const plain = decipher.update(sealed.subarray(0, place.lengthBytes))
    try {
      decipher.final()
    } catch {
      // The tag does not fit: that is the answer, not an accident.
      return undefined
    }
    return plain
  }

  sealRoot({ generation, sizeBytes, top }: Root): Buffer {
    const plain = Buffer.alloc(rootPlace.lengthBytes)
    writeUint64(plain, 0, generation)
    writeUint64(plain, 8, sizeBytes)
    writeEntry(plain, 16, top)
    const { nonce, body, tag } = this.seal(plain, rootPlace)
    return Buffer.concat([nonce, body, tag])
  }

  openRoot(sealed: Buffer): Root | undefined {
    if (sealed.length < rootBytes) return undefined
    const plain = this.open(sealed.subarray(nonceBytes), sealed.subarray(0, nonceBytes), rootPlace)
    return plain && { generation: Number(plain.readBigUInt64BE(0)), sizeBytes: Number(plain.readBigUInt64BE(8)), top: readEntry(plain, 16) }
  }

  #labelOf({ level, index, lengthBytes }: Place): Buffer {
    this.#label[32] = level
    writeUint64(this.#label, 33, index)
    this.#label.writeUInt32BE(lengthBytes, 41)
    return this.#label
  }
}

const rootPlace: Place = { level: rootLevel, index: 0, lengthBytes: 32 }

export function readEntry(bytes: Buffer, at: number): Entry {
  return { slot: bytes.readUInt32BE(at), nonce: bytes.subarray(at + 4, at + entryBytes) }
}

export function writeEntry(bytes: Buffer, at: number, { slot, nonce }: Entry): void {
  bytes.writeUInt32BE(slot, at)
  bytes.set(nonce, at + 4)
}
