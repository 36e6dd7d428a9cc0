/**
 * The client of Sigstore's log as one more verifier of our trees and notes: code of other people, written for another log (RFC 6962 trees, C2SP notes).
 * It reads inclusion proofs and checkpoints, and knows nothing of consistency or of our headers.
 */
import assert from "node:assert/strict"
import { createPublicKey } from "node:crypto"
import fc from "fast-check"
import { verifyCheckpoint, type LogCheckpoint } from "@sigstore/verify/dist/tlog/checkpoint.js"
import { verifyMerkleInclusion } from "@sigstore/verify/dist/tlog/merkle.js"
import { parseVerifierKey } from "../../src/format/checkpoint.ts"
import { leafHash } from "../../src/format/header.ts"
import { inclusionProof, rootFromInclusion } from "../../src/format/merkle.ts"
import { parseProof } from "../../src/format/proof.ts"
import { noteChecker } from "../../src/verify/signature.ts"
import { treeOf } from "../format/large-tree.ts"

type Entry = Parameters<typeof verifyMerkleInclusion>[0]
type Log = Parameters<typeof verifyCheckpoint>[1][number]

const spkiPrefix = Buffer.from("302a300506032b6570032100", "hex")

/** What Sigstore's client makes of the leaf that has these bytes. */
export function sigstoreIncludes(body: Buffer, index: number, size: number, root: Buffer, path: readonly Buffer[]): boolean {
  return isAccepted(() => verifyMerkleInclusion(entryOf(body, index, path, ""), { logSize: BigInt(size), logHash: root } as LogCheckpoint))
}

export function sigstoreTrusts(note: string, verifierKey: string): boolean {
  const { name, keyHash, publicKey } = parseVerifierKey(verifierKey)
  const key = createPublicKey({ key: Buffer.concat([spkiPrefix, publicKey]), format: "der", type: "spki" })
  const always = { start: new Date(0), end: new Date(8.64e15) }
  const log: Log = { logID: keyHash, baseURL: name, publicKey: key, validFor: always }
  return isAccepted(() => verifyCheckpoint(entryOf(Buffer.alloc(0), 0, [], note), [log]))
}

function entryOf(body: Buffer, index: number, path: readonly Buffer[], note: string): Entry {
  const inclusion = { logIndex: String(index), hashes: [...path], checkpoint: { envelope: note }, rootHash: Buffer.alloc(0), treeSize: "0" }
  return { canonicalizedBody: body, inclusionProof: inclusion } as unknown as Entry
}

/** It throws where it refuses, and where it meets what it did not expect. */
function isAccepted(check: () => void): boolean {
  try {
    check()
    return true
  } catch {
    return false
  }
}

const anyTree = fc
  .oneof({ arbitrary: fc.integer({ min: 1, max: 40 }), weight: 3 }, { arbitrary: fc.integer({ min: 1, max: 600 }), weight: 1 })
  .chain((size) => fc.record({ size: fc.constant(size), index: fc.nat({ max: size - 1 }), seed: fc.nat(), bend: fc.nat() }))

/** Random trees: the true path is accepted by both, and whatever is changed about it by neither. Answers how many changes there were. */
export function sigstoreAgreesOnTrees(count: number, seed: number): number {
  let bent = 0
  for (const { size, index, seed: leafSeed, bend } of fc.sample(anyTree, { numRuns: count, seed })) {
    const bodies = Array.from({ length: size }, (_, i) => Buffer.from(`${leafSeed} ${i}`))
    const leaves = bodies.map((body) => leafHash(body))
    const path = inclusionProof(treeOf(leaves), index, size)
    const [body = Buffer.alloc(0), leaf = Buffer.alloc(0)] = [bodies[index], leaves[index]]
    const root = rootFromInclusion(leaf, index, size, path) ?? assert.fail()
    const judge = (what: string, expected: boolean, at: number, of: number, end: Buffer, way: readonly Buffer[], entry: Buffer = body) => {
      const ours = rootFromInclusion(leafHash(entry), at, of, way)?.equals(end) ?? false
      const answers = { ours, sigstore: sigstoreIncludes(entry, at, of, end, way) }
      assert.deepEqual(answers, { ours: expected, sigstore: expected }, `seed ${seed}: ${what}; size ${size}, index ${index}, leaves ${leafSeed}, bend ${bend}`)
      if (!expected) bent++
    }
    judge("as it is", true, index, size, root, path)
    judge("another root", false, index, size, flipped(root, bend), path)
    judge("another leaf", false, index, size, root, path, flipped(body, bend))
    judge("a hash too many", false, index, size, root, [...path, root])
    if (path.length > 0) {
      const at = bend % path.length
      judge("a hash changed", false, index, size, root, path.with(at, flipped(path[at] ?? root, bend)))
      judge("a hash left out", false, index, size, root, path.toSpliced(at, 1))
    }
  }
  return bent
}

/**
 * Good inclusion proofs and notes, and bent ones: what we accept, Sigstore's client accepts. It takes more spellings of a note than C2SP has, and reads no
 * proof file, so the other way round is asked of what it reads: an entry, its place, its path, a note.
 */
export function sigstoreAgreesOnProofs(texts: readonly string[], key: string): number {
  let accepted = 0
  for (const text of texts) {
    const parsed = parseProof(text)
    if (!("proof" in parsed) || parsed.proof.proves !== "inclusion") continue
    const { header, path, checkpoint: note } = parsed.proof
    const ours = noteChecker(parseVerifierKey(key))(note)
    assert.ok(!ours.ok || sigstoreTrusts(note, key), `only we trust ${JSON.stringify(note)}`)
    if (!ours.ok || header.length < 12) continue
    const index = Number(header.readBigUInt64BE(4))
    const { size, root } = ours.checkpoint
    const includes = Number.isSafeInteger(index) && (rootFromInclusion(leafHash(header), index, size, path)?.equals(root) ?? false)
    assert.equal(sigstoreIncludes(header, Number.isSafeInteger(index) ? index : -1, size, root, path), includes, text)
    if (includes) accepted++
  }
  return accepted
}

/** Every bit of the text and of the signature of a note, turned over: neither accepts it. Answers how many there were. */
export function sigstoreAgreesOnBits(note: string, key: string): number {
  const check = noteChecker(parseVerifierKey(key))
  const [text = "", line = ""] = note.split("\n\n")
  const [dash = "", name = "", encoded = ""] = line.trimEnd().split(" ")
  const signature = Buffer.from(encoded, "base64")
  const bent = [
    ...Array.from({ length: 8 * Buffer.byteLength(text) }, (_, bit) => `${flipped(Buffer.from(text), bit).toString("latin1")}\n\n${line}`),
    ...Array.from({ length: 8 * signature.length }, (_, bit) => `${text}\n\n${dash} ${name} ${flipped(signature, bit).toString("base64")}\n`),
  ]
  assert.deepEqual([check(note).ok, sigstoreTrusts(note, key)], [true, true])
  for (const one of bent) assert.deepEqual([check(one).ok, sigstoreTrusts(one, key)], [false, false], JSON.stringify(one))
  return bent.length
}

function flipped(bytes: Buffer, bit: number): Buffer {
  const changed = Buffer.from(bytes)
  const at = (bit >> 3) % changed.length
  changed.writeUInt8(changed.readUInt8(at) ^ (1 << (bit & 7)), at)
  return changed
}
