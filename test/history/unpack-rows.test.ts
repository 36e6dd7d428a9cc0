/** Rows unpacked by the library say what Node says of them: whole, damaged, cut, or of another size than they claim. */
import assert from "node:assert/strict"
import { before, describe, test } from "node:test"
import { zstdCompressSync, zstdDecompressSync } from "node:zlib"
import fc from "fast-check"
import { prepareUnpacking, unpackedRow } from "../../src/history/stores/unpack-rows.ts"

/** What Node unpacks within the size, or that it refuses. */
function outcome(unpack: () => Buffer): string {
  try {
    return unpack().toString("base64")
  } catch {
    return "refused"
  }
}

describe("packed rows", () => {
  before(prepareUnpacking)

  test("of any content, with any byte of theirs changed and any size claimed", () => {
    let [whole, refused] = [0, 0]
    const text = fc.oneof(
      fc.string({ maxLength: 40 }),
      fc.string({ minLength: 1, maxLength: 9 }).map((one) => one.repeat(300)),
    )
    fc.assert(
      fc.property(text, fc.option(fc.tuple(fc.nat(), fc.nat(255))), fc.constantFrom(0, 0, 0, -1, 1, 50_000), (said, change, off) => {
        const packed = Buffer.from(zstdCompressSync(said))
        if (change) packed.writeUInt8(change[1], change[0] % packed.length)
        const sizeBytes = Math.max(0, Buffer.byteLength(said) + off)
        const expected = outcome(() => zstdDecompressSync(packed, { maxOutputLength: Math.max(1, sizeBytes) }))
        assert.equal(
          outcome(() => unpackedRow(packed, sizeBytes)),
          expected,
        )
        if (expected === "refused") refused++
        else if (off === 0 && !change) whole++
      }),
      { numRuns: 3_000 },
    )
    assert.ok(whole > 100 && refused > 300, `${whole} were whole, ${refused} were refused`)
  })

  test("that are no frames at all are refused, and the next one is unpacked", () => {
    for (const bytes of [Buffer.alloc(0), Buffer.alloc(40, 7), zstdCompressSync("x".repeat(999)).subarray(0, 9)]) assert.throws(() => unpackedRow(bytes, 999))
    assert.equal(unpackedRow(zstdCompressSync("after it"), 8).toString(), "after it")
  })

  test("leave the process its fetch", () => assert.equal(typeof globalThis.fetch, "function"))
})
