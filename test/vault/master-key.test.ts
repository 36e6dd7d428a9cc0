/** Where the master key is looked for, in which forms it may be written, and what is refused. */
import assert from "node:assert/strict"
import { chmodSync, mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, test } from "node:test"
import fc from "fast-check"
import { Fault } from "../../src/base/fault.ts"
import {
  findMasterSecret,
  isPassphrase,
  keyFingerprint,
  masterKeyOf,
  masterKeyVariable,
  parseWrittenKey,
  stretch,
  writeKey,
  type MasterSecret,
  type Stretching,
} from "../../src/vault/master-key.ts"
import { temporaryDirectory } from "../ledger-fixture.ts"

const secret = (text: string): MasterSecret => ({ source: "environment", where: "here", text })
const quick: Stretching = { name: "argon2id", salt: Buffer.alloc(16, 2).toString("base64"), memoryKib: 256, passes: 1, parallelism: 1 }
const refusedAs = (code: string) => (error: unknown) => error instanceof Fault && error.code === code

describe("written keys", () => {
  test("44 URL-safe base64 characters or 64 hex digits are the same 32 bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        const key = Buffer.from(bytes)
        assert.equal(writeKey(key).length, 44)
        for (const text of [writeKey(key), key.toString("hex"), key.toString("hex").toUpperCase()]) {
          assert.deepEqual(parseWrittenKey(text), key)
          assert.deepEqual(masterKeyOf(secret(text), undefined), key)
          assert.equal(isPassphrase(secret(text)), false)
        }
      }),
    )
  })

  test("anything else is a passphrase", () => {
    const key = writeKey(Buffer.alloc(32, 0xfb))
    for (const text of [
      key.slice(0, -1),
      `${key}=`,
      ` ${key}`,
      key.replaceAll("-", "+"),
      "a".repeat(63),
      "a".repeat(65),
      `${"a".repeat(63)}g`,
      "correct horse battery",
    ]) {
      assert.equal(parseWrittenKey(text), undefined, text)
      assert.ok(isPassphrase(secret(text)))
    }
  })

  test("a passphrase is stretched, and means the same however its letters are composed", () => {
    const key = masterKeyOf(secret("Caf\u00e9 am Marktplatz"), quick)
    assert.equal(key.length, 32)
    assert.deepEqual(masterKeyOf(secret("Cafe\u0301 am Marktplatz"), quick), key)
    assert.notDeepEqual(masterKeyOf(secret("Cafe am Marktplatz"), quick), key)
    assert.notDeepEqual(masterKeyOf(secret("Caf\u00e9 am Marktplatz"), { ...quick, salt: Buffer.alloc(16, 3).toString("base64") }), key)
    assert.notDeepEqual(masterKeyOf(secret("Caf\u00e9 am Marktplatz"), { ...quick, passes: 2 }), key)
  })

  test("argon2id is that of RFC 9106", () => {
    // The reference implementation's test: version 0x13, t = 2, m = 2^8 KiB, p = 1, "password", "somesalt".
    const found = stretch("password", { ...quick, salt: Buffer.from("somesalt").toString("base64"), passes: 2 })
    assert.equal(found.toString("hex"), "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe")
  })

  test("too short a passphrase, and one for a ledger that has a written key, are refused", () => {
    for (const text of ["", "short", "elevenchars"]) assert.throws(() => masterKeyOf(secret(text), quick), refusedAs("key.malformed"))
    assert.throws(() => masterKeyOf(secret("long enough to be one"), undefined), refusedAs("key.malformed"))
  })

  test("fingerprints tell keys apart and say nothing of them", () => {
    const [one, other] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)]
    assert.match(keyFingerprint(one), /^[0-9a-f]{16}$/)
    assert.equal(keyFingerprint(one), keyFingerprint(Buffer.from(one)))
    assert.notEqual(keyFingerprint(one), keyFingerprint(other))
    assert.ok(!one.toString("hex").includes(keyFingerprint(one)))
  })
})

describe("where the key is looked for", () => {
  const text = writeKey(Buffer.alloc(32, 9))

  test("key file, then the host's secret, then the environment", (t) => {
    const directory = temporaryDirectory(t)
    const keyFile = join(directory, "master.key")
    const environment = { [masterKeyVariable]: "from the environment" }
    assert.equal(findMasterSecret({ keyFile, environment: {} }), undefined)
    assert.equal(findMasterSecret({ keyFile, environment: { [masterKeyVariable]: "" } }), undefined)
    assert.deepEqual(findMasterSecret({ keyFile, environment }), { source: "environment", where: masterKeyVariable, text: "from the environment" })
    assert.equal(findMasterSecret({ keyFile, hostSecret: "from the host", environment })?.source, "host secret")
    writeFileSync(keyFile, `${text}\n`, { mode: 0o600 })
    assert.deepEqual(findMasterSecret({ keyFile, hostSecret: "from the host", environment }), { source: "key file", where: keyFile, text })
  })

  test("a line feed behind a key changes nothing, wherever it comes from", (t) => {
    const keyFile = join(temporaryDirectory(t), "master.key")
    const found = [
      findMasterSecret({ keyFile, environment: { [masterKeyVariable]: `${text}\n` } }),
      findMasterSecret({ keyFile, hostSecret: `${text}\n`, environment: {} }),
    ]
    for (const each of found) assert.deepEqual(each && masterKeyOf(each, undefined), Buffer.alloc(32, 9))
  })

  test("an empty key file is found and refused, not passed over", (t) => {
    const keyFile = join(temporaryDirectory(t), "master.key")
    writeFileSync(keyFile, "\n", { mode: 0o600 })
    const found = findMasterSecret({ keyFile, environment: { [masterKeyVariable]: text } })
    assert.equal(found?.source, "key file")
    assert.throws(() => found && masterKeyOf(found, undefined), refusedAs("key.malformed"))
  })

  test("a key file that others can read is refused, with the command that mends it", { skip: process.platform === "win32" }, (t) => {
    const keyFile = join(temporaryDirectory(t), "master.key")
    writeFileSync(keyFile, text, { mode: 0o600 })
    for (const mode of [0o640, 0o604, 0o660, 0o644, 0o610, 0o601]) {
      chmodSync(keyFile, mode)
      const refused = (error: unknown) =>
        refusedAs("key.exposed")(error) && error instanceof Fault && error.message.includes(mode.toString(8)) && error.remedy === `Run: chmod 600 ${keyFile}`
      assert.throws(() => findMasterSecret({ keyFile, environment: { [masterKeyVariable]: text } }), refused)
    }
    for (const mode of [0o600, 0o400, 0o700]) {
      chmodSync(keyFile, mode)
      assert.equal(findMasterSecret({ keyFile, environment: {} })?.source, "key file")
    }
  })

  test("a key file that cannot be read is a fault, not an absent key", (t) => {
    const keyFile = join(temporaryDirectory(t), "master.key")
    mkdirSync(keyFile, { mode: 0o700 })
    assert.throws(() => findMasterSecret({ keyFile, environment: { [masterKeyVariable]: text } }), refusedAs("store.unreadable"))
    assert.equal(findMasterSecret({ keyFile: join(keyFile, "missing", "master.key"), environment: {} }), undefined)
  })
})
