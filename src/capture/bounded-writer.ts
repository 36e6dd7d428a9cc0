/**
 * Writes any value as JSON of at most so many bytes: the slow way, for values that are not plain data or do not fit.
 *
 * Every value is given a limit of at least `leastValueBytes`, in which each of them can say something valid, so a container that has started can
 * always be closed. What throws is undone and marked. One writer encodes one value.
 */
import { boundText, quoted } from "./bounded-text.ts"
import { cycleMark, markStart, moreItems, moreKey, moreMember, tooDeepMark, unreadableMark } from "./cut-marks.ts"
import { shapeOf } from "./exotic.ts"
import { maxDepth, plainJson } from "./plain.ts"

const leastValueBytes = 64
/** Room for the mark that counts what a container left out, with the largest count there is. */
const moreRoomBytes = 40
/** Parts of more than this are taken apart: proving in vain costs what the proof does. */
const plainPartBytes = 8 * 1024
const runItems = 32

export class BoundedWriter {
  readonly #mode: "whole" | "shared"
  readonly #open: object[] = []
  #text = ""
  #sizeBytes = 0
  #lostBytes = 0
  #cut = false

  /** `whole` writes until the bound is reached; `shared` holds every value to seven eighths of what its container has left. */
  constructor(mode: "whole" | "shared") {
    this.#mode = mode
  }

  encode(value: unknown, boundBytes: number): { readonly text: string; readonly cut?: { readonly fromBytes: number } } {
    this.#value(value, boundBytes)
    return this.#cut ? { text: this.#text, cut: { fromBytes: this.#sizeBytes + this.#lostBytes } } : { text: this.#text }
  }

  #value(value: unknown, limitBytes: number): void {
    switch (typeof value) {
      case "string":
        return this.#string(value, limitBytes)
      case "number":
        return this.#raw(Number.isFinite(value) ? `${value}` : "null")
      case "boolean":
        return this.#raw(value ? "true" : "false")
      case "bigint":
        return this.#string(digitsOf(value), limitBytes)
      case "object":
        return value === null ? this.#raw("null") : this.#object(value, limitBytes)
      default:
        return this.#raw("null")
    }
  }

  #object(value: object, limitBytes: number): void {
    if (this.#open.includes(value)) return this.#raw(`"${cycleMark}"`)
    const depth = this.#open.length
    if (depth >= maxDepth) {
      this.#leftOut(2)
      return this.#raw(`"${tooDeepMark}"`)
    }
    const text = this.#text
    const sizeBytes = this.#sizeBytes
    this.#open.push(value)
    try {
      if (this.#plain(value, limitBytes)) return
      const shape = shapeOf(value, limitBytes)
      if (shape.kind === "list") this.#list(shape.items, shape.count, limitBytes)
      else if (shape.kind === "record") this.#record(shape.fields, shape.keys, limitBytes)
      else this.#value(shape.value, limitBytes)
    } catch {
      // Revoked proxies and traps that throw: the rest of the payload still counts.
      this.#text = text
      this.#sizeBytes = sizeBytes
      this.#raw(`"${unreadableMark}"`)
    } finally {
      this.#open.length = depth
    }
  }

  /** Most of a payload that is too large is plain parts that are not; false when this is none of them. */
  #plain(value: object, limitBytes: number): boolean {
    const text = this.#plainText(() => value, limitBytes)
    if (text !== undefined) this.#append(text, Buffer.byteLength(text))
    return text !== undefined
  }

  #plainText(read: () => object, limitBytes: number): string | undefined {
    try {
      const plain = plainJson(read(), Math.min(limitBytes, plainPartBytes), this.#open.length - 1)
      return typeof plain === "string" || plain.text.includes(markStart) || plain.text.includes(moreMember) ? undefined : plain.text
    } catch {
      // Something in it throws: member by member, so that only that one is lost.
      return undefined
    }
  }

  #list(items: ArrayLike<unknown>, count: number, limitBytes: number): void {
    let left = limitBytes - 2 - moreRoomBytes
    let index = 0
    this.#raw("[")
    while (index < count && left > leastValueBytes) {
      const before = this.#sizeBytes
      if (index > 0) this.#raw(",")
      // Long lists are mostly of small items that are alike: by the run they cost a fraction.
      const run = index % runItems === 0 && index + runItems <= count ? this.#run(items, index, left - 1) : 0
      if (run === 0) this.#member(items, index, this.#share(left - 1, index === count - 1))
      index += run === 0 ? 1 : run
      left -= this.#sizeBytes - before
    }
    if (index < count) {
      this.#leftOut(2 * (count - index))
      this.#raw(`${index > 0 ? "," : ""}"${moreItems(count - index)}"`)
    }
    this.#raw("]")
  }

  /** Writes the next items at once when they are plain and fit; how many. */
  #run(items: ArrayLike<unknown>, index: number, limitBytes: number): number {
    const text = this.#plainText(() => Array.prototype.slice.call(items, index, index + runItems), limitBytes)
    if (text === undefined) return 0
    this.#append(text.slice(1, -1), Buffer.byteLength(text) - 2)
    return runItems
  }

  #record(fields: object, keys: readonly string[], limitBytes: number): void {
    let left = limitBytes - 2 - moreRoomBytes
    let separator = ""
    let dropped = 0
    const last = keys.at(-1)
    this.#raw("{")
    for (const key of keys) {
      const room = left - leastValueBytes - 1
      const name = key.length < room ? `${separator}${quoted(nameOf(key))}:` : ""
      const nameBytes = Buffer.byteLength(name)
      if (name === "" || nameBytes > room) {
        dropped++
        this.#leftOut(key.length + 5)
        continue
      }
      const before = this.#sizeBytes
      const text = this.#text
      this.#append(name, nameBytes)
      if (this.#member(fields, key, this.#share(left - nameBytes, key === last))) {
        separator = ","
        left -= this.#sizeBytes - before
      } else {
        this.#text = text
        this.#sizeBytes = before
      }
    }
    if (dropped > 0) this.#raw(`${separator}"${moreKey}":${dropped}`)
    this.#raw("}")
  }

  /** Reads and writes one member; false when JSON has no place for it. */
  #member(container: object, key: string | number, limitBytes: number): boolean {
    let value: unknown
    try {
      value = (container as Readonly<Record<string | number, unknown>>)[key]
    } catch {
      this.#raw(`"${unreadableMark}"`)
      return true
    }
    if (typeof key === "string" && (value === undefined || typeof value === "function" || typeof value === "symbol")) return false
    this.#value(value, limitBytes)
    return true
  }

  /** What one member may take of the bytes its container has left; the last has nobody to share with. */
  #share(leftBytes: number, isLast: boolean): number {
    return this.#mode === "whole" || isLast ? leftBytes : Math.max(leastValueBytes, Math.floor((leftBytes * 7) / 8))
  }

  #string(text: string, limitBytes: number): void {
    const bounded = boundText(text, limitBytes)
    if (bounded.lostUnits !== undefined) this.#leftOut(bounded.lostUnits)
    this.#append(bounded.json, bounded.sizeBytes)
  }

  #leftOut(leastBytes: number): void {
    this.#cut = true
    this.#lostBytes += leastBytes
  }

  #raw(text: string): void {
    this.#append(text, text.includes("…") ? Buffer.byteLength(text) : text.length)
  }

  #append(text: string, sizeBytes: number): void {
    this.#text += text
    this.#sizeBytes += sizeBytes
  }
}

/** Keys that look like the mark for members left out get one more sign. */
function nameOf(key: string): string {
  return key.startsWith(moreKey) && /^…+$/.test(key) ? key + moreKey : key
}

const largestBigInt = 2n ** 256n

/** Decimal digits, as a text: the digits of a truly large number take time that grows with their square. */
function digitsOf(value: bigint): string {
  return value < largestBigInt && value > -largestBigInt ? value.toString() : "a number of more than 256 bits"
}
