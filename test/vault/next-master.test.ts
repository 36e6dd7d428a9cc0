/** Another master key for keys.json: either opens it while there are two, the one that stays alone opens it after, and nothing else ever does. */
import assert from "node:assert/strict"
import { createSecretKey } from "node:crypto"
import { readFileSync, readdirSync, writeFileSync } from "node:fs"
import { describe, test } from "node:test"
import { Fault } from "../../src/base/fault.ts"
import { createKeyStore, keyStorePath, openKeyStore, readKeyStore, type OpenKeys } from "../../src/vault/key-store.ts"
import { pinFileSalt } from "../../src/vault/key-store-steps.ts"
import { writeKey, type MasterSecret } from "../../src/vault/master-key.ts"
import { addNext, dropNext, isNext, promoteNext, wrapNext } from "../../src/vault/next-master.ts"
import { addPending, makeSuccessor } from "../../src/vault/successor.ts"
import { temporaryDirectory, type Ending } from "../ledger-fixture.ts"

const secretOf = (text: string): MasterSecret => ({ source: "key file", where: "/keys/master.key", text })
const written = secretOf(writeKey(Buffer.alloc(32, 1)))
const other = secretOf(writeKey(Buffer.alloc(32, 2)))
const third = secretOf(writeKey(Buffer.alloc(32, 3)))
const passphrase = secretOf("correct horse battery staple")
const nowMs = 1_795_000_000_000
const enter = () => {}
const refusedAs = (code: string) => (error: unknown) => error instanceof Fault && error.code === code
const material = ({ journalKey, viewsKey, scopesKey, signer }: OpenKeys) =>
  [journalKey, viewsKey, scopesKey, signer.publicKey].map((key) => key.toString("hex"))

function made(t: Ending, secret = written): { readonly directory: string; readonly keys: OpenKeys } {
  const directory = temporaryDirectory(t)
  return { directory, keys: createKeyStore(directory, secret, nowMs) }
}

describe("a next master key", () => {
  for (const [name, from, to, refusal] of [
    ["one written key to another", written, other, "key.replaced"],
    ["a written key to a passphrase", written, passphrase, "key.replaced"],
    ["a passphrase to a written key", passphrase, other, "key.malformed"],
    ["a passphrase to another", passphrase, secretOf("another horse, another battery"), "key.wrong"],
    ["a passphrase to itself, with a new salt", passphrase, passphrase, undefined],
  ] as const) {
    test(`${name}: the same keys under either, then under the new one alone`, (t) => {
      const { directory, keys } = made(t, from)
      pinFileSalt(directory, keys, "late.db", Buffer.from("pinned by a writer meanwhile"))
      const before = readKeyStore(directory)
      const next = wrapNext(directory, keys, to)
      const two = addNext(directory, keys, next)
      assert.deepEqual(material(openKeyStore(directory, from)), material(keys))
      assert.deepEqual(material(openKeyStore(directory, to)), material(keys))
      if (refusal !== undefined) assert.deepEqual([openKeyStore(directory, from).openedBy, openKeyStore(directory, to).openedBy], ["master", "next"])

      const entered: string[][] = []
      promoteNext(directory, two, next.wrapping, nowMs, (...fingerprints) => entered.push(fingerprints))
      const { next: none, replaced, fileSalts, ...after } = readKeyStore(directory)
      assert.deepEqual(entered, [[before.masterFingerprint, next.next.masterFingerprint]])
      assert.deepEqual([none, Object.keys(fileSalts)], [undefined, ["late.db"]])
      assert.deepEqual(replaced, [{ masterFingerprint: before.masterFingerprint, replacedAt: new Date(nowMs).toISOString() }])
      assert.equal(after.stretching !== undefined, to.text.includes(" "))
      assert.deepEqual(material(openKeyStore(directory, to)), material(keys))
      if (refusal !== undefined) assert.throws(() => openKeyStore(directory, from), refusedAs(refusal))
      assert.ok(
        Object.values(before.wrapped).every((blob) => !readFileSync(keyStorePath(directory), "utf8").includes(blob)),
        "nothing is left that the old key opens",
      )
      assert.deepEqual(readdirSync(directory), ["keys.json"])
    })
  }

  test("given up, it opens nothing, and all is as it was", (t) => {
    const { directory, keys } = made(t)
    const before = readFileSync(keyStorePath(directory))
    const next = wrapNext(directory, keys, other)
    const two = addNext(directory, keys, next)
    assert.throws(() => dropNext(directory, openKeyStore(directory, other), next.wrapping), refusedAs("key.not-next"), "by who has it alone")
    assert.deepEqual(material(openKeyStore(directory, other)), material(keys))
    dropNext(directory, two, keys.wrapping)
    assert.deepEqual(readFileSync(keyStorePath(directory)), before)
    assert.throws(() => openKeyStore(directory, other), refusedAs("key.wrong"))
    assert.throws(() => dropNext(directory, keys, keys.wrapping), refusedAs("key.not-next"))
  })

  test("gives its place to no other: its owner may have nothing else any more", (t) => {
    const { directory, keys } = made(t)
    const next = wrapNext(directory, keys, other)
    const two = addNext(directory, keys, next)
    assert.throws(() => addNext(directory, two, wrapNext(directory, two, third)), refusedAs("key.not-next"))
    assert.throws(() => promoteNext(directory, two, wrapNext(directory, two, third).wrapping, nowMs, enter), refusedAs("key.not-next"))
    assert.deepEqual([isNext(directory, other), isNext(directory, third), isNext(directory, written)], [true, false, false])
    assert.deepEqual(material(openKeyStore(directory, other)), material(keys))
  })

  test("promoted by who opened the ledger by it alone", (t) => {
    const { directory, keys } = made(t)
    addNext(directory, keys, wrapNext(directory, keys, other))
    const opened = openKeyStore(directory, other)
    const after = promoteNext(directory, opened, opened.wrapping, nowMs, enter)
    assert.deepEqual([after.openedBy, material(openKeyStore(directory, other))], ["master", material(keys)])
    const settled = readFileSync(keyStorePath(directory))
    const refuse = () => assert.fail("it is put on record once")
    assert.deepEqual(material(promoteNext(directory, after, opened.wrapping, nowMs, refuse)), material(keys))
    assert.throws(() => promoteNext(directory, after, keys.wrapping, nowMs, refuse), refusedAs("key.not-next"))
    assert.deepEqual(readFileSync(keyStorePath(directory)), settled)
  })

  test("is refused when it wraps the keys of another ledger, none, or comes while the signing key is handed over; nothing changes then", (t) => {
    const { directory, keys } = made(t)
    const foreign = made(t)
    const before = readFileSync(keyStorePath(directory))
    const refused = (act: () => unknown) => assert.throws(act, refusedAs("key.not-next"))
    const next = wrapNext(directory, keys, other)
    refused(() => addNext(directory, keys, wrapNext(foreign.directory, foreign.keys, other)))
    refused(() => addNext(directory, keys, { ...next, wrapping: createSecretKey(Buffer.alloc(32, 9)) }))
    refused(() => addNext(directory, keys, { ...next, next: { ...next.next, wrapped: { ...next.next.wrapped, page: next.next.wrapped.scopes } } }))
    refused(() => wrapNext(directory, keys, written))
    assert.throws(() => wrapNext(directory, keys, secretOf("too short")), refusedAs("key.malformed"))
    assert.deepEqual(readFileSync(keyStorePath(directory)), before)
    const handing = addPending(directory, keys, makeSuccessor(keys))
    refused(() => addNext(directory, handing, next))
  })

  test("of which a letter was changed is damage to whoever opens the file, by either key", (t) => {
    const { directory, keys } = made(t)
    addNext(directory, keys, wrapNext(directory, keys, other))
    const text = readFileSync(keyStorePath(directory), "utf8")
    const { next } = readKeyStore(directory)
    const blob = next?.wrapped.page ?? assert.fail("there is a next one")
    writeFileSync(keyStorePath(directory), text.replace(blob, (blob.startsWith("A") ? "B" : "A") + blob.slice(1)))
    assert.throws(() => openKeyStore(directory, other), refusedAs("store.damaged"))
    assert.throws(() => openKeyStore(directory, written), refusedAs("store.damaged"))
    writeFileSync(keyStorePath(directory), text)
    for (const secret of [written, other]) assert.deepEqual(material(openKeyStore(directory, secret)), material(keys))
    writeFileSync(keyStorePath(directory), text.replace(/"next": \{[^]*?"wrapped": \{/, '"next": {"wrapped": {'))
    assert.throws(() => openKeyStore(directory, written), refusedAs("store.damaged"))
  })
})
