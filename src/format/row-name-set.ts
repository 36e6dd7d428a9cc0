/** A set of names of rows (`row-name.ts`), 12 bytes each: a history has millions of them, and a set of texts takes ten times the room and the time. */
import { rowNameLength } from "./row-name.ts"

const wordsEach = 3
const digits = new Uint8Array(128)
for (const [value, digit] of [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"].entries()) digits[digit.charCodeAt(0)] = value

export class RowNameSet {
  size = 0
  /** A slot is empty when its words are zero. */
  #words = new Int32Array(wordsEach * 1_024)
  #mask = 1_023
  #hasZero = false
  /** Somebody who makes rows up can make their names share what others leave to chance. */
  readonly #first = oddNumber()
  readonly #second = oddNumber()
  readonly #third = oddNumber()

  /** The name that begins at `at` of `text` becomes a member. Answers whether it was none before. */
  add(text: string, at = 0): boolean {
    const last = digits[text.charCodeAt(at + rowNameLength - 1)] ?? 0
    const a = (fiveDigits(text, at) << 2) | (last & 3)
    const b = (fiveDigits(text, at + 5) << 2) | ((last >> 2) & 3)
    const c = (fiveDigits(text, at + 10) << 2) | (last >> 4)
    if (a === 0 && b === 0 && c === 0) return this.#addZero()
    const place = this.#placeOf(a, b, c)
    if (place < 0) return false
    this.#put(place, a, b, c)
    this.size++
    if (this.size * 2 > this.#mask) this.#grow()
    return true
  }

  #addZero(): boolean {
    if (this.#hasZero) return false
    this.#hasZero = true
    this.size++
    return true
  }

  /** Where its words go; -1 when they are there. */
  #placeOf(a: number, b: number, c: number): number {
    const words = this.#words
    const mixed = Math.imul(a, this.#first) ^ Math.imul(b, this.#second) ^ Math.imul(c, this.#third)
    for (let slot = (mixed ^ (mixed >>> 15)) & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const place = slot * wordsEach
      const found = words[place]
      if (found === a && words[place + 1] === b && words[place + 2] === c) return -1
      if (found === 0 && words[place + 1] === 0 && words[place + 2] === 0) return place
    }
  }

  #put(place: number, a: number, b: number, c: number): void {
    this.#words[place] = a
    this.#words[place + 1] = b
    this.#words[place + 2] = c
  }

  #grow(): void {
    const before = this.#words
    this.#words = new Int32Array(before.length * 2)
    this.#mask = this.#mask * 2 + 1
    for (let place = 0; place < before.length; place += wordsEach) {
      const a = before[place] ?? 0
      const b = before[place + 1] ?? 0
      const c = before[place + 2] ?? 0
      if (a !== 0 || b !== 0 || c !== 0) this.#put(this.#placeOf(a, b, c), a, b, c)
    }
  }
}

/** 30 bits. */
function fiveDigits(text: string, at: number): number {
  return (sixBits(text, at) << 24) | (sixBits(text, at + 1) << 18) | (sixBits(text, at + 2) << 12) | (sixBits(text, at + 3) << 6) | sixBits(text, at + 4)
}

function sixBits(text: string, at: number): number {
  return digits[text.charCodeAt(at)] ?? 0
}

function oddNumber(): number {
  return Math.floor(Math.random() * 2 ** 32) | 1
}
