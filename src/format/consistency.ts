/**
 * Consistency of two trees: that the larger one begins with all leaves of the smaller one, in their order (RFC 9162, 2.1.4; the same tree as RFC 6962).
 * Sizes, roots and paths may come from anybody: what cannot be consistent is answered `false`, and nothing throws.
 */
import { emptyRoot, largestPowerBelow, nodeHash, rangeRoot, type SubtreeSource } from "./merkle.ts"
import { hashBytes } from "./sha256.ts"

/**
 * The proof PROOF(oldSize, D[newSize]) of RFC 9162, 2.1.4.1, over the larger tree's subtrees.
 * Empty for equal sizes, for a smaller tree without leaves, and for sizes between which there is no proof.
 */
export function consistencyProof(source: SubtreeSource, oldSize: number, newSize: number): Buffer[] {
  if (!areSizes(oldSize, newSize) || oldSize === 0) return []
  const path: Buffer[] = []
  let from = 0
  let to = newSize
  while (oldSize !== to) {
    const split = from + largestPowerBelow(to - from)
    if (oldSize <= split) {
      path.push(rangeRoot(source, split, to))
      to = split
    } else {
      path.push(rangeRoot(source, from, split))
      from = split
    }
  }
  // Who checks the proof has the old root: where the old tree is a whole subtree, it needs no telling.
  if (from > 0) path.push(rangeRoot(source, from, to))
  return path.reverse()
}

/** Whether the tree of `newSize` leaves with `newRoot` continues the one of `oldSize` with `oldRoot` (RFC 9162, 2.1.4.2). */
export function isConsistent(oldSize: number, newSize: number, oldRoot: Uint8Array, newRoot: Uint8Array, path: readonly Uint8Array[]): boolean {
  if (!areSizes(oldSize, newSize) || !isHash(oldRoot) || !isHash(newRoot) || !Array.isArray(path)) return false
  if (oldSize === 0) return path.length === 0 && emptyRoot.equals(oldRoot) && (newSize > 0 || emptyRoot.equals(newRoot))
  if (oldSize === newSize) return path.length === 0 && Buffer.from(oldRoot).equals(newRoot)
  let [first, ...rest] = path as readonly Uint8Array[]
  if (isPowerOfTwo(oldSize)) [first, ...rest] = [oldRoot, ...path]
  if (!isHash(first)) return false
  let node = oldSize - 1
  let last = newSize - 1
  for (; node % 2 === 1; node = half(node)) last = half(last)
  let old: Buffer = Buffer.from(first)
  let grown: Buffer = Buffer.from(first)
  for (const sibling of rest) {
    if (last === 0 || !isHash(sibling)) return false
    if (node % 2 === 1 || node === last) {
      old = nodeHash(sibling, old)
      grown = nodeHash(sibling, grown)
      for (; node % 2 === 0 && node !== 0; node = half(node)) last = half(last)
    } else {
      grown = nodeHash(grown, sibling)
    }
    node = half(node)
    last = half(last)
  }
  return last === 0 && old.equals(oldRoot) && grown.equals(newRoot)
}

function areSizes(oldSize: number, newSize: number): boolean {
  return Number.isSafeInteger(oldSize) && Number.isSafeInteger(newSize) && oldSize >= 0 && oldSize <= newSize
}

function half(place: number): number {
  return Math.floor(place / 2)
}

function isPowerOfTwo(size: number): boolean {
  return size === 1 || largestPowerBelow(size) * 2 === size
}

function isHash(bytes: unknown): bytes is Uint8Array {
  return bytes instanceof Uint8Array && bytes.length === hashBytes
}
