/** A whole tree in memory, a buffer a level: for sizes at which the slow reference would take all day. */
import { siblingHashInto, type SubtreeSource } from "../../src/format/merkle.ts"

const hashBytes = 32

/** Complete subtrees over synthetic leaves; the leaf at one index is the given one. */
export function largeTree(size: number, index: number, leaf: Buffer): SubtreeSource {
  const leaves = Buffer.alloc(size * hashBytes, 0xa5)
  for (let i = 0; i < size; i++) leaves.writeUInt32BE(i, i * hashBytes)
  leaf.copy(leaves, index * hashBytes)
  return subtreesIn(leaves)
}

/** Complete subtrees over a list of leaves. */
export function treeOf(leaves: readonly Buffer[]): SubtreeSource {
  return subtreesIn(Buffer.concat(leaves))
}

function subtreesIn(leaves: Buffer): SubtreeSource {
  const levels = [leaves]
  for (let width = leaves.length / hashBytes / 2; width >= 1; width /= 2) {
    width = Math.floor(width)
    const below = levels.at(-1) ?? leaves
    const level = Buffer.alloc(width * hashBytes)
    for (let i = 0; i < width; i++) siblingHashInto(level, i * hashBytes, below, 2 * i * hashBytes)
    levels.push(level)
  }
  return (level, at) => {
    const hash = levels[level]?.subarray(at * hashBytes, (at + 1) * hashBytes)
    if (hash?.length !== hashBytes) throw new Error(`there is no complete subtree ${level}/${at}`)
    return hash
  }
}
