/** Hashes and signatures of the one-file verifiers: the answers are Node's, and one that is only assumed is never taken for an answer. */
import assert from "node:assert/strict"
import { constants, createHash, generateKeyPairSync, sign } from "node:crypto"
import { describe, test } from "node:test"
import fc from "fast-check"
import * as native from "../../../src/verify/asymmetric.ts"
import * as ed25519 from "../../../src/verify/ed25519.ts"
import { digestOf, isSignedBy as isSignedLater } from "../../../src/verify/one-file/asymmetric.ts"
import { ed25519Checker, hasEd25519 } from "../../../src/verify/one-file/ed25519.ts"
import { forget, settle } from "../../../src/verify/one-file/questions.ts"
import { sha256, sha256Base64url, sha256Into } from "../../../src/verify/one-file/sha256.ts"

const { privateKey, publicKey } = generateKeyPairSync("ed25519")
const raw = Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url")
const message = Buffer.from("what was signed")
const good = sign(null, message, privateKey)
const flipped = (bytes: Uint8Array, bit: number) => Buffer.from(bytes).fill((bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7)), bit >> 3, (bit >> 3) + 1)

async function answerOf(key: Uint8Array, bytes: Uint8Array, signature: Uint8Array): Promise<boolean> {
  forget()
  ed25519Checker({ publicKey: key })(bytes, signature)
  await settle()
  return ed25519Checker({ publicKey: key })(bytes, signature)
}

describe("in one file", () => {
  test("SHA-256 is that of Node", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.string({ unit: "binary" }), (bytes, text) => {
        const hash = (data: Uint8Array | string) => createHash("sha256").update(data).digest()
        assert.deepEqual(sha256(bytes), hash(bytes))
        assert.deepEqual(sha256(text), hash(text))
        assert.equal(sha256Base64url(text), hash(text).toString("base64url"))
        const target = Buffer.alloc(40)
        sha256Into(target, 5, bytes)
        assert.deepEqual(target.subarray(5, 37), hash(bytes))
      }),
    )
  })

  test("Ed25519 is that of Node: a bit of the key, the text or the signature changes the answer", async () => {
    assert.equal(await hasEd25519(), true)
    assert.equal(await answerOf(raw, message, good), true)
    for (let bit = 0; bit < 512; bit += 7) {
      const bad = flipped(good, bit)
      assert.deepEqual([await answerOf(raw, message, bad), ed25519.ed25519Checker({ publicKey: raw })(message, bad)], [false, false])
    }
    for (let bit = 0; bit < 256; bit += 11) {
      const other = flipped(raw, bit)
      assert.deepEqual([await answerOf(other, message, good), ed25519.ed25519Checker({ publicKey: other })(message, good)], [false, false])
    }
    assert.equal(await answerOf(raw, flipped(message, 3), good), false)
    for (const length of [0, 63, 65]) assert.equal(await answerOf(raw, message, Buffer.alloc(length, 1)), false)
    assert.equal(await answerOf(raw.subarray(1), message, good), false)
  })

  test("a question is open until it is settled; each turn assumes the opposite", async () => {
    forget()
    const isSigned = ed25519Checker({ publicKey: raw })
    const [bad, worse] = [flipped(good, 1), flipped(good, 2)]
    assert.equal(isSigned(message, bad), true, "assumed")
    assert.equal(await settle(), 1)
    assert.equal(isSigned(message, bad), false)
    assert.equal(isSigned(message, good), false, "assumed")
    assert.equal(isSigned(message, worse), false, "assumed")
    assert.equal(await settle(), 2)
    assert.deepEqual([isSigned(message, good), isSigned(message, worse)], [true, false])
    assert.equal(await settle(), 0)
  })

  test("one signature over other bytes, or under another key, is another question", async () => {
    forget()
    const isSigned = ed25519Checker({ publicKey: raw })
    const isSignedByOther = ed25519Checker({ publicKey: flipped(raw, 9) })
    const ask = () => [
      isSigned(message, good),
      isSigned(flipped(message, 3), good),
      isSigned(message.subarray(1), good),
      isSigned(flipped(message, 4), good),
      isSignedByOther(message, good),
    ]
    ask()
    assert.equal(await settle(), 5)
    assert.deepEqual(ask(), [true, false, false, false, false])
    assert.equal(await settle(), 0)
  })

  test("RSA by PKCS #1 and PSS, and ECDSA on three curves, are those of Node", async () => {
    const made = [
      ...(["P-256", "P-384", "P-521"] as const).map((curve) => ({ curve, kind: "ec" as const, pair: generateKeyPairSync("ec", { namedCurve: curve }) })),
      ...(["rsa", "pss"] as const).map((kind) => ({ curve: undefined, kind, pair: generateKeyPairSync("rsa", { modulusLength: 2_048 }) })),
    ]
    for (const { curve, kind, pair } of made) {
      const key = { spki: pair.publicKey.export({ type: "spki", format: "der" }), curve }
      for (const hash of ["sha256", "sha384", "sha512"] as const) {
        const signing = { kind, hash, saltBytes: kind === "pss" ? 20 : 0 }
        const padding = kind === "pss" ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 20 } : {}
        const signature = sign(hash, message, { key: pair.privateKey, dsaEncoding: "ieee-p1363", ...padding })
        const other = { ...signing, hash: hash === "sha256" ? ("sha512" as const) : ("sha256" as const) }
        const bentKey = { ...key, spki: flipped(key.spki, 8 * key.spki.length - 9) }
        const ask = (isSignedBy: typeof native.isSignedBy) => [
          isSignedBy(key, signing, message, signature),
          isSignedBy(key, other, message, signature),
          isSignedBy(key, signing, flipped(message, 3), signature),
          isSignedBy(key, signing, message, flipped(signature, 77)),
          isSignedBy(key, signing, message, signature.subarray(0, -1)),
          isSignedBy(bentKey, signing, message, signature),
        ]
        forget()
        ask(isSignedLater)
        assert.equal(await settle(), 6)
        assert.deepEqual(ask(isSignedLater), [true, false, false, false, false, false], `${kind} ${curve} ${hash}`)
        assert.deepEqual(ask(native.isSignedBy), ask(isSignedLater))
        assert.deepEqual([...digestOf(hash, message)], [...native.digestOf(hash, message)])
      }
    }
  })

  test("more questions than are asked at once are all answered", async () => {
    forget()
    const isSigned = ed25519Checker({ publicKey: raw })
    const texts = Array.from({ length: 1_100 }, (_, n) => Buffer.from(`text ${n}`))
    const signatures = texts.map((text, n) => (n % 3 === 0 ? flipped(sign(null, text, privateKey), n % 512) : sign(null, text, privateKey)))
    texts.forEach((text, n) => isSigned(text, signatures[n] ?? good))
    assert.equal(await settle(), 1_100)
    assert.deepEqual(
      texts.map((text, n) => isSigned(text, signatures[n] ?? good)),
      texts.map((_, n) => n % 3 !== 0),
    )
    assert.equal(await settle(), 0)
  })
})
