/** Signed statements: good as they are, bad with anything changed, and never to be taken for a checkpoint. */
import assert from "node:assert/strict"
import { createPublicKey, verify } from "node:crypto"
import { describe, test } from "node:test"
import { parseSignedCheckpoint, parseVerifierKey, verifierKeyText } from "../../src/format/checkpoint.ts"
import { handOverNote } from "../../src/format/hand-over.ts"
import { noteChecker } from "../../src/verify/signature.ts"
import { Signer } from "../../src/vault/signer.ts"
import { compareWithHost } from "../../src/views/completeness.ts"
import type { LedgerRecord } from "../../src/views/completeness-record.ts"
import { checkStatement, mostStatementBytes, signedStatement, statementHead } from "../../src/views/completeness-statement.ts"
import { signedHandOver, signerOfSeed } from "../hand-over-fixture.ts"

const origin = "sovereign-ledger/0123456789abcdef"
const signer = new Signer(origin, Buffer.alloc(32, 7))
const key = parseVerifierKey(verifierKeyText(origin, signer.publicKey))
const isSignedBy = (publicKey: Buffer, text: Buffer, signature: Buffer) =>
  verify(
    null,
    text,
    createPublicKey({ key: Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), publicKey]), format: "der", type: "spki" }),
    signature,
  )

const record: LedgerRecord = {
  origin,
  size: 1_234,
  root: Buffer.alloc(32, 9),
  sinceMs: 5,
  modelCalls: [],
  toolCalls: [],
  runs: new Map(),
  gaps: [],
  canonical: (id) => `~${id}`,
}
const run = { agent: "main", run: "r", atMs: 50 }
const host = { stores: [], modelCalls: [], toolCalls: [], runs: [run] }
const found = compareWithHost(host, record, { fromMs: 0, toMs: 100, run: null, limit: 9, nowMs: 1e6 })
const window = { since: null, until: "2026-11-20T00:00:00.000Z", run: null }
const generatedAt = "2026-11-20T00:00:00.000Z"
const note = signedStatement(found, record, window, generatedAt, { signer, chain: { notes: [] } })
const check = (text: string, by = key) => checkStatement(text, by, isSignedBy)

describe("completeness statements", () => {
  test("tell what was found, of which journal, in the shape of a signed note", () => {
    const [head, json, size, root, empty, signature, end] = note.split("\n")
    assert.deepEqual([head, size, root, empty, end], [statementHead, "1234", record.root.toString("base64"), "", ""])
    assert.match(signature ?? "", /^— sovereign-ledger\/0123456789abcdef [A-Za-z0-9+/]+=*$/)
    const body = JSON.parse(json ?? "") as Record<string, unknown>
    assert.deepEqual([body["verdict"], body["origin"], body["missingSha256"], body["window"]], ["incomplete", origin, found.missingSha256, window])
    assert.deepEqual((body["totals"] as Record<string, unknown>)["run"], { matched: 0, missing: 1, extra: 0, inGaps: 0, beforeRecord: 0 })
    const days = body["days"] as readonly { readonly day: string; readonly totals: Record<string, unknown> }[]
    assert.deepEqual(
      [days.map(({ day }) => day), days[0]?.totals["run"], body["daysTruncated"]],
      [["1970-01-01"], (body["totals"] as Record<string, unknown>)["run"], false],
    )
    assert.ok(!note.includes('"path"'), "no path of the machine leaves it")
  })

  test("are good under the key that signed them", () => {
    const result = check(note)
    assert.ok(result.ok)
    assert.deepEqual([result.verdict, result.size, result.root], ["incomplete", 1_234, record.root.toString("base64")])
  })

  test("are bad with any character changed, added or left out", () => {
    for (let at = 0; at < note.length; at++) {
      for (const changed of [
        note.slice(0, at) + (note[at] === "0" ? "1" : "0") + note.slice(at + 1),
        note.slice(0, at) + note.slice(at + 1),
        `${note.slice(0, at)} ${note.slice(at)}`,
      ]) {
        assert.equal(check(changed).ok, false, `changed at ${at}`)
      }
    }
  })

  test("are bad under another key, also one of the same name", () => {
    for (const [name, seed] of [
      [origin, 8],
      ["sovereign-ledger/ffffffffffffffff", 7],
    ] as const) {
      const other = parseVerifierKey(verifierKeyText(name, new Signer(name, Buffer.alloc(32, seed)).publicKey))
      assert.match(whyOf(check(note, other)), /is not signed by/)
    }
  })

  test("speak of the ledger that signed them", () => {
    const other = signedStatement(found, { ...record, origin: "sovereign-ledger/ffffffffffffffff" }, window, generatedAt, { signer, chain: { notes: [] } })
    assert.match(whyOf(check(other)), /another ledger/)
  })

  test("are no checkpoints, and checkpoints are no statements, whoever signed them", () => {
    const checkpoint = signer.note({ origin, size: 1_234, root: record.root })
    assert.ok(noteChecker(key)(checkpoint).ok)
    assert.equal(parseSignedCheckpoint(note), undefined)
    assert.equal(noteChecker(key)(note).ok, false)
    const refused = check(checkpoint)
    assert.deepEqual([refused.ok, "readable" in refused && refused.readable], [false, false])
    const disguised = signer.note({ origin: statementHead, size: 1_234, root: record.root })
    assert.equal(check(disguised).ok, false)
  })

  test("are refused without being read when they are something else", () => {
    const body = '{"schemaVersion":1,"verdict":"complete"}'
    for (const text of [
      "",
      "\n\n",
      "x".repeat(mostStatementBytes + 1),
      note.replace(statementHead, `${statementHead}2`),
      signer.note({ origin: `${statementHead}\n${body.replace("complete", "perfect")}`, size: 1, root: record.root }),
      signer.note({ origin: `${statementHead}\n${body.replace("1", "2")}`, size: 1, root: record.root }),
      signer.note({ origin: `${statementHead}\n{ "schemaVersion":1,"verdict":"complete"}`, size: 1, root: record.root }),
      signer.note({ origin: `${statementHead}\n${body.replace("}", ',"verdict":"complete"}')}`, size: 1, root: record.root }),
    ]) {
      const refused = check(text)
      assert.deepEqual([refused.ok, "readable" in refused && refused.readable], [false, false], text.slice(0, 80))
    }
  })
})

function whyOf(result: ReturnType<typeof check>): string {
  return result.ok ? "" : result.why
}

describe("completeness statements and hand-overs of the signing key", () => {
  const [two, three, thief] = [2, 3, 4].map((seed) => signerOfSeed(seed, origin)) as [Signer, Signer, Signer]
  const [toTwo, toThree] = [signedHandOver(signer, two, { size: 1_000 }), signedHandOver(two, three, { size: 2_000 })].map((handOver) =>
    handOverNote(handOver),
  ) as [string, string]
  const keyOf = (of: Signer) => parseVerifierKey(of.verifierKey)
  const stated = (by: Signer, notes: readonly string[]) => signedStatement(found, record, window, generatedAt, { signer: by, chain: { notes } })
  const why = (text: string, by: Signer, told?: readonly string[]) => {
    const result = checkStatement(text, keyOf(by), isSignedBy, told)
    return result.ok ? "good" : result.why
  }

  test("are good for whoever trusts a key of the chain", () => {
    for (const key of [signer, two]) assert.equal(why(stated(two, [toTwo]), key), "good")
    assert.equal(why(stated(two, [toTwo]), three), `it is signed by another key, ${two.verifierKey}`)
    assert.equal(why(stated(two, [toTwo]), three, [toTwo, toThree]), "good", "who was told of the next one")
    assert.match(why(stated(two, [toTwo]), thief), /signed by another key/)
  })

  test("are signed by the key in force at their size, and by no other", () => {
    assert.match(why(stated(signer, [toTwo]), signer), /not signed by/)
    assert.match(why(stated(signer, []), signer, [toTwo]), /not signed by/, "an old key signs on")
    assert.equal(why(stated(signer, []), signer), "good", "who was told nothing cannot know")
    assert.match(why(stated(three, [toTwo, toThree]), signer), /not signed by/)
  })

  test("tell no hand-over that is not good", () => {
    const alone = handOverNote(signedHandOver(signer, thief, { size: 1_000 }, { previous: thief }))
    assert.match(why(stated(thief, [alone]), signer), /not good/)
    assert.match(why(stated(thief, ["note"]), signer), /not good/)
    const forked = handOverNote(signedHandOver(signer, thief, { size: 1_000 }))
    assert.match(why(stated(thief, [forked]), signer, [toTwo]), /tells other hand-overs/)
  })
})
