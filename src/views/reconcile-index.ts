/**
 * Every id a journal speaks of, each with the entry that spoke of it last, at 20 bytes a slot: a journal of millions of holds is recounted
 * without holding their names. A key is 16 bytes of a SHA-256, which nobody makes two ids share.
 */
import { sha256 } from "../format/sha256.ts"

const wordsOfKey = 4
const firstSlots = 1_024

export class IdIndex {
  #keys = new Uint32Array(firstSlots * wordsOfKey)
  /** Sequence plus one; 0 where the slot is free. */
  #places = new Float64Array(firstSlots)
  #count = 0

  get(id: string): number | undefined {
    const place = this.#places[this.#slotOf(keyOf(id))] ?? 0
    return place === 0 ? undefined : place - 1
  }

  set(id: string, sequence: number): void {
    if (this.#count * 2 >= this.#places.length) this.#grow()
    this.#put(keyOf(id), sequence + 1)
  }

  #put(key: Uint32Array, place: number): void {
    const slot = this.#slotOf(key)
    if (this.#places[slot] === 0) this.#count++
    this.#keys.set(key, slot * wordsOfKey)
    this.#places[slot] = place
  }

  #slotOf(key: Uint32Array): number {
    const most = this.#places.length - 1
    for (let slot = (key[0] ?? 0) & most; ; slot = (slot + 1) & most) if (this.#places[slot] === 0 || this.#holds(slot, key)) return slot
  }

  #holds(slot: number, key: Uint32Array): boolean {
    return key.every((word, at) => this.#keys[slot * wordsOfKey + at] === word)
  }

  #grow(): void {
    const keys = this.#keys
    const places = this.#places
    this.#keys = new Uint32Array(keys.length * 2)
    this.#places = new Float64Array(places.length * 2)
    this.#count = 0
    places.forEach((place, slot) => {
      if (place > 0) this.#put(keys.subarray(slot * wordsOfKey, (slot + 1) * wordsOfKey), place)
    })
  }
}

function keyOf(id: string): Uint32Array {
  const digest = sha256(Buffer.from(id))
  return Uint32Array.from({ length: wordsOfKey }, (_, at) => digest.readUInt32LE(at * 4))
}
