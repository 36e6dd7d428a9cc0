/**
 * The Merkle tree on disk: tiles of 256 hashes. Tile (0, i) holds leaf hashes, tile (L, i) the roots of 256 tiles of level L - 1.
 * A leaf tile is written once, when it is full; its root then enters the partial tile above, which keeps its full size on disk.
 * The leaf hashes of the last, partial leaf tile are those of the last entries' headers.
 */
import { Fault } from "../base/fault.ts"
import { siblingHashInto, type SubtreeSource } from "../format/merkle.ts"
import { hashBytes } from "../format/sha256.ts"
import type { SqliteDatabase, SqliteStatement } from "../vault/database.ts"

export const tileWidth = 256
export const tileBytes = tileWidth * hashBytes
const tileHeight = 8
const levelStride = 2 ** 44

/** Beyond the tree of every journal: here `tiles` have, by 256 entries, the id hashes of those that were removed (`removed-ids.ts`). */
export const idTiles = 256 * levelStride

export function tileKey(level: number, index: number): number {
  return level * levelStride + index
}

/** The hash of the complete subtree over `2^height` hashes that start at `first` of a tile. */
export function subtreeInTile(tile: Buffer, first: number, height: number): Buffer {
  let count = 2 ** height
  const level = Buffer.from(tile.subarray(first * hashBytes, (first + count) * hashBytes))
  while (count > 1) {
    count /= 2
    for (let i = 0; i < count; i++) siblingHashInto(level, i * hashBytes, level, 2 * i * hashBytes)
  }
  return level.subarray(0, hashBytes)
}

/** Keeps the growing edge of the tree in memory and writes tiles as they fill; part of the append's transaction. */
export class TileWriter {
  size: number
  /** Leaf hashes of the tile that is filling. */
  readonly #leaves: Buffer = Buffer.alloc(tileBytes)
  readonly #upper: Buffer[] = []
  readonly #upsert: SqliteStatement

  /** `leafAt` writes the leaf hash of a stored entry; used for the last, partial leaf tile only. */
  constructor(database: SqliteDatabase, size: number, leafAt: (target: Buffer, offset: number, sequence: number) => void) {
    this.size = size
    this.#upsert = database.prepare("INSERT INTO tiles(tile, hashes) VALUES (?, ?) ON CONFLICT(tile) DO UPDATE SET hashes = excluded.hashes")
    const read = database.prepare("SELECT hashes FROM tiles WHERE tile = ?").pluck()
    const full = Math.floor(size / tileWidth)
    for (let i = 0; i < size % tileWidth; i++) leafAt(this.#leaves, i * hashBytes, full * tileWidth + i)
    for (let level = 1, count = full; count > 0; level++, count = Math.floor(count / tileWidth)) {
      const partial = count % tileWidth === 0 ? Buffer.alloc(tileBytes) : read.get(tileKey(level, Math.floor(count / tileWidth)))
      if (!Buffer.isBuffer(partial))
        throw new Fault("store.damaged", { file: database.name, problem: `tile ${level}/${Math.floor(count / tileWidth)} is missing` })
      this.#upper[level] = partial
    }
  }

  /** Where the next leaf hash is to be written before `pushed` is called. */
  get target(): Buffer {
    return this.#leaves
  }

  get targetOffset(): number {
    return (this.size % tileWidth) * hashBytes
  }

  /** The leaf hash of the last entry, which is the next one's previous hash. */
  copyLast(target: Buffer, offset: number): void {
    const from = ((this.size - 1) % tileWidth) * hashBytes
    this.#leaves.copy(target, offset, from, from + hashBytes)
  }

  /** Counts the leaf hash that was written at `targetOffset`. */
  pushed(): void {
    this.size++
    if (this.size % tileWidth === 0) this.#store(0, this.size / tileWidth - 1, this.#leaves)
  }

  root(): Buffer {
    const peaks: Buffer[] = []
    for (let level = this.#upper.length; level >= 0; level--) {
      const tile = level === 0 ? this.#leaves : this.#upper[level]
      const count = Math.floor(this.size / tileWidth ** level) % tileWidth
      if (!tile || count === 0) continue
      for (let height = tileHeight - 1, first = 0; height >= 0; height--) {
        const width = 2 ** height
        if ((count & width) === 0) continue
        peaks.push(subtreeInTile(tile, first, height))
        first += width
      }
    }
    return rootOfPeaks(peaks)
  }

  #store(level: number, index: number, tile: Buffer): void {
    this.#upsert.run(tileKey(level, index), tile)
    const above = (this.#upper[level + 1] ??= Buffer.alloc(tileBytes))
    const slot = index % tileWidth
    subtreeInTile(tile, 0, tileHeight).copy(above, slot * hashBytes)
    const indexAbove = Math.floor(index / tileWidth)
    if (slot === tileWidth - 1) {
      this.#store(level + 1, indexAbove, above)
      above.fill(0)
    } else {
      this.#upsert.run(tileKey(level + 1, indexAbove), above)
    }
  }
}

function rootOfPeaks(peaks: readonly Buffer[]): Buffer {
  const pair = Buffer.alloc(2 * hashBytes)
  let root = peaks.at(-1)
  for (let i = peaks.length - 2; i >= 0 && root; i--) {
    peaks[i]?.copy(pair, 0)
    root.copy(pair, hashBytes)
    const next = Buffer.alloc(hashBytes)
    siblingHashInto(next, 0, pair, 0)
    root = next
  }
  return root ?? Buffer.from("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "hex")
}

/** The leaf hash of an entry below the last, partial leaf tile. */
export function storedLeaf(database: SqliteDatabase, sequence: number): Buffer {
  const index = Math.floor(sequence / tileWidth)
  const tile = database.prepare("SELECT hashes FROM tiles WHERE tile = ?").pluck().get(tileKey(0, index))
  if (!Buffer.isBuffer(tile)) throw new Fault("store.damaged", { file: database.name, problem: `tile 0/${index} is missing` })
  const from = (sequence % tileWidth) * hashBytes
  return tile.subarray(from, from + hashBytes)
}

/** Writes the leaf hashes of the stored entries `from` to `to` (exclusive) one after the other into `target`. */
export type LeafSource = (target: Buffer, from: number, to: number) => void

/** Subtree hashes of the first `size` entries: from stored tiles, and from entries' headers where the last leaf tile was not full. */
export function storedSubtrees(database: SqliteDatabase, size: number, leavesInto: LeafSource): SubtreeSource {
  const read = database.prepare("SELECT hashes FROM tiles WHERE tile = ?").pluck()
  const kept = new Map<number, Buffer>()
  const partial = Math.floor(size / tileWidth)
  const tileAt = (level: number, index: number): Buffer => {
    const key = tileKey(level, index)
    const known = kept.get(key)
    if (known) return known
    const tile = level === 0 && index === partial ? partialLeaves() : read.get(key)
    if (!Buffer.isBuffer(tile)) throw new Fault("store.damaged", { file: database.name, problem: `tile ${level}/${index} is missing` })
    if (kept.size > 64) kept.clear()
    kept.set(key, tile)
    return tile
  }
  const partialLeaves = (): Buffer => {
    const leaves = Buffer.alloc(tileBytes)
    leavesInto(leaves, partial * tileWidth, size)
    return leaves
  }
  return (level, index) => {
    const tileLevel = Math.floor(level / tileHeight)
    const height = level % tileHeight
    const first = index * 2 ** height
    return subtreeInTile(tileAt(tileLevel, Math.floor(first / tileWidth)), first % tileWidth, height)
  }
}
