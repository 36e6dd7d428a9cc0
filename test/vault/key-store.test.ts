/** keys.json: opens under its master key alone; whatever was done to it is refused by a fault, and nothing of it is replaced. */
import assert from "node:assert/strict"
import { readFileSync, statSync, writeFileSync } from "node:fs"
import { describe, test } from "node:test"
import { Fault } from "../../src/base/fault.ts"
import { parseVerifierKey } from "../../src/format/checkpoint.ts"
import { createKeyStore, keyStoreExists, keyStorePath, openKeyStore, parseKeyStore, readKeyStore, type KeyStoreJson } from "../../src/vault/key-store.ts"
import { authenticate, pinFileSalt } from "../../src/vault/key-store-steps.ts"
import { writeKey, type MasterSecret } from "../../src/vault/master-key.ts"
import { addNext, promoteNext, wrapNext } from "../../src/vault/next-master.ts"
import { addPending, makeSuccessor } from "../../src/vault/successor.ts"
import { temporaryDirectory, type Ending } from "../ledger-fixture.ts"
import { asFormat1 } from "./earlier-keys.ts"

const secretOf = (text: string): MasterSecret => ({ source: "key file", where: "/keys/master.key", text })
const secret = secretOf(writeKey(Buffer.alloc(32, 1)))
const other = secretOf(writeKey(Buffer.alloc(32, 2)))
const nowMs = 1_795_000_000_000
const refusedAs = (code: string) => (error: unknown) => error instanceof Fault && error.code === code

function stored(t: Ending): { readonly directory: string; readonly edit: (change: (store: Record<string, unknown>) => void) => string } {
  const directory = temporaryDirectory(t)
  createKeyStore(directory, secret, nowMs)
  const edit = (change: (store: Record<string, unknown>) => void) => {
    const store = { ...readKeyStore(directory) } as Record<string, unknown>
    change(store)
    const text = JSON.stringify(store)
    writeFileSync(keyStorePath(directory), text)
    return text
  }
  return { directory, edit }
}

describe("keys.json", () => {
  test("gives the same keys every time it is opened, and different ones to every ledger", (t) => {
    const { directory } = stored(t)
    const [one, two] = [openKeyStore(directory, secret), openKeyStore(directory, secret)]
    const material = (keys: typeof one) => [keys.journalKey, keys.viewsKey, keys.scopesKey, keys.signer.publicKey].map((key) => key.toString("hex"))
    assert.deepEqual(material(one), material(two))
    assert.equal(new Set(material(one)).size, 4)
    assert.equal(new Set([...material(one), ...material(openKeyStore(stored(t).directory, secret))]).size, 8)
    const key = parseVerifierKey(one.store.verifierKey)
    assert.deepEqual([key.name, key.publicKey], [one.store.origin, one.signer.publicKey])
    assert.equal(one.store.origin, `sovereign-ledger/${one.store.storeId}`)
  })

  test("holds no key in the clear, and only its owner may read it", (t) => {
    const { directory } = stored(t)
    const text = readFileSync(keyStorePath(directory), "utf8")
    const keys = openKeyStore(directory, secret)
    for (const key of [keys.journalKey, keys.viewsKey, keys.scopesKey]) {
      for (const encoding of ["hex", "base64", "base64url"] as const) assert.ok(!text.includes(key.toString(encoding)))
    }
    assert.ok(!text.includes(secret.text.slice(0, -1)))
    if (process.platform !== "win32") assert.equal(statSync(keyStorePath(directory)).mode & 0o777, 0o600)
  })

  test("is never replaced", (t) => {
    const { directory } = stored(t)
    const before = readFileSync(keyStorePath(directory))
    assert.throws(() => createKeyStore(directory, other, nowMs), refusedAs("key.exists"))
    assert.deepEqual(readFileSync(keyStorePath(directory)), before)
  })

  test("another master key is refused, with both fingerprints", (t) => {
    const { directory } = stored(t)
    const { masterFingerprint } = readKeyStore(directory)
    const refused = (error: unknown) =>
      refusedAs("key.wrong")(error) && error instanceof Fault && error.message.includes(masterFingerprint) && error.message.includes("/keys/master.key")
    assert.throws(() => openKeyStore(directory, other), refused)
  })

  test("a passphrase opens what was made under it, and only that", (t) => {
    const directory = temporaryDirectory(t)
    const passphrase = secretOf("correct horse battery staple")
    const made = createKeyStore(directory, passphrase, nowMs)
    assert.deepEqual(openKeyStore(directory, passphrase).journalKey, made.journalKey)
    assert.ok((made.store.stretching?.memoryKib ?? 0) >= 65_536 && (made.store.stretching?.passes ?? 0) >= 3)
    assert.throws(() => openKeyStore(directory, secretOf("correct horse battery stapl")), refusedAs("key.wrong"))
    assert.throws(() => openKeyStore(directory, secret), refusedAs("key.wrong"))
  })

  test("a passphrase does not open a ledger that has a written key", (t) => {
    assert.throws(() => openKeyStore(stored(t).directory, secretOf("correct horse battery staple")), refusedAs("key.malformed"))
  })

  test("a newer format is refused, and the file is left alone", (t) => {
    const { directory, edit } = stored(t)
    const text = edit((store) => (store["format"] = 3))
    assert.throws(() => openKeyStore(directory, secret), refusedAs("store.newer-format"))
    assert.equal(readFileSync(keyStorePath(directory), "utf8"), text)
  })

  test("where there is none, nothing is made", (t) => {
    const directory = temporaryDirectory(t)
    assert.equal(keyStoreExists(directory), false)
    assert.throws(() => openKeyStore(directory, secret), refusedAs("store.unreadable"))
    assert.equal(keyStoreExists(directory), false)
  })

  test("the first bytes of a file are pinned beside what is there", (t) => {
    const { directory } = stored(t)
    const before = readKeyStore(directory)
    pinFileSalt(directory, openKeyStore(directory, secret), "journal.db", Buffer.alloc(24, 4))
    const { mac, ...after } = readKeyStore(directory)
    const { mac: macBefore, ...rest } = before
    assert.deepEqual(after, { ...rest, fileSalts: { "journal.db": Buffer.alloc(24, 4).toString("base64") } })
    assert.notEqual(mac, macBefore)
    assert.equal(openKeyStore(directory, secret).store.storeId, before.storeId)
  })
})

describe("keys.json in the hands of somebody who may write the directory and has no master key", () => {
  const changed = (error: unknown) =>
    error instanceof Fault && error.code === "store.damaged" && /: its authenticator does not fit: [^.]+\.$/.test(error.message)
  const pinned = (t: Ending) => {
    const made = stored(t)
    pinFileSalt(made.directory, openKeyStore(made.directory, secret), "journal.db", Buffer.alloc(24, 4))
    return made
  }

  for (const [what, change] of [
    ["its pins taken out", (store) => (store["fileSalts"] = {})],
    ["one pin changed", (store) => (store["fileSalts"] = { "journal.db": Buffer.alloc(24, 5).toString("base64") })],
    ["another time of its beginning", (store) => (store["createdAt"] = "2001-01-01T00:00:00.000Z")],
    ["earlier master keys added", (store) => (store["replaced"] = [{ masterFingerprint: "00", replacedAt: "2001" }])],
    ["hand-overs added", (store) => (store["handOvers"] = ["a note\n\n\u2014 by nobody\n"])],
    ["a member that nobody knows", (store) => (store["hint"] = "x")],
    ["a next master key added", (store) => (store["next"] = { masterFingerprint: "00", wrapped: store["wrapped"] })],
    ["its authenticator taken out", (store) => delete store["mac"]],
    ["its authenticator cut", (store) => (store["mac"] = String(store["mac"]).slice(0, 20))],
    ["the authenticator of another ledger", (store, t) => (store["mac"] = readKeyStore(pinned(t).directory).mac)],
  ] as readonly (readonly [string, (store: Record<string, unknown>, t: Ending) => unknown])[]) {
    test(`${what}: is refused, and no step goes on from it`, (t) => {
      const { directory, edit } = pinned(t)
      const keys = openKeyStore(directory, secret)
      const text = edit((store) => void change(store, t))
      assert.throws(() => openKeyStore(directory, secret), changed)
      assert.throws(() => pinFileSalt(directory, keys, "views.db", Buffer.alloc(24, 6)), changed)
      assert.throws(() => addPending(directory, keys, makeSuccessor(keys)), changed)
      assert.throws(
        () => addNext(directory, keys, wrapNext(directory, keys, other)),
        (error) => changed(error) || refusedAs("key.not-next")(error),
      )
      assert.equal(readFileSync(keyStorePath(directory), "utf8"), text)
    })
  }

  test("members in another order, and other space between them, are the same file", (t) => {
    const { directory } = pinned(t)
    const store = readKeyStore(directory) as unknown as Record<string, unknown>
    writeFileSync(keyStorePath(directory), JSON.stringify(Object.fromEntries(Object.entries(store).reverse())))
    assert.equal(openKeyStore(directory, secret).store.storeId, store["storeId"])
  })

  test("taken back to the format that had no authenticator, its keys do not unwrap", (t) => {
    for (const drop of [true, false]) {
      const { directory, edit } = pinned(t)
      edit((store) => {
        store["format"] = 1
        store["fileSalts"] = {}
        if (drop) delete store["mac"]
      })
      assert.throws(
        () => openKeyStore(directory, secret),
        (error) => error instanceof Fault && /its page key does not unwrap/.test(error.message),
      )
    }
  })

  test("of that format is taken as it is, until a writer gives it one; then it cannot lose it", (t) => {
    const { directory, edit } = pinned(t)
    const before = openKeyStore(directory, secret)
    const text = asFormat1(directory, before)
    const keys = openKeyStore(directory, secret)
    assert.equal(readFileSync(keyStorePath(directory), "utf8"), text, "reading changes nothing")
    const after = authenticate(directory, keys)
    assert.deepEqual([after.store.format, readKeyStore(directory)], [2, after.store])
    const opened = openKeyStore(directory, secret)
    for (const name of ["journalKey", "viewsKey", "scopesKey"] as const) assert.deepEqual(opened[name], before[name])
    assert.deepEqual(opened.store.fileSalts, before.store.fileSalts)
    assert.equal(authenticate(directory, opened), opened, "once")
    edit((store) => (store["fileSalts"] = {}))
    assert.throws(() => openKeyStore(directory, secret), changed)
  })

  test("of that format gets none while another key is about to take a place, and gets it afterwards", (t) => {
    const { directory } = stored(t)
    asFormat1(directory, openKeyStore(directory, secret))
    const keys = openKeyStore(directory, secret)
    const next = wrapNext(directory, keys, other)
    const two = addNext(directory, keys, next)
    assert.equal(authenticate(directory, two).store.format, 1)
    for (const one of [secret, other]) assert.equal(openKeyStore(directory, one).store.format, 1)
    assert.equal(
      authenticate(
        directory,
        promoteNext(directory, two, next.wrapping, nowMs, () => {}),
      ).store.format,
      2,
    )
    assert.equal(openKeyStore(directory, other).store.format, 2)
  })
})

describe("a damaged keys.json", () => {
  const whole = (t: Ending): KeyStoreJson => readKeyStore(stored(t).directory)

  for (const text of ["", "{", "null", "[]", "7", '"x"', "{}", "\u0000", '{"format":1}', '{"format":"1"}', '{"format":0}']) {
    test(`${JSON.stringify(text)} is refused`, (t) => {
      const { directory } = stored(t)
      writeFileSync(keyStorePath(directory), text)
      assert.throws(() => openKeyStore(directory, secret), refusedAs("store.damaged"))
      assert.equal(readFileSync(keyStorePath(directory), "utf8"), text)
    })
  }

  test("cut short anywhere, it is refused", (t) => {
    const text = JSON.stringify(whole(t))
    for (let size = 0; size < text.length; size++) assert.throws(() => parseKeyStore(text.slice(0, size), "f"), refusedAs("store.damaged"), `cut to ${size}`)
  })

  const fields = ["format", "storeId", "origin", "verifierKey", "createdAt", "masterFingerprint", "wrapped", "fileSalts"] as const
  for (const name of fields) {
    for (const [what, value] of [
      ["missing", undefined],
      ["null", null],
      ["a number", 7],
      ["an empty text", ""],
      ["a list", []],
    ] as const) {
      if (name === "format" && value === 7) continue
      test(`${name} ${what}: refused by a fault`, (t) => {
        const { directory, edit } = stored(t)
        edit((store) => (store[name] = value))
        assert.throws(() => openKeyStore(directory, secret), refusedAs("store.damaged"))
      })
    }
  }

  test("a field of another ledger's file is noticed, whichever it is", (t) => {
    const foreign = whole(t) as unknown as Record<string, unknown>
    for (const name of ["storeId", "origin", "verifierKey", "wrapped"]) {
      const { directory, edit } = stored(t)
      edit((store) => (store[name] = foreign[name]))
      assert.throws(() => openKeyStore(directory, secret), refusedAs("store.damaged"), name)
    }
  })

  test("wrapped keys that changed places, or a bit, do not open", (t) => {
    const names = ["page", "signing", "scopes"] as const
    for (const [i, name] of names.entries()) {
      const { directory, edit } = stored(t)
      const { wrapped } = readKeyStore(directory)
      edit((store) => (store["wrapped"] = { ...wrapped, [name]: wrapped[names[(i + 1) % 3] ?? "page"] }))
      assert.throws(() => openKeyStore(directory, secret), refusedAs("store.damaged"))
      const bent = Buffer.from(wrapped[name], "base64")
      bent.writeUInt8(bent.readUInt8(20) ^ 1, 20)
      edit((store) => (store["wrapped"] = { ...wrapped, [name]: bent.toString("base64") }))
      assert.throws(() => openKeyStore(directory, secret), refusedAs("store.damaged"))
    }
  })

  test("parameters of a passphrase that cannot be are refused, not tried", (t) => {
    const directory = temporaryDirectory(t)
    const passphrase = secretOf("correct horse battery staple")
    const { store } = createKeyStore(directory, passphrase, nowMs)
    const bad = { name: "scrypt", salt: "", memoryKib: -1, passes: 0, parallelism: 1e9 }
    for (const [name, value] of Object.entries(bad)) {
      for (const put of [value, undefined, "x", 2 ** 40]) {
        const text = JSON.stringify({ ...store, stretching: { ...store.stretching, [name]: put } })
        writeFileSync(keyStorePath(directory), text)
        assert.throws(() => openKeyStore(directory, passphrase), refusedAs("store.damaged"), `${name} = ${put}`)
      }
    }
  })
})
