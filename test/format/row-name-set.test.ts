/** The set of names answers what a set of texts answers. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { RowNameSet } from "../../src/format/row-name-set.ts"
import { rowNameLength } from "../../src/format/row-name.ts"
import { sha256Base64url } from "../../src/format/sha256.ts"

describe("a set of names of rows", () => {
  test("knows each of 50,000 names once, in any place of a text", () => {
    const set = new RowNameSet()
    const names = Array.from({ length: 50_000 }, (_, index) => sha256Base64url(String(index)).slice(0, rowNameLength))
    const text = names.join("")
    assert.ok(names.every((_, index) => set.add(text, index * rowNameLength)))
    assert.ok(names.every((name) => !set.add(name)))
    assert.equal(set.size, 50_000)
  })

  test("tells names apart that differ in one bit", () => {
    const set = new RowNameSet()
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    const base = "A".repeat(rowNameLength)
    const near = Array.from({ length: rowNameLength }, (_, at) =>
      Array.from({ length: 6 }, (_zero, bit) => base.slice(0, at) + alphabet[1 << bit] + base.slice(at + 1)),
    ).flat()
    for (const name of [base, ...near]) assert.ok(set.add(name), name)
    for (const name of [base, ...near]) assert.ok(!set.add(name), name)
    assert.equal(set.size, 1 + 6 * rowNameLength)
  })
})
