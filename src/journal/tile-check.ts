/** Stored tiles, held against the leaf hashes of a walk over all entries. */
import { hashBytes } from "../format/sha256.ts"
import type { Problems } from "../verify/verdict.ts"
import { subtreeInTile, tileBytes, tileKey, tileWidth } from "./tiles.ts"

/** Compares stored tiles with the leaf hashes that were walked. Upper tiles are compared by what lies below them. */
export class TileCheck {
  readonly #stored: IterableIterator<[number, Buffer]>
  readonly #problems: Problems
  readonly #roots: Buffer[] = []
  #next: IteratorResult<[number, Buffer]>

  constructor(stored: IterableIterator<[number, Buffer]>, problems: Problems) {
    this.#stored = stored
    this.#problems = problems
    this.#next = stored.next()
  }

  close(): void {
    this.#stored.return?.()
  }

  expectLeaves(index: number, leaves: Buffer, root: Buffer): void {
    this.#expect(0, index, leaves)
    this.#roots.push(Buffer.from(root))
  }

  finish(size: number): void {
    for (let level = 1, below: readonly Buffer[] = this.#roots; below.length > 0; level++) {
      const roots: Buffer[] = []
      for (let index = 0; index * tileWidth < below.length; index++) {
        const tile = Buffer.alloc(tileBytes)
        const group = below.slice(index * tileWidth, (index + 1) * tileWidth)
        group.forEach((hash, slot) => hash.copy(tile, slot * hashBytes))
        this.#expect(level, index, tile)
        if (group.length === tileWidth) roots.push(subtreeInTile(tile, 0, 8))
      }
      below = roots
    }
    if (!this.#next.done) this.#problems.note(0, Math.max(0, size - 1), "the tree on disk has tiles that belong to no entry")
  }

  #expect(level: number, index: number, tile: Buffer): void {
    const wide = tileWidth ** (level + 1)
    const [key, hashes] = this.#next.done ? [-1, undefined] : this.#next.value
    if (key !== tileKey(level, index) || !hashes?.equals(tile)) {
      this.#problems.note(index * wide, (index + 1) * wide - 1, "the tree on disk does not fit the entries")
    }
    if (key === tileKey(level, index)) this.#next = this.#stored.next()
  }
}
