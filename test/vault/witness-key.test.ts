/** The key of a witness: the file other witnesses read, the keys they publish, and the signatures they make. */
import assert from "node:assert/strict"
import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, test } from "node:test"
import { Fault } from "../../src/base/fault.ts"
import { parseVerifierKey, verifierKeyText } from "../../src/format/checkpoint.ts"
import { createWitnessKey, readWitnessKey, WitnessKey, witnessKeyText } from "../../src/vault/witness-key.ts"
import { cosignatureChecker } from "../../src/verify/cosignature.ts"
import { temporaryDirectory } from "../ledger-fixture.ts"
import { published } from "../vectors/c2sp/witness.ts"

const posix = process.platform === "win32" ? { skip: "Windows has no modes" } : {}

describe("published keys", () => {
  for (const [signerKey, logKey] of published.keys.rows) {
    test(`the signer key of ${logKey.split("+")[0]}`, (t) => {
      const file = join(temporaryDirectory(t), "key")
      writeFileSync(file, `${signerKey}\n`, { mode: 0o600 })
      const key = readWitnessKey(file)
      const { name, publicKey } = parseVerifierKey(logKey)
      assert.equal(key?.verifierKey, verifierKeyText(name, publicKey, "witness"))
      assert.equal(witnessKeyText(name, Buffer.from(signerKey.split("+").slice(4).join("+"), "base64").subarray(1)), signerKey)
    })
  }

  test("the public key of a published seed", () => {
    const { name, seedHex, publicKeyHex } = published.race.witness
    const key = new WitnessKey(name, Buffer.from(seedHex, "hex"))
    assert.equal(key.verifierKey, verifierKeyText(name, Buffer.from(publicKeyHex, "hex"), "witness"))
  })
})

describe("a new key", () => {
  test("is its owner's alone, is read back, and is never written over", posix, (t) => {
    const file = join(temporaryDirectory(t), "key")
    assert.equal(readWitnessKey(file), undefined)
    const key = createWitnessKey(file, "example.org/w")
    assert.equal(statSync(file).mode & 0o777, 0o600)
    assert.equal(readWitnessKey(file)?.verifierKey, key.verifierKey)
    assert.throws(() => createWitnessKey(file, "example.org/w"), { code: "key.exists" })
    assert.equal(readWitnessKey(file)?.verifierKey, key.verifierKey)
    chmodSync(file, 0o640)
    assert.throws(() => readWitnessKey(file), { code: "key.exposed" })
  })

  test("signs what its verifier key checks, and nothing else", (t) => {
    const key = createWitnessKey(join(temporaryDirectory(t), "key"), "example.org/w")
    const check = cosignatureChecker(parseVerifierKey(key.verifierKey, "witness"))
    const text = published.example.checkpointText
    const line = key.cosign(text, 1_795_000_000).trimEnd()
    assert.deepEqual(check(line, text), { ok: true, timeS: 1_795_000_000 })
    assert.equal(check(line, text.replace("20852163", "20852164")).ok, false)
  })

  test("in a file that is not one is refused with a sentence that shows nothing of it", (t) => {
    const file = join(temporaryDirectory(t), "key")
    createWitnessKey(file, "example.org/w")
    const good = readFileSync(file, "utf8")
    for (const text of [
      "",
      "x",
      good.replace("PRIVATE", "PUBLIC"),
      good.replace(/\+[0-9a-f]{8}\+/, "+00000000+"),
      good.slice(0, -6),
      `${good}${good}`,
      good.replace(/.\n$/, "\n"),
    ]) {
      writeFileSync(file, text)
      assert.throws(
        () => readWitnessKey(file),
        (error) => error instanceof Fault && error.code === "witness.key-malformed" && !error.message.includes("PRIVATE+KEY+e"),
      )
    }
  })
})
