/** Commitments: salted, apart from each other, and the same bytes by both ways of computing them. */
import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { describe, test } from "node:test"
import fc from "fast-check"
import { anyCharacter } from "../any-character.ts"
import { contentHash, contentHashInto, factsHash, factsHashInto, idHash, idHashInto, idSaltBytes, saltBytes, saltedText } from "../../src/format/commitment.ts"
import { sha256, sha256Into } from "../../src/format/sha256.ts"

const salt = Buffer.from("000102030405060708090a0b0c0d0e0f", "hex")
const idSalt = Buffer.alloc(idSaltBytes, 7)
const text = '{"id":"tool.invoked:1","tool":"exec","wörter":"ä€😀"}'
const reference = (tag: number, salt: Uint8Array, text: string) => createHash("sha256").update(Buffer.of(tag)).update(salt).update(text, "utf8").digest()
const anyText = fc.string({ unit: anyCharacter, maxLength: 300 })
const anySalt = fc.uint8Array({ minLength: saltBytes, maxLength: saltBytes })

describe("commitments", () => {
  test("have the tags the format promises", () => {
    assert.deepEqual(factsHash(salt, text), reference(0x10, salt, text))
    assert.deepEqual(contentHash(salt, text), reference(0x11, salt, text))
    assert.deepEqual(idHash(idSalt, text), reference(0x12, idSalt, text))
    assert.deepEqual([saltBytes, idSaltBytes], [16, 32])
  })

  test("are the same in place, at any offset, for any text", () => {
    fc.assert(
      fc.property(anySalt, anyText, fc.nat({ max: 40 }), (salt, text, offset) => {
        const salted = saltedText(salt, text)
        const target = Buffer.alloc(offset + 40, 0xee)
        factsHashInto(target, offset, salted)
        assert.deepEqual(target.subarray(offset, offset + 32), factsHash(salt, text))
        contentHashInto(target, offset, salted)
        assert.deepEqual(target.subarray(offset, offset + 32), contentHash(salt, text))
        const wide = Buffer.concat([salt, salt])
        idHashInto(target, offset, wide, text)
        assert.deepEqual(target.subarray(offset, offset + 32), reference(0x12, wide, text))
        assert.ok(target.subarray(0, offset).every((byte) => byte === 0xee) && target.subarray(offset + 32).every((byte) => byte === 0xee))
      }),
    )
  })

  test("cover texts larger than any buffer kept for them", () => {
    for (const size of [65_535, 65_536, 65_537, 400_000]) {
      const large = "é".repeat(size)
      const target = Buffer.alloc(32)
      contentHashInto(target, 0, saltedText(salt, large))
      assert.deepEqual(target, reference(0x11, salt, large))
      assert.deepEqual(idHash(idSalt, large), reference(0x12, idSalt, large))
    }
    const target = Buffer.alloc(32)
    contentHashInto(target, 0, saltedText(salt, "x")) // what a large text left behind is not hashed along
    assert.deepEqual(target, reference(0x11, salt, "x"))
  })

  test("another salt, another text, another kind: another hash", () => {
    const other = Buffer.from(salt)
    other[15] = 0
    const hashes = [factsHash(salt, text), contentHash(salt, text), factsHash(other, text), factsHash(salt, `${text} `), idHash(idSalt, text)]
    assert.equal(new Set(hashes.map((hash) => hash.toString("hex"))).size, hashes.length)
  })

  test("SHA-256 of FIPS 180-4's examples", () => {
    const rows = [
      ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
      ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
      ["abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"],
    ] as const
    for (const [input, digest] of rows) {
      assert.equal(sha256(input).toString("hex"), digest)
      const target = Buffer.alloc(34)
      sha256Into(target, 1, Buffer.from(input))
      assert.equal(target.toString("hex"), `00${digest}00`)
    }
  })
})
