/** The file of a proof: one spelling, its size, and refusal of every other text. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { encodeHeader, leafHash, zeroHash } from "../../src/format/header.ts"
import { inclusionProof, rangeRoot } from "../../src/format/merkle.ts"
import { parseProof, proofText, type InclusionProof, type Proof } from "../../src/format/proof.ts"
import { Signer } from "../../src/vault/signer.ts"
import { parseVerifierKey, verifierKeyText } from "../../src/format/checkpoint.ts"
import { verifyProof } from "../../src/verify/proof.ts"
import { saltedText } from "../../src/format/commitment.ts"
import { largeTree } from "./large-tree.ts"

const origin = "sovereign-ledger/0123456789abcdef"
const signer = new Signer(origin, Buffer.alloc(32, 7))
const verifierKey = verifierKeyText(origin, signer.publicKey)

function headerAt(sequence: number, type: string): Buffer {
  const hash = Buffer.alloc(32, 0x5c)
  return encodeHeader({
    sequence,
    timeMs: 1_795_000_000_000,
    idHash: hash,
    scopeId: Buffer.alloc(16, 3),
    factsHash: hash,
    contentHash: zeroHash,
    previousHash: hash,
    type,
  })
}

const small: InclusionProof = {
  proves: "inclusion",
  header: headerAt(4, "tool.invoked"),
  path: [Buffer.alloc(32, 1), Buffer.alloc(32, 2)],
  checkpoint: signer.note({ origin, size: 9, root: Buffer.alloc(32, 9) }),
  verifierKey,
}
const whole: InclusionProof = {
  ...small,
  id: { salt: Buffer.alloc(32, 4), text: "tool.invoked:-/c4" },
  saltedFacts: saltedText(Buffer.alloc(16, 5), '{"id":"tool.invoked:-/c4"}'),
  saltedContent: saltedText(Buffer.alloc(16, 6), '{"text":"ä€\u2028 \\ud800"}'),
}
const consistency: Proof = { proves: "consistency", older: small.checkpoint, newer: small.checkpoint, path: [], verifierKey }

describe("the size of a proof at 1,000,000 entries", () => {
  const size = 1_000_000
  for (const sequence of [0, 1, 524_287, 777_777, size - 1]) {
    test(`of entry ${sequence}: header, path and signed text are at most 1 kB, the file at most 1.6 kB`, () => {
      const header = headerAt(sequence, sequence === 0 ? "journal.opened" : "capture.hook-unavailable")
      const source = largeTree(size, sequence, leafHash(header))
      const root = rangeRoot(source, 0, size)
      const proof: InclusionProof = {
        ...small,
        header,
        path: inclusionProof(source, sequence, size),
        checkpoint: signer.note({ origin, size, root }),
      }
      const signedBytes = proof.checkpoint.indexOf("\n\n") + 1
      const bytes = header.length + 32 * proof.path.length + signedBytes
      assert.ok(proof.path.length <= 20 && bytes <= 1_000, `${bytes} bytes`)
      const text = proofText(proof)
      assert.ok(Buffer.byteLength(text) <= 1_600, `${Buffer.byteLength(text)} bytes as a file`)
      assert.deepEqual(verifyProof(text, { key: parseVerifierKey(verifierKey) }).problems, [])
      assert.equal(verifyProof(text, { key: parseVerifierKey(verifierKey) }).verdict, "valid")
    })
  }
})

describe("a proof has one spelling", () => {
  for (const [what, proof] of [
    ["header only", small],
    ["with all that can be disclosed", whole],
    ["of consistency", consistency],
  ] as const) {
    test(`${what}: written, read, written again`, () => {
      const text = proofText(proof)
      for (const file of [text, `${text}\n`, `${text}\r\n`]) {
        const parsed = parseProof(file)
        assert.ok("proof" in parsed)
        assert.equal(proofText(parsed.proof), text)
      }
      const parsed = parseProof(text)
      const absent = proof.proves === "inclusion" ? { id: undefined, saltedFacts: undefined, saltedContent: undefined } : {}
      assert.deepEqual("proof" in parsed && parsed.proof, { ...absent, ...proof })
    })
  }

  test("the members stand in the order of the specification", () => {
    const names = (proof: Proof) => Object.keys(JSON.parse(proofText(proof)) as object)
    assert.deepEqual(names(small), ["proofFormat", "proves", "entry", "inclusion", "checkpoint", "verifierKey"])
    assert.deepEqual(names(whole).slice(2, 9), ["entry", "idSalt", "id", "factsSalt", "facts", "contentSalt", "content"])
    assert.deepEqual(names(consistency), ["proofFormat", "proves", "older", "newer", "consistency", "verifierKey"])
  })

  test("an id that is not well-formed Unicode is written with U+FFFD", () => {
    const text = proofText({ ...small, id: { salt: Buffer.alloc(32), text: "a\ud800b" } })
    assert.match(text, /"id":"a\ufffdb"/)
    assert.ok("proof" in parseProof(text))
  })
})

describe("what is no proof, and what is a wrong one", () => {
  const text = proofText(whole)
  const fields = JSON.parse(text) as Record<string, unknown>
  const said = (file: string) => Object.keys(parseProof(file))[0]
  const edited = (change: Record<string, unknown>) => JSON.stringify({ ...fields, ...change })

  test("no JSON, no object, another format or another kind is unreadable", () => {
    for (const file of ["", "hello", "[]", "1", '"x"', "null", text.slice(0, -1), `\ufeff${text}`, `${text}x`])
      assert.equal(said(file), "unreadable", file.slice(0, 20))
    for (const change of [{ proofFormat: 2 }, { proofFormat: "1" }, { proofFormat: null }, { proves: "exclusion" }, { proves: ["inclusion"] }])
      assert.equal(said(edited(change)), "unreadable")
  })

  test("a member that is missing, of another type or not in its one encoding is wrong", () => {
    for (const name of Object.keys(fields).slice(2)) {
      for (const value of [undefined, null, 3, {}, []]) {
        if (name === "inclusion" && Array.isArray(value)) continue
        assert.equal(said(edited({ [name]: value })), "wrong", `${name} as ${JSON.stringify(value)}`)
      }
    }
    for (const change of [
      { entry: `${String(fields["entry"])}=` },
      { entry: `${String(fields["entry"])}!` },
      { factsSalt: "AAAA" },
      { idSalt: "AAAA" },
      { inclusion: ["AB"] },
      { inclusion: [Buffer.alloc(32, 255).toString("base64")] },
      { inclusion: [3] },
      { inclusion: { length: 0 } },
    ])
      assert.equal(said(edited(change)), "wrong", JSON.stringify(change))
  })

  test("another order, a member more, one twice, white space, another form of a number are wrong", () => {
    const { verifierKey, ...others } = fields
    for (const file of [
      JSON.stringify({ verifierKey, ...others }),
      edited({ more: 1 }),
      edited({ proven: true }),
      text.replace('{"proofFormat":1', '{"proofFormat":1,"proofFormat":1'),
      text.replace('{"proofFormat":1', '{"proofFormat":2,"proofFormat":1'),
      text.replace('{"proofFormat":1', '{"proofFormat":1.0'),
      text.replace('{"proofFormat":1', '{ "proofFormat":1'),
      text.replace("tool.invoked:-/c4", "tool.invoked:\\u002d/c4"),
      `${text}\n\n`,
      ` ${text}`,
    ])
      assert.equal(said(file), "wrong", file.slice(0, 40))
  })

  test("a lone surrogate is wrong wherever it stands", () => {
    for (const name of ["id", "facts", "content", "checkpoint", "verifierKey"])
      assert.equal(said(edited({ [name]: `${String(fields[name])}\ud800` })), "wrong", name)
  })
})
