/**
 * The content of a sealed file as chunks, and what makes changes of it the file's. Only `flush` does: it syncs the blocks, then writes one root over the older of
 * two, and syncs again. Until that root is whole the other one counts, and all it leads to is still there; so a crash leaves what was flushed before, or what
 * this flush made, and nothing between.
 */
import { assert } from "../../base/fault.ts"
import { Blocks, type Block, type BlockParts } from "./blocks.ts"
import { rootPositions, type Entry, type Geometry } from "./layout.ts"
import { grow, shrink } from "./resize.ts"

export type TreeParts = BlockParts & {
  readonly writing: boolean
  /** Both roots in the file are this one. */
  readonly isSettled: boolean
}

export class ChunkTree {
  readonly geometry: Geometry
  readonly #parts: TreeParts
  readonly #blocks: Blocks
  #isChanged = false
  #isSettled: boolean
  #broken: unknown

  constructor(parts: TreeParts) {
    this.#parts = parts
    this.geometry = parts.geometry
    this.#blocks = new Blocks(parts, parts.writing)
    this.#isSettled = parts.isSettled
  }

  get sizeBytes(): number {
    return this.#blocks.root.sizeBytes
  }

  /** Content of a chunk; zeros where nothing was ever written. @throws {Fault} `sealed.changed`, `sealed.cut` */
  chunk(index: number): Block {
    const block = this.#blocks.block(0, index)
    this.#blocks.letGo()
    return block
  }

  /** Where a chunk stands that was written and is not held open: its bytes may be read beside other work, and are opened by `opened`. */
  stored(index: number): Entry | undefined {
    if (this.#blocks.isHeld(0, index)) return undefined
    const { slot, nonce } = this.#blocks.entry(0, index)
    const entry = { slot, nonce: Buffer.from(nonce) }
    this.#blocks.letGo()
    return slot === 0 ? undefined : entry
  }

  /** @throws {Fault} `sealed.changed`, `sealed.cut` */
  opened(index: number, nonce: Buffer, sealed: Uint8Array, foundBytes: number): Buffer {
    return this.#blocks.openedChunk(index, nonce, sealed, foundBytes)
  }

  /** Puts bytes into a chunk, within the size. The chunk is not read when they are all of it. */
  put(index: number, at: number, bytes: Uint8Array): void {
    this.#change(() => {
      if (bytes.length === this.geometry.chunkBytes) {
        this.#blocks.forget(0, index)
        this.#blocks.store({ level: 0, index, bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), isChanged: true })
      } else {
        const block = this.#blocks.block(0, index)
        block.bytes.set(bytes, at)
        block.isChanged = true
      }
      this.#blocks.letGo()
    })
  }

  /** Larger: what is new reads as zeros. Smaller: what is beyond is gone. */
  resize(sizeBytes: number): void {
    if (sizeBytes === this.sizeBytes) return
    this.#change(() => {
      if (sizeBytes > this.sizeBytes) grow(this.#blocks, sizeBytes)
      else shrink(this.#blocks, sizeBytes)
      this.#blocks.letGo()
    })
  }

  /** What was written is on the disk: all of it or, after a crash meanwhile, nothing since the flush before. */
  flush(): void {
    if (this.#broken !== undefined) throw this.#broken
    if (!this.#isChanged) return
    this.#change(() => {
      const { raw } = this.#parts
      for (let level = 0; level <= this.#blocks.depth; level++) {
        for (const block of this.#blocks.held()) if (block.level === level && block.isChanged) this.#blocks.store(block)
      }
      raw.sync()
      const { root } = this.#blocks
      this.#blocks.root = { ...root, generation: root.generation + 1 }
      this.#isSettled = false
      this.#writeRoot(root.generation + 1)
      this.#blocks.slots?.flushed()
      const endBytes = this.geometry.position((this.#blocks.slots?.last() ?? 0) + 1)
      if (raw.sizeBytes() > endBytes) raw.truncate(endBytes)
    })
    this.#isChanged = false
  }

  /** Flushed, and the root in both its places: who damages one of them brings nothing older back. */
  settle(): void {
    this.flush()
    if (this.#isSettled) return
    this.#change(() => this.#writeRoot(this.#blocks.root.generation + 1))
    this.#isChanged = false
    this.#isSettled = true
  }

  #writeRoot(place: number): void {
    const { raw, seal } = this.#parts
    raw.write(seal.sealRoot(this.#blocks.root), rootPositions[place % 2 === 0 ? 0 : 1])
    raw.sync()
  }

  /** After a write that failed nobody knows what the disk has: only opening the file again tells. */
  #change(work: () => void): void {
    if (this.#broken !== undefined) throw this.#broken
    assert(this.#parts.writing, "the file is open for writing")
    try {
      work()
      this.#isChanged = true
    } catch (error) {
      this.#broken = error
      throw error
    }
  }
}
