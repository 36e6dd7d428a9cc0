/** The tree: published vectors of certificate transparency, and a slow reference at every size. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import fc from "fast-check"
import { emptyRoot, Frontier, inclusionProof, largestPowerBelow, peaksOf, rangeRoot, rootFromInclusion } from "../../src/format/merkle.ts"
import { naivePath, naiveRoot, publishedLeaves as published, subtreesOf, syntheticLeaves } from "./naive-tree.ts"

/** Roots of the first n leaves and audit paths, as certificate-transparency's own tests have them. */
const roots = [
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
const paths: readonly { readonly index: number; readonly size: number; readonly path: readonly string[] }[] = [
  { index: 0, size: 1, path: [] },
  {
    index: 0,
    size: 8,
    path: [
      "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
  },
  {
    index: 5,
    size: 8,
    path: [
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
  },
  { index: 2, size: 3, path: ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"] },
  {
    index: 1,
    size: 5,
    path: [
      "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
  },
]

const most = 600
const leaves = syntheticLeaves(most)
const hex = (hashes: readonly Buffer[]) => hashes.map((hash) => hash.toString("hex"))

function frontierOf(list: readonly Buffer[]): Frontier {
  const frontier = new Frontier()
  for (const leaf of list) frontier.push(leaf)
  return frontier
}

describe("published vectors (RFC 6962)", () => {
  test("the empty tree", () => {
    assert.equal(emptyRoot.toString("hex"), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    assert.ok(new Frontier().root().equals(emptyRoot))
    assert.ok(rangeRoot(subtreesOf([]), 0, 0).equals(emptyRoot))
  })

  roots.forEach((root, i) =>
    test(`the root over ${i + 1} leaves`, () => {
      const list = published.slice(0, i + 1)
      assert.equal(frontierOf(list).root().toString("hex"), root)
      assert.equal(rangeRoot(subtreesOf(list), 0, list.length).toString("hex"), root)
    }),
  )

  for (const { index, size, path } of paths) {
    test(`the audit path of leaf ${index} of ${size}`, () => {
      assert.deepEqual(hex(inclusionProof(subtreesOf(published.slice(0, size)), index, size)), path)
      const leaf = published[index] ?? Buffer.alloc(0)
      const proof = path.map((hash) => Buffer.from(hash, "hex"))
      assert.equal(rootFromInclusion(leaf, index, size, proof)?.toString("hex"), roots[size - 1])
    })
  }
})

describe("tree and reference", () => {
  test(`the growing edge has the right root at every size from 0 to ${most}`, () => {
    const frontier = new Frontier()
    for (let size = 0; size <= most; size++) {
      assert.ok(frontier.root().equals(naiveRoot(leaves.slice(0, size))), `size ${size}`)
      assert.equal(frontier.size, size)
      const next = leaves[size]
      if (next) frontier.push(next)
    }
  })

  test("a leaf is read at its offset, and the caller's buffer may change afterwards", () => {
    const buffer = Buffer.alloc(96)
    const frontier = new Frontier()
    for (const leaf of leaves.slice(0, 5)) {
      leaf.copy(buffer, 64)
      frontier.push(buffer, 64)
      buffer.fill(0xff)
    }
    assert.ok(frontier.root().equals(naiveRoot(leaves.slice(0, 5))))
  })

  test("a root that was handed out does not change when the tree grows", () => {
    const frontier = frontierOf(leaves.slice(0, 1))
    const root = frontier.root()
    for (const leaf of leaves.slice(1, 4)) frontier.push(leaf)
    assert.ok(root.equals(naiveRoot(leaves.slice(0, 1))))
  })

  test("every proof of every tree up to 33 leaves is the reference's and leads to the root", () => {
    for (let size = 1; size <= 33; size++) {
      const list = leaves.slice(0, size)
      const root = naiveRoot(list)
      list.forEach((leaf, index) => {
        const proof = inclusionProof(subtreesOf(list), index, size)
        assert.deepEqual(hex(proof), hex(naivePath(index, list)))
        assert.ok(rootFromInclusion(leaf, index, size, proof)?.equals(root), `${index} of ${size}`)
      })
    }
  })

  test("proofs and range roots of larger trees", () => {
    const any = fc.integer({ min: 1, max: most }).chain((size) => fc.tuple(fc.constant(size), fc.integer({ min: 0, max: size - 1 })))
    fc.assert(
      fc.property(any, ([size, index]) => {
        const list = leaves.slice(0, size)
        const proof = inclusionProof(subtreesOf(list), index, size)
        assert.deepEqual(hex(proof), hex(naivePath(index, list)))
        assert.ok(rootFromInclusion(list[index] ?? Buffer.alloc(0), index, size, proof)?.equals(naiveRoot(list)))
        assert.ok(rangeRoot(subtreesOf(list), 0, size).equals(naiveRoot(list)))
      }),
    )
  })

  test("the largest power of two below", () => {
    assert.deepEqual([2, 3, 4, 5, 8, 9, 65_536, 65_537].map(largestPowerBelow), [1, 2, 2, 4, 4, 8, 32_768, 65_536])
  })
})

describe("a tree that goes on", () => {
  test("from its complete subtrees, at any size, is the one that grew from its first leaf", () => {
    const leaves = syntheticLeaves(70)
    const source = subtreesOf(leaves)
    for (let size = 0; size <= 70; size++) {
      const frontier = Frontier.over(size, peaksOf(source, size))
      for (const leaf of leaves.slice(size)) frontier?.push(leaf)
      assert.deepEqual([frontier?.size, frontier?.root()], [70, naiveRoot(leaves)], `from ${size} on`)
    }
  })

  test("is none from other subtrees than a tree of its size has", () => {
    const peaks = peaksOf(subtreesOf(syntheticLeaves(7)), 7)
    assert.equal(Frontier.over(7, peaks.slice(1)), undefined)
    assert.equal(Frontier.over(8, peaks), undefined)
    assert.equal(Frontier.over(7, peaks.with(1, Buffer.alloc(31))), undefined)
    assert.notDeepEqual(Frontier.over(7, peaks.toReversed())?.root(), Frontier.over(7, peaks)?.root())
  })
})

describe("proofs that prove nothing", () => {
  const size = 13
  const index = 6
  const list = leaves.slice(0, size)
  const leaf = list[index] ?? Buffer.alloc(0)
  const proof = inclusionProof(subtreesOf(list), index, size)
  const root = naiveRoot(list)
  const leadsToRoot = (...args: Parameters<typeof rootFromInclusion>) => rootFromInclusion(...args)?.equals(root) ?? false

  test("the right one does", () => assert.ok(leadsToRoot(leaf, index, size, proof)))

  test("no bit of it may be another", () => {
    proof.forEach((hash, at) => {
      for (const bit of [0, 100, 255]) {
        const bent = Buffer.from(hash)
        bent.writeUInt8(bent.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
        assert.ok(!leadsToRoot(leaf, index, size, proof.with(at, bent)), `hash ${at}, bit ${bit}`)
      }
    })
  })

  test("no hash may be missing, added, doubled or in another order", () => {
    for (const path of [proof.slice(1), proof.slice(0, -1), [...proof, root], [root, ...proof], [...proof].reverse(), []])
      assert.ok(!leadsToRoot(leaf, index, size, path))
    assert.equal(rootFromInclusion(leaf, index, size, proof.slice(0, -1)), undefined)
    assert.equal(rootFromInclusion(leaf, index, size, [...proof, root]), undefined)
  })

  test("a hash of another length is refused", () => {
    assert.equal(rootFromInclusion(leaf, index, size, proof.with(1, Buffer.alloc(31))), undefined)
    assert.equal(rootFromInclusion(leaf, index, size, proof.with(1, Buffer.alloc(33))), undefined)
  })

  test("it proves its own place only", () => {
    for (let other = 0; other < size; other++) assert.equal(leadsToRoot(leaf, other, size, proof), other === index)
  })

  test("places and sizes that cannot be are refused", () => {
    for (const [at, of] of [
      [-1, 13],
      [13, 13],
      [0, 0],
      [1.5, 13],
      [6, Number.NaN],
      [6, 2 ** 53],
      [Number.NaN, 13],
    ] as const) {
      assert.equal(rootFromInclusion(leaf, at, of, proof), undefined, `${at} of ${of}`)
    }
  })
})
