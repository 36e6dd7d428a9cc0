/** RFC 6962, section 2.1, word for word and slow: what the tree is compared with. Shares no code with it. */
import { createHash } from "node:crypto"

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

/** Cheap leaf hashes, all different. */
export function syntheticLeaves(count: number): Buffer[] {
  return Array.from({ length: count }, (_, i) => {
    const leaf = Buffer.alloc(32, 0xa5)
    leaf.writeUInt32BE(i, 0)
    return leaf
  })
}
