/**
 * The blocks of a sealed file in memory: a few of them opened, each found by its way down from the root. Blocks that change are sealed into slots that nothing
 * needs, never over what is there.
 *
 * Who holds the nonce of a block holds its version: nonces stand in the node above, up to the root. An older block put back in its slot does not open.
 */
import { assert, Fault } from "../../base/fault.ts"
import { entryBytes, readEntry, tagBytes, writeEntry, type BlockSeal, type Entry, type Geometry, type Place, type Root } from "./layout.ts"
import type { RawFile } from "./raw-file.ts"
import { Slots } from "./slots.ts"

/** Enough for the way down to a few places at once. */
const mostHeld = 16

/** `bytes` is as long as a block can be; beyond its length all is zero. */
export type Block = { readonly level: number; readonly index: number; readonly bytes: Buffer; isChanged: boolean }
export type BlockParts = { readonly path: string; readonly raw: RawFile; readonly geometry: Geometry; readonly seal: BlockSeal; readonly root: Root }

export class Blocks {
  readonly geometry: Geometry
  readonly slots: Slots | undefined
  /** As it stands in memory. */
  root: Root
  readonly #path: string
  readonly #raw: RawFile
  readonly #seal: BlockSeal
  readonly #held = new Map<number, Block>()

  constructor({ path, raw, geometry, seal, root }: BlockParts, writing: boolean) {
    this.#path = path
    this.#raw = raw
    this.#seal = seal
    this.geometry = geometry
    this.root = root
    if (!writing) return
    const slots = new Slots()
    this.slots = slots
    if (root.top.slot !== 0) this.#walk(this.depth, 0, root.top, (slot) => slots.use(slot))
    slots.flushed()
  }

  get depth(): number {
    return this.geometry.depth(this.root.sizeBytes)
  }

  held(): readonly Block[] {
    return [...this.#held.values()]
  }

  /** A block, opened; zeros where nothing was ever written. @throws {Fault} `sealed.changed`, `sealed.cut` */
  block(level: number, index: number): Block {
    const name = nameOf(level, index)
    let block = this.#held.get(name)
    if (block) this.#held.delete(name)
    else block = { level, index, bytes: this.#load(level, index), isChanged: false }
    this.#held.set(name, block)
    return block
  }

  add(block: Block): void {
    this.#held.set(nameOf(block.level, block.index), block)
  }

  forget(level: number, index: number): void {
    this.#held.delete(nameOf(level, index))
  }

  isHeld(level: number, index: number): boolean {
    return this.#held.has(nameOf(level, index))
  }

  /** Whether anything was ever written there; a node that is held may lead to what its own entry does not tell of yet. */
  isThere(level: number, index: number): boolean {
    return this.isHeld(level, index) || this.entry(level, index).slot !== 0
  }

  entry(level: number, index: number): Entry {
    if (level === this.depth) return this.root.top
    const { fanout } = this.geometry
    return readEntry(this.block(level + 1, Math.floor(index / fanout)).bytes, (index % fanout) * entryBytes)
  }

  /** Seals a block into a slot that nothing needs. */
  store(block: Block): void {
    const { slots } = this
    assert(slots !== undefined, "the file is open for writing")
    const place = this.#place(block.level, block.index)
    const { nonce, body, tag } = this.#seal.seal(block.bytes.subarray(0, place.lengthBytes), place)
    const before = this.entry(block.level, block.index).slot
    if (before !== 0) slots.release(before)
    const slot = slots.take(this.#path)
    const position = this.geometry.position(slot)
    this.#raw.write(body, position)
    this.#raw.write(tag, position + body.length)
    this.#setEntry(block.level, block.index, { slot, nonce })
    block.isChanged = false
  }

  /** Holds no more blocks than there is room for; those used longest ago go first. */
  letGo(): void {
    while (this.#held.size > mostHeld) {
      const oldest = this.#held.values().next().value
      assert(oldest !== undefined, "something is held")
      if (oldest.isChanged) this.store(oldest)
      this.forget(oldest.level, oldest.index)
    }
  }

  /** A chunk whose sealed bytes somebody has read. @throws {Fault} `sealed.changed`, `sealed.cut` */
  openedChunk(index: number, nonce: Buffer, sealed: Uint8Array, foundBytes: number): Buffer {
    return this.#opened(this.#place(0, index), nonce, sealed, foundBytes)
  }

  #load(level: number, index: number): Buffer {
    const { slot, nonce } = this.entry(level, index)
    const capacity = level === 0 ? this.geometry.chunkBytes : this.geometry.fanout * entryBytes
    if (slot === 0) return Buffer.alloc(capacity)
    const plain = this.#read(this.#place(level, index), slot, nonce)
    return plain.length === capacity ? plain : Buffer.concat([plain], capacity)
  }

  #read(place: Place, slot: number, nonce: Buffer): Buffer {
    const sealed = Buffer.allocUnsafe(place.lengthBytes + tagBytes)
    return this.#opened(place, nonce, sealed, this.#raw.read(sealed, this.geometry.position(slot)))
  }

  #opened(place: Place, nonce: Buffer, sealed: Uint8Array, foundBytes: number): Buffer {
    if (foundBytes < place.lengthBytes + tagBytes) throw new Fault("sealed.cut", { file: this.#path, problem: `${wordsOf(place)} is not all there` })
    const plain = this.#seal.open(sealed, nonce, place)
    if (!plain) throw new Fault("sealed.changed", { file: this.#path, problem: `${wordsOf(place)} is not what was sealed` })
    return plain
  }

  #place(level: number, index: number): Place {
    return { level, index, lengthBytes: this.geometry.lengthOf(level, index, this.root.sizeBytes) }
  }

  #setEntry(level: number, index: number, entry: Entry): void {
    if (level === this.depth) {
      this.root = { ...this.root, top: entry }
      return
    }
    const { fanout } = this.geometry
    const parent = this.block(level + 1, Math.floor(index / fanout))
    writeEntry(parent.bytes, (index % fanout) * entryBytes, entry)
    parent.isChanged = true
  }

  #walk(level: number, index: number, { slot, nonce }: Entry, visit: (slot: number) => void): void {
    visit(slot)
    if (level === 0) return
    const node = this.#read(this.#place(level, index), slot, nonce)
    for (let i = 0; i * entryBytes < node.length; i++) {
      const entry = readEntry(node, i * entryBytes)
      if (entry.slot === 0) continue
      if (level === 1) visit(entry.slot)
      else this.#walk(level - 1, index * this.geometry.fanout + i, entry, visit)
    }
  }
}

function nameOf(level: number, index: number): number {
  return level * 2 ** 48 + index
}

function wordsOf({ level, index }: Place): string {
  return level === 0 ? `its chunk ${index}` : `its node ${index} of level ${level}`
}
