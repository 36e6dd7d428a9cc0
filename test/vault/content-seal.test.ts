/** Contents of a batch, sealed together per scope: every place leads back to its record, whatever the sizes. */
import assert from "node:assert/strict"
import { randomBytes } from "node:crypto"
import { describe, test } from "node:test"
import { zstdCompressSync } from "node:zlib"
import fc from "fast-check"
import { ChunkSealer, openChunk, recordsPerChunk, type SealedChunk } from "../../src/vault/content-seal.ts"
import type { Scope } from "../../src/vault/scope.ts"
import { seal } from "../../src/vault/wrap.ts"
import { fixedScope } from "../simulator/fixed-scope.ts"

function scopeNumber(n: number): Scope {
  return fixedScope({ id: Buffer.alloc(16, n), session: `s${n}`, key: Buffer.alloc(32, n) })
}
const scopes = [1, 2, 3].map(scopeNumber)
const [one, two] = [scopeNumber(1), scopeNumber(2)]
const most = 16 * 1024
const nowMs = 1_795_000_000_000

function sealAll(records: readonly { readonly scope: Scope; readonly salted: Buffer }[], first = 7) {
  const chunks: SealedChunk[] = []
  const sealer = new ChunkSealer(first, nowMs, (chunk) => chunks.push(chunk))
  const places = records.map(({ scope, salted }) => sealer.add(scope, salted))
  sealer.flush()
  return { chunks, places }
}

function recordAt(chunks: readonly SealedChunk[], place: number): { readonly salted: Buffer | undefined; readonly scopeId: Buffer | undefined } {
  const chunk = chunks.find(({ number }) => number === Math.floor(place / recordsPerChunk))
  const scope = scopes.find(({ id }) => chunk && id.equals(chunk.scopeId))
  return { salted: chunk && scope && openChunk(chunk, scope)?.[place % recordsPerChunk], scopeId: chunk?.scopeId }
}

describe("chunks", () => {
  test("every record is found at its place, sealed for its own scope, in numbers without holes", () => {
    const size = fc.oneof(fc.integer({ min: 16, max: 600 }), fc.integer({ min: most - 40, max: most + 40 }), fc.constantFrom(0, 16, 40_000))
    const record = fc.tuple(fc.nat({ max: 2 }), size, fc.nat({ max: 255 }))
    fc.assert(
      fc.property(fc.array(record, { maxLength: 120 }), (list) => {
        const records = list.map(([scope, size, fill]) => ({ scope: scopes[scope] ?? one, salted: Buffer.alloc(size, fill) }))
        const { chunks, places } = sealAll(records)
        records.forEach(({ scope, salted }, i) => {
          const found = recordAt(chunks, places[i] ?? -1)
          assert.deepEqual(found.salted, salted)
          assert.deepEqual(found.scopeId, scope.id)
        })
        assert.deepEqual(
          chunks.map(({ number }) => number).sort((a, b) => a - b),
          chunks.map((_, i) => 7 + i),
        )
        assert.equal(new Set(places).size, places.length)
      }),
      { numRuns: 60 },
    )
  })

  test("stay near 16 kB; a content that is larger has one to itself", () => {
    const sizes = [10_000, 6_000, 10_000, 50_000, 16, most, 16]
    const { chunks } = sealAll(sizes.map((size) => ({ scope: one, salted: Buffer.alloc(size, 1) })))
    assert.deepEqual(
      chunks.map((chunk) => openChunk(chunk, one)?.map((record) => record.length)),
      [[10_000, 6_000], [10_000], [50_000], [16], [most], [16]],
    )
  })

  test("hold no more than 1024 records, however small", () => {
    const records = Array.from({ length: 2 * recordsPerChunk + 1 }, (_, i) => ({ scope: one, salted: Buffer.from([i & 255]) }))
    const { chunks, places } = sealAll(records, 0)
    assert.deepEqual(
      chunks.map((chunk) => openChunk(chunk, one)?.length),
      [recordsPerChunk, recordsPerChunk, 1],
    )
    assert.deepEqual(places, [...records.keys()])
    records.forEach(({ salted }, i) => assert.deepEqual(recordAt(chunks, places[i] ?? -1).salted, salted))
  })

  test("of contents in bulk are near 64 kB and packed, and say the same", () => {
    const chunks: SealedChunk[] = []
    const sealer = new ChunkSealer(0, nowMs, (chunk) => chunks.push(chunk))
    const records = Array.from({ length: 200 }, (_, i) => Buffer.from(`${"0123456789abcdef"}{"said":"${"the same words again ".repeat(i)}"}`))
    const places = records.map((record) => sealer.add(one, record, true))
    const live = sealer.add(one, records[0] ?? Buffer.alloc(0))
    sealer.flush()
    const plainBytes = records.reduce((sum, { length }) => sum + length, 0)
    assert.ok(chunks.reduce((sum, { sealed }) => sum + sealed.length, 0) < plainBytes / 10)
    assert.equal(chunks.length, Math.ceil(plainBytes / 65_536) + 1)
    records.forEach((record, i) => assert.deepEqual(recordAt(chunks, places[i] ?? -1).salted, record))
    assert.deepEqual(recordAt(chunks, live).salted, records[0])
    assert.equal(live % recordsPerChunk, 0, "what comes live has a chunk of its own")
  })

  test("a frame that was sealed broken does not open", () => {
    const label = Buffer.concat([Buffer.from("sovereign-ledger/chunk/1"), Buffer.alloc(7), Buffer.of(3), one.id])
    const frame = zstdCompressSync(Buffer.alloc(100_000))
    for (const plain of [frame.subarray(0, -1), Buffer.concat([frame.subarray(0, 4), randomBytes(40)]), zstdCompressSync(Buffer.from([0, 0, 0, 9, 1]))])
      assert.equal(openChunk({ number: 3, scopeId: one.id, sealed: seal(one.sealingKey(3, nowMs), plain, label) }, one), undefined)
  })

  test("without contents there are none, and a sealer can go on after a flush", () => {
    assert.deepEqual(sealAll([]).chunks, [])
    const chunks: SealedChunk[] = []
    const sealer = new ChunkSealer(0, nowMs, (chunk) => chunks.push(chunk))
    const places = [1, 2].map(() => {
      const place = sealer.add(one, Buffer.from("0123456789abcdef{}"))
      sealer.flush()
      return place
    })
    sealer.flush()
    assert.deepEqual([places, chunks.length], [[0, recordsPerChunk], 2])
  })

  test("the caller's bytes may change at once", () => {
    const shared = Buffer.alloc(64, 1)
    const chunks: SealedChunk[] = []
    const sealer = new ChunkSealer(0, nowMs, (chunk) => chunks.push(chunk))
    sealer.add(one, shared)
    shared.fill(2)
    sealer.add(one, shared)
    sealer.flush()
    assert.deepEqual(chunks[0] && openChunk(chunks[0], one), [Buffer.alloc(64, 1), Buffer.alloc(64, 2)])
  })
})

describe("a chunk that is not what it was", () => {
  const { chunks } = sealAll(
    [
      { scope: one, salted: randomBytes(60) },
      { scope: one, salted: randomBytes(60) },
    ],
    3,
  )
  const [chunk] = chunks as [SealedChunk]

  test("under another number, scope or key it does not open", () => {
    assert.equal(openChunk(chunk, one)?.length, 2)
    assert.equal(openChunk({ ...chunk, number: 4 }, one), undefined)
    assert.equal(openChunk({ ...chunk, number: 3 + 2 ** 32 }, one), undefined)
    assert.equal(openChunk({ ...chunk, scopeId: two.id }, one), undefined)
    assert.equal(openChunk({ ...chunk, scopeId: two.id }, two), undefined)
    assert.equal(openChunk(chunk, two), undefined)
  })

  test("with a bit flipped, cut or longer it does not open", () => {
    for (let at = 0; at < chunk.sealed.length; at++) {
      const bent = Buffer.from(chunk.sealed)
      bent.writeUInt8(bent.readUInt8(at) ^ (1 << (at & 7)), at)
      assert.equal(openChunk({ ...chunk, sealed: bent }, one), undefined, `byte ${at}`)
    }
    for (const sealed of [Buffer.alloc(0), chunk.sealed.subarray(1), chunk.sealed.subarray(0, -1), Buffer.concat([chunk.sealed, Buffer.of(0)])]) {
      assert.equal(openChunk({ ...chunk, sealed }, one), undefined)
    }
  })

  test("one that was sealed with sizes that do not fit is refused, not read beyond its end", () => {
    const label = (number: number) =>
      Buffer.concat([Buffer.from("sovereign-ledger/chunk/1"), Buffer.from(number.toString(16).padStart(16, "0"), "hex"), one.id])
    const open = (plain: Buffer) => openChunk({ number: 3, scopeId: one.id, sealed: seal(one.sealingKey(3, nowMs), plain, label(3)) }, one)
    assert.deepEqual(open(Buffer.from("00000001ff", "hex")), [Buffer.of(0xff)])
    for (const plain of ["00", "000000", "00000001", "00000002ff", "ffffffffff", "00000001ff00"])
      assert.equal(open(Buffer.from(plain, "hex")), undefined, plain)
  })
})
