/** A sealed file behaves as plain bytes do, at every border of its chunks and after any operations. */
import assert from "node:assert/strict"
import { readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { describe, test } from "node:test"
import fc from "fast-check"
import { EncryptedFile } from "../../../src/vault/sealed-file/encrypted-file.ts"
import { temporaryDirectory } from "../../ledger-fixture.ts"
import { bytesOf, everything, ledgerKey, opening, PlainFile, type Step } from "./plain-file.ts"

const slotBytes = 4_096
const chunkBytes = slotBytes - 16
const fanout = 255

describe("a sealed file", () => {
  const borders = [1, 2, fanout - 1, fanout, fanout + 1].flatMap((chunks) => [chunks * chunkBytes - 1, chunks * chunkBytes, chunks * chunkBytes + 1])

  for (const sizeBytes of [0, 1, ...borders]) {
    test(`of ${sizeBytes} bytes gives them back: written whole, in pieces, at once, and read at any place`, async (t) => {
      const directory = temporaryDirectory(t)
      const plain = bytesOf(sizeBytes, sizeBytes)
      for (const pieceBytes of [1_000, chunkBytes, 100_000]) {
        const path = join(directory, `${pieceBytes}`)
        const file = EncryptedFile.create(path, ledgerKey, { slotBytes })
        await file.appendAll(piecesOf(plain, pieceBytes))
        assert.ok(everything(file).equals(plain), "before it is flushed")
        file.close()
        const again = EncryptedFile.open(path, opening)
        assert.equal(again.sizeBytes, sizeBytes)
        assert.ok(everything(again).equals(plain))
        assert.ok((await collected(again.chunks())).equals(plain))
        for (const position of [0, 1, chunkBytes - 1, chunkBytes, sizeBytes - 1, sizeBytes, sizeBytes + 5].filter((at) => at >= 0)) {
          assert.ok(again.read(position, 5_000).equals(plain.subarray(position, position + 5_000)), `at ${position}`)
          assert.ok((await collected(again.chunks(position, 5_000))).equals(plain.subarray(position, position + 5_000)), `stream at ${position}`)
        }
        again.close()
      }
    })
  }

  test("is the same as plain bytes after any operations, also when it is opened again between them", (t) => {
    const directory = temporaryDirectory(t)
    let runs = 0
    const place = fc.oneof(fc.nat(3 * chunkBytes), fc.nat(600 * chunkBytes), fc.constantFrom(0, chunkBytes, fanout * chunkBytes, fanout * chunkBytes + 1))
    const step: fc.Arbitrary<Step> = fc.oneof(
      fc.record({ do: fc.constant("write" as const), position: place, lengthBytes: fc.nat(3 * chunkBytes), seed: fc.nat() }),
      fc.record({ do: fc.constant("append" as const), lengthBytes: fc.nat(2 * chunkBytes), seed: fc.nat() }),
      fc.record({ do: fc.constant("truncate" as const), sizeBytes: place }),
      fc.record({ do: fc.constant("read" as const), position: place, lengthBytes: fc.nat(3 * chunkBytes) }),
      fc.constant({ do: "flush" as const }),
      fc.constant({ do: "reopen" as const }),
    )
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 40, size: "max" }), (steps) => {
        const path = join(directory, String(runs++))
        let file = EncryptedFile.create(path, ledgerKey, { slotBytes })
        const plain = new PlainFile()
        for (const one of steps) {
          plain.take(one)
          if (one.do === "write") file.write(one.position, bytesOf(one.lengthBytes, one.seed))
          else if (one.do === "append") file.append(bytesOf(one.lengthBytes, one.seed))
          else if (one.do === "truncate") file.truncate(one.sizeBytes)
          else if (one.do === "read") assert.ok(file.read(one.position, one.lengthBytes).equals(plain.read(one.position, one.lengthBytes)), "read")
          else if (one.do === "flush") file.flush()
          else {
            file.close()
            file = EncryptedFile.open(path, opening, { writing: true })
          }
          assert.equal(file.sizeBytes, plain.bytes.length)
        }
        assert.ok(everything(file).equals(plain.bytes), "at the end")
        file.close()
        const again = EncryptedFile.open(path, opening)
        assert.ok(everything(again).equals(plain.bytes), "opened again")
        again.close()
        // What was taken out makes room: the file is never much larger than what it held at once, and at most twice that between two flushes.
        assert.ok(statSync(path).size <= 12_288 + slotBytes * 2 * (Math.ceil(plain.mostBytes / chunkBytes) * (1 + 2 / fanout) + 30))
      }),
      { numRuns: 150 },
    )
  })

  test("shows nothing of what is in it, and seals nothing twice alike", (t) => {
    const directory = temporaryDirectory(t)
    const sealed = ["a", "b"].map((name) => {
      const file = EncryptedFile.create(join(directory, name), ledgerKey)
      file.append(Buffer.from("canary words ".repeat(1_000)))
      file.close()
      assert.equal(statSync(join(directory, name)).mode & 0o777, 0o600)
      return readFileSync(join(directory, name))
    })
    assert.doesNotMatch(sealed.map((bytes) => bytes.toString("latin1")).join(""), /canary/)
    assert.notDeepEqual(sealed[0]?.subarray(12_288), sealed[1]?.subarray(12_288))
  })

  test("a hole of a terabyte takes no room and reads as zeros", (t) => {
    const path = join(temporaryDirectory(t), "sparse")
    const file = EncryptedFile.create(path, ledgerKey)
    file.write(2 ** 40, Buffer.from("end"))
    file.close()
    const again = EncryptedFile.open(path, opening, { writing: true })
    assert.equal(again.sizeBytes, 2 ** 40 + 3)
    assert.deepEqual(again.read(2 ** 40 - 2, 9), Buffer.from("\0\0end"))
    assert.deepEqual(again.read(2 ** 39, 4), Buffer.alloc(4))
    again.truncate(10)
    again.close()
    assert.ok(statSync(path).size < 1_000_000)
    const last = EncryptedFile.open(path, opening)
    assert.deepEqual(everything(last), Buffer.alloc(10))
    last.close()
  })
})

function piecesOf(bytes: Buffer, pieceBytes: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / pieceBytes) }, (_, i) => bytes.subarray(i * pieceBytes, (i + 1) * pieceBytes))
}

async function collected(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of source) pieces.push(piece)
  return Buffer.concat(pieces)
}
