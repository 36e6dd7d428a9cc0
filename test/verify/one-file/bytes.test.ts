/** What stands in for Buffer where there is none answers as Node's own does, member by member, for anything. */
import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, test } from "node:test"
import fc from "fast-check"
import { Buffer as Bytes } from "../../../src/verify/one-file/bytes.ts"
import { builtVerifiers } from "./built.ts"

const encodings = ["utf8", "latin1", "binary", "hex", "base64", "base64url"] as const
const encoding = fc.constantFrom(...encodings)
const anyBytes = fc.uint8Array({ maxLength: 300 })
const place = fc.nat({ max: 320 })
const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 90 }),
  fc.base64String({ maxLength: 90 }),
  fc.string({ unit: fc.constantFrom(..."ABCdef019+/-_= \n\u00ff\ufeff\ud800\udc00é€😀"), maxLength: 90 }),
)

/** Both, of the same bytes. */
const pair = (bytes: Uint8Array) => [Bytes.from(bytes), Buffer.from(bytes)] as const
const same = (ours: Uint8Array, theirs: Uint8Array) => assert.deepEqual([...ours], [...theirs])
const runs = { numRuns: 500 }

describe("bytes without Buffer", () => {
  test("are read as texts in every encoding, whole and in part", () => {
    fc.assert(
      fc.property(anyBytes, encoding, place, place, (bytes, name, start, end) => {
        const [ours, theirs] = pair(bytes)
        assert.equal(ours.toString(name), theirs.toString(name))
        assert.equal(ours.toString(name, start), theirs.toString(name, start))
        assert.equal(ours.toString(name, start, end), theirs.toString(name, start, end))
      }),
      runs,
    )
    const long = Buffer.alloc(100_000, "a\u00ffz", "latin1")
    for (const name of encodings) assert.equal(Bytes.from(long).toString(name), long.toString(name))
  })

  test("are made of texts, numbers and other bytes", () => {
    fc.assert(
      fc.property(anyText, encoding, (text, name) => {
        // Node reads letters beyond latin1 by their low byte in hex and base64; nothing that verifies may depend on it, since what is read is written again and compared.
        const plain = name === "hex" || name.startsWith("base64") ? [...text].filter((letter) => letter.charCodeAt(0) < 256).join("") : text
        same(Bytes.from(plain, name), Buffer.from(plain, name))
        assert.equal(Bytes.byteLength(text), Buffer.byteLength(text))
      }),
      runs,
    )
    same(Bytes.of(1, 255, 256), Buffer.of(1, 255, 256))
    same(Bytes.from(new Set([3, 4])), Buffer.from([3, 4]))
    for (const made of [Bytes.alloc(3), Bytes.allocUnsafe(3), Bytes.allocUnsafeSlow(3)]) assert.equal(made.length, 3)
    same(Bytes.alloc(3, 7), Buffer.alloc(3, 7))
  })

  test("a text with letters that are none of the encoding is never taken for the one that is written again", () => {
    fc.assert(
      fc.property(anyText, fc.constantFrom("base64", "base64url"), (text, name) => {
        const isOne = (bytes: { toString: (encoding: typeof name) => string }) => bytes.toString(name) === text
        assert.equal(isOne(Bytes.from(text, name)), isOne(Buffer.from(text, name)))
      }),
      runs,
    )
  })

  test("are joined, compared, copied and cut as Buffers are", () => {
    fc.assert(
      fc.property(fc.array(anyBytes, { minLength: 1, maxLength: 4 }), fc.option(place), (list, total) => {
        const most = total ?? undefined
        same(Bytes.concat(list, most), Buffer.concat(list, most))
      }),
      runs,
    )
    const small = fc.uint8Array({ maxLength: 6, max: 2 })
    fc.assert(
      fc.property(small, small, fc.nat({ max: 2 }), fc.nat({ max: 2 }), (one, other, from, start) => {
        const [ours, theirs] = pair(one)
        const [a, b] = [Math.min(from, other.length), Math.min(start, one.length)]
        assert.equal(ours.compare(other), theirs.compare(other))
        assert.equal(ours.compare(other, a, other.length, b, one.length), theirs.compare(other, a, other.length, b, one.length))
        assert.equal(ours.equals(other), theirs.equals(other))
        assert.deepEqual([ours.indexOf(other, b), ours.includes(other)], [theirs.indexOf(Buffer.from(other), b), theirs.includes(Buffer.from(other))])
        assert.deepEqual(
          [ours.includes(1), ours.includes(257, b), ours.indexOf(other, -2)],
          [theirs.includes(1), theirs.includes(257, b), theirs.indexOf(Buffer.from(other), -2)],
        )
        const [ourRoom, theirRoom] = [Bytes.alloc(8), Buffer.alloc(8)]
        assert.equal(ours.copy(ourRoom, from, b), theirs.copy(theirRoom, from, b))
        same(ourRoom, theirRoom)
        const part = ours.subarray(b)
        assert.ok(part instanceof Bytes, "a part has the same members")
        assert.deepEqual([ours.indexOf(1, b), ours.lastIndexOf(1), ours.at(-1)], [theirs.indexOf(1, b), theirs.lastIndexOf(1), theirs.at(-1)])
      }),
      runs,
    )
  })

  test("numbers are read and written as Buffers do, and never beyond the end", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 10, maxLength: 20 }), fc.nat({ max: 12 }), (bytes, at) => {
        const [ours, theirs] = pair(bytes)
        for (const name of ["readUInt16LE", "readUInt32LE", "readUInt32BE", "readBigUInt64BE"] as const) {
          const answer = (read: () => number | bigint) => {
            try {
              return read()
            } catch (error) {
              assert.ok(error instanceof RangeError)
              return "beyond"
            }
          }
          assert.equal(
            answer(() => ours[name](at)),
            answer(() => theirs[name](at)),
          )
        }
        for (let size = 1; size <= 6; size++) assert.equal(ours.readUIntBE(2, size), theirs.readUIntBE(2, size))
        ours.writeUInt32BE(0xfedcba98, 2)
        theirs.writeUInt32BE(0xfedcba98, 2)
        ours.writeBigUInt64BE(2n ** 63n + 5n)
        theirs.writeBigUInt64BE(2n ** 63n + 5n)
        same(ours, theirs)
      }),
      runs,
    )
  })

  test("have every member of Buffer that is called in what is built around them", async () => {
    const { inputs } = await builtVerifiers()
    const root = join(import.meta.dirname, "../../..")
    const text = inputs
      .filter((path) => path.startsWith("src/"))
      .map((path) => readFileSync(join(root, path), "utf8"))
      .join("\n")
    const called = (pattern: RegExp) => [...new Set([...text.matchAll(pattern)].map(([, name]) => name ?? ""))]
    const own = called(/\.(\w+)\(/g).filter((name) => name in Buffer.prototype)
    assert.ok(own.includes("readUIntBE") && own.includes("equals"), "calls were not found")
    assert.deepEqual(
      own.filter((name) => !(name in Bytes.prototype)),
      [],
    )
    assert.deepEqual(
      called(/\bBuffer\.(\w+)/g).filter((name) => !(name in Bytes)),
      [],
    )
  })

  test("texts are written into bytes in whole characters", () => {
    fc.assert(
      fc.property(anyText, fc.nat({ max: 12 }), fc.constantFrom("utf8", "latin1"), (text, at, name) => {
        const [ours, theirs] = pair(new Uint8Array(40))
        assert.equal(ours.write(text, at, name), theirs.write(text, at, name))
        same(ours, theirs)
        assert.equal(ours.write(text, at, 9, name), theirs.write(text, at, 9, name))
        same(ours, theirs)
      }),
      runs,
    )
  })
})
