/** Fernet tokens: the vector of the specification, both ways with Python's cryptography, and everything the specification tells to refuse. */
import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { createHmac } from "node:crypto"
import { describe, test } from "node:test"
import fc from "fast-check"
import { Fault } from "../../src/base/fault.ts"
import { fernetStart, parseFernetKey, sealFernet, unsealFernet, mostFernetBytes, mostTokenBytes } from "../../src/vault/fernet.ts"
import { requirePythonModule } from "../tools.ts"
import { bytesOf } from "./sealed-file/plain-file.ts"

const keyText = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4="
const key = parseFernetKey(keyText, "x")
const nowS = 499_162_800
/** generate.json of the specification. */
const vector = "gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA=="
const refusedAs = (code: string) => (error: unknown) => error instanceof Fault && error.code === code

/** A token with some bytes changed, signed again with the key: what only its holder can make. */
function resigned(change: (bytes: Buffer) => Buffer): Buffer {
  const bytes = change(Buffer.from(vector, "base64url").subarray(0, -32))
  const signed = Buffer.concat([bytes, createHmac("sha256", key.signing).update(bytes).digest()])
  return Buffer.from(signed.toString("base64url").padEnd(Math.ceil(signed.length / 3) * 4, "="))
}

describe("a Fernet token", () => {
  test("is that of the specification", () => {
    const iv = Buffer.from(Array.from({ length: 16 }, (_, i) => i))
    assert.equal(sealFernet(key, Buffer.from("hello"), { nowS, file: "x", iv }).toString(), vector)
    assert.equal(unsealFernet(key, Buffer.from(vector), "x", { nowS: nowS + 60, ttlS: 60 }).toString(), "hello")
    for (const end of ["\n", "\r\n"]) assert.equal(unsealFernet(key, Buffer.from(vector + end), "x", { nowS }).toString(), "hello")
    assert.ok(vector.startsWith(fernetStart))
  })

  test("opens to what was sealed, at every size", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (plain) => {
        assert.deepEqual(unsealFernet(key, sealFernet(key, plain, { nowS, file: "x" }), "x", { nowS }), Buffer.from(plain))
      }),
    )
    for (const sizeBytes of [786_432 - 73, 786_432, 3_000_001]) {
      const plain = bytesOf(sizeBytes, 5)
      assert.ok(unsealFernet(key, sealFernet(key, plain, { nowS, file: "x" }), "x", { nowS }).equals(plain), `${sizeBytes}`)
    }
  })

  // What invalid.json of the specification lists, made here.
  for (const [words, token, code] of [
    ["whose MAC is another", Buffer.from(vector.replace("IwqDA==", "AwqDA==")), "sealed.wrong-key"],
    ["that is too short", Buffer.from("gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPA=="), "sealed.changed"],
    ["that is no base64url", Buffer.from(`%%%${vector.slice(3)}`), "sealed.changed"],
    ["in standard base64", Buffer.from(vector.replaceAll("_", "/").replaceAll("-", "+")), "sealed.changed"],
    ["without its padding", Buffer.from(vector.slice(0, -2)), "sealed.changed"],
    ["with bits behind its last byte", Buffer.from(vector.replace("DA==", "DB==")), "sealed.changed"],
    ["with something behind it", Buffer.from(`${vector}AAAA`), "sealed.changed"],
    ["of part of a block", resigned((bytes) => bytes.subarray(0, -1)), "sealed.changed"],
    ["of another version", resigned((bytes) => Buffer.from(bytes.with(0, 0x81))), "sealed.changed"],
    ["whose padding is wrong", resigned((bytes) => Buffer.from(bytes.with(9, bytes[9] ?? 0).fill(7, -16))), "sealed.changed"],
    ["whose IV makes its padding wrong", resigned((bytes) => Buffer.from(bytes.with(24, (bytes[24] ?? 0) ^ 0x40))), "sealed.changed"],
    ["that is too old", Buffer.from(vector), "sealed.expired"],
    ["from the future", resigned((bytes) => Buffer.from(bytes.with(1, 1))), "sealed.expired"],
  ] as const) {
    test(`${words} is refused`, () => {
      const time = { nowS: words === "that is too old" ? nowS + 61 : nowS, ttlS: 60 }
      assert.throws(() => unsealFernet(key, token, "x", time), refusedAs(code))
      assert.throws(() => unsealFernet(parseFernetKey(Buffer.alloc(32).toString("base64url").padEnd(44, "="), "x"), token, "x", time), Fault)
    })
  }

  test("has no time limit unless one is given", () => {
    assert.equal(unsealFernet(key, Buffer.from(vector), "x", { nowS: nowS * 3 }).toString(), "hello")
  })

  test("is of bounded size, both ways", () => {
    assert.throws(() => sealFernet(key, Buffer.alloc(mostFernetBytes + 1), { nowS, file: "x" }), refusedAs("sealed.too-large"))
    assert.throws(() => unsealFernet(key, Buffer.alloc(mostTokenBytes + 1), "x", { nowS }), refusedAs("sealed.too-large"))
  })

  test("takes a key of 32 bytes in padded base64url, and no other", () => {
    for (const text of ["", keyText.slice(0, -1), keyText.replace("_", "/"), `${keyText}A`, keyText.replace("4=", "5="), "x".repeat(44)]) {
      assert.throws(() => parseFernetKey(text, "the key"), refusedAs("sealed.key-unusable"), text)
    }
    assert.deepEqual(parseFernetKey(`${keyText}\n`, "x"), key)
  })
})

const script = `
import json, sys
from cryptography.fernet import Fernet, InvalidToken
f = Fernet(sys.argv[1])
for line in sys.stdin:
    ask = json.loads(line)
    if "seal" in ask:
        print(f.encrypt(bytes.fromhex(ask["seal"])).decode())
    else:
        try: print("=" + f.decrypt(ask["open"].encode()).hex())
        except InvalidToken: print("invalid")
`

describe("Fernet of Python's cryptography", requirePythonModule("cryptography"), () => {
  const ask = (questions: readonly object[]): readonly string[] => {
    const input = questions.map((question) => JSON.stringify(question)).join("\n")
    const { stdout, stderr } = spawnSync("python3", ["-c", script, keyText], { input, encoding: "utf8", maxBuffer: 2 ** 26 })
    assert.equal(stderr, "")
    return stdout.trim().split("\n")
  }
  const plains = [0, 1, 15, 16, 17, 31, 32, 5_000, 100_000].map((sizeBytes) => bytesOf(sizeBytes, sizeBytes))

  test("opens ours, and ours opens its", () => {
    const ours = ask(plains.map((plain) => ({ open: sealFernet(key, plain, { nowS, file: "x" }).toString() })))
    assert.deepEqual(
      ours,
      plains.map((plain) => `=${plain.toString("hex")}`),
    )
    const theirs = ask(plains.map((plain) => ({ seal: plain.toString("hex") })))
    for (const [i, token] of theirs.entries())
      assert.ok(unsealFernet(key, Buffer.from(token), "x", { nowS: Date.now() / 1_000, ttlS: 300 }).equals(plains[i] ?? Buffer.alloc(1)))
  })

  test("and ours say the same of every bit of a token that is flipped", () => {
    const token = sealFernet(key, Buffer.from("a few words"), { nowS, file: "x" })
    const bytes = Buffer.from(token.toString(), "base64url")
    const bent = Array.from({ length: bytes.length * 8 }, (_, bit) => {
      const copy = Buffer.from(bytes)
      copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      return copy.toString("base64url").padEnd(token.length, "=")
    })
    assert.deepEqual([...new Set(ask(bent.map((open) => ({ open }))))], ["invalid"])
    for (const one of bent) assert.throws(() => unsealFernet(key, Buffer.from(one), "x", { nowS }), Fault)
  })
})
