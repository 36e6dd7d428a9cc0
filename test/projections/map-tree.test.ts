/** The stored map of event ids: what it is of any keys, in whatever order and batches they came, and what it is again when some are taken out. */
import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, test } from "node:test"
import fc from "fast-check"
import { emptyMap, mapLeaf, rootFromPath } from "../../src/format/event-map.ts"
import { sha256 } from "../../src/format/sha256.ts"
import { isPairOf, MapTree, mapSchema } from "../../src/projections/map-tree.ts"
import { openMemoryDatabase } from "../../src/vault/database.ts"
import { naiveRoot } from "./naive-map.ts"

type Vector = {
  readonly present: readonly string[]
  readonly keys: readonly string[]
  readonly root: string
  readonly ways: readonly { readonly depth: number; readonly siblings: string; readonly place: readonly string[] | null }[]
}

const vectors = JSON.parse(readFileSync(join(import.meta.dirname, "../vectors/event-map/maps.json"), "utf8")) as readonly Vector[]

function emptyTree(): { readonly tree: MapTree; readonly again: () => MapTree } {
  const database = openMemoryDatabase()
  database.exec(mapSchema)
  return { tree: new MapTree(database), again: () => new MapTree(database) }
}

const pairOf = (key: string, value = sha256(Buffer.from(key, "hex")).toString("hex")) => Buffer.from(key + value, "hex")

/** Keys that share anything from no bit to all but the last. */
const key = fc.oneof(
  fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString("hex")),
  fc.tuple(fc.constantFrom("0000", "0001", "00ff", "ffff"), fc.nat({ max: 300 })).map(([head, n]) => head + sha256(String(n)).toString("hex").slice(4)),
  fc.nat({ max: 40 }).map((n) => n.toString(16).padStart(64, "0")),
)
const value = fc.nat({ max: 99 }).map((n) => sha256(`value ${n}`).toString("hex"))
const batches = fc.array(fc.array(fc.tuple(key, value), { maxLength: 30 }), { maxLength: 8 })

describe("the stored map", () => {
  test("has the roots and ways that another implementation wrote down", () => {
    for (const { present, keys, root, ways } of vectors) {
      const { tree } = emptyTree()
      tree.add(Buffer.concat(present.map((one) => pairOf(one))))
      assert.equal(tree.root().toString("hex"), root)
      assert.equal(naiveRoot(new Map(present.map((one) => [one, sha256(Buffer.from(one, "hex"))]))), root)
      assert.equal(tree.keys, present.length)
      const found = keys.map((one) => {
        const { depth, siblings, pair } = tree.place(Buffer.from(one, "hex"))
        const all = sha256(Buffer.concat(siblings.map((sibling) => sibling ?? emptyMap))).toString("hex")
        return { depth, siblings: all, place: pair ? [pair.toString("hex", 0, 32), pair.toString("hex", 32)] : null }
      })
      assert.deepEqual(found, ways)
    }
  })

  test("is the same in any batches, stored between them or not, and keeps the first value of each key", () => {
    fc.assert(
      fc.property(batches, fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }), (all, stored) => {
        const made = emptyTree()
        let { tree } = made
        const model = new Map<string, string>()
        for (const [at, batch] of all.entries()) {
          tree.add(Buffer.concat(batch.map(([one, what]) => pairOf(one, what))))
          for (const [one, what] of batch) if (!model.has(one)) model.set(one, what)
          assert.equal(tree.root().toString("hex"), naiveRoot(model))
          if (!stored[at]) continue
          tree.store()
          tree = made.again()
        }
        assert.equal(tree.keys, model.size)
      }),
      { numRuns: 60 },
    )
  })

  test("leads from the place of every key to its root, whether the key is there or not", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(key, value), { maxLength: 60 }), fc.array(key, { maxLength: 10 }), (pairs, asked) => {
        const { tree } = emptyTree()
        tree.add(Buffer.concat(pairs.map(([one, what]) => pairOf(one, what))))
        const present = new Set(pairs.map(([one]) => one))
        for (const one of [...asked, ...present]) {
          const bytes = Buffer.from(one, "hex")
          const place = tree.place(bytes)
          assert.equal(place.pair !== undefined && isPairOf(bytes, place.pair), present.has(one))
          const hash = place.pair ? mapLeaf(place.pair.subarray(0, 32), place.pair.subarray(32)) : emptyMap
          assert.deepEqual(rootFromPath(bytes, hash, place), tree.root())
        }
      }),
      { numRuns: 60 },
    )
  })

  test("is what it was when what came later is taken out; a pair with another value stays", () => {
    fc.assert(
      fc.property(batches, fc.array(fc.tuple(key, value), { maxLength: 60 }), (before, later) => {
        const { tree } = emptyTree()
        const bytes = (some: readonly (readonly [string, string])[]) => Buffer.concat(some.map(([one, what]) => pairOf(one, what)))
        for (const batch of before) tree.add(bytes(batch))
        const [root, keys] = [tree.root(), tree.keys]
        const known = new Set(before.flat().map(([one]) => one))
        tree.add(bytes(later))
        // Leaf hashes never repeat, so of a key that was known the later pair has another value.
        tree.remove(bytes(later.filter(([one]) => !known.has(one))))
        tree.remove(bytes(later.filter(([one]) => known.has(one)).map(([one]) => [one, "ab".repeat(32)])))
        assert.deepEqual([tree.root(), tree.keys], [root, keys])
      }),
      { numRuns: 40 },
    )
  })
})
