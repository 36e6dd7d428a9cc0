/** RFC 6962, section 2.1, word for word and slow: what the tree is compared with. Shares no code with it. */
import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import type { SubtreeSource } from "../../src/format/merkle.ts"

const sha256 = (...parts: readonly Uint8Array[]): Buffer => createHash("sha256").update(Buffer.concat(parts)).digest()

export const naiveLeaf = (data: Uint8Array): Buffer => sha256(Buffer.of(0), data)

const split = (size: number): number => {
  let power = 1
  while (power << 1 < size) power <<= 1
  return power
}

/** MTH(D[n]) over leaf hashes. */
export function naiveRoot(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return sha256()
  const [only] = leaves
  if (leaves.length === 1 && only) return only
  const k = split(leaves.length)
  return sha256(Buffer.of(1), naiveRoot(leaves.slice(0, k)), naiveRoot(leaves.slice(k)))
}

/** PATH(m, D[n]). */
export function naivePath(index: number, leaves: readonly Buffer[]): Buffer[] {
  if (leaves.length <= 1) return []
  const k = split(leaves.length)
  if (index < k) return [...naivePath(index, leaves.slice(0, k)), naiveRoot(leaves.slice(k))]
  return [...naivePath(index - k, leaves.slice(k)), naiveRoot(leaves.slice(0, k))]
}

/** PROOF(m, D[n]) of RFC 6962, 2.1.2; none from a tree without leaves. */
export function naiveConsistency(size: number, leaves: readonly Buffer[]): Buffer[] {
  return size === 0 ? [] : subproof(size, leaves, true)
}

function subproof(size: number, leaves: readonly Buffer[], whole: boolean): Buffer[] {
  if (size === leaves.length) return whole ? [] : [naiveRoot(leaves)]
  const k = split(leaves.length)
  if (size <= k) return [...subproof(size, leaves.slice(0, k), whole), naiveRoot(leaves.slice(k))]
  return [...subproof(size - k, leaves.slice(k), false), naiveRoot(leaves.slice(0, k))]
}

/** Cheap leaf hashes, all different. */
export function syntheticLeaves(count: number): Buffer[] {
  return Array.from({ length: count }, (_, i) => {
    const leaf = Buffer.alloc(32, 0xa5)
    leaf.writeUInt32BE(i, 0)
    return leaf
  })
}

/** The leaves of certificate-transparency's own tests. */
export const publishedLeaves: readonly Buffer[] = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"].map(
  (data) => naiveLeaf(Buffer.from(data, "hex")),
)

/** Complete subtrees over a list of leaves; refuses to be asked for what is not complete. */
export function subtreesOf(list: readonly Buffer[]): SubtreeSource {
  return (level, index) => {
    const width = 2 ** level
    assert.ok((index + 1) * width <= list.length, "an incomplete subtree was asked for")
    return naiveRoot(list.slice(index * width, (index + 1) * width))
  }
}
