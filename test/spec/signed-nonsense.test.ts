/** What even somebody with the signing key cannot have called valid: entries no journal of format 1 holds. Both verifiers have to refuse the same. */
import assert from "node:assert/strict"
import { after, before, describe, test } from "node:test"
import { verifierKeyText } from "../../src/format/checkpoint.ts"
import { contentHash, factsHash, saltedText } from "../../src/format/commitment.ts"
import { exportRow } from "../../src/format/export-row.ts"
import { encodeHeader, headerOffset, leafHash, zeroHash } from "../../src/format/header.ts"
import { Frontier } from "../../src/format/merkle.ts"
import { Signer } from "../../src/vault/signer.ts"
import { factsOfHandOver, handOverNote, type HandOver } from "../../src/format/hand-over.ts"
import { signedHandOver } from "../hand-over-fixture.ts"
import { temporaryDirectory } from "../ledger-fixture.ts"
import { askAll, assertBoth, expectBoth, lineFile, needed, type Answer } from "./verifiers.ts"

type Entry = {
  readonly type?: string
  readonly timeMs?: number
  readonly facts: string
  readonly content?: string
  readonly previous?: Buffer
  /** Changes bytes of the header before it is hashed. */
  readonly patch?: (header: Buffer) => Buffer
  /** Makes the row when no exporter would. */
  readonly told?: (header: Buffer) => string
}

const origin = "sovereign-ledger/00112233445566ff"
const signer = new Signer(origin, Buffer.alloc(32, 7))
const key = verifierKeyText(origin, signer.publicKey)
const salt = Buffer.alloc(16, 9)
const opened: Entry = { type: "journal.opened", facts: JSON.stringify({ id: `journal.opened:${origin}`, format: 1, origin, verifierKey: key, version: "1" }) }
const entry = (facts: string): Entry => ({ facts })
const good = entry('{"id":"a","reason":"idle"}')
const nested = (depth: number) => entry(`{"id":"a","x":${"[".repeat(depth)}${"]".repeat(depth)}}`)

/** A row nobody can write with a recursive writer of JSON. */
const deepRow = (header: Buffer) =>
  JSON.stringify({ proven: { entry: header.toString("base64url"), factsSalt: salt.toString("base64url"), facts: nested(200_000).facts } })

function headersOf(entries: readonly Entry[]): readonly Buffer[] {
  let previous = zeroHash
  return entries.map((one, sequence) => {
    const plain = encodeHeader({
      sequence,
      timeMs: one.timeMs ?? 1_795_000_000_000,
      idHash: Buffer.alloc(32, 1),
      scopeId: Buffer.alloc(16, 2),
      factsHash: factsHash(salt, one.facts),
      contentHash: one.content === undefined ? zeroHash : contentHash(salt, one.content),
      previousHash: one.previous ?? previous,
      type: one.type ?? "writer.stopped",
    })
    const header = one.patch?.(plain) ?? plain
    previous = leafHash(header)
    return header
  })
}

/** An export of these entries, properly hashed and signed; without proofs. */
function signedExport(entries: readonly Entry[], complete: boolean, by = signer, handOvers?: readonly string[]): readonly string[] {
  const tree = new Frontier()
  const headers = headersOf(entries)
  const rows = entries.map((one, index) => {
    const header = headers[index] ?? zeroHash
    tree.push(leafHash(header))
    return lineOf(one, header)
  })
  const checkpoint = by.note({ origin, size: entries.length, root: tree.root() })
  return [...rows, JSON.stringify({ exportFormat: 1, rows: entries.length, complete, checkpoint, verifierKey: by.verifierKey, handOvers })]
}

function lineOf(one: Entry, header: Buffer): string {
  const saltedContent = one.content === undefined ? undefined : saltedText(salt, one.content)
  const labels = { session: null, sender: null, user: null, machine: null }
  const line = (bytes: Buffer) => JSON.stringify(exportRow({ header: bytes, saltedFacts: saltedText(salt, one.facts), saltedContent }, labels))
  try {
    return one.told?.(header) ?? line(header)
  } catch {
    // No exporter writes such a row: a good header's line with the bytes in it is what an attacker would try.
    const good = headersOf([opened, { facts: one.facts }])[1] ?? header
    return line(good).replace(good.toString("base64url"), header.toString("base64url"))
  }
}

const successor = new Signer(origin, Buffer.alloc(32, 8))
const rootOf = (entries: readonly Entry[]) => {
  const tree = new Frontier()
  for (const header of headersOf(entries)) tree.push(leafHash(header))
  return tree.root()
}
const handOver = signedHandOver(signer, successor, { size: 1, root: rootOf([opened]) })

function handOverEntry(told: HandOver): Entry {
  return { type: "signer.replaced", facts: JSON.stringify({ id: `signer.replaced:${told.size}`, ...factsOfHandOver(told) }) }
}

const uint64 = (offset: number, value: bigint) => (header: Buffer) => {
  header.writeBigUInt64BE(value, offset)
  return header
}

const cases: readonly (readonly [name: string, expected: string, entries: readonly Entry[], complete?: false])[] = [
  ["three good entries", "valid", [opened, good, { ...good, content: '{"a":1}' }]],
  ["facts with white space", "invalid", [opened, entry('{"id": "a","reason":"idle"}')]],
  ["facts with a name twice", "invalid", [opened, entry('{"id":"a","reason":"idle","reason":"forged"}')]],
  ["a name twice, deep in the facts", "invalid", [opened, entry('{"id":"a","x":{"y":1,"y":1}}')]],
  ["facts with another number form", "invalid", [opened, entry('{"id":"a","x":1.0}')]],
  ["minus zero", "invalid", [opened, entry('{"id":"a","x":-0}')]],
  ["a number beyond all", "invalid", [opened, entry('{"id":"a","x":1e999}')]],
  [
    "numbers in their one spelling",
    "valid",
    [opened, entry('{"id":"a","x":[0,-1.5,1e+21,100000000000000000000,1e-7,0.000001,5e-324,1.7976931348623157e+308,123456789012345680000]}')],
  ],
  ["NaN", "invalid", [opened, entry('{"id":"a","x":NaN}')]],
  ["an escape where none is needed", "invalid", [opened, entry('{"id":"\\u0061"}')]],
  ["an escaped solidus", "invalid", [opened, entry('{"id":"a\\/"}')]],
  ["upper-case escapes", "invalid", [opened, entry('{"id":"\\uD800"}')]],
  ["a lone surrogate in its one spelling", "valid", [opened, entry('{"id":"\\ud800 \\udfff"}')]],
  ["a pair written as escapes", "invalid", [opened, entry('{"id":"\\ud834\\udd1e"}')]],
  ["an index name that is not first", "invalid", [opened, entry('{"id":"a","7":1}')]],
  ["index names first", "valid", [opened, entry('{"7":1,"10":1,"id":"a","07":1,"4294967295":1}')]],
  ["__proto__ as a name", "valid", [opened, entry('{"id":"a","__proto__":{"x":1},"constructor":1}')]],
  ["facts that are a list", "invalid", [opened, entry('["a"]')]],
  ["facts that are no JSON", "invalid", [opened, entry("nothing")]],
  ["facts without an id", "invalid", [opened, entry('{"reason":"idle"}')]],
  ["an empty id", "invalid", [opened, entry('{"id":""}')]],
  ["an id that is a number", "invalid", [opened, entry('{"id":7}')]],
  ["facts nested deep", "valid", [opened, nested(500)]],
  ["facts nested deeper than any stack", "invalid", [opened, { ...nested(200_000), told: deepRow }]],
  ["content that is a list", "invalid", [opened, { ...good, content: "[1]" }]],
  ["content with a name twice", "invalid", [opened, { ...good, content: '{"a":1,"a":2}' }]],
  ["content with white space", "invalid", [opened, { ...good, content: '{"a": 1}' }]],
  ["time that runs backwards", "invalid", [opened, { ...good, timeMs: 1 }]],
  ["the last moment of the year 9999", "valid", [opened, { ...good, timeMs: 253_402_300_799_999 }]],
  ["the year 10000", "invalid", [opened, { ...good, patch: uint64(headerOffset.time, 253_402_300_800_000n) }]],
  ["a time beyond every date", "invalid", [opened, { ...good, patch: uint64(headerOffset.time, 2n ** 64n - 1n) }]],
  ["another sequence", "invalid", [opened, { ...good, patch: uint64(headerOffset.sequence, 7n) }]],
  ["a sequence beyond 2^53", "invalid", [opened, { ...good, patch: uint64(headerOffset.sequence, 2n ** 53n + 1n) }]],
  ["a header of format 2", "invalid", [opened, { ...good, patch: (header) => Buffer.concat([Buffer.from("SLE2"), header.subarray(4)]) }]],
  ["a header with bytes behind it", "invalid", [opened, { ...good, patch: (header) => Buffer.concat([header, Buffer.of(97)]) }]],
  ["a type in upper case", "invalid", [opened, { ...good, type: "Writer.stopped" }]],
  ["a type of one word", "invalid", [opened, { ...good, type: "writer" }]],
  ["a type with a line feed", "invalid", [opened, { ...good, type: "writer.stopped\n" }]],
  ["a broken chain", "invalid", [opened, good, { ...good, previous: Buffer.alloc(32, 3) }]],
  ["no journal.opened", "invalid", [good]],
  ["a second journal.opened", "invalid", [opened, opened]],
  ["a first entry of another journal", "invalid", [{ ...opened, facts: opened.facts.replaceAll("6ff", "600") }]],
  ["a first entry of another format", "invalid", [{ ...opened, facts: opened.facts.replace('"format":1', '"format":2') }]],
  ["a first entry that names another key", "invalid", [{ ...opened, facts: opened.facts.replace(key, successor.verifierKey) }]],
  ["a hand-over that the end line does not tell", "invalid", [opened, handOverEntry(handOver)]],
  ["no entries at all", "valid", []],
  ["one entry, which needs no hashes to the root, but a proof", "invalid", [opened], false],
]

describe("signed, and still not a journal", needed, () => {
  const answers = new Map<string, Answer>()
  const directory = temporaryDirectory({ after })

  before(async () => {
    const files = cases.map(([, , entries, complete]) => lineFile(directory, signedExport(entries, complete ?? true)))
    for (const [index, answer] of (await askAll(files, key)).entries()) answers.set(cases[index]?.[0] ?? "", answer)
  })

  for (const [name, expected] of cases) {
    test(`${name}: ${expected}`, () => assertBoth(answers.get(name), expected))
  }

  const handedOver: readonly (readonly [name: string, expected: string, entries: readonly Entry[], told: readonly HandOver[], by?: Signer])[] = [
    ["right", "valid", [opened, handOverEntry(handOver), good], [handOver]],
    ["right, and the last entry", "valid", [opened, handOverEntry(handOver)], [handOver]],
    [
      "over another tree",
      "invalid",
      [opened, handOverEntry({ ...signedHandOver(signer, successor, { size: 1 }) })],
      [signedHandOver(signer, successor, { size: 1 })],
    ],
    ["of another entry", "invalid", [opened, good, handOverEntry(handOver)], [handOver]],
    ["told, and no entry", "invalid", [opened, good, good], [handOver]],
    ["twice", "invalid", [opened, handOverEntry(handOver), handOverEntry(handOver)], [handOver]],
    ["of an entry that the checkpoint does not cover", "invalid", [opened], [handOver]],
    ["and the old key signs on", "invalid", [opened, handOverEntry(handOver), good], [handOver], signer],
    ["with a fact more", "valid", [opened, { ...handOverEntry(handOver), facts: handOverEntry(handOver).facts.replace("}", ',"more":1}') }], [handOver]],
    [
      "with its size as a text",
      "invalid",
      [opened, { ...handOverEntry(handOver), facts: handOverEntry(handOver).facts.replace('"size":1', '"size":"1"') }],
      [handOver],
    ],
  ]
  for (const [name, expected, entries, told, by] of handedOver) {
    test(`a hand-over that both keys signed, ${name}: ${expected}`, async () => {
      const lines = signedExport(entries, true, by ?? successor, told.map(handOverNote))
      for (const trusted of [key, successor.verifierKey]) await expectBoth(lineFile(directory, lines), trusted, expected)
    })
  }

  test("every case has a name of its own", () => assert.equal(answers.size, cases.length))
})
