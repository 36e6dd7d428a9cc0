/** Keys that were revoked: what they signed before and after, loose and in bundles, and a thief who writes the time that suits. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { validateRevokedKeys, REVOCATION_REASONS } from "@peac/schema"
import type { JsonObject } from "../../../src/base/json.ts"
import { parseIssuer, parseKeys, withRevocations, type RecordKey } from "../../../src/format/peac/keys.ts"
import { revocationReasons } from "../../../src/format/peac/revocation.ts"
import { memorySource } from "../../../src/verify/byte-source.ts"
import { examine } from "../../../src/verify/evidence/examine.ts"
import { joinPins, parsePins, type Pins } from "../../../src/verify/evidence/pins.ts"
import { verifyBundle } from "../../../src/verify/peac/bundle.ts"
import { RecordJudge } from "../../../src/verify/peac/records.ts"
import { bundleFiles, claimsOf, jwsOf, newKey, zipOf } from "./made-records.ts"

const [old, next] = [newKey(), newKey()]
/** Between the records 4 and 5, and before bundles are made. */
const revokedAt = new Date((1_795_170_046 + 5) * 1_000).toISOString()
const benign = ["superseded", "cessation_of_operation", "privilege_withdrawn"]

function jwks(reason?: string, at = revokedAt): string {
  return JSON.stringify({ keys: [old.jwk, next.jwk], revoked_keys: [{ kid: old.kid, revoked_at: at, ...(reason === undefined ? {} : { reason }) }] })
}

function keysOf(text: string): readonly RecordKey[] {
  const parsed = parseKeys(text)
  assert.ok("value" in parsed, "problem" in parsed ? parsed.problem : "")
  return parsed.value
}

function pinsOf(...texts: readonly string[]): Pins {
  return joinPins(
    texts.map((text) => {
      const pins = parsePins(text)
      assert.ok(!("problem" in pins), "problem" in pins ? pins.problem : "")
      return pins
    }),
  )
}

const recordAt = (n: number, key = old) => jwsOf(claimsOf(n), key)
const bundleOf = (records: readonly number[], signer: typeof old, createdAt = "2026-11-20T10:20:48.047Z", by = old) =>
  zipOf(
    bundleFiles(
      records.map((n) => ({ claims: claimsOf(n), jws: recordAt(n, by) })),
      signer,
      (told): JsonObject => ({ ...told, created_at: createdAt }),
    ),
  )
const later = "2026-12-01T00:00:00.000Z"

describe("a record of a revoked key", () => {
  test("the reasons are those of the package, and what we publish is what it takes", () => {
    assert.deepEqual([...revocationReasons].sort(), [...REVOCATION_REASONS].sort())
    assert.ok(validateRevokedKeys([{ kid: old.kid, revoked_at: revokedAt, reason: "superseded" }]).ok)
  })

  test("that nobody else has: before is valid and said so, after is not, to the second", () => {
    for (const reason of benign) {
      const judge = new RecordJudge(keysOf(jwks(reason)))
      const [before, at, after] = [4, 5, 6].map((n) => judge.judge(recordAt(n)))
      assert.deepEqual([before?.verdict, before?.isOfRevoked], ["valid", true], reason)
      assert.deepEqual([at?.verdict, after?.verdict], ["invalid", "invalid"], reason)
      assert.match(after?.problem ?? "", /issued after its key was revoked, at 2026/)
      assert.equal(judge.judge(recordAt(6, next)).isOfRevoked, undefined)
    }
  })

  test("that others may have proves nothing by its own word for the time", () => {
    for (const reason of ["key_compromise", undefined, "lost", "unspecified"]) {
      const judge = new RecordJudge(keysOf(jwks(reason)))
      const backDated = judge.judge(recordAt(1))
      assert.deepEqual([backDated.verdict, /write an earlier time/.test(backDated.problem ?? "")], ["untrusted", true], reason)
      assert.equal(judge.judge(recordAt(6)).verdict, "invalid")
      assert.equal(judge.judge(recordAt(1), () => true).verdict, "valid")
      assert.equal(judge.judge(recordAt(6), () => true).verdict, "invalid", "nobody vouches for what is after")
    }
  })

  test("the worse of two reasons counts, and the earlier of two times", () => {
    const entry = (at: string, reason: string) => ({ kid: old.kid, revoked_at: at, reason })
    for (const list of [
      [entry(later, "key_compromise"), entry(revokedAt, "superseded")],
      [entry(revokedAt, "superseded"), entry(later, "key_compromise")],
    ]) {
      const [key] = keysOf(JSON.stringify({ keys: [old.jwk], revoked_keys: list }))
      assert.deepEqual(key?.revoked, { atMs: Date.parse(revokedAt), mayBeKnown: true })
    }
  })
})

describe("a bundle with records of a revoked key", () => {
  test("vouches for them where another key signed it", () => {
    const report = verifyBundle(bundleOf([1, 2], next, later), keysOf(jwks("key_compromise")))
    assert.deepEqual([report.verdict, report.valid, report.problems], ["valid", 2, []])
    assert.ok(report.notes.some((note) => note.includes(`${old.kid} was revoked, at ${revokedAt}; by it: 2 of the good ones`)))
  })

  test("vouches for none that says that it is of after", () => {
    assert.equal(verifyBundle(bundleOf([1, 7], next, later), keysOf(jwks("key_compromise"))).verdict, "invalid")
  })

  test("vouches for none where nobody signed it, or who signed it is not known", () => {
    const files = bundleFiles(
      [1, 2].map((n) => ({ claims: claimsOf(n), jws: recordAt(n) })),
      next,
    )
    files.delete("bundle.sig")
    for (const bundle of [zipOf(files), bundleOf([1, 2], newKey(), later), bundleOf([1, 2], old, "2026-11-20T10:20:00.000Z")]) {
      const { verdict, valid, untrusted } = verifyBundle(bundle, keysOf(jwks("key_compromise")))
      assert.deepEqual([verdict, valid, untrusted], ["unverifiable", 0, 2])
    }
  })

  test("that the key signed itself: nothing where others may have it, good before where not, never after", () => {
    const before = "2026-11-20T10:20:00.000Z"
    const verdict = (createdAt: string, reason: string) => {
      const { verdict: said, bundleSignature } = verifyBundle(bundleOf([1, 2], old, createdAt), keysOf(jwks(reason)))
      return [said, bundleSignature]
    }
    assert.deepEqual(verdict(before, "key_compromise"), ["unverifiable", "untrusted"])
    assert.deepEqual(verdict(before, "superseded"), ["valid", "valid"])
    assert.deepEqual(verdict(later, "superseded"), ["invalid", "invalid"])
    assert.deepEqual(verdict(later, "key_compromise"), ["invalid", "invalid"])
    assert.deepEqual(verdict("no time", "superseded"), ["invalid", "invalid"])
  })
})

describe("what an issuer says of its keys", () => {
  const document = (changes: JsonObject = {}) =>
    JSON.stringify({
      ...{ version: "peac-issuer/0.1", issuer: "https://agent.example.com", jwks_uri: "https://agent.example.com/jwks.json" },
      ...{ revoked_keys: [{ kid: old.kid, revoked_at: revokedAt, reason: "superseded" }], ...changes },
    })

  test("is read from its peac-issuer.json, and refused where it is none", () => {
    const parsed = parseIssuer(document())
    assert.ok("value" in parsed)
    const keys = withRevocations(keysOf(JSON.stringify({ keys: [old.jwk, next.jwk] })), parsed.value.revoked)
    assert.deepEqual(
      [4, 6].map((n) => new RecordJudge(keys).judge(recordAt(n)).verdict),
      ["valid", "invalid"],
    )
    for (const changes of [
      ...[
        { version: 1 },
        { version: "0.1" },
        { issuer: "http://agent.example.com" },
        { issuer: "https://agent.example.com/x" },
        { jwks_uri: "http://a.example" },
      ],
      ...[{ jwks_uri: null }, { revoked_keys: {} }, { revoked_keys: [{ kid: old.kid }] }, { revoked_keys: [{ revoked_at: revokedAt }] }],
      { revoked_keys: [{ kid: old.kid, revoked_at: "yesterday" }] },
    ]) {
      assert.ok("problem" in parseIssuer(document(changes as JsonObject)), JSON.stringify(changes))
    }
  })

  test("what another one issued is not good by these keys", () => {
    const judge = new RecordJudge([old.key], { issuers: ["https://agent.example.com"] })
    assert.equal(judge.judge(recordAt(1)).verdict, "valid")
    const other = judge.judge(jwsOf(claimsOf(2, { iss: "https://else.example" }), old))
    assert.deepEqual([other.verdict, /says that https:\/\/else\.example issued it/.test(other.problem ?? "")], ["untrusted", true])
  })

  test("counts among pins in any order, in one file and in several", async () => {
    const plain = JSON.stringify({ keys: [old.jwk, next.jwk] })
    const verdict = async (n: number, ...texts: readonly string[]) => (await examine(memorySource("x", Buffer.from(recordAt(n))), pinsOf(...texts))).verdict
    assert.equal(await verdict(6, plain), "valid")
    for (const told of [jwks("superseded"), document()]) {
      for (const texts of [
        [plain, told],
        [told, plain],
      ])
        assert.deepEqual([await verdict(4, ...texts), await verdict(6, ...texts)], ["valid", "invalid"])
    }
    const twice = [jwks("superseded"), jwks("key_compromise", later)]
    for (const texts of [twice, twice.toReversed()]) assert.deepEqual([await verdict(4, ...texts), await verdict(6, ...texts)], ["unverifiable", "invalid"])
    const finding = await examine(memorySource("x", Buffer.from(recordAt(4))), pinsOf(plain, document()))
    assert.match(finding.notes[0] ?? "", new RegExp(`${old.kid} was revoked`))
  })

  test("keys of another kind beside them are left out, and counted", async () => {
    const others = [
      { kty: "RSA", n: "AA", e: "AQAB", kid: "r" },
      { kty: "EC", crv: "P-256", kid: old.kid },
      { kty: "OKP", crv: "X25519", x: "AA" },
    ]
    const text = JSON.stringify({ keys: [...others, { ...next.jwk, use: "enc" }, old.jwk] })
    const parsed = parseKeys(text)
    assert.deepEqual("value" in parsed && [parsed.value.map(({ kid }) => kid), parsed.ignored], [[old.kid], 4])
    const finding = await examine(memorySource("x", Buffer.from(recordAt(1))), pinsOf(text))
    assert.equal(finding.verdict, "valid")
    assert.match(finding.notes.join(), /4 other keys among those given are of a kind that signs no receipts, and ignored/)
  })

  test("keys are refused in words where one is secret, there twice, or none for records", () => {
    const problem = (told: unknown) => {
      const parsed = parseKeys(JSON.stringify(told))
      return "problem" in parsed ? parsed.problem : ""
    }
    assert.match(problem({ keys: [next.jwk, { ...old.jwk, d: "AA" }] }), /a secret key \(d\) is in it/)
    assert.match(problem({ keys: [old.jwk, { ...next.jwk, kid: old.kid }] }), /two keys are called/)
    assert.match(problem({ keys: [{ kty: "RSA", n: "AA", e: "AQAB", kid: "r" }] }), /no Ed25519 key .*, and there is no other/)
    assert.match(problem({ keys: [old.jwk, { ...next.jwk, x: "AA" }] }), /no Ed25519 key/, "one that is to sign records, and cannot")
    assert.match(problem({ keys: [old.jwk, { kty: "oct", k: "AA" }] }), /a secret key \(k\)/)
  })
})
