/** Records: what the PEAC packages sign is good, and what they refuse is refused; keys are pinned, and may be revoked. */
import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, test } from "node:test"
import { sign as peacSign, verify as peacVerify } from "@peac/crypto"
import { Wire02ClaimsSchema } from "@peac/schema"
import type { JsonObject } from "../../../src/base/json.ts"
import { parseKeys, thumbprint } from "../../../src/format/peac/keys.ts"
import { claimProblem, parseRecord } from "../../../src/format/peac/record.ts"
import { didKey } from "../../../src/format/peac/did-key.ts"
import { memorySource } from "../../../src/verify/byte-source.ts"
import { examine } from "../../../src/verify/evidence/examine.ts"
import { joinPins, noPins, parsePins } from "../../../src/verify/evidence/pins.ts"
import { reportOf } from "../../../src/verify/peac/report.ts"
import { RecordJudge } from "../../../src/verify/peac/records.ts"
import { chance } from "../../history/jsonl-corpus.ts"
import { claimsOf, jwsOf, newKey, vectors } from "./made-records.ts"

const key = newKey()
const other = newKey()
const judge = new RecordJudge([key.key])

describe("a record", () => {
  test("of the PEAC tools is read as what it says", () => {
    const text = readFileSync(join(vectors, "record.jws"), "utf8").trim()
    const { header, payload } = JSON.parse(readFileSync(join(vectors, "record.json"), "utf8")) as { header: JsonObject; payload: JsonObject }
    const parsed = parseRecord(text)
    assert.ok("value" in parsed)
    assert.deepEqual([parsed.value.kid, parsed.value.claims], [header["kid"], payload])
    assert.equal(judge.judge(text).verdict, "untrusted")
  })

  test("that their package signed is good, and theirs finds ours good", async () => {
    const theirs = await peacSign(claimsOf(1), key.seed, key.kid)
    const wire02 = theirs.startsWith(jwsOf(claimsOf(1), key).split(".")[0] ?? "?")
    // The package writes the header of Wire 0.2 for such claims only in its newer call; the signature is the same either way.
    if (wire02) assert.equal(judge.judge(theirs).verdict, "valid")
    const ours = jwsOf(claimsOf(2), key)
    assert.equal(judge.judge(ours).verdict, "valid")
    const { valid } = await peacVerify(ours, key.key.publicKey)
    assert.equal(valid, true)
    assert.equal((await peacVerify(ours, other.key.publicKey)).valid, false)
  })

  test("is refused when any character of it is another", async () => {
    const good = jwsOf(claimsOf(3), key)
    for (let at = 0; at < good.length; at += 7) {
      const changed = `${good.slice(0, at)}${good[at] === "A" ? "B" : "A"}${good.slice(at + 1)}`
      assert.notEqual(judge.judge(changed).verdict, "valid", `character ${at}`)
    }
  })

  for (const [what, claims, problem] of [
    ["an unknown claim", { aud: "x" }, /claims aud/],
    ["an end", { exp: 1 }, /claims exp/],
    ["another wire", { peac_version: "0.1" }, /Wire 0\.2/],
    ["an issuer with a path", { iss: "https://agent.example.com/" }, /issuer/],
    ["an id in capitals", { jti: "01A1F879-11D1-7569-B8F2-348B9A875E72" }, /UUID/],
    ["an id of version 4", { jti: "01a1f879-11d1-4569-b8f2-348b9a875e72" }, /UUID/],
    ["a time with a fraction", { iat: 1.5 }, /whole number/],
    ["the extension key of before", { extensions: { "org.peacprotocol/interaction@0.1": {} } }, /no record can have/],
    ["an action without its group", { extensions: {} }, /does not say agent-action-invoked-observed/],
    ["an action that says another", { extensions: { "org.peacprotocol/agent-action": { event_kind: "agent-action-denied-observed" } } }, /does not say/],
  ] as const) {
    test(`with ${what} is refused`, () => {
      const { verdict, problem: said } = judge.judge(jwsOf(claimsOf(4, claims), key))
      assert.equal(verdict, "invalid")
      assert.match(said ?? "", problem)
    })
  }

  test("with an interaction that contradicts itself is refused", () => {
    const { extensions } = claimsOf(5) as { extensions: Record<string, JsonObject> }
    const interaction = extensions["org.peacprotocol/interaction"] ?? {}
    for (const [change, problem] of [
      [{ completed_at: "2026-01-02T03:04:04.000Z" }, /ended before it began/],
      [{ result: undefined }, /output and no result/],
      [{ result: { status: "error" } }, /does not say how/],
      [{ surprise: 1 }, /surprise/],
      [{ input: { digest: { alg: "sha-256:trunc-2m", value: "0".repeat(64), bytes: 1 }, redaction: "hash_only" } }, /digest of its input/],
    ] as const) {
      const kept = change.result !== undefined && "status" in change.result ? { ...interaction, extensions: undefined } : interaction
      const told = { ...extensions, "org.peacprotocol/interaction": { ...kept, ...change } } as unknown as JsonObject
      assert.match(claimProblem(JSON.parse(JSON.stringify({ ...claimsOf(5), extensions: told })) as JsonObject) ?? "nothing", problem)
    }
  })

  test("that two readers could read differently is refused", () => {
    const twice = JSON.stringify(claimsOf(6)).replace('"kind":"evidence"', '"kind":"challenge","kind":"evidence"')
    const hidden = JSON.stringify(claimsOf(6)).replace('"kind":"evidence"', '"kin\\u0064":"challenge","kind":"evidence"')
    const deep = JSON.stringify({ ...claimsOf(6), extensions: "HERE" }).replace('"HERE"', `{"a.b/c":${"[".repeat(100_000)}${"]".repeat(100_000)}}`)
    for (const text of [twice, hidden]) assert.match(judge.judge(jwsOf(text, key)).problem ?? "", /twice/)
    assert.match(judge.judge(jwsOf(deep, key)).problem ?? "", /deeper|longer/)
    assert.match(judge.judge(jwsOf(claimsOf(6), key, { b64: false })).problem ?? "", /b64/)
    assert.match(judge.judge(jwsOf(claimsOf(6), key, { alg: "none" })).problem ?? "", /EdDSA/)
    const [head = "", body = "", signature = ""] = jwsOf(claimsOf(6), key).split(".")
    for (const text of [`${head}.${body}.${signature}=`, `${head}.${body}`, `${head}.${body}.${signature}.`, `${head}.${body}.`]) {
      assert.equal(judge.judge(text).verdict, "invalid", text.slice(-20))
    }
  })

  test("whatever is changed in its claims, ours accepts nothing that the schema of the package refuses", () => {
    const random = chance(20_261_130)
    const values = [null, true, 0, -1, 1e21, "", "x", "https://a.example", [], {}, ["attribution"], { a: 1 }, "2026-01-02T03:04:05Z", "did:web:a"]
    let accepted = 0
    for (let i = 0; i < 3_000; i++) {
      const claims: Record<string, unknown> = { ...claimsOf(i) }
      const names = [...Object.keys(claims), "actor", "policy", "aud", "purpose_declared", "representation"]
      const name = names[Math.floor(random() * names.length)] ?? "iss"
      if (random() < 0.2) delete claims[name]
      else claims[name] = values[Math.floor(random() * values.length)]
      if (claimProblem(claims) !== undefined) continue
      accepted++
      const theirs = Wire02ClaimsSchema.safeParse(claims)
      assert.ok(theirs.success, `${name}: ${JSON.stringify(claims[name])} ${JSON.stringify(theirs.error?.issues)}`)
    }
    assert.ok(accepted > 100, `${accepted}`)
  })
})

test("a list that has a record twice says so, and counts it once", async () => {
  const [one, another] = [1, 2].map((n) => jwsOf(claimsOf(n), key))
  const finding = async (...lines: readonly (string | undefined)[]) =>
    await examine(memorySource("x.jws", Buffer.from(`${lines.join("\n")}\n`)), { ...noPins, records: [key.key] })
  const twice = await finding(one, one)
  assert.deepEqual([twice.verdict, twice.says], ["valid", "The receipt is as its issuer signed it."])
  assert.match(twice.notes.join(), /1 of the 2 are there a second time: it is one record\./)
  const more = await finding(one, another, one, one)
  assert.deepEqual(
    [more.says, /2 of the 4 are there a second time: there are 2 records\./.test(more.notes.join())],
    ["All 2 receipts are as their issuer signed them.", true],
  )
  assert.doesNotMatch((await finding(one, another)).notes.join(), /a second time/)
  const judged = [one, one].map((jws) => judge.judge(jws ?? ""))
  assert.match(reportOf(judged, true, judge).notes.join(), /a second time/)
})

describe("keys of an issuer", () => {
  test("go by their thumbprint (RFC 8037, appendix A.3), and one that was revoked signs nothing after", () => {
    assert.equal(thumbprint("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")
    const { kid: _, ...unnamed } = key.jwk
    const parsed = parseKeys(JSON.stringify({ keys: [unnamed], revoked_keys: [{ kid: key.kid, revoked_at: "2026-11-20T10:20:50Z", reason: "superseded" }] }))
    assert.ok("value" in parsed)
    const revoked = new RecordJudge(parsed.value)
    assert.equal(revoked.judge(jwsOf(claimsOf(1), key)).verdict, "valid")
    assert.match(revoked.judge(jwsOf(claimsOf(10), key)).problem ?? "", /after its key was revoked/)
  })

  test("say whose record it is where the issuer is a key, or a document binds them to a name", () => {
    const verdicts = (iss: string, options = {}) => new RecordJudge([key.key], options).judge(jwsOf(claimsOf(1, { iss }), key)).verdict
    assert.deepEqual([verdicts(didKey(key.key.publicKey)), verdicts(didKey(other.key.publicKey))], ["valid", "invalid"])
    const named = { issuers: ["https://agent.example.com"] }
    assert.deepEqual([verdicts("https://agent.example.com", named), verdicts("https://else.example", named)], ["valid", "untrusted"])
    const judged = [judge.judge(jwsOf(claimsOf(1, { iss: "https://else.example" }), key))]
    assert.match(reportOf(judged, true, judge).notes.join(), /Issued by https:\/\/else\.example: so says whoever has the key/)
    const own = [judge.judge(jwsOf(claimsOf(1, { iss: didKey(key.key.publicKey) }), key))]
    assert.deepEqual([own[0]?.verdict, reportOf(own, true, judge).notes], ["valid", []])
  })

  test("may have one name in two files: each is tried, and what is said of the name counts for both", async () => {
    const files = [key.jwk, { ...other.jwk, kid: key.kid }].map((jwk) => JSON.stringify({ keys: [jwk] }))
    const revoking = JSON.stringify({ keys: [key.jwk], revoked_keys: [{ kid: key.kid, revoked_at: "2020-01-01T00:00:00Z", reason: "superseded" }] })
    const verdict = async (...texts: readonly string[]) => {
      const pins = joinPins(texts.map((text) => parsePins(text)).map((one) => ("problem" in one ? noPins : one)))
      return (await examine(memorySource("x.jws", Buffer.from(jwsOf(claimsOf(1), key))), pins)).verdict
    }
    assert.deepEqual([await verdict(...files), await verdict(...files.toReversed())], ["valid", "valid"])
    assert.deepEqual([await verdict(...files, revoking), await verdict(revoking, ...files)], ["invalid", "invalid"])
  })

  test("that are none are refused, a secret one above all", () => {
    for (const told of [{}, { keys: [] }, { ...key.jwk, crv: "X25519" }, { ...key.jwk, x: "AA" }, { ...key.jwk, d: "AA" }, { keys: [key.jwk, key.jwk] }]) {
      assert.ok("problem" in parseKeys(JSON.stringify(told)), JSON.stringify(told))
    }
  })
})
