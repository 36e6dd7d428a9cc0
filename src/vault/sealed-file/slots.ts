/**
 * Which slots of a sealed file may be written. A slot that the last flushed root leads to is never one of them, so that whatever a crash does to a write, the
 * file opens as it was flushed.
 */
import { assert, Fault } from "../../base/fault.ts"

const mostSlots = 0xffff_ffff

export class Slots {
  /** A bit a slot: reached from the tree as it stands in memory. */
  #used = Buffer.alloc(8)
  /** A bit a slot: reached from the root that was flushed last. */
  #flushed = Buffer.alloc(8)
  /** No byte below this one has room. */
  #search = 0

  /** A slot that nothing needs. @throws {Fault} `sealed.no-room` */
  take(file: string): number {
    for (let at = this.#search; ; at++) {
      if (at >= this.#used.length) this.#grow()
      const taken = (this.#used[at] ?? 0) | (this.#flushed[at] ?? 0)
      if (taken === 0xff) continue
      this.#search = at
      const slot = at * 8 + Math.clz32(~(taken << 24)) + 1
      if (slot > mostSlots) throw new Fault("sealed.no-room", { file, problem: "it has as many parts as a sealed file may have" })
      this.use(slot)
      return slot
    }
  }

  use(slot: number): void {
    while (placeOf(slot).at >= this.#used.length) this.#grow()
    const { at, bit } = placeOf(slot)
    assert(((this.#used[at] ?? 0) & bit) === 0, "a slot is used once")
    this.#used[at] = (this.#used[at] ?? 0) | bit
  }

  /** Nothing in memory leads to it any more. It is written again only when the flushed root does not either. */
  release(slot: number): void {
    const { at, bit } = placeOf(slot)
    assert(((this.#used[at] ?? 0) & bit) !== 0, "a slot is released once")
    this.#used[at] = (this.#used[at] ?? 0) & ~bit
    this.#search = Math.min(this.#search, at)
  }

  /** The tree in memory is the one that is flushed. */
  flushed(): void {
    this.#used.copy(this.#flushed)
    this.#search = 0
  }

  /** The last slot that is used; 0 when there is none. */
  last(): number {
    let at = this.#used.length - 1
    while (at >= 0 && this.#used[at] === 0) at--
    if (at < 0) return 0
    return at * 8 + 8 - Math.log2((this.#used[at] ?? 1) & -(this.#used[at] ?? 1))
  }

  #grow(): void {
    const sizeBytes = this.#used.length * 2
    this.#used = Buffer.concat([this.#used], sizeBytes)
    this.#flushed = Buffer.concat([this.#flushed], sizeBytes)
  }
}

/** The first slot of a byte is its highest bit. */
function placeOf(slot: number): { readonly at: number; readonly bit: number } {
  return { at: Math.floor((slot - 1) / 8), bit: 0x80 >> ((slot - 1) & 7) }
}
