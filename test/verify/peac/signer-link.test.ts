/** Who may say of receipts that none was left out: a ledger's own bundle, and what somebody makes of it whose key is pinned, too. */
import assert from "node:assert/strict"
import { after, describe, test } from "node:test"
import type { JsonObject } from "../../../src/base/json.ts"
import { jwkOf, type PublicJwk } from "../../../src/format/peac/key-set.ts"
import { parseKeys, type RecordKey } from "../../../src/format/peac/keys.ts"
import { memorySource } from "../../../src/verify/byte-source.ts"
import { heldTogether } from "../../../src/verify/evidence/together.ts"
import { examine } from "../../../src/verify/evidence/examine.ts"
import { joinPins, noPins, parsePins, type Pins } from "../../../src/verify/evidence/pins.ts"
import { verifyBundle } from "../../../src/verify/peac/bundle.ts"
import { recordsText } from "../../../src/surfaces/render/records-text.ts"
import type { Terminal } from "../../../src/surfaces/cli/terminal.ts"
import { receiptKeys } from "../../../src/views/receipt-keys.ts"
import { signerOfSeed, signedHandOver } from "../../hand-over-fixture.ts"
import { handOverNote } from "../../../src/format/hand-over.ts"
import { temporaryLedger } from "../../ledger-fixture.ts"
import { asking } from "../../map-ledger.ts"
import { forkedLedger, issueSome, ledgerBundle } from "./ledger-bundles.ts"
import { bundleFiles, claimsOf, jwsOf, newKey, resigned, zipOf, type BundleFiles } from "./made-records.ts"

const keysIn = (keys: readonly object[]): readonly RecordKey[] => {
  const parsed = parseKeys(JSON.stringify({ keys }))
  assert.ok("value" in parsed)
  return parsed.value
}

describe("a ledger's bundle", () => {
  const ledger = temporaryLedger({ after })
  issueSome(ledger, 5)
  const own = ledgerBundle(ledger)
  const published = (): readonly PublicJwk[] => asking(ledger, receiptKeys).keys
  const before = published()
  const stranger = newKey()
  const log = ledger.keys().store.origin
  const told = (files: BundleFiles, keys = keysIn([...before, stranger.jwk])) => verifyBundle(zipOf(files), keys)

  test("is valid by its own key, and says which that is", () => {
    const { verdict, bundleSigner, whole, notes } = told(own)
    assert.deepEqual([verdict, bundleSigner, whole?.count], ["valid", before[0]?.kid, 5])
    assert.ok(!notes.join().includes("checkpoint"), "that of the journal is by the same key")
  })

  test("is not another issuer's to make, whose key is pinned beside it or in the same file", () => {
    const stolen = resigned(own, stranger)
    for (const keys of [keysIn([...before, stranger.jwk]), [...keysIn(before), ...keysIn([stranger.jwk])]]) {
      const { verdict, bundleSignature, bundleSigner, whole, valid, notes } = told(stolen, keys)
      assert.deepEqual([verdict, bundleSignature, bundleSigner, whole, valid], ["unverifiable", "untrusted", stranger.kid, null, 5])
      assert.match(notes.join("\n"), /one issuer cannot say of another that none was left out/)
    }
    const signer = signerOfSeed(7, log)
    const linked = jwkOf(signer.publicKey)
    const note = (changes = {}) => handOverNote(signedHandOver(signerOfSeed(8, log), signer, changes))
    const claimed = resigned(own, stranger, { handOvers: [note()] })
    assert.equal(told(claimed, keysIn([...before, stranger.jwk, linked])).verdict, "unverifiable", "hand-overs of other keys link nothing")
    const broken = resigned(own, stranger, { handOvers: [note({ size: 11 }).replace("\n11\n", "\n12\n")] })
    assert.match(told(broken).problems.join(), /hand-overs of the signing key are not good/)
    const elsewhere = handOverNote(signedHandOver(signerOfSeed(8), signerOfSeed(7)))
    assert.match(told(resigned(own, stranger, { handOvers: [elsewhere] })).problems.join(), /those of another ledger/)
  })

  for (const [what, changes, problem] of [
    ["of another ledger", { log: "sovereign-ledger/ffffffffffffffff", checkpoint: null }, /does not say that it is of sovereign-ledger\/ffffffffffffffff/],
    ["of other entries", { sequences: { first: 900_000, last: 900_001 } }, /not of the entries of the journal that it says/],
    ["with a checkpoint that is none", { checkpoint: "not a checkpoint at all" }, /its checkpoint is no checkpoint of/],
  ] as const) {
    test(`that says it is ${what} is invalid, whoever signed it`, () => {
      const { verdict, problems } = told(resigned(own, stranger, changes))
      assert.deepEqual([verdict, problems.length], ["invalid", 1])
      assert.match(problems.join(), problem)
    })
  }

  test("has a checkpoint that its key signed, where that is pinned; else that is told", () => {
    const { checkpoint } = JSON.parse(String(own.get("completeness.json"))) as { checkpoint: string }
    const other = checkpoint.replace(/\n(\d+)\n/, (_, size: string) => `\n${Number(size) + 1}\n`)
    assert.match(told(resigned(own, stranger, { checkpoint: other })).problems.join(), /signature of its checkpoint is wrong/)
    const [unknown] = [told(own, keysIn([stranger.jwk]))]
    assert.match(unknown.notes.join("\n"), /checkpoint of the journal in it is signed by no pinned key/)
  })

  test("is not by a key that gave its place away before its receipts were issued", (t) => {
    const handed = temporaryLedger(t)
    const { signer: retired } = handed.keys()
    const { kid } = jwkOf(retired.publicKey)
    handed.close()
    handed.handOver()
    issueSome(handed, 3)
    const keys = keysIn(asking(handed, receiptKeys).keys)
    const handOvers = asking(handed, (access) => [...access.keyChain().notes])
    const made = ledgerBundle(handed)
    assert.equal(told(made, keys).verdict, "valid")
    const byRetired = resigned(made, { kid, sign: (bytes) => retired.sign(bytes.toString()) }, { handOvers })
    assert.deepEqual([told(byRetired, keys).verdict, told(byRetired, keys).bundleSignature], ["unverifiable", "untrusted"])
  })

  test("after hand-overs is by the key that signs now, which they lead to; and not without them", async () => {
    ledger.close()
    ledger.handOver()
    ledger.handOver()
    const files = ledgerBundle(ledger)
    const keys = published()
    assert.equal(keys.length, 3)
    const { verdict, bundleSigner, whole } = told(files, keysIn(keys))
    assert.deepEqual([verdict, bundleSigner, whole?.count], ["valid", keys[2]?.kid, 5])
    assert.equal(
      told(
        files,
        [keys[0], keys[2]].flatMap((key) => (key ? keysIn([key]) : [])),
      ).verdict,
      "valid",
      "by keys from two files",
    )
    const finding = await examine(memorySource("a.peacbundle", zipOf(files)), pinned(JSON.stringify({ keys })))
    assert.deepEqual(
      [finding.verdict, finding.keys.map(({ key, signed }) => [key, signed])],
      [
        "valid",
        [
          [keys[0]?.kid, "5 receipts"],
          [keys[2]?.kid, "the list of receipts"],
        ],
      ],
    )
    const { signer } = ledger.keys()
    const without = resigned(files, { kid: keys[2]?.kid ?? "", sign: (bytes) => signer.sign(bytes.toString()) }, { handOvers: [] })
    assert.deepEqual([told(without, keysIn(keys)).verdict, told(without, keysIn(keys)).bundleSignature], ["unverifiable", "untrusted"])
  })
})

test("a bundle of no ledger is for keys of one file to sign, and for no other that is pinned", () => {
  const [issuer, next, stranger] = [newKey(), newKey(), newKey()]
  const records = [1, 2].map((n) => ({ claims: claimsOf(n), jws: jwsOf(claimsOf(n), issuer) }))
  const verdicts = (by: typeof issuer) => {
    const bytes = zipOf(bundleFiles(records, by))
    return [
      keysIn([issuer.jwk, next.jwk, stranger.jwk]),
      [...keysIn([issuer.jwk, next.jwk]), ...keysIn([stranger.jwk])],
      pinned(JSON.stringify({ keys: [issuer.jwk] }), JSON.stringify({ keys: [issuer.jwk, next.jwk] }), JSON.stringify({ keys: [stranger.jwk] })).records,
    ].map((keys) => verifyBundle(bytes, keys).verdict)
  }
  assert.deepEqual(verdicts(issuer), ["valid", "valid", "valid"])
  assert.deepEqual(verdicts(next), ["valid", "valid", "valid"])
  assert.deepEqual(verdicts(stranger), ["valid", "unverifiable", "unverifiable"])
})

test("of a bundle that says nothing of what is not in it nobody says that none was left out", async () => {
  const key = newKey()
  const claims = claimsOf(1)
  const bytes = zipOf(bundleFiles([{ claims, jws: jwsOf(claims, key) }], key))
  const finding = await examine(memorySource("a.peacbundle", bytes), pinned(JSON.stringify({ keys: [key.jwk] })))
  const terminal = { colors: new Proxy({}, { get: () => (text: string) => text }) } as unknown as Terminal
  for (const said of [JSON.stringify(finding), recordsText(verifyBundle(bytes, keysIn([key.jwk])), "a.peacbundle", terminal)]) {
    assert.match(said, /Whether records were left out before the bundle was made is not said in it/)
    assert.equal(said.split("left out").length, 2, said)
  }
})

test("bundles of one ledger that are given together say what they share, and contradict each other where a number is two receipts", async (t) => {
  const { one, other, keys } = forkedLedger(t, 6)
  const found = async (...files: readonly BundleFiles[]) => {
    const given = []
    for (const [at, each] of files.entries()) given.push({ file: `${at}.peacbundle`, finding: await examine(memorySource("x", zipOf(each)), pinned(keys)) })
    const together = heldTogether(given)
    for (const { finding } of given) assert.equal(finding.verdict, "valid", "by itself")
    return together.map(({ verdict, problems, notes }) => [verdict, ...problems, ...notes.filter((note) => /peacbundle/.test(note))])
  }
  const [low, high] = [ledgerBundle(one, 1, 4), ledgerBundle(one, 3)]
  assert.deepEqual(await found(low, high), [
    ["valid", "2 receipts of it, from number 3 to 4, are in 1.peacbundle, too."],
    ["valid", "2 receipts of it, from number 3 to 4, are in 0.peacbundle, too."],
  ])
  assert.deepEqual(await found(low, ledgerBundle(one, 5)), [["valid"], ["valid"]])
  const log = one.keys().store.origin
  assert.deepEqual(await found(low, ledgerBundle(other, 4), ledgerBundle(one, 5, 5)), [
    ["invalid", `receipt 4 of ${log} is another one in 1.peacbundle`],
    ["invalid", `receipt 4 of ${log} is another one in 0.peacbundle`, `receipt 5 of ${log} is another one in 2.peacbundle`],
    ["invalid", `receipt 5 of ${log} is another one in 1.peacbundle`],
  ])
})

test("of a key that others may have no stranger vouches for records", () => {
  const [old, next, stranger] = [newKey(), newKey(), newKey()]
  const claims: JsonObject = claimsOf(1)
  const revoked = { keys: [old.jwk, next.jwk], revoked_keys: [{ kid: old.kid, revoked_at: "2026-11-20T12:00:00Z", reason: "key_compromise" }] }
  const keys = pinned(JSON.stringify(revoked), JSON.stringify({ keys: [stranger.jwk] })).records
  const report = (by: typeof old) => verifyBundle(zipOf(bundleFiles([{ claims, jws: jwsOf(claims, old) }], by)), keys)
  assert.deepEqual([report(next).verdict, report(next).valid], ["valid", 1])
  assert.deepEqual([report(stranger).verdict, report(stranger).valid], ["unverifiable", 0])
})

function pinned(...texts: readonly string[]): Pins {
  const all = texts.map((text) => parsePins(text))
  return joinPins(all.map((pins) => ("problem" in pins ? noPins : pins)))
}
