/** Time-stamps: one that openssl gave is good, and openssl says so of what we keep; of every other kind none is, and each is told why. */
import assert from "node:assert/strict"
import { X509Certificate } from "node:crypto"
import { writeFileSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { after, describe, test } from "node:test"
import { sha256 } from "../../src/format/sha256.ts"
import { nonceText, timeStampRequest } from "../../src/format/time-stamp.ts"
import type { StampFault } from "../../src/verify/stamp-claims.ts"
import { certificatesIn } from "../../src/verify/certificate-path.ts"
import { checkTimeStamp, checkTimeStampAnswer } from "../../src/verify/time-stamp.ts"
import {
  caExtensions,
  Certificates,
  forgedToken,
  granted,
  honestAnswer,
  makeIdentities,
  needsOpenssl,
  openssl,
  stampExtensions,
  type Identity,
  type IssueOptions,
} from "../anchor/authority.ts"
import { temporaryDirectory } from "../ledger-fixture.ts"
import { Chance } from "../simulator/chance.ts"

const data = "a checkpoint\n"
const digest = sha256(data)
const nonce = Buffer.from("00ee5843942c18db6fee5843942c18db", "hex")
const at = new Date()

const pinOf = ({ certificate }: Identity, policy?: string) => ({
  certificates: certificatesIn(readFileSync(certificate, "utf8")) ?? assert.fail("no certificate"),
  policy,
})
const why = (checked: ReturnType<typeof checkTimeStampAnswer>): string =>
  checked.ok ? "good" : "refused" in checked ? `refused: ${checked.refused}` : checked.why

describe("a time-stamp", needsOpenssl, () => {
  const directory = temporaryDirectory({ after })
  const { pki, ca, stamper } = makeIdentities(join(directory, "pki"))
  const authority = pinOf(ca)
  const question = { digest, nonce: nonceText(nonce), authority }
  const request = timeStampRequest(digest, nonce)
  const answer = honestAnswer(directory, stamper, request)

  test("is asked for as openssl asks for it", () => {
    writeFileSync(join(directory, "data"), data)
    const theirs = openssl(directory, ["ts", "-query", "-data", "data", "-sha256", "-cert"])
    const nonceAt = theirs.indexOf(Buffer.from([0x02]), 50)
    const theirNonce = theirs.subarray(nonceAt + 2, nonceAt + 2 + (theirs[nonceAt + 1] ?? 0))
    assert.deepEqual(timeStampRequest(digest, theirNonce), theirs)
  })

  for (const rsa of [false, true]) {
    test(`of openssl is good (${rsa ? "RSA" : "ECDSA"}), also through an authority between, and openssl says so of the token alone`, () => {
      const own = makeIdentities(join(directory, `between-${rsa}`), { rsa })
      const between = own.pki.issue("Between", { issuer: own.ca, extensions: `${caExtensions.replace("CA:TRUE", "CA:TRUE,pathlen:0")}`, rsa })
      const below = own.pki.issue("Below", { issuer: between, extensions: stampExtensions, rsa })
      for (const [signer, beside] of [[own.stamper], [below, between]] as const) {
        const checked = checkTimeStampAnswer(honestAnswer(directory, signer, request, beside), { ...question, authority: pinOf(own.ca, "1.2.3.4.1") })
        assert.ok(checked.ok, why(checked))
        assert.ok(Math.abs(checked.atMs - Date.now()) < 600_000)
        assert.deepEqual(checkTimeStamp(checked.token, { digest, authority: pinOf(own.ca) }).ok, true, "the token alone, later, without the nonce")
        writeFileSync(join(directory, "token"), checked.token)
        const said = openssl(directory, ["ts", "-verify", "-data", "data", "-in", "token", "-token_in", "-CAfile", own.ca.certificate])
        assert.match(said.toString(), /Verification: OK/)
      }
    })
  }

  test("of another authority, or about something else, is none", () => {
    const foreign = makeIdentities(join(directory, "foreign"))
    assert.equal(why(checkTimeStampAnswer(honestAnswer(directory, foreign.stamper, request), question)), "not chained")
    assert.equal(why(checkTimeStampAnswer(answer, { ...question, authority: { certificates: [] } })), "not chained")
    assert.equal(why(checkTimeStampAnswer(answer, { ...question, digest: sha256("another") })), "other imprint")
    assert.equal(why(checkTimeStampAnswer(answer, { ...question, nonce: "01" })), "other nonce")
    assert.equal(why(checkTimeStampAnswer(answer, { ...question, authority: pinOf(ca, "1.2.3.9") })), "other policy")
    assert.equal(why(checkTimeStampAnswer(answer, question)), "good")
  })

  const wrong: Readonly<Record<string, readonly [expected: StampFault, options: IssueOptions]>> = {
    "expired before": ["not chained", { extensions: stampExtensions, to: "210101000000Z" }],
    "good from later on": ["not chained", { extensions: stampExtensions, from: "480101000000Z" }],
    "for nothing in particular": ["other purpose", { extensions: "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature" }],
    "for time-stamps, but not critically": ["other purpose", { extensions: stampExtensions.replace("extendedKeyUsage=critical,", "extendedKeyUsage=") }],
    "for servers, too": ["other purpose", { extensions: `${stampExtensions},serverAuth` }],
    "for servers": ["other purpose", { extensions: stampExtensions.replace("timeStamping", "serverAuth") }],
    "for encryption, too": ["other purpose", { extensions: stampExtensions.replace("digitalSignature", "digitalSignature,keyEncipherment") }],
    "with a critical extension that nobody here knows": ["not chained", { extensions: `${stampExtensions}\n1.2.3.4.5=critical,ASN1:NULL` }],
  }
  for (const [name, [expected, options]] of Object.entries(wrong)) {
    test(`by a certificate that is ${name} is none`, () => {
      const signer = pki.issue(`wrong ${name}`, { ...options, issuer: ca })
      assert.equal(why(checkTimeStampAnswer(granted(forgedToken(directory, signer, { digest, nonce, at })), question)), expected)
    })
  }

  test("whose certificate was exchanged for a twin is none: it was signed for the other one", () => {
    const own = makeIdentities(join(directory, "twins"), { rsa: true })
    const twin = own.pki.issue(own.stamper.name, { issuer: own.ca, extensions: stampExtensions, to: "480101000000Z", rsa: true, twinOf: own.stamper })
    const [one, other] = [own.stamper, twin].map(({ certificate }) => new X509Certificate(readFileSync(certificate)).raw)
    const answer = honestAnswer(directory, own.stamper, request)
    const at = answer.indexOf(one ?? "")
    assert.ok(one && other && at > 0 && one.length === other.length && !one.equals(other))
    const exchanged = Buffer.concat([answer.subarray(0, at), other, answer.subarray(at + one.length)])
    const asked = { ...question, authority: pinOf(own.ca) }
    assert.deepEqual([why(checkTimeStampAnswer(answer, asked)), why(checkTimeStampAnswer(exchanged, asked))], ["good", "other certificate"])
  })

  test("put together by hand is good, where nothing is wrong with it: the ones above fail for what they are", () => {
    const checked = checkTimeStampAnswer(granted(forgedToken(directory, stamper, { digest, nonce, at })), question)
    assert.equal(why(checked), "good")
    assert.equal(why(checkTimeStampAnswer(granted(forgedToken(directory, stamper, { digest, at })), question)), "other nonce", "none is not the same one")
  })

  test("under an issuer that may not issue, or may not issue issuers, is none", () => {
    const limited = pki.issue("limited", { issuer: ca, extensions: caExtensions.replace("CA:TRUE", "CA:TRUE,pathlen:0") })
    const second = pki.issue("second", { issuer: limited, extensions: caExtensions })
    const third = pki.issue("third", { issuer: second, extensions: stampExtensions })
    assert.equal(why(checkTimeStampAnswer(honestAnswer(directory, third, request, joined(directory, second, limited)), question)), "not chained")
    assert.equal(
      why(checkTimeStampAnswer(honestAnswer(directory, third, request, second), { ...question, authority: pinOf(second) })),
      "good",
      "the one that is pinned may",
    )
    const leaf = pki.issue("leaf", { issuer: ca, extensions: "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature" })
    const under = pki.issue("under", { issuer: leaf, extensions: stampExtensions })
    assert.equal(why(checkTimeStampAnswer(honestAnswer(directory, under, request, leaf), question)), "not chained")
  })

  test("of authorities that sign each other is none, and soon", () => {
    const loop = new Certificates(join(directory, "loop"))
    const [a, b] = [loop.issue("A", { extensions: caExtensions }), loop.issue("B", { extensions: caExtensions })]
    const cross = (subject: Identity, issuer: Identity): Identity => {
      const path = join(loop.directory, `${subject.name}-by-${issuer.name}.pem`)
      openssl(loop.directory, [
        "x509",
        "-in",
        subject.certificate,
        "-CA",
        issuer.certificate,
        "-CAkey",
        issuer.key,
        "-out",
        path,
        "-days",
        "30",
        "-CAcreateserial",
      ])
      return { ...subject, certificate: path }
    }
    const stamper = loop.issue("C", { issuer: a, extensions: stampExtensions })
    const answer = honestAnswer(directory, stamper, request, joined(directory, cross(a, b), cross(b, a)))
    assert.equal(why(checkTimeStampAnswer(answer, question)), "not chained")
    assert.equal(why(checkTimeStampAnswer(answer, { ...question, authority: pinOf(b) })), "good")
  })

  test("that is refused is refused, and what is neither is malformed", () => {
    const refusal = (hex: string) => why(checkTimeStampAnswer(Buffer.from(hex, "hex"), question))
    assert.equal(refusal("3009300702010203020780"), "refused: status 2: it does not know the hash")
    assert.equal(refusal("30053003020102"), "refused: status 2")
    assert.equal(refusal("30053003020101"), "refused: status 1", "with modifications is not what was asked for")
    assert.equal(refusal("30053003020100"), "malformed", "granted, and nothing is given")
    assert.equal(refusal("300730030201023000"), "malformed", "refused, and something is given")
    for (const text of ["", "00", "3000", "<html>", "3080020100", "30053003020100ff"]) assert.equal(refusal(Buffer.from(text).toString("hex")), "malformed")
  })

  test("with one byte changed, cut or added is none, nor does it stop anybody (2,000)", () => {
    const checked = checkTimeStampAnswer(answer, question)
    assert.ok(checked.ok)
    const { token } = checked
    const chance = new Chance(3_161)
    for (let i = 0; i < 2_000; i++) {
      const changed = mutated(token, (below) => chance.below(below))
      if (changed.equals(token)) continue
      const found = checkTimeStamp(changed, { digest, authority })
      assert.equal(found.ok, false, `mutation ${i}: ${changed.toString("hex")}`)
    }
  })
})

/** Certificates of several in one file, as `-chain` takes them. */
function joined(directory: string, ...identities: readonly Identity[]): Identity {
  const path = join(directory, `${identities.map(({ name }) => name).join("+")}.pem`)
  writeFileSync(path, identities.map(({ certificate }) => readFileSync(certificate, "utf8")).join(""))
  return { name: path, certificate: path, key: "" }
}

function mutated(token: Buffer, pick: (below: number) => number): Buffer {
  const [place, kind] = [pick(token.length), pick(6)]
  const [head, tail] = [token.subarray(0, place), token.subarray(place + 1)]
  if (kind === 0) return Buffer.concat([head, tail])
  if (kind === 1) return Buffer.concat([head, Buffer.from([pick(256)]), token.subarray(place)])
  if (kind === 2) return Buffer.from(head)
  const changed = Buffer.from(token)
  changed[place] = kind === 3 ? pick(256) : (token[place] ?? 0) ^ (1 << pick(8))
  return changed
}
