/** Proofs of a real ledger, checked with nothing but their text and a key: good ones hold, and no byte of them may be another. */
import assert from "node:assert/strict"
import { after, describe, test } from "node:test"
import fc from "fast-check"
import { parseVerifierKey, verifierKeyText } from "../../src/format/checkpoint.ts"
import { proofText, type ConsistencyProof, type InclusionProof, type Proof } from "../../src/format/proof.ts"
import { Signer } from "../../src/vault/signer.ts"
import { verifyProof } from "../../src/verify/proof.ts"
import { headCheckpoint, storedCheckpoint } from "../../src/views/checkpoints.ts"
import { proveConsistency, proveEntry } from "../../src/views/proof.ts"
import { handOverNote } from "../../src/format/hand-over.ts"
import { signedHandOver } from "../hand-over-fixture.ts"
import { handedOverTwice } from "../journal/handed-over.ts"
import { temporaryLedger } from "../ledger-fixture.ts"
import { nonsenseKey, signedEntries, signedEntry } from "./signed-entry.ts"

const ledger = temporaryLedger({ after })
for (const count of [99, 201, 399]) {
  ledger.append(count)
  ledger.checkpoint()
}
const access = ledger.read()
const key = parseVerifierKey(ledger.keys().store.verifierKey)
const stranger = new Signer(key.name, Buffer.alloc(32, 1))
const head = headCheckpoint(access, undefined)
const everything = { id: true, facts: true, content: true }
const nothing = { id: false, facts: false, content: false }

function provenAt(sequence: number, disclosure = nothing, note: Parameters<typeof proveEntry>[2] = head): InclusionProof {
  const entry = access.reader.entry(sequence)
  assert.ok(entry)
  return proveEntry(access, entry, note, disclosure)
}

const verdictOf = (proof: Proof | string, used: typeof key | null = key) =>
  verifyProof(typeof proof === "string" ? proof : proofText(proof), { key: used ?? undefined })

describe("inclusion", () => {
  test("of every entry, against the head and against every stored checkpoint that covers it", () => {
    for (let sequence = 0; sequence < 700; sequence += sequence < 260 ? 1 : 37) {
      for (const size of [100, 301, 700].filter((size) => size > sequence)) {
        const report = verdictOf(provenAt(sequence, nothing, storedCheckpoint(access, size)))
        assert.deepEqual([report.verdict, report.problems, report.entry?.sequence, report.checkpoints[0]?.size], ["valid", [], sequence, size])
      }
    }
  })

  test("says in a sentence what it proves, and shows what was disclosed and nothing else", () => {
    const bare = verdictOf(provenAt(2))
    assert.match(bare.statement, /^Entry #2, message\.received, recorded 2026-\S+Z, is one of the first 700 entries of sovereign-ledger\/[0-9a-f]{16}\.$/)
    assert.deepEqual([bare.entry?.id, bare.entry?.facts, bare.entry?.content], [null, null, null])
    const full = verdictOf(provenAt(2, everything))
    assert.deepEqual([full.verdict, full.entry?.id, full.entry?.facts?.["channel"]], ["valid", "message.received:2", "telegram"])
    assert.match(String(full.entry?.content?.["text"]), /^words of event 2/)
    assert.equal(verdictOf(provenAt(2, { ...nothing, id: true })).entry?.id, "message.received:2")
    const text = proofText(provenAt(2))
    for (const secret of ["telegram", "words of event", "message.received:2"]) assert.ok(!text.includes(secret), secret)
  })

  test("without a key it is unverifiable, under another key invalid", () => {
    const proof = provenAt(5, everything)
    assert.deepEqual([verdictOf(proof, null).verdict, verdictOf(proof, null).problems], ["unverifiable", []])
    assert.equal(verdictOf(proof, parseVerifierKey(verifierKeyText(stranger.name, stranger.publicKey))).verdict, "invalid")
  })

  test("nothing of it may be another: header, path, texts, salts, note, key", () => {
    const proof = provenAt(9, everything)
    const fields = JSON.parse(proofText(proof)) as Record<string, unknown>
    for (const [name, value] of Object.entries(fields).slice(2)) {
      const others = Array.isArray(value)
        ? [value.slice(1), value.slice(0, -1), [...(value as string[])].reverse(), [...value, value[0]], (value as string[]).map(bentText)]
        : [bentText(String(value))]
      for (const other of others) assert.equal(verdictOf(JSON.stringify({ ...fields, [name]: other })).verdict, "invalid", name)
    }
    for (const space of [" ", "\n"]) {
      const spaced = JSON.stringify({ ...fields, verifierKey: `${String(fields["verifierKey"])}${space}` })
      assert.equal(verdictOf(spaced).verdict, "invalid", "a key is told exactly")
    }
    for (const pair of [
      ["idSalt", "id"],
      ["factsSalt", "facts"],
      ["contentSalt", "content"],
    ]) {
      const less = JSON.stringify(Object.fromEntries(Object.entries(fields).filter(([name]) => !pair.includes(name))))
      assert.equal(verdictOf(less).verdict, "valid", `without ${pair[1]} it is another proof, as good as this`)
    }
  })

  test("of another entry, checkpoint or journal it does not hold", () => {
    const [proof, other] = [provenAt(9), provenAt(10)]
    assert.match(verdictOf({ ...proof, header: other.header }).problems.join(), /not in the tree/)
    assert.match(verdictOf({ ...proof, path: other.path }).problems.join(), /not in the tree/)
    assert.match(verdictOf({ ...proof, checkpoint: storedCheckpoint(access, 100).text }).problems.join(), /not in the tree/)
    const forged = stranger.note({ origin: key.name, size: 700, root: Buffer.alloc(32) })
    assert.match(verdictOf({ ...proof, checkpoint: forged }).problems.join(), /not signed by the pinned key/)
  })

  test("what is asked for and cannot be shown is a fault, not a smaller proof", () => {
    const without = [...access.reader.entries(0, 20)].find(({ place }) => place === null)
    assert.ok(without)
    assert.throws(() => proveEntry(access, without, head, { ...nothing, content: true }), /content of entry #\d+ cannot be disclosed: it has none/)
    assert.throws(() => provenAt(100, nothing, storedCheckpoint(access, 100)), /#100 is not among the first 100 entries/)
  })
})

describe("entries that only the holder of the key could make", () => {
  for (const [what, verdict, entry] of signedEntries) {
    test(`${what}: ${verdict}`, () => {
      const report = verdictOf(signedEntry(entry), parseVerifierKey(nonsenseKey))
      assert.equal(report.verdict, verdict, report.problems.join())
    })
  }
})

describe("consistency", () => {
  const between = (from: number, to: number): ConsistencyProof => proveConsistency(access, storedCheckpoint(access, from), storedCheckpoint(access, to))

  test("between every pair of stored checkpoints", () => {
    const sizes = access.reader.checkpoints().map(({ size }) => size)
    assert.deepEqual(sizes, [1, 100, 301, 700])
    for (const to of sizes)
      for (const from of sizes.filter((size) => size <= to)) assert.deepEqual(verdictOf(between(from, to)).problems, [], `${from} to ${to}`)
    assert.match(verdictOf(between(100, 700)).statement, /^The first 100 of the 700 entries/)
    assert.throws(() => between(700, 100), /swap them/)
  })

  test("not between checkpoints in another order, nor to one over other entries", () => {
    const proof = between(100, 301)
    assert.equal(verdictOf({ ...proof, older: proof.newer, newer: proof.older }).verdict, "invalid")
    const fork = ledger.keys().signer.note({ origin: key.name, size: 301, root: Buffer.alloc(32, 1) })
    assert.match(verdictOf({ ...proof, newer: fork }).problems.join(), /not a continuation/)
    assert.match(verdictOf({ ...proof, path: proof.path.slice(1) }).problems.join(), /not a continuation/)
    assert.equal(verdictOf(proof, null).verdict, "unverifiable")
  })
})

describe("after the signing key was handed over", () => {
  const { plain, twice, real, second, third, thief } = handedOverTwice({ after })
  const handed = twice.read()
  const keyOf = (signer: Signer) => parseVerifierKey(signer.verifierKey)
  const notes = [300, 301, 311, 312, 313, 323].flatMap((size) => (handed.reader.checkpoint(size) ? [storedCheckpoint(handed, size)] : []))
  const entry = (sequence: number) => handed.reader.entry(sequence) ?? assert.fail()

  test("a proof holds under every key of the chain, also where the two checkpoints are signed by different ones", () => {
    assert.ok(notes.length >= 4)
    for (const older of notes) {
      for (const newer of notes.filter((note) => note.checkpoint.size >= older.checkpoint.size)) {
        const text = proofText(proveConsistency(handed, older, newer))
        for (const signer of [real, second, third]) assert.deepEqual(verifyProof(text, { key: keyOf(signer) }).problems, [])
        assert.equal(verifyProof(text, { key: keyOf(thief) }).verdict, "invalid")
      }
    }
    const inclusion = verifyProof(proofText(proveEntry(handed, entry(2), notes[0] ?? assert.fail(), everything)), { key: keyOf(third) })
    assert.equal(inclusion.verdict, "valid")
    assert.equal(verifyProof(proofText(proveEntry(handed, entry(3), notes.at(-1) ?? assert.fail(), nothing)), { key: keyOf(real) }).verdict, "valid")
  })

  test("a proof can be made of each entry while they are walked", () => {
    const newest = notes.at(-1) ?? assert.fail()
    for (const one of handed.reader.entries(298, 302))
      assert.equal(verifyProof(proofText(proveEntry(handed, one, newest, nothing)), { key: keyOf(real) }).verdict, "valid")
  })

  test("a proof of the time before holds under a newer key only with the hand-overs told beside it", () => {
    const before = plain.read()
    const text = proofText(proveEntry(before, before.reader.entry(3) ?? assert.fail(), headCheckpoint(before, undefined), nothing))
    assert.equal(verifyProof(text, { key: keyOf(real) }).verdict, "valid")
    assert.equal(verifyProof(text, { key: keyOf(third) }).verdict, "invalid")
    assert.equal(verifyProof(text, { key: keyOf(third), handOvers: twice.keys().store.handOvers }).verdict, "valid")
  })

  test("nobody leads the chain to a key of his own, and no key signs beyond its time", () => {
    const good = proveConsistency(handed, notes[0] ?? assert.fail(), notes.at(-1) ?? assert.fail())
    const [first = "", last = ""] = good.handOvers ?? []
    const stolen = handOverNote(signedHandOver(third, thief, { size: 400 }, { previous: thief }))
    for (const handOvers of [[first], [last], [last, first], [first, first, last], [first, last, stolen]]) {
      for (const signer of [real, second, third, thief]) {
        assert.equal(verifyProof(proofText({ ...good, handOvers }), { key: keyOf(signer) }).verdict, "invalid")
        assert.equal(verifyProof(proofText({ ...good, handOvers, verifierKey: thief.verifierKey }), { key: keyOf(signer) }).verdict, "invalid")
      }
    }
    const { size, root } = notes.at(-1)?.checkpoint ?? assert.fail()
    const late = real.note({ origin: real.name, size, root })
    const report = verifyProof(proofText({ ...good, newer: late }), { key: keyOf(real) })
    assert.match(report.problems.join(), /handed over at entry #300 and signs nothing larger/)
  })
})

describe("whatever is sent", () => {
  const texts = [provenAt(9, everything), provenAt(0), provenAt(699), proveConsistency(access, storedCheckpoint(access, 100), head)].map((proof) =>
    proofText(proof),
  )

  test("no bit of a proof may be another, and none makes the check throw", () => {
    fc.assert(
      fc.property(fc.constantFrom(...texts), fc.nat(), fc.integer({ min: 0, max: 7 }), (text, at, bit) => {
        const bytes = Buffer.from(text)
        const place = at % bytes.length
        bytes.writeUInt8(bytes.readUInt8(place) ^ (1 << bit), place)
        assert.notEqual(verdictOf(bytes.toString("utf8")).verdict, "valid", bytes.toString("utf8").slice(Math.max(0, place - 20), place + 20))
      }),
      { numRuns: 1_500 },
    )
  })

  test("no text throws", () => {
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        fc.string(),
        fc.integer(),
        fc.constant(null),
        fc.base64String(),
        fc.array(tie("any"), { maxLength: 4 }),
        fc.constant(texts[0]?.slice(40, 300)),
      ),
    })).any
    const shape = fc.record(
      {
        proofFormat: fc.constant(1),
        proves: fc.constantFrom("inclusion", "consistency"),
        entry: value,
        facts: value,
        factsSalt: value,
        inclusion: value,
        consistency: value,
        checkpoint: value,
        older: value,
        newer: value,
        verifierKey: fc.oneof(value, fc.constant(ledger.keys().store.verifierKey)),
      },
      { requiredKeys: ["proofFormat", "proves"] },
    )
    fc.assert(
      fc.property(
        fc.oneof(
          shape.map((fields) => JSON.stringify(fields)),
          fc.string(),
          fc.json(),
        ),
        (text) => {
          assert.notEqual(verdictOf(text).verdict, "valid")
          assert.notEqual(verdictOf(text, null).verdict, "valid")
        },
      ),
      { numRuns: 1_000 },
    )
  })
})

/** The text with one of its letters or digits another one. */
function bentText(text: string): string {
  const at = Math.floor(text.length / 2)
  const place = at + Math.max(0, text.slice(at).search(/[A-Za-z0-9]/))
  return `${text.slice(0, place)}${text[place] === "7" ? "8" : "7"}${text.slice(place + 1)}`
}
