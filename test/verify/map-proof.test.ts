/** Proofs from the map of event ids in the hands of an attacker: none that somebody did something to verifies, and nothing in one crashes or holds up who checks it. */
import assert from "node:assert/strict"
import { after, describe, test } from "node:test"
import { parseVerifierKey } from "../../src/format/checkpoint.ts"
import { idHash } from "../../src/format/commitment.ts"
import { mapProofText, parseMapProof, type MapProof } from "../../src/format/map-proof.ts"
import { verifyMapProof } from "../../src/verify/map-proof.ts"
import { eventAt, temporaryLedger } from "../ledger-fixture.ts"
import { asking, commitMap, mapProofOf } from "../map-ledger.ts"
import { nonsenseKey } from "./signed-entry.ts"
import { expectNoneValid, goodMapProofs } from "./map-proof-cases.ts"

const seed = Math.floor(Math.random() * 2 ** 31)

describe("a proof from the map", () => {
  const { ledger, texts, trusted } = goodMapProofs({ after })
  const [present, absent] = [mapProofOf(ledger, eventAt(20).id), mapProofOf(ledger, "tool.invoked:none")]
  const judge = (text: string) => verifyMapProof(text, trusted)
  const proofIn = (text: string): MapProof => {
    const parsed = parseMapProof(text)
    if (parsed === "other" || "wrong" in parsed) return assert.fail("a good proof does not parse")
    return parsed.proof
  }

  test("is what its parts are written as", () => {
    for (const text of texts) assert.equal(mapProofText(proofIn(text)), text)
    for (const text of texts) assert.equal(judge(`${text}\n`)?.verdict, "valid")
  })

  test("that something was done to is not valid: 2,000 of them", () => {
    assert.equal(expectNoneValid({ texts, trusted }, 2_000, seed), 2_000)
  })

  test("cannot say of an event that is recorded that it is not, nor the other way round", () => {
    const [here, gone] = [proofIn(present), proofIn(absent)]
    const key = idHash(here.idSalt ?? Buffer.alloc(32), here.id)
    const forged: readonly [string, MapProof][] = [
      ["nothing at its place", { ...here, proves: "not-recorded", leaf: undefined }],
      ["itself as another", { ...here, proves: "not-recorded", leaf: undefined, other: Buffer.concat([key, here.leaf ?? key]) }],
      ["the place of another id", { ...gone, id: here.id }],
      ["the place of another id, by its leaf", { ...gone, proves: "recorded", other: undefined, leaf: here.leaf }],
      ["its parent as empty", { ...here, proves: "not-recorded", leaf: undefined, depth: here.depth - 1, siblings: here.siblings.slice(0, -1) }],
      ["an id that is not, with the leaf of one that is", { ...here, id: gone.id }],
      ["another leaf", { ...here, leaf: key }],
      ["another salt, under which nothing is on record", { ...gone, id: here.id, idSalt: Buffer.alloc(32, 7) }],
    ]
    for (const [what, proof] of forged) assert.equal(judge(mapProofText(proof))?.verdict, "invalid", what)
  })

  test("by a salt of one's own leads nowhere, though the map be made for it", (t) => {
    // A ledger whose keys are made with another salt: its proofs are right by themselves, and of no use for this one's root.
    const other = temporaryLedger(t)
    other.append(30)
    commitMap(other)
    const theirs = proofIn(mapProofOf(other, eventAt(20).id))
    const report = judge(mapProofText({ ...theirs, committed: proofIn(present).committed }))
    assert.equal(report?.verdict, "invalid")
    assert.ok(report?.problems.some((problem) => problem.startsWith("the salt is not that of this journal")))
    assert.equal(judge(mapProofText(theirs))?.verdict, "invalid")
  })

  test("needs the entry that has the root: not another one, not another root, and a key that vouches for it", () => {
    const proof = proofIn(absent)
    const elsewhere = asking(ledger, ({ reader }) => reader.size())
    assert.ok(elsewhere > proof.size)
    for (const changed of [{ size: proof.size - 1 }, { size: proof.size + 1 }, { root: Buffer.alloc(32, 1) }]) {
      assert.equal(judge(mapProofText({ ...proof, ...changed }))?.verdict, "invalid")
    }
    const header = proof.committed && { ...proof.committed, saltedFacts: undefined }
    assert.equal(judge(mapProofText({ ...proof, committed: header }))?.verdict, "invalid")
    assert.equal(verifyMapProof(absent, { key: parseVerifierKey(nonsenseKey) })?.verdict, "invalid")
    assert.equal(verifyMapProof(absent, { key: undefined })?.verdict, "unverifiable")
    assert.equal(verifyMapProof(mapProofOf(ledger, "x", true), trusted)?.verdict, "unverifiable")
  })

  test("may be as deep, as long and as wide as it likes", () => {
    const fields = JSON.parse(absent) as Record<string, unknown>
    const written = (changed: object) => JSON.stringify({ ...fields, ...changed })
    const huge = Buffer.alloc(1 << 20, 3).toString("base64url")
    const nested = `${"[".repeat(200_000)}${"]".repeat(200_000)}`
    const cases: readonly [string, string, string | undefined][] = [
      ["a million siblings", written({ siblings: huge }), "invalid"],
      ["a million levels", written({ levels: huge }), "invalid"],
      ["a depth beyond keys", written({ depth: 257, levels: Buffer.alloc(33, 255).toString("base64url") }), "invalid"],
      ["a list of siblings", written({ siblings: Array.from({ length: 100_000 }, () => "A") }), "invalid"],
      ["nesting in place of the root", absent.replace(/"committed":.*$/, `"committed":${nested}}`), "invalid"],
      ["nesting in the facts of the root", written({ committed: { ...(fields["committed"] as object), facts: nested } }), "invalid"],
      ["nesting", nested, undefined],
      ["more than any proof", `${absent.slice(0, -1)},"x":"${"x".repeat(1 << 23)}"}`, undefined],
      ["nothing", "", undefined],
      ["null", "null", undefined],
    ]
    for (const [what, text, verdict] of cases) assert.equal(judge(text)?.verdict, verdict, what)
  })
})
