/**
 * A sealed file that is read and written at any place as if it were plain. What is written is the file's once `flush` or `close` came back; a crash leaves it as
 * one of its flushes did. The layout is that of docs/spec/sealed-file.md.
 *
 * One writer at a time: it holds a lock beside the file, which dies with its process (`raw-file.ts`). A reader sees the file as it was when it was opened; where a writer goes
 * on meanwhile, a chunk may be gone under it, which is a fault and never other bytes.
 */
import { randomBytes } from "node:crypto"
import { assert, Fault } from "../../base/fault.ts"
import { writeDurably } from "../durable-file.ts"
import { ChunkTree } from "./chunk-tree.ts"
import { newKeySlot, slotKeysOf, type OpeningKeys, type SealingKey } from "./file-key.ts"
import {
  BlockSeal,
  checkedMac,
  fileKeysOf,
  firstSlotPosition,
  Geometry,
  headerBytes,
  headerOf,
  hole,
  parseHeader,
  rootBytes,
  rootPositions,
  type FileKeys,
  type KeySlot,
  type Root,
} from "./layout.ts"
import { openRawFile, writeFault, type RawFile } from "./raw-file.ts"

/** Bytes of a slot; measured: smaller ones take longer to seal, larger ones longer to change. */
const defaultSlotBytes = 131_072
const readAhead = 3

export type CreateOptions = {
  /** A power of two from 4,096 to 1,048,576. */
  readonly slotBytes?: number
  readonly openRaw?: typeof openRawFile
}
export type OpenOptions = { readonly writing?: boolean; readonly openRaw?: typeof openRawFile }

export class EncryptedFile {
  readonly keySlot: KeySlot
  readonly #raw: RawFile
  readonly #tree: ChunkTree
  readonly #writing: boolean

  constructor(raw: RawFile, parts: { readonly keySlot: KeySlot; readonly tree: ChunkTree; readonly writing: boolean }) {
    this.#raw = raw
    this.keySlot = parts.keySlot
    this.#tree = parts.tree
    this.#writing = parts.writing
  }

  /**
   * Makes an empty file (mode 0600) and opens it for writing.
   * @throws {Fault} `sealed.exists`, `sealed.no-room`, `sealed.write-failed`
   */
  static create(path: string, key: SealingKey, { slotBytes = defaultSlotBytes, openRaw = openRawFile }: CreateOptions = {}): EncryptedFile {
    const { keySlot, slotKey } = newKeySlot(key)
    const fileId = randomBytes(32)
    const keys = fileKeysOf(slotKey, fileId)
    const header = headerOf({ slotBytes, fileId, keySlot }, keys)
    const mac = checkedMac(header, keys)
    assert(mac !== undefined, "a header is signed by its own key")
    const start = Buffer.alloc(firstSlotPosition)
    start.set(header)
    const root: Root = { generation: 1, sizeBytes: 0, top: hole }
    for (const position of rootPositions) start.set(new BlockSeal(keys.chunks, mac).sealRoot(root), position)
    writeNew(path, start)
    return EncryptedFile.#opened(path, openRaw(path, "r+"), keys, true)
  }

  /**
   * Opens a file for reading, or for writing too.
   * @throws {Fault} `sealed.not-sealed`, `sealed.no-key`, `sealed.wrong-key`, `sealed.cut`, `sealed.changed`, `store.newer-format`, `cli.file-unreadable`; `sealed.busy` of who
   * would write where another does
   */
  static open(path: string, keys: OpeningKeys, { writing = false, openRaw = openRawFile }: OpenOptions = {}): EncryptedFile {
    const raw = openRaw(path, writing ? "r+" : "r")
    try {
      const header = start(raw, 0, headerBytes)
      const { keySlot, fileId } = parseHeader(header, path)
      const fitting = slotKeysOf(keySlot, keys, path)
        .map((slotKey) => fileKeysOf(slotKey, fileId))
        .find((candidate) => checkedMac(header, candidate) !== undefined)
      if (!fitting) throw new Fault("sealed.wrong-key", { file: path, problem: "its header was signed with another one, or was changed" })
      return EncryptedFile.#opened(path, raw, fitting, writing)
    } catch (error) {
      raw.close()
      throw error
    }
  }

  static #opened(path: string, raw: RawFile, keys: FileKeys, writing: boolean): EncryptedFile {
    const bytes = start(raw, 0, headerBytes)
    const { keySlot, slotBytes } = parseHeader(bytes, path)
    const mac = checkedMac(bytes, keys)
    if (!mac) throw new Fault("sealed.wrong-key", { file: path, problem: "its header was signed with another one, or was changed" })
    const seal = new BlockSeal(keys.chunks, mac)
    const roots = rootPositions.map((position) => seal.openRoot(start(raw, position, rootBytes)))
    const [first, second] = roots
    const root = first && second ? (first.generation >= second.generation ? first : second) : (first ?? second)
    if (!root) {
      if (raw.sizeBytes() < firstSlotPosition) throw new Fault("sealed.cut", { file: path, problem: "its roots are not there" })
      throw new Fault("sealed.changed", { file: path, problem: "neither of its roots is what was sealed" })
    }
    const isSettled = first?.generation === second?.generation
    const tree = new ChunkTree({ path, raw, geometry: new Geometry(slotBytes), seal, root, writing, isSettled })
    return new EncryptedFile(raw, { keySlot, tree, writing })
  }

  /** Bytes of content. */
  get sizeBytes(): number {
    return this.#tree.sizeBytes
  }

  /** Bytes of content that one chunk holds: reads and writes of whole ones are cheapest. */
  get chunkBytes(): number {
    return this.#tree.geometry.chunkBytes
  }

  /** The bytes from a position on: fewer than asked for at the end of the file, none beyond it. @throws {Fault} `sealed.changed`, `sealed.cut` */
  read(position: number, lengthBytes: number): Buffer {
    assertRange(position, lengthBytes)
    const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(lengthBytes, this.sizeBytes - position)))
    for (const { index, from, to, at } of this.#pieces(position, bytes.length)) this.#tree.chunk(index).bytes.copy(bytes, at, from, to)
    return bytes
  }

  /** Writes over what is there, and beyond the end: what lies between the end and the position reads as zeros. */
  write(position: number, bytes: Uint8Array): void {
    assertRange(position, bytes.length)
    if (bytes.length === 0) return
    if (position + bytes.length > this.sizeBytes) this.#tree.resize(position + bytes.length)
    for (const { index, from, to, at } of this.#pieces(position, bytes.length)) this.#tree.put(index, from, bytes.subarray(at, at + to - from))
  }

  append(bytes: Uint8Array): void {
    this.write(this.sizeBytes, bytes)
  }

  /** Cuts the file, or makes it longer by zeros that take no room. */
  truncate(sizeBytes: number): void {
    assertRange(sizeBytes, 0)
    this.#tree.resize(sizeBytes)
  }

  /** What was written is on the disk when this comes back. @throws {Fault} `sealed.no-room`, `sealed.write-failed` */
  flush(): void {
    this.#tree.flush()
  }

  /** Flushes first. After a fault of a write the file is closed as it was flushed last, and the fault thrown again. */
  close(): void {
    try {
      if (this.#writing) this.#tree.settle()
    } finally {
      this.#raw.close()
    }
  }

  /** Closes without making what was not flushed the file's. */
  abandon(): void {
    this.#raw.close()
  }

  /** Appends all that comes, in whole chunks whatever its pieces are. Holds one chunk. */
  async appendAll(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void> {
    const { chunkBytes } = this
    const room = Buffer.allocUnsafe(chunkBytes)
    // The first one ends where a chunk of the file does.
    let wanted = chunkBytes - (this.sizeBytes % chunkBytes)
    let held = 0
    for await (let piece of source) {
      while (piece.length > 0) {
        if (held === 0 && piece.length >= wanted) {
          this.append(piece.subarray(0, wanted))
          piece = piece.subarray(wanted)
          wanted = chunkBytes
          continue
        }
        const taken = Math.min(piece.length, wanted - held)
        room.set(piece.subarray(0, taken), held)
        held += taken
        piece = piece.subarray(taken)
        if (held < wanted) continue
        this.append(room.subarray(0, held))
        held = 0
        wanted = chunkBytes
      }
    }
    this.append(room.subarray(0, held))
  }

  /** The content from a position on, a chunk at a time, while the next ones are read. Holds a few chunks. Nothing may be written meanwhile. */
  async *chunks(position = 0, lengthBytes = this.sizeBytes - position): AsyncGenerator<Buffer> {
    assertRange(position, Math.max(0, lengthBytes))
    const pieces = this.#pieces(position, Math.max(0, Math.min(lengthBytes, this.sizeBytes - position)))
    const ahead: Promise<() => Buffer>[] = []
    const rooms: Buffer[] = []
    const begin = () => {
      const { value: piece } = pieces.next()
      if (!piece) return
      const room = rooms.pop() ?? Buffer.allocUnsafe(this.#tree.geometry.slotBytes)
      const read = this.#readLater(piece.index, room)
      read.catch(() => {}) // it is awaited in its turn
      ahead.push(read.then((open) => () => (rooms.push(room), open()).subarray(piece.from, piece.to)))
      ahead.at(-1)?.catch(() => {})
    }
    for (let i = 0; i < readAhead; i++) begin()
    for (let next = ahead.shift(); next; next = ahead.shift()) {
      const bytes = (await next)()
      begin()
      yield bytes
    }
  }

  async #readLater(index: number, room: Buffer): Promise<() => Buffer> {
    const entry = this.#tree.stored(index)
    if (!entry) return () => Buffer.from(this.#tree.chunk(index).bytes)
    const count = await this.#raw.readLater(room, this.#tree.geometry.position(entry.slot))
    return () => this.#tree.opened(index, entry.nonce, room, count)
  }

  /** The parts of chunks that a stretch of content touches; `at` counts from its beginning. */
  *#pieces(position: number, lengthBytes: number): Generator<{ index: number; from: number; to: number; at: number }> {
    const { chunkBytes } = this
    for (let at = 0; at < lengthBytes;) {
      const index = Math.floor((position + at) / chunkBytes)
      const from = (position + at) % chunkBytes
      const to = Math.min(chunkBytes, from + lengthBytes - at)
      yield { index, from, to, at }
      at += to - from
    }
  }
}

function start(raw: RawFile, position: number, lengthBytes: number): Buffer {
  const bytes = Buffer.alloc(lengthBytes)
  return bytes.subarray(0, raw.read(bytes, position))
}

function writeNew(path: string, bytes: Buffer): void {
  try {
    writeDurably(path, bytes, { exclusive: true })
  } catch (error) {
    throw writeFault(path, error instanceof Fault ? error.cause : error)
  }
}

function assertRange(position: number, lengthBytes: number): void {
  assert(Number.isSafeInteger(position) && position >= 0 && Number.isSafeInteger(position + lengthBytes) && lengthBytes >= 0, "a place in a file")
}
