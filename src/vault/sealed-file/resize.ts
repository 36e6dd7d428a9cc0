/** A sealed file becomes larger or smaller: which of its blocks go, which change their length, and how high its tree is. */
import type { Blocks } from "./blocks.ts"
import { entryBytes, hole, readEntry, writeEntry } from "./layout.ts"

/** What is new reads as zeros, and takes no room. */
export function grow(blocks: Blocks, sizeBytes: number): void {
  const { geometry } = blocks
  const before = blocks.depth
  changeEdge(blocks, blocks.root.sizeBytes, sizeBytes)
  blocks.root = { ...blocks.root, sizeBytes }
  for (let level = before + 1; level <= blocks.depth; level++) {
    const bytes = Buffer.alloc(geometry.fanout * entryBytes)
    writeEntry(bytes, 0, blocks.root.top)
    blocks.add({ level, index: 0, bytes, isChanged: true })
    blocks.root = { ...blocks.root, top: hole }
  }
}

/** What is beyond is gone: also from a last chunk that stays, so that it does not come back when the file grows again. */
export function shrink(blocks: Blocks, sizeBytes: number): void {
  const { geometry } = blocks
  const before = blocks.depth
  const after = geometry.depth(sizeBytes)
  if (sizeBytes === 0) drop(blocks, before, 0)
  for (let level = sizeBytes === 0 ? 0 : before; level >= 1; level--) {
    const edge = geometry.countOn(level, sizeBytes) - 1
    dropEntries(blocks, level, edge, geometry.countOn(level - 1, sizeBytes) - edge * geometry.fanout)
  }
  changeEdge(blocks, sizeBytes, blocks.root.sizeBytes)
  const last = geometry.chunkCount(sizeBytes) - 1
  if (last >= 0 && blocks.isThere(0, last)) blocks.block(0, last).bytes.fill(0, geometry.lengthOf(0, last, sizeBytes))
  const top = sizeBytes === 0 ? hole : lowered(blocks, before, after)
  blocks.root = { ...blocks.root, sizeBytes, top }
  for (const { level, index } of blocks.held()) if (level > after || index >= geometry.countOn(level, sizeBytes)) blocks.forget(level, index)
}

/** The top of a lower tree: those above it lead to one block each, and go. */
function lowered(blocks: Blocks, before: number, after: number) {
  let { top } = blocks.root
  for (let level = before; level > after; level--) {
    const { slot, nonce } = readEntry(blocks.block(level, 0).bytes, 0)
    if (top.slot !== 0) blocks.slots?.release(top.slot)
    top = { slot, nonce: Buffer.from(nonce) }
  }
  return top
}

/** Blocks that are the last of their level in a smaller file are longer in a larger one, and their length is sealed with them. */
function changeEdge(blocks: Blocks, smallerBytes: number, largerBytes: number): void {
  const { geometry } = blocks
  if (smallerBytes === 0) return
  for (let level = 0; level <= geometry.depth(smallerBytes); level++) {
    const index = geometry.countOn(level, smallerBytes) - 1
    const isLonger = geometry.lengthOf(level, index, smallerBytes) !== geometry.lengthOf(level, index, largerBytes)
    if (isLonger && blocks.isThere(level, index)) blocks.block(level, index).isChanged = true
  }
}

/** Takes what a node leads to from one of its entries on out of the file. */
function dropEntries(blocks: Blocks, level: number, index: number, from: number): void {
  if (!blocks.isThere(level, index)) return
  const { fanout } = blocks.geometry
  const node = blocks.block(level, index)
  for (let i = from; i < fanout; i++) {
    const { slot } = readEntry(node.bytes, i * entryBytes)
    if (slot === 0 && !blocks.isHeld(level - 1, index * fanout + i)) continue
    drop(blocks, level - 1, index * fanout + i)
    writeEntry(node.bytes, i * entryBytes, hole)
    node.isChanged = true
  }
}

function drop(blocks: Blocks, level: number, index: number): void {
  if (level > 0) dropEntries(blocks, level, index, 0)
  const { slot } = blocks.entry(level, index)
  if (slot !== 0) blocks.slots?.release(slot)
  blocks.forget(level, index)
}
