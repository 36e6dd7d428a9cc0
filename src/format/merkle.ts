/**
 * The Merkle tree of RFC 6962, section 2.1, over leaf hashes: roots, inclusion proofs and their check. Consistency proofs are in consistency.ts.
 *
 *   node hash = SHA-256(0x01 | left | right); a tree of n > 1 leaves splits at the largest power of two below n.
 *
 * Hashes of complete, aligned subtrees come from a `SubtreeSource`: tiles in the store, or rows of an export.
 */
import { hashBytes, sha256, sha256Into } from "./sha256.ts"

/** The hash of the complete subtree over leaves `index * 2^level` to `(index + 1) * 2^level - 1`. */
export type SubtreeSource = (level: number, index: number) => Buffer

const zeros = Buffer.alloc(hashBytes)
const nodeInput = Buffer.alloc(1 + 2 * hashBytes, 0x01)

export function nodeHashInto(target: Buffer, offset: number, left: Uint8Array, right: Uint8Array): void {
  nodeInput.set(left, 1)
  nodeInput.set(right, 1 + hashBytes)
  sha256Into(target, offset, nodeInput)
}

/** As `nodeHashInto`, for two sibling hashes that stand side by side at `from` of `pair`. */
export function siblingHashInto(target: Buffer, offset: number, pair: Buffer, from: number): void {
  pair.copy(nodeInput, 1, from, from + 2 * hashBytes)
  sha256Into(target, offset, nodeInput)
}

export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  const digest = Buffer.allocUnsafe(hashBytes)
  nodeHashInto(digest, 0, left, right)
  return digest
}

export const emptyRoot: Buffer = sha256("")

/** A tile of 256 leaves is a subtree of this level. */
const tileLevel = 8

/** A tree that only grows: it keeps the roots of its complete subtrees, at most one a level, and nothing else. */
export class Frontier {
  size = 0
  /** Root of the last 256 leaves, right after the size became a multiple of 256; valid until the next `push`. */
  readonly tileRoot: Buffer = Buffer.alloc(hashBytes)
  readonly #peaks: Buffer = Buffer.alloc(54 * hashBytes)
  readonly #carry: Buffer = Buffer.alloc(hashBytes)

  /** Goes on from the complete subtrees of a tree, the largest first; undefined when a tree of that size has others. */
  static over(size: number, peaks: readonly Uint8Array[]): Frontier | undefined {
    const levels = peakLevels(size)
    if (levels.length !== peaks.length || !peaks.every((peak) => peak.length === hashBytes)) return undefined
    const frontier = new Frontier()
    levels.forEach((level, at) => frontier.#peaks.set(peaks[at] ?? zeros, level * hashBytes))
    frontier.size = size
    return frontier
  }

  /** Adds the leaf hash that stands at `offset` of `source`. */
  push(source: Buffer, offset = 0): void {
    source.copy(this.#carry, 0, offset, offset + hashBytes)
    let level = 0
    // A carry of the binary counter: two complete subtrees of one level make one of the next.
    for (let size = this.size; size % 2 === 1; size = (size - 1) / 2) {
      this.#peaks.copy(nodeInput, 1, level * hashBytes, (level + 1) * hashBytes)
      this.#carry.copy(nodeInput, 1 + hashBytes)
      sha256Into(this.#carry, 0, nodeInput)
      level++
      if (level === tileLevel) this.#carry.copy(this.tileRoot)
    }
    this.#carry.copy(this.#peaks, level * hashBytes)
    this.size++
  }

  root(): Buffer {
    let root: Buffer | undefined
    for (let level = 0, size = this.size; size > 0; level++, size = Math.floor(size / 2)) {
      if (size % 2 === 0) continue
      const peak = this.#peaks.subarray(level * hashBytes, (level + 1) * hashBytes)
      root = root === undefined ? Buffer.from(peak) : nodeHash(peak, root)
    }
    return root ?? emptyRoot
  }
}

/** The roots of the complete subtrees of a tree of `size` leaves, the largest first: at most 53. */
export function peaksOf(source: SubtreeSource, size: number): Buffer[] {
  let from = 0
  return peakLevels(size).map((level) => {
    const peak = source(level, from / 2 ** level)
    from += 2 ** level
    return peak
  })
}

/** One for each bit of the size, the highest first. */
function peakLevels(size: number): readonly number[] {
  const levels: number[] = []
  for (let level = 0, rest = size; rest > 0; level++, rest = Math.floor(rest / 2)) if (rest % 2 === 1) levels.unshift(level)
  return levels
}

/** The root over leaves `from` (inclusive) to `to` (exclusive). */
export function rangeRoot(source: SubtreeSource, from: number, to: number): Buffer {
  const width = to - from
  if (width === 0) return emptyRoot
  const level = exactLog2(width)
  if (level !== undefined && from % width === 0) return source(level, from / width)
  const split = from + largestPowerBelow(width)
  return nodeHash(rangeRoot(source, from, split), rangeRoot(source, split, to))
}

/** Leaves `from` (inclusive) to `to` (exclusive) of a tree of `size` leaves. */
export type LeafRange = { readonly from: number; readonly to: number; readonly size: number }

/** The root of a tree whose leaves in a range are `leafAt`'s, and whose subtrees outside of it are the source's. */
export function rootAround(source: SubtreeSource, { from, to, size }: LeafRange, leafAt: (index: number) => Buffer): Buffer {
  const rootOf = (first: number, end: number): Buffer => {
    if (end <= from || first >= to) return rangeRoot(source, first, end)
    if (end - first === 1) return leafAt(first)
    const split = first + largestPowerBelow(end - first)
    return nodeHash(rootOf(first, split), rootOf(split, end))
  }
  return size === 0 ? emptyRoot : rootOf(0, size)
}

/** The audit path of RFC 6962, 2.1.1, nearest sibling first. */
export function inclusionProof(source: SubtreeSource, index: number, size: number): Buffer[] {
  const path: Buffer[] = []
  let from = 0
  let to = size
  while (to - from > 1) {
    const split = from + largestPowerBelow(to - from)
    if (index < split) {
      path.push(rangeRoot(source, split, to))
      to = split
    } else {
      path.push(rangeRoot(source, from, split))
      from = split
    }
  }
  return path.reverse()
}

/** The root that an inclusion proof leads to, or undefined when its length cannot be right (RFC 9162, 2.1.3.2). */
export function rootFromInclusion(leaf: Uint8Array, index: number, size: number, path: readonly Uint8Array[]): Buffer | undefined {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return undefined
  let node = index
  let last = size - 1
  let hash: Buffer = Buffer.from(leaf)
  for (const sibling of path) {
    if (last === 0 || sibling.length !== hashBytes) return undefined
    if (node % 2 === 1 || node === last) {
      hash = nodeHash(sibling, hash)
      while (node % 2 === 0 && node !== 0) {
        node = Math.floor(node / 2)
        last = Math.floor(last / 2)
      }
    } else {
      hash = nodeHash(hash, sibling)
    }
    node = Math.floor(node / 2)
    last = Math.floor(last / 2)
  }
  return last === 0 ? hash : undefined
}

function exactLog2(width: number): number | undefined {
  const level = Math.round(Math.log2(width))
  return 2 ** level === width ? level : undefined
}

/** The largest power of two smaller than `width` (width >= 2). */
export function largestPowerBelow(width: number): number {
  let power = 1
  while (power * 2 < width) power *= 2
  return power
}
