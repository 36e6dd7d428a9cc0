/** Setting a ledger up, backing its keys up and bringing them back: nothing that is there is ever replaced. */
import assert from "node:assert/strict"
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { after, describe, test } from "node:test"
import { Fault } from "../../src/base/fault.ts"
import { backUpKeys, restoreKeys } from "../../src/operations/back-up-keys.ts"
import { createKey, openKeys } from "../../src/operations/create-key.ts"
import { openLedger } from "../../src/operations/open-ledger.ts"
import { createKeyStore } from "../../src/vault/key-store.ts"
import { asFormat1 } from "../vault/earlier-keys.ts"
import { masterKeyVariable, parseWrittenKey, writeKey } from "../../src/vault/master-key.ts"
import { emptyPlaces, startMs, temporaryLedger, verifyFiles, type Ending, type TestLedger } from "../ledger-fixture.ts"

const options = { nowMs: startMs, version: "test" }
const refusedAs = (code: string) => (error: unknown) => error instanceof Fault && error.code === code && error.remedy !== ""
const read = (path: string) => readFileSync(path, "utf8")

describe("key create", () => {
  test("makes a key file, keys, scopes and a journal with its first entry, signed", (t) => {
    const { files, places, keyFile } = emptyPlaces(t)
    const names: string[] = []
    const created = createKey(
      files,
      (storeId) => {
        names.push(storeId)
        return keyFile
      },
      options,
    )
    assert.deepEqual(names, [created.keys.store.storeId])
    assert.equal(parseWrittenKey(read(keyFile).trim())?.length, 32)
    if (process.platform !== "win32") {
      for (const path of [keyFile, files.keys]) assert.equal(statSync(path).mode & 0o777, 0o600, path)
      for (const path of [files.directory, dirname(keyFile)]) assert.equal(statSync(path).mode & 0o077, 0, path)
    }
    const { keys } = openKeys(files, places)
    const report = verifyFiles(files, keys)
    assert.deepEqual([report.verdict, report.entries, report.signedBy], ["valid", 1, created.keys.store.verifierKey])
    assert.match(read(files.headNote), /\n1\n/)
  })

  test("twice is refused, and everything stays as it was", (t) => {
    const { files, keyFile } = emptyPlaces(t)
    createKey(files, () => keyFile, options)
    const before = [files.keys, keyFile, files.headNote].map(read)
    assert.throws(() => createKey(files, () => `${keyFile}.2`, options), refusedAs("key.exists"))
    assert.deepEqual([files.keys, keyFile, files.headNote].map(read), before)
    assert.equal(existsSync(`${keyFile}.2`), false)
  })

  for (const left of ["journal", "scopes"] as const) {
    test(`over a ${left} that lost its keys is refused, and nothing is made`, (t) => {
      const { files, keyFile } = emptyPlaces(t)
      writeFileSync(files[left], "what is left")
      assert.throws(() => createKey(files, () => keyFile, options), refusedAs("store.incomplete"))
      assert.deepEqual(readdirSync(files.directory).length, 1)
      assert.equal(read(files[left]), "what is left")
      assert.equal(existsSync(keyFile), false)
    })
  }

  test("with a key file in the way leaves that file, and no ledger that looks set up", (t) => {
    const { files, keyFile } = emptyPlaces(t)
    mkdirSync(dirname(keyFile))
    writeFileSync(keyFile, "the key of another ledger", { mode: 0o600 })
    assert.throws(() => createKey(files, () => keyFile, options), refusedAs("key.exists"))
    assert.equal(read(keyFile), "the key of another ledger")
    assert.deepEqual(readdirSync(files.directory), [])
    rmSync(keyFile)
    createKey(files, () => keyFile, options)
  })
})

describe("opening for writing", () => {
  test("without any key is refused, saying where it looked, and nothing is made", (t) => {
    const { files, places, keyFile } = emptyPlaces(t)
    const refused = (error: unknown) =>
      refusedAs("key.absent")(error) && error instanceof Fault && [keyFile, masterKeyVariable].every((place) => error.message.includes(place))
    assert.throws(() => openLedger(files, places, options), refused)
    assert.deepEqual(readdirSync(files.directory), [])
  })

  test("with a key from the environment sets the ledger up at once, with its first checkpoint", (t) => {
    const { files, places } = emptyPlaces(t)
    const environment = { [masterKeyVariable]: "correct horse battery staple" }
    openLedger(files, { ...places, environment }, options).close()
    const { keys, secret } = openKeys(files, { ...places, environment })
    assert.equal(secret.source, "environment")
    assert.ok(keys.store.stretching)
    assert.deepEqual([verifyFiles(files, keys).verdict, verifyFiles(files, keys).entries], ["valid", 1])
  })

  test("with another key is refused, and nothing is changed", (t) => {
    const ledger = temporaryLedger(t)
    const places = { keyFile: `${ledger.places.keyFile}.none`, environment: { [masterKeyVariable]: writeKey(Buffer.alloc(32, 3)) } }
    const before = read(ledger.files.keys)
    assert.throws(() => openLedger(ledger.files, places, options), refusedAs("key.wrong"))
    assert.equal(read(ledger.files.keys), before)
    assert.equal(ledger.verify().verdict, "valid")
  })
})

const template = temporaryLedger({ after })

function withBackup(t: Ending, passphrase?: string): { readonly ledger: TestLedger; readonly backup: string; readonly keyFile: string } {
  const ledger = template.copy(t)
  const backup = join(dirname(ledger.directory), "backup.json")
  const made = backUpKeys(ledger.files, ledger.places, backup, passphrase, startMs)
  assert.deepEqual(made, { storeId: ledger.keys().store.storeId, sealed: passphrase !== undefined })
  return { ledger, backup, keyFile: ledger.places.keyFile }
}

describe("key backup and restore", () => {
  for (const passphrase of [undefined, "correct horse battery staple"]) {
    test(`${passphrase === undefined ? "in the clear" : "under a passphrase"}: brings both files back, byte for byte`, (t) => {
      const { ledger, backup, keyFile } = withBackup(t, passphrase)
      const before = [ledger.files.keys, keyFile].map(read)
      assert.equal(read(backup).includes(read(keyFile).trim()), passphrase === undefined)
      if (process.platform !== "win32") assert.equal(statSync(backup).mode & 0o777, 0o600)
      rmSync(ledger.files.keys)
      rmSync(keyFile)
      const restored = restoreKeys(ledger.files, () => keyFile, backup, passphrase)
      assert.deepEqual([...restored.written].sort(), [ledger.files.keys, keyFile].sort())
      assert.deepEqual([ledger.files.keys, keyFile].map(read), before)
      if (process.platform !== "win32") assert.equal(statSync(keyFile).mode & 0o777, 0o600)
      assert.equal(ledger.verify().verdict, "valid")
    })
  }

  test("brings back the one file that is missing and keeps the other", (t) => {
    const { ledger, backup, keyFile } = withBackup(t)
    rmSync(keyFile)
    assert.deepEqual(restoreKeys(ledger.files, () => keyFile, backup, undefined).kept, [ledger.files.keys])
    rmSync(ledger.files.keys)
    assert.deepEqual(restoreKeys(ledger.files, () => keyFile, backup, undefined).written, [ledger.files.keys])
    assert.deepEqual(restoreKeys(ledger.files, () => keyFile, backup, undefined).written, [])
  })

  test("never replaces a backup, a key file or keys of another ledger, and writes nothing when one is in the way", (t) => {
    const { ledger, backup, keyFile } = withBackup(t)
    const before = read(backup)
    assert.throws(() => backUpKeys(ledger.files, ledger.places, backup, undefined, startMs), refusedAs("key.exists"))
    assert.equal(read(backup), before)

    const elsewhere = emptyPlaces(t)
    mkdirSync(dirname(elsewhere.keyFile))
    writeFileSync(elsewhere.keyFile, "another key entirely\n", { mode: 0o600 })
    assert.throws(() => restoreKeys(elsewhere.files, () => elsewhere.keyFile, backup, undefined), refusedAs("key.exists"))
    assert.deepEqual([read(elsewhere.keyFile), readdirSync(elsewhere.files.directory)], ["another key entirely\n", []])

    const foreign = emptyPlaces(t)
    const secret = { source: "key file", where: keyFile, text: read(keyFile).trim() } as const
    createKeyStore(foreign.files.directory, secret, startMs)
    const keys = read(foreign.files.keys)
    assert.throws(() => restoreKeys(foreign.files, () => foreign.keyFile, backup, undefined), refusedAs("key.exists"))
    assert.deepEqual([read(foreign.files.keys), existsSync(foreign.keyFile)], [keys, false])
    createKeyStore(emptyPlaces(t).files.directory, { ...secret, text: writeKey(Buffer.alloc(32, 4)) }, startMs)
  })

  test("into a directory whose keys.json is under another master key is refused, and no key file is left there", (t) => {
    const { backup } = withBackup(t)
    const other = emptyPlaces(t)
    createKeyStore(other.files.directory, { source: "key file", where: "x", text: writeKey(Buffer.alloc(32, 5)) }, startMs)
    assert.throws(() => restoreKeys(other.files, () => other.keyFile, backup, undefined), Fault)
    assert.equal(existsSync(other.keyFile), false)
  })

  test("a wrong or missing passphrase, and a backup without one, are told apart", (t) => {
    const { ledger, backup, keyFile } = withBackup(t, "correct horse battery staple")
    rmSync(keyFile)
    const fails = (passphrase: string | undefined, words: RegExp) =>
      assert.throws(
        () => restoreKeys(ledger.files, () => keyFile, backup, passphrase),
        (error) => refusedAs("backup.unreadable")(error) && error instanceof Fault && words.test(error.message),
      )
    fails("wrong horse battery staple", /does not open/)
    fails("", /does not open/)
    fails(undefined, /none was given/)
    assert.equal(existsSync(keyFile), false)
  })

  test("a damaged backup is refused by a fault, whatever is wrong with it, and nothing is written", (t) => {
    const { ledger, backup, keyFile } = withBackup(t)
    const sealed = `${backup}.sealed`
    backUpKeys(ledger.files, ledger.places, sealed, "correct horse battery staple", startMs)
    const [plain, locked] = [JSON.parse(read(backup)) as Record<string, unknown>, JSON.parse(read(sealed)) as Record<string, unknown>]
    const stretching = locked["stretching"] as object
    const bad: readonly unknown[] = [
      "",
      "{",
      null,
      [],
      {},
      { ...plain, backup: 2 },
      { ...plain, plain: null },
      { ...plain, plain: { masterKey: "x" } },
      { ...plain, plain: { ...(plain["plain"] as object), masterKey: "" } },
      { ...plain, plain: { ...(plain["plain"] as object), masterKey: writeKey(Buffer.alloc(32, 9)) } },
      { ...plain, plain: { ...(plain["plain"] as object), keys: {} } },
      { ...locked, stretching: undefined },
      { ...locked, stretching: { ...stretching, salt: 7 } },
      { ...locked, stretching: { ...stretching, memoryKib: -1 } },
      { ...locked, stretching: { ...stretching, memoryKib: 2 ** 40 } },
      { ...locked, stretching: { ...stretching, passes: "x" } },
      { ...locked, sealed: "" },
      { ...locked, sealed: 7 },
    ]
    rmSync(keyFile)
    for (const value of bad) {
      const file = `${backup}.bad`
      writeFileSync(file, typeof value === "string" ? value : JSON.stringify(value))
      assert.throws(() => restoreKeys(ledger.files, () => keyFile, file, "correct horse battery staple"), Fault, JSON.stringify(value).slice(0, 80))
      assert.equal(existsSync(keyFile), false)
    }
    assert.throws(() => restoreKeys(ledger.files, () => keyFile, `${backup}.missing`, undefined), refusedAs("backup.unreadable"))
  })

  test("a ledger whose keys.json had no authenticator yet is read as it is, and gets one when it is opened for writing", (t) => {
    const ledger = temporaryLedger(t)
    ledger.close()
    ledger.edit((journal) => journal.exec("DELETE FROM meta WHERE name = 'keys 2'"))
    const text = asFormat1(ledger.directory, ledger.keys())
    assert.equal(ledger.verify().verdict, "valid")
    assert.equal(readFileSync(ledger.files.keys, "utf8"), text)
    ledger.append(3)
    ledger.handOver()
    ledger.close()
    const { format, mac, handOvers } = ledger.keys().store
    assert.deepEqual([format, mac?.length, handOvers?.length, ledger.verify().verdict], [2, 44, 1, "valid"])
  })

  test("a ledger that is not there, or has no key, cannot be backed up", (t) => {
    const { ledger, backup } = withBackup(t)
    const empty = emptyPlaces(t)
    assert.throws(() => backUpKeys(empty.files, empty.places, `${backup}.2`, undefined, startMs), refusedAs("store.absent"))
    assert.throws(() => backUpKeys(ledger.files, empty.places, `${backup}.2`, undefined, startMs), refusedAs("key.absent"))
    assert.equal(existsSync(`${backup}.2`), false)
    copyFileSync(backup, `${backup}.2`)
  })
})
