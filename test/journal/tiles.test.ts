/** The tree on disk: the same roots and proofs as the slow reference, at every size and after every re-opening. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { Fault } from "../../src/base/fault.ts"
import { Frontier, inclusionProof, rangeRoot, rootFromInclusion } from "../../src/format/merkle.ts"
import { sha256 } from "../../src/format/sha256.ts"
import { storedSubtrees, subtreeInTile, tileBytes, tileKey, TileWriter, tileWidth, type LeafSource } from "../../src/journal/tiles.ts"
import { openMemoryDatabase, type SqliteDatabase } from "../../src/vault/database.ts"
import { naivePath, naiveRoot, syntheticLeaves } from "../format/naive-tree.ts"

const most = 65_800
const leaves = syntheticLeaves(most)
const boundaries = [0, 1, 2, 254, 255, 256, 257, 258, 510, 511, 512, 513, 600]
const farBoundaries = [65_279, 65_280, 65_281, 65_534, 65_535, 65_536, 65_537, 65_538, 65_791, 65_792, 65_793]
const leafAt = (target: Buffer, offset: number, sequence: number) => void leaves[sequence]?.copy(target, offset)
const leafOf = (sequence: number) => leaves[sequence] ?? Buffer.alloc(0)

function tileDatabase(): SqliteDatabase {
  const database = openMemoryDatabase()
  database.exec("CREATE TABLE tiles(tile INTEGER PRIMARY KEY, hashes BLOB NOT NULL) STRICT")
  return database
}

function grow(tiles: TileWriter, to: number): void {
  while (tiles.size < to) {
    leafOf(tiles.size).copy(tiles.target, tiles.targetOffset)
    tiles.pushed()
  }
}

/** The last leaf hash as the next entry's header would get it. */
function lastOf(tiles: TileWriter): Buffer {
  const target = Buffer.alloc(32)
  tiles.copyLast(target, 0)
  return target
}

function frontierRoot(size: number): Buffer {
  const frontier = new Frontier()
  for (const leaf of leaves.slice(0, size)) frontier.push(leaf)
  return frontier.root()
}

const leavesInto: LeafSource = (target, from, to) => {
  for (let sequence = from; sequence < to; sequence++) leafAt(target, (sequence - from) * 32, sequence)
}

const rows = (database: SqliteDatabase) => database.prepare("SELECT tile, hashes FROM tiles ORDER BY tile").raw().all() as [number, Buffer][]

/** Rows one can print when they differ. */
const digests = (database: SqliteDatabase) => rows(database).map(([key, hashes]) => `${key} ${sha256(hashes).toString("hex").slice(0, 16)}`)

describe("tiles", () => {
  test("the writer's root is the reference's at every size from 0 to 600", () => {
    const tiles = new TileWriter(tileDatabase(), 0, leafAt)
    for (let size = 0; size <= 600; size++) {
      grow(tiles, size)
      assert.ok(tiles.root().equals(naiveRoot(leaves.slice(0, size))), `size ${size}`)
      if (size > 0) assert.ok(lastOf(tiles).equals(leafOf(size - 1)), `last leaf at ${size}`)
    }
  })

  test("roots and proofs from disk are the reference's at every size from 1 to 600", () => {
    const database = tileDatabase()
    const tiles = new TileWriter(database, 0, leafAt)
    for (let size = 1; size <= 600; size++) {
      grow(tiles, size)
      const subtrees = storedSubtrees(database, size, leavesInto)
      const root = rangeRoot(subtrees, 0, size)
      assert.ok(root.equals(tiles.root()), `root at ${size}`)
      for (const index of new Set([0, size >> 1, Math.max(0, size - 257), size - 1])) {
        const proof = inclusionProof(subtrees, index, size)
        assert.ok(rootFromInclusion(leafOf(index), index, size, proof)?.equals(root), `${index} of ${size}`)
      }
    }
    const proof = inclusionProof(storedSubtrees(database, 600, leavesInto), 333, 600)
    assert.deepEqual(proof, naivePath(333, leaves.slice(0, 600)))
  })

  test("proofs for an older size come out of a tree that has grown on", () => {
    const database = tileDatabase()
    grow(new TileWriter(database, 0, leafAt), 600)
    for (const size of boundaries.filter((size) => size > 0)) {
      const subtrees = storedSubtrees(database, size, leavesInto)
      assert.ok(rangeRoot(subtrees, 0, size).equals(naiveRoot(leaves.slice(0, size))), `size ${size}`)
    }
  })

  for (const stop of boundaries) {
    test(`opened again at ${stop}, it goes on as if it had never stopped`, () => {
      const database = tileDatabase()
      grow(new TileWriter(database, 0, leafAt), stop)
      const tiles = new TileWriter(database, stop, leafAt)
      assert.ok(tiles.root().equals(naiveRoot(leaves.slice(0, stop))))
      for (const size of [stop + 1, stop + 2, stop + 255, stop + 256, stop + 257]) {
        grow(tiles, size)
        assert.ok(tiles.root().equals(naiveRoot(leaves.slice(0, size))), `${stop} to ${size}`)
      }
      const whole = tileDatabase()
      grow(new TileWriter(whole, 0, leafAt), stop + 257)
      assert.deepEqual(digests(database), digests(whole))
    })
  }

  test("two full levels: sizes around 65,536, grown in one go and opened again at each of them", () => {
    const database = tileDatabase()
    const reopened = tileDatabase()
    const tiles = new TileWriter(database, 0, leafAt)
    let other = new TileWriter(reopened, 0, leafAt)
    for (const size of farBoundaries) {
      grow(tiles, size)
      grow(other, size)
      other = new TileWriter(reopened, size, leafAt)
      const root = frontierRoot(size)
      assert.ok(tiles.root().equals(root), `root at ${size}`)
      assert.ok(other.root().equals(root), `root at ${size}, opened again`)
      const subtrees = storedSubtrees(reopened, size, leavesInto)
      assert.ok(rangeRoot(subtrees, 0, size).equals(root), `root from disk at ${size}`)
      for (const index of [0, 255, 256, 32_767, 65_278, size - 1]) {
        assert.ok(rootFromInclusion(leafOf(index), index, size, inclusionProof(subtrees, index, size))?.equals(root), `${index} of ${size}`)
      }
    }
    assert.deepEqual(digests(reopened), digests(database))
    assert.ok(frontierRoot(65_537).equals(naiveRoot(leaves.slice(0, 65_537))))
    assert.deepEqual(
      rows(database).map(([key]) => key),
      [...Array.from({ length: 257 }, (_, i) => i), tileKey(1, 0), tileKey(1, 1), tileKey(2, 0)],
    )
  })

  test("every tile has its full size, the missing hashes zero", () => {
    const database = tileDatabase()
    grow(new TileWriter(database, 0, leafAt), 600)
    const [first, second, upper] = rows(database)
    assert.deepEqual(
      rows(database).map(([key, hashes]) => [key, hashes.length]),
      [
        [tileKey(0, 0), tileBytes],
        [tileKey(0, 1), tileBytes],
        [tileKey(1, 0), tileBytes],
      ],
    )
    assert.ok(first?.[1].equals(Buffer.concat(leaves.slice(0, tileWidth))))
    assert.ok(second?.[1].equals(Buffer.concat(leaves.slice(tileWidth, 2 * tileWidth))))
    const roots = [naiveRoot(leaves.slice(0, 256)), naiveRoot(leaves.slice(256, 512))]
    assert.ok(upper?.[1].equals(Buffer.concat([...roots, Buffer.alloc(254 * 32)])))
  })

  test("a subtree within a tile, of any height, leaves the tile as it was", () => {
    const tile = Buffer.concat(leaves.slice(0, tileWidth))
    for (let height = 0; height <= 8; height++) {
      const width = 2 ** height
      for (const first of new Set([0, tileWidth - width])) assert.ok(subtreeInTile(tile, first, height).equals(naiveRoot(leaves.slice(first, first + width))))
    }
    assert.ok(tile.equals(Buffer.concat(leaves.slice(0, tileWidth))))
  })

  test("a tile that is missing is a fault, when opening and when proving", () => {
    const damaged = (error: unknown) => error instanceof Fault && error.code === "store.damaged" && /tile \d\/\d is missing/.test(error.message)
    const database = tileDatabase()
    grow(new TileWriter(database, 0, leafAt), 300)
    database.exec(`DELETE FROM tiles WHERE tile = ${tileKey(1, 0)}`)
    assert.throws(() => new TileWriter(database, 300, leafAt), damaged)
    assert.throws(() => rangeRoot(storedSubtrees(database, 300, leavesInto), 0, 300), damaged)
    assert.throws(() => inclusionProof(storedSubtrees(database, 512, leavesInto), 0, 512), damaged)
  })
})
