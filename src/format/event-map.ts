/**
 * The map of event ids: a sparse Merkle tree from id hashes to leaf hashes of the journal (docs/spec/map.md, "Tree").
 *
 *   no key                      32 zero bytes
 *   one key, at depth >= 18     SHA-256(0x20 | key | value)
 *   anything else               SHA-256(0x21 | left half | right half)
 */
import { hashBytes, sha256Into } from "./sha256.ts"

/** Keys part at least at so many bits, so that a store can keep them in parts of the tree that never change their place. */
export const fixedDepth = 18
export const mostDepth = 8 * hashBytes
/** A key and its value, side by side. */
export const pairBytes = 2 * hashBytes

/** The hash of a subtree without keys. */
export const emptyMap: Buffer = Buffer.alloc(hashBytes)

const leafInput = Buffer.alloc(1 + pairBytes, 0x20)
const nodeInput = Buffer.alloc(1 + pairBytes, 0x21)

/** The hash of a key and its value, which stand side by side at `from` of `pairs`. */
export function mapLeafInto(target: Buffer, offset: number, pairs: Buffer, from = 0): void {
  pairs.copy(leafInput, 1, from, from + pairBytes)
  sha256Into(target, offset, leafInput)
}

export function mapLeaf(key: Buffer, value: Buffer): Buffer {
  const hash = Buffer.allocUnsafe(hashBytes)
  mapLeafInto(hash, 0, Buffer.concat([key, value]))
  return hash
}

/** The hash of two halves, which stand side by side at `from` of `pair`: two that are empty are empty together. */
export function mapNodeInto(target: Buffer, offset: number, pair: Buffer, from = 0): void {
  if (isEmptyAt(pair, from) && isEmptyAt(pair, from + hashBytes)) {
    target.fill(0, offset, offset + hashBytes)
    return
  }
  pair.copy(nodeInput, 1, from, from + pairBytes)
  sha256Into(target, offset, nodeInput)
}

export function mapNode(left: Buffer, right: Buffer): Buffer {
  const hash = Buffer.allocUnsafe(hashBytes)
  mapNodeInto(hash, 0, Buffer.concat([left, right]))
  return hash
}

function isEmptyAt(bytes: Buffer, from: number): boolean {
  for (let at = from; at < from + hashBytes; at++) if (bytes[at] !== 0) return false
  return true
}

/** Bit `at` of a key, the most significant of its first byte first. */
export function bitOf(key: Uint8Array, at: number): 0 | 1 {
  return (((key[at >> 3] ?? 0) >> (7 - (at & 7))) & 1) as 0 | 1
}

/** How many bits two keys begin with alike. */
export function commonBits(one: Uint8Array, other: Uint8Array): number {
  for (let at = 0; at < hashBytes; at++) {
    const differs = (one[at] ?? 0) ^ (other[at] ?? 0)
    if (differs !== 0) return 8 * at + Math.clz32(differs) - 24
  }
  return mostDepth
}

/** A way through the tree from the root to the place of a key. */
export type MapPath = {
  /** Bits of the key that lead to the place. */
  readonly depth: number
  /** Siblings from the root down; undefined where one is empty. */
  readonly siblings: readonly (Buffer | undefined)[]
}

/** The root that a way leads to from the hash at its place. */
export function rootFromPath(key: Uint8Array, hash: Buffer, { depth, siblings }: MapPath): Buffer {
  const pair = Buffer.alloc(pairBytes)
  const found = Buffer.from(hash)
  for (let at = depth - 1; at >= 0; at--) {
    const side = bitOf(key, at) * hashBytes
    found.copy(pair, side)
    const sibling = siblings[at] ?? emptyMap
    sibling.copy(pair, hashBytes - side)
    mapNodeInto(found, 0, pair)
  }
  return found
}
