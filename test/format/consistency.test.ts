/** Consistency proofs: published vectors, a slow reference at every pair of sizes, and inputs that nobody vouched for. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import fc from "fast-check"
import { consistencyProof, isConsistent } from "../../src/format/consistency.ts"
import { emptyRoot, nodeHash, type SubtreeSource } from "../../src/format/merkle.ts"
import { naiveConsistency, naiveRoot, publishedLeaves as published, subtreesOf, syntheticLeaves } from "./naive-tree.ts"

const hex = (hashes: readonly Buffer[]) => hashes.map((hash) => hash.toString("hex"))

/** Consistency proofs of certificate-transparency's own tests. */
const vectors: readonly { readonly oldSize: number; readonly newSize: number; readonly path: readonly string[] }[] = [
  { oldSize: 1, newSize: 1, path: [] },
  {
    oldSize: 1,
    newSize: 8,
    path: [
      "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
  },
  {
    oldSize: 6,
    newSize: 8,
    path: [
      "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
  },
  {
    oldSize: 2,
    newSize: 5,
    path: ["5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e", "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"],
  },
]

describe("published vectors", () => {
  for (const { oldSize, newSize, path } of vectors) {
    test(`from ${oldSize} to ${newSize}`, () => {
      const [older, newer] = [published.slice(0, oldSize), published.slice(0, newSize)]
      assert.deepEqual(hex(consistencyProof(subtreesOf(newer), oldSize, newSize)), path)
      const proof = path.map((hash) => Buffer.from(hash, "hex"))
      assert.ok(isConsistent(oldSize, newSize, naiveRoot(older), naiveRoot(newer), proof))
    })
  }

  /** RFC 6962, 2.1.3: seven leaves a, b, c, d, e, f, j; g = ab, h = cd, i = ef, k = gh, l = ij. */
  test("the examples of RFC 6962", () => {
    const list = published.slice(0, 7)
    const [a, b, c, d, e, f, j] = list as [Buffer, Buffer, Buffer, Buffer, Buffer, Buffer, Buffer]
    const [g, h, i] = [nodeHash(a, b), nodeHash(c, d), nodeHash(e, f)]
    const [k, l] = [nodeHash(g, h), nodeHash(i, j)]
    const examples: readonly [size: number, path: readonly Buffer[]][] = [
      [3, [c, d, g, l]],
      [4, [l]],
      [6, [i, j, k]],
    ]
    for (const [size, path] of examples) {
      assert.deepEqual(hex(consistencyProof(subtreesOf(list), size, 7)), hex(path), `from ${size}`)
      assert.ok(isConsistent(size, 7, naiveRoot(list.slice(0, size)), naiveRoot(list), path), `from ${size}`)
    }
  })
})

describe("proofs and the reference", () => {
  const most = 40
  const leaves = syntheticLeaves(most)

  test(`every pair of sizes up to ${most} has the reference's proof, and it holds`, () => {
    for (let newSize = 0; newSize <= most; newSize++) {
      const list = leaves.slice(0, newSize)
      for (let oldSize = 0; oldSize <= newSize; oldSize++) {
        const proof = consistencyProof(subtreesOf(list), oldSize, newSize)
        assert.deepEqual(hex(proof), hex(naiveConsistency(oldSize, list)), `${oldSize} to ${newSize}`)
        assert.ok(isConsistent(oldSize, newSize, naiveRoot(leaves.slice(0, oldSize)), naiveRoot(list), proof), `${oldSize} to ${newSize}`)
      }
    }
  })

  test("a proof holds for its own sizes and roots only", () => {
    for (let newSize = 1; newSize <= 17; newSize++) {
      const newRoot = naiveRoot(leaves.slice(0, newSize))
      for (let oldSize = 1; oldSize < newSize; oldSize++) {
        const oldRoot = naiveRoot(leaves.slice(0, oldSize))
        const proof = naiveConsistency(oldSize, leaves.slice(0, newSize))
        const holds = (from: number, to: number, path: readonly Uint8Array[] = proof, older: Uint8Array = oldRoot, newer: Uint8Array = newRoot) =>
          isConsistent(from, to, older, newer, path)
        assert.ok(holds(oldSize, newSize))
        const where = `${oldSize} to ${newSize}`
        for (let other = 0; other <= newSize; other++) if (other !== oldSize) assert.ok(!holds(other, newSize), `${where} as from ${other}`)
        assert.ok(!holds(oldSize, newSize, proof, newRoot, oldRoot), where)
        assert.ok(!holds(oldSize, newSize, proof, naiveRoot(leaves.slice(1, oldSize + 1))), where)
        assert.ok(!holds(oldSize, newSize, proof, oldRoot, naiveRoot(leaves.slice(1, newSize + 1))), where)
        assert.ok(!holds(oldSize, newSize, proof.slice(1)), where)
        assert.ok(!holds(oldSize, newSize, proof.slice(0, -1)), where)
        assert.ok(!holds(oldSize, newSize, [...proof, newRoot]), where)
        assert.ok(!holds(oldSize, newSize, [oldRoot, ...proof]), where)
      }
    }
  })

  test("no bit of a proof may be another", () => {
    const list = leaves.slice(0, 23)
    const sizes = fc.record({ oldSize: fc.integer({ min: 1, max: 22 }), at: fc.nat(), bit: fc.integer({ min: 0, max: 255 }) })
    fc.assert(
      fc.property(sizes, ({ oldSize, at, bit }) => {
        const proof = naiveConsistency(oldSize, list)
        const bent = Buffer.from(proof[at % proof.length] ?? Buffer.alloc(0))
        bent.writeUInt8(bent.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
        assert.ok(!isConsistent(oldSize, 23, naiveRoot(leaves.slice(0, oldSize)), naiveRoot(list), proof.with(at % proof.length, bent)))
      }),
    )
  })
})

describe("the edges", () => {
  const root = naiveRoot(syntheticLeaves(5))

  test("equal sizes: the roots are equal and there is no path", () => {
    assert.ok(isConsistent(5, 5, root, Buffer.from(root), []))
    assert.ok(!isConsistent(5, 5, root, emptyRoot, []))
    assert.ok(!isConsistent(5, 5, root, root, [root]))
  })

  test("a tree without leaves is the beginning of every tree, with its own root and no path", () => {
    assert.ok(isConsistent(0, 5, emptyRoot, root, []))
    assert.ok(isConsistent(0, 0, emptyRoot, emptyRoot, []))
    assert.ok(!isConsistent(0, 5, root, root, []))
    assert.ok(!isConsistent(0, 0, emptyRoot, root, []))
    assert.ok(!isConsistent(0, 5, emptyRoot, root, [root]))
  })

  test("a smaller tree is never the continuation of a larger one", () => {
    assert.ok(!isConsistent(5, 4, root, root, []))
    assert.deepEqual(consistencyProof(subtreesOf(syntheticLeaves(4)), 5, 4), [])
  })

  test("the largest sizes end", () => {
    const asked: number[] = []
    const source: SubtreeSource = (level) => (asked.push(level), Buffer.alloc(32, level))
    const most = Number.MAX_SAFE_INTEGER
    const proof = consistencyProof(source, most - 1, most)
    assert.ok(proof.length <= 54 && asked.length < 2_000)
    assert.ok(!isConsistent(most - 1, most, root, root, proof))
    assert.ok(
      !isConsistent(
        1,
        most,
        root,
        root,
        Array.from({ length: 100_000 }, () => root),
      ),
    )
  })

  test("a path of other things than hashes is refused, and does not throw", () => {
    const leaves = syntheticLeaves(5)
    const [older, newer] = [naiveRoot(leaves.slice(0, 3)), naiveRoot(leaves)]
    const proof = naiveConsistency(3, leaves)
    assert.ok(isConsistent(3, 5, older, newer, proof))
    for (const wrong of [Buffer.alloc(0), Buffer.alloc(31), Buffer.alloc(33), "x".repeat(32), undefined, null]) {
      proof.forEach((_, at) => assert.ok(!isConsistent(3, 5, older, newer, proof.with(at, wrong as Buffer)), `${String(wrong)} at ${at}`))
    }
    for (const none of [undefined, null, 3, "path", {}, { length: 3 }]) assert.ok(!isConsistent(3, 5, older, newer, none as unknown as Buffer[]))
  })

  test("nothing anybody sends makes a check throw", () => {
    const number = fc.oneof(fc.integer({ min: -2, max: 70 }), fc.double(), fc.constantFrom(2 ** 53, 2 ** 53 - 1, Number.NaN, -0))
    const bytes = fc.oneof(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.uint8Array({ maxLength: 40 }))
    const anyPath = fc.oneof(fc.array(bytes, { maxLength: 70 }), fc.anything())
    fc.assert(
      fc.property(number, number, fc.oneof(bytes, fc.anything()), fc.oneof(bytes, fc.anything()), anyPath, (oldSize, newSize, older, newer, path) => {
        const answer = isConsistent(oldSize, newSize, older as Uint8Array, newer as Uint8Array, path as Uint8Array[])
        assert.equal(typeof answer, "boolean")
        assert.ok(Array.isArray(consistencyProof((level) => Buffer.alloc(32, level), oldSize, newSize)))
      }),
      { numRuns: 2_000 },
    )
  })
})
