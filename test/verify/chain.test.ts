/** The walk over entries, the collector of problems, and the check of a note: what a verifier stands on. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import fc from "fast-check"
import { contentHash, factsHash, saltedText } from "../../src/format/commitment.ts"
import { parseVerifierKey, verifierKeyText } from "../../src/format/checkpoint.ts"
import { encodeHeader, leafHash, zeroHash, type Header } from "../../src/format/header.ts"
import { Signer } from "../../src/vault/signer.ts"
import { ChainWalker, hasContent, type EntryBytes } from "../../src/verify/chain.ts"
import { noteChecker } from "../../src/verify/signature.ts"
import { Problems, verdictExit } from "../../src/verify/verdict.ts"
import { naiveRoot } from "../format/naive-tree.ts"

const salt = Buffer.alloc(16, 1)

/** A good chain of `count` entries; every third has content. */
function chainOf(
  count: number,
  change: (header: Header) => Partial<Header> = () => ({}),
): (EntryBytes & { readonly saltedFacts: Buffer; readonly saltedContent: Buffer | undefined })[] {
  let previousHash: Buffer = zeroHash
  return Array.from({ length: count }, (_, sequence) => {
    const facts = `{"id":"e:${sequence}"}`
    const content = sequence % 3 === 0 ? `{"n":${sequence}}` : undefined
    const plain: Header = {
      sequence,
      timeMs: 1_000 + (sequence >> 1),
      idHash: Buffer.alloc(32, sequence & 255),
      scopeId: Buffer.alloc(16, 9),
      factsHash: factsHash(salt, facts),
      contentHash: content === undefined ? zeroHash : contentHash(salt, content),
      previousHash,
      type: "tool.invoked",
    }
    const header = encodeHeader({ ...plain, ...change(plain) })
    previousHash = leafHash(header)
    return { header, saltedFacts: saltedText(salt, facts), saltedContent: content === undefined ? undefined : saltedText(salt, content) }
  })
}

function walked(entries: readonly EntryBytes[]) {
  const problems = new Problems()
  const walker = new ChainWalker(problems)
  for (const entry of entries) walker.add(entry)
  return { problems: problems.list(), walker }
}

const bent = (bytes: Buffer, at: number) => {
  const copy = Buffer.from(bytes)
  copy.writeUInt8(copy.readUInt8(at) ^ 1, at)
  return copy
}

describe("the walk", () => {
  const entries = chainOf(40)
  const leaves = entries.map(({ header }) => leafHash(header))

  test("of a good chain has no problem and the tree's root at every step", () => {
    const problems = new Problems()
    const walker = new ChainWalker(problems)
    entries.forEach((entry, n) => {
      assert.equal(walker.size, n)
      walker.add(entry)
      assert.ok(walker.root().equals(naiveRoot(leaves.slice(0, n + 1))))
      assert.ok(walker.lastLeaf.equals(leafHash(entry.header)))
    })
    assert.ok(problems.none)
  })

  test("needs neither facts nor contents to check the chain", () => {
    assert.deepEqual(walked(entries.map(({ header }) => ({ header }))).problems, [])
  })

  test("names the entry of any changed byte, and another root", () => {
    const root = naiveRoot(leaves)
    fc.assert(
      fc.property(fc.nat({ max: 39 }), fc.nat({ max: 176 }), (n, at) => {
        const entry = entries[n]
        assert.ok(entry)
        const { problems, walker } = walked(entries.with(n, { ...entry, header: bent(entry.header, at) }))
        assert.ok(!walker.root().equals(root))
        // A changed byte of the last header that nothing else speaks of shows in the root alone.
        if (n < 39) assert.ok(problems.some(({ from, to }) => from <= n && n <= to) || problems.some(({ from }) => from === n), `byte ${at} of ${n}`)
      }),
    )
  })

  test("names entries whose facts or content are others", () => {
    const entry = entries[6]
    assert.ok(entry?.saltedContent)
    assert.deepEqual(walked(entries.with(6, { ...entry, saltedFacts: bent(entry.saltedFacts, 3) })).problems, [
      { from: 6, to: 6, what: "the facts are not the ones that were recorded" },
    ])
    assert.deepEqual(walked(entries.with(6, { ...entry, saltedContent: bent(entry.saltedContent, 20) })).problems, [
      { from: 6, to: 6, what: "the content is not the one that was recorded" },
    ])
    const plain = entries[7]
    assert.ok(plain && !plain.saltedContent)
    assert.equal(walked(entries.with(7, { ...plain, saltedContent: entry.saltedContent })).problems.length, 1, "content where none was recorded")
  })

  test("finds what is wrong in a chain whose hashes all fit", () => {
    const rows: readonly (readonly [RegExp, (header: Header) => Partial<Header>])[] = [
      [/says sequence 9/, ({ sequence }) => (sequence === 7 ? { sequence: 9 } : {})],
      [/says sequence 1\b/, ({ sequence }) => ({ sequence: sequence + 1 })],
      [/time runs backwards/, ({ sequence }) => (sequence === 7 ? { timeMs: 1_002 } : {})],
      [/chain is broken/, ({ sequence }) => (sequence === 7 ? { previousHash: Buffer.alloc(32, 1) } : {})],
      [/chain is broken/, ({ sequence }) => (sequence === 0 ? { previousHash: Buffer.alloc(32, 1) } : {})],
    ]
    for (const [words, change] of rows) {
      const { problems } = walked(chainOf(12, change))
      assert.equal(problems.filter(({ what }) => words.test(what)).length, 1, `${words}: ${JSON.stringify(problems)}`)
    }
  })

  test("finds entries that are missing, doubled or in another order", () => {
    for (const chain of [
      entries.toSpliced(5, 1),
      entries.toSpliced(5, 0, ...entries.slice(4, 5)),
      entries.toSpliced(5, 2, ...entries.slice(5, 7).reverse()),
      entries.slice(1),
    ]) {
      assert.ok(walked(chain).problems.length > 0)
    }
  })

  test("takes bytes of any length without stumbling", () => {
    const header = entries[0]?.header ?? Buffer.alloc(0)
    for (let size = 0; size < header.length; size++) {
      const { problems } = walked([{ header: header.subarray(0, size), saltedFacts: Buffer.alloc(0), saltedContent: Buffer.alloc(0) }])
      assert.equal(problems.length, 1, `${size} bytes`)
      hasContent(header.subarray(0, size))
    }
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => assert.ok(walked([{ header: Buffer.from(bytes) }]).problems.length > 0)))
  })

  test("tells whether a header commits to content", () => {
    assert.deepEqual(
      entries.slice(0, 4).map(({ header }) => hasContent(header)),
      [true, false, false, true],
    )
  })
})

describe("problems", () => {
  test("of neighbours that say the same are one; others are kept apart", () => {
    const problems = new Problems()
    for (let n = 0; n < 1_000; n++) problems.note(n, n, "same")
    problems.note(1_001, 1_001, "same")
    problems.note(1_002, 1_002, "other")
    problems.note(1_003, 1_003, "same")
    assert.deepEqual(problems.list(), [
      { from: 0, to: 999, what: "same" },
      { from: 1_001, to: 1_001, what: "same" },
      { from: 1_002, to: 1_002, what: "other" },
      { from: 1_003, to: 1_003, what: "same" },
    ])
    assert.equal(problems.left, 0)
  })

  test("beyond the most that are kept are counted", () => {
    const problems = new Problems(2)
    for (let n = 0; n < 5; n++) problems.note(n, n, `problem ${n}`)
    assert.deepEqual([problems.list().length, problems.left, problems.none], [2, 3, false])
  })

  test("every verdict has its exit status", () => {
    assert.deepEqual(verdictExit, { valid: 0, "valid with erasures": 0, unverifiable: 2, invalid: 1 })
  })
})

describe("a note", () => {
  const signer = new Signer("sovereign-ledger/1", Buffer.alloc(32, 5))
  const key = parseVerifierKey(verifierKeyText(signer.name, signer.publicKey))
  const checkpoint = { origin: signer.name, size: 12, root: Buffer.alloc(32, 3) }
  const note = signer.note(checkpoint)
  const check = noteChecker(key)

  test("of the pinned key is taken, with other signatures beside it", () => {
    for (const text of [note, `${note}— witness AAAAAAAA\n`]) {
      const checked = check(text)
      assert.ok(checked.ok)
      assert.deepEqual([checked.checkpoint.size, checked.checkpoint.root], [12, checkpoint.root])
    }
  })

  test("with any one character changed is not", () => {
    for (let at = 0; at < note.length; at++) {
      const put = note[at] === "1" ? "2" : "1"
      assert.equal(check(note.slice(0, at) + put + note.slice(at + 1)).ok, false, `character ${at}`)
    }
  })

  test("of another key, another name or another log is not, and says why", () => {
    const why = (text: string) => {
      const checked = check(text)
      return checked.ok ? "" : checked.why
    }
    assert.match(why(new Signer(signer.name, Buffer.alloc(32, 6)).note(checkpoint)), /not signed by the pinned key/)
    assert.match(why(new Signer("other", Buffer.alloc(32, 5)).note(checkpoint)), /not signed by the pinned key/)
    assert.match(why(signer.note({ ...checkpoint, origin: "other" })), /another log, other/)
    assert.match(why("scribble"), /not a well-formed/)
    const [, signature = ""] = signer.note({ ...checkpoint, size: 13 }).split("\n\n")
    assert.match(why(`${note.split("\n\n")[0] ?? ""}\n\n${signature}`), /signature is wrong/)
  })
})
