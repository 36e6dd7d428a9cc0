/** The header of an entry: one encoding, and everything else is refused. */
import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { describe, test } from "node:test"
import fc from "fast-check"
import { Fault } from "../../src/base/fault.ts"
import { eventTypes } from "../../src/format/event.ts"
import {
  encodeHeader,
  headerFixedBytes,
  latestTimeMs,
  leafHash,
  leafHashInto,
  parseHeader,
  readUint64,
  writeUint64,
  type Header,
} from "../../src/format/header.ts"

const header: Header = {
  sequence: 0x1_0203_0405,
  timeMs: 1_795_000_000_000,
  idHash: Buffer.alloc(32, 0x11),
  scopeId: Buffer.alloc(16, 0x22),
  factsHash: Buffer.alloc(32, 0x33),
  contentHash: Buffer.alloc(32, 0x44),
  previousHash: Buffer.alloc(32, 0x55),
  type: "tool.invoked",
}

const golden = [
  "534c4531", // SLE1
  "0000000102030405",
  "000001a1ee565e00",
  "11".repeat(32),
  "22".repeat(16),
  "33".repeat(32),
  "44".repeat(32),
  "55".repeat(32),
  "0c",
  Buffer.from("tool.invoked").toString("hex"),
].join("")

const bytesOf = (size: number) => fc.uint8Array({ minLength: size, maxLength: size }).map((bytes) => Buffer.from(bytes))
const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/)
const anyHeader: fc.Arbitrary<Header> = fc.record(
  {
    sequence: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
    timeMs: fc.integer({ min: 0, max: latestTimeMs }),
    idHash: bytesOf(32),
    scopeId: bytesOf(16),
    factsHash: bytesOf(32),
    contentHash: bytesOf(32),
    previousHash: bytesOf(32),
    type: fc.array(word, { minLength: 2, maxLength: 4 }).map((words) => words.join(".")),
  },
  { noNullPrototype: true },
)

const refused = (bytes: Buffer, code: string, words: RegExp) => {
  assert.throws(
    () => parseHeader(bytes, "some file"),
    (error) => error instanceof Fault && error.code === code && words.test(error.message) && error.message.includes("some file") && error.remedy !== "",
  )
}
const changed = (change: (bytes: Buffer) => void): Buffer => {
  const bytes = encodeHeader(header)
  change(bytes)
  return bytes
}
const withType = (type: string) => encodeHeader({ ...header, type })

describe("header", () => {
  test("has the bytes the format promises", () => {
    assert.equal(encodeHeader(header).toString("hex"), golden)
    assert.equal(encodeHeader(header).length, headerFixedBytes + header.type.length)
  })

  test("comes back as it went in", () => {
    fc.assert(
      fc.property(anyHeader, (one) => {
        const bytes = encodeHeader(one)
        assert.deepEqual(parseHeader(bytes), one)
        assert.deepEqual(encodeHeader(parseHeader(bytes)), bytes)
      }),
    )
  })

  test("no two sequences of bytes are the same header", () => {
    fc.assert(
      fc.property(anyHeader, fc.nat(), fc.integer({ min: 1, max: 255 }), (one, at, difference) => {
        const bytes = encodeHeader(one)
        const place = at % bytes.length
        bytes.writeUInt8(bytes.readUInt8(place) ^ difference, place)
        let parsed: Header
        try {
          parsed = parseHeader(bytes)
        } catch (error) {
          assert.ok(error instanceof Fault)
          return
        }
        assert.deepEqual(encodeHeader(parsed), bytes)
        assert.notDeepEqual(parsed, one)
      }),
      { numRuns: 2_000 },
    )
  })

  test("every type of event has a name the header takes", () => {
    for (const type of Object.keys(eventTypes)) assert.equal(parseHeader(withType(type)).type, type)
  })

  test("too short, and every length but the one", () => {
    const whole = encodeHeader(header)
    for (let size = 0; size < whole.length; size++) refused(whole.subarray(0, size), "store.damaged", /too short|wrong length/)
    refused(Buffer.concat([whole, Buffer.of(0x61)]), "store.damaged", /wrong length/)
    refused(
      changed((bytes) => bytes.writeUInt8(0, 164)),
      "store.damaged",
      /wrong length/,
    )
    refused(
      changed((bytes) => bytes.writeUInt8(13, 164)),
      "store.damaged",
      /wrong length/,
    )
  })

  test("another magic; a later one of ours is a newer format", () => {
    refused(
      changed((bytes) => bytes.write("XLE1", 0)),
      "store.damaged",
      /SLE1/,
    )
    refused(
      changed((bytes) => bytes.write("sle1", 0)),
      "store.damaged",
      /SLE1/,
    )
    refused(
      changed((bytes) => bytes.write("SLE2", 0)),
      "store.newer-format",
      /format 2/,
    )
  })

  for (const type of [
    "tool",
    "tool.",
    ".invoked",
    "tool..invoked",
    "Tool.invoked",
    "tool.Invoked",
    "1tool.invoked",
    "tool.-x",
    "tool invoked",
    "tööl.invoked",
    "tool.invoked\n",
    "tool.in_voked",
    "a.\u0000",
  ]) {
    test(`the type ${JSON.stringify(type)} is refused`, () => refused(withType(type), "store.damaged", /type/))
  }

  test("numbers no program here can hold exactly, and times no calendar has, are refused", () => {
    const huge = Buffer.from("0020000000000000", "hex") // 2^53
    refused(
      changed((bytes) => huge.copy(bytes, 4)),
      "store.damaged",
      /sequence/,
    )
    refused(
      changed((bytes) => bytes.fill(0xff, 4, 12)),
      "store.damaged",
      /sequence/,
    )
    refused(
      changed((bytes) => huge.copy(bytes, 12)),
      "store.damaged",
      /time/,
    )
    refused(
      changed((bytes) => writeUint64(bytes, 12, latestTimeMs + 1)),
      "store.damaged",
      /time/,
    )
    assert.equal(parseHeader(changed((bytes) => writeUint64(bytes, 12, latestTimeMs))).timeMs, latestTimeMs)
    assert.throws(() => encodeHeader({ ...header, timeMs: latestTimeMs + 1 }))
    assert.throws(() => encodeHeader({ ...header, timeMs: -1 }))
  })

  test("64-bit numbers", () => {
    const bytes = Buffer.alloc(10)
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), (value) => {
        writeUint64(bytes, 1, value)
        assert.equal(bytes.readBigUInt64BE(1), BigInt(value))
        assert.equal(readUint64(bytes, 1), value)
      }),
    )
  })

  test("the leaf hash covers a zero byte and the whole header, of any length", () => {
    for (const size of [0, 1, 165, 166, 420, 421, 5_000]) {
      const bytes = Buffer.alloc(size, size % 251)
      const expected = createHash("sha256").update(Buffer.of(0)).update(bytes).digest()
      assert.deepEqual(leafHash(bytes), expected)
      const target = Buffer.alloc(40)
      leafHashInto(target, 8, Buffer.concat([bytes, Buffer.from("more")]), size)
      assert.deepEqual(target.subarray(8), expected)
      assert.deepEqual(target.subarray(0, 8), Buffer.alloc(8))
    }
  })
})
