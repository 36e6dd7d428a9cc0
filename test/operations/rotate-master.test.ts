/** Rotating the master key: done or not done wherever it is cut off, with one key or the other always opening the ledger, and the same command going on. */
import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { existsSync, lstatSync, mkdirSync, readFileSync, readdirSync, renameSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { after, describe, test } from "node:test"
import { Fault } from "../../src/base/fault.ts"
import type { NewEvent } from "../../src/format/event.ts"
import { entryOf } from "../../src/operations/entry-of.ts"
import { handOverKey, prepareHandOver } from "../../src/operations/hand-over-key.ts"
import { takeMasterStep } from "../../src/operations/replace-master.ts"
import { factsOf } from "../../src/journal/reader.ts"
import { cancelRotation, nextFile, rotateMaster, type RotateOptions, type Rotated } from "../../src/operations/rotate-master.ts"
import { masterKeyVariable, writeKey, type SecretPlaces } from "../../src/vault/master-key.ts"
import { readKeyStore } from "../../src/vault/key-store.ts"
import { makeSuccessor } from "../../src/vault/successor.ts"
import { statusReport } from "../../src/views/status.ts"
import { ledgerAt, startMs, temporaryLedger, type TestLedger } from "../ledger-fixture.ts"

const template = temporaryLedger({ after })
template.append(60)
template.checkpoint()
template.close()
const oldFingerprint = template.keys().store.masterFingerprint
const refusedAs = (code: string) => (error: unknown) => error instanceof Fault && error.code === code && error.remedy !== ""

/** As a writer does it. */
function askOf(ledger: TestLedger): RotateOptions["ask"] {
  return (line) => {
    const opened = ledger.open()
    const enter = (events: readonly NewEvent[]) =>
      void opened.journal.append(
        events.map((event) => entryOf(event, opened.scopes, startMs)),
        startMs,
      )
    return Promise.resolve(takeMasterStep(opened, line, startMs, enter))
  }
}

const rotate = (ledger: TestLedger, more: Partial<RotateOptions> = {}, places = ledger.places): Promise<Rotated> =>
  rotateMaster(ledger.files, places, { ask: askOf(ledger), ...more })

function assertSound(ledger: TestLedger): void {
  const report = ledger.verify()
  assert.deepEqual([report.verdict, report.problems], ["valid", []])
  const status = statusReport({ files: ledger.files, places: ledger.places, version: "test", nowMs: startMs, writer: null, host: null })
  assert.equal(status.problem, null)
}

const replacedEntries = (ledger: TestLedger) => [...ledger.read().reader.entries(0, Infinity)].filter(({ header }) => header.type === "master.replaced")

/** No key but the one in the key file opens it, and nothing of another one lies about. */
function assertSettled(ledger: TestLedger, rotations: number): void {
  const { next, replaced, masterFingerprint } = readKeyStore(ledger.directory)
  assert.deepEqual([next, replaced?.length ?? 0, masterFingerprint !== oldFingerprint], [undefined, rotations, rotations > 0])
  assert.deepEqual(
    readdirSync(ledger.directory).filter((name) => /^keys\.json.+/.test(name)),
    [],
  )
  assert.equal(ledger.keys().openedBy, "master")
  ledger.append(3)
  ledger.checkpoint()
  assertSound(ledger)
}

describe("a rotation cut off by kill -9", () => {
  for (const [step, state] of [
    ["written", "rotated"],
    ["torn add", "rotated"],
    ["added", "completed"],
    ["placed", "completed"],
    ["entered", "completed"],
    ["torn promote", "completed"],
    ["promoted", "rotated"],
  ] as const) {
    for (const opensBefore of [false, true]) {
      test(`${step}: opens as it is, and the command ${opensBefore ? "after a writer ran" : "at once"} goes on`, async (t) => {
        const ledger = template.copy(t)
        const script = join(import.meta.dirname, "dying-rotation.ts")
        const { signal, stderr } = spawnSync(process.execPath, ["--no-warnings", script, dirname(ledger.directory), step], { encoding: "utf8" })
        assert.deepEqual([signal, stderr], ["SIGKILL", ""])
        assertSound(ledger)
        const isPlaced = ["placed", "entered", "torn promote", "promoted"].includes(step)
        if (opensBefore) {
          ledger.append(5)
          ledger.checkpoint()
          assertSound(ledger)
          assert.equal(readKeyStore(ledger.directory).next !== undefined, step === "added", "who opens by the next key for writing ends it")
          ledger.close()
        }
        const done = await rotate(ledger)
        const isOver = opensBefore && isPlaced
        assert.equal(done.state, isOver ? "rotated" : state)
        ledger.close()
        assertSettled(ledger, (isOver || step === "promoted" ? 1 : 0) + 1)
        assert.equal(readKeyStore(ledger.directory).masterFingerprint, done.fingerprint)
        assert.equal(replacedEntries(ledger).length, (isOver || step === "promoted" ? 1 : 0) + 1 + (step === "entered" ? 1 : 0))
      })
    }
  }
})

describe("a rotation", () => {
  test("changes the key file and keys.json, and not a byte of the databases but the entry that tells of it", async (t) => {
    const ledger = template.copy(t)
    const [keyFile, databases] = [ledger.places.keyFile, [ledger.files.journal, ledger.files.scopes]]
    const before = databases.map((file) => readFileSync(file))
    const old = readFileSync(keyFile, "utf8")
    const seen: Buffer[][] = []
    const done = await rotate(ledger, { reached: () => void seen.push(databases.map((file) => readFileSync(file))) })
    assert.deepEqual([done.state, done.previousFingerprint, done.source, done.where], ["rotated", oldFingerprint, "key file", keyFile])
    for (const files of seen) assert.deepEqual(files, before, "the entry stands in the log")
    assert.notEqual(readFileSync(keyFile, "utf8"), old)
    assert.match(readFileSync(keyFile, "utf8"), /^[\w-]{43}=\n$/)
    assert.deepEqual([statSync(keyFile).mode & 0o777, existsSync(nextFile(keyFile))], [0o600, false])
    ledger.close()
    assertSettled(ledger, 1)
    const [entry] = replacedEntries(ledger)
    const { previousFingerprint, nextFingerprint } = factsOf(entry ?? assert.fail("it is on record"))
    assert.deepEqual([previousFingerprint, nextFingerprint], [oldFingerprint, done.fingerprint])
    writeFileSync(keyFile, old)
    assert.throws(() => ledger.keys(), refusedAs("key.replaced"))
  })

  test("again and again, and across a hand-over of the signing key", async (t) => {
    const ledger = template.copy(t)
    for (let count = 0; count < 3; count++) {
      await rotate(ledger)
      ledger.handOver()
    }
    ledger.close()
    assertSettled(ledger, 3)
    assert.equal(ledger.keys().store.handOvers?.length, 3)
  })

  test("keeps the signing key from being handed over while it is open, and the other way round", async (t) => {
    const ledger = template.copy(t)
    const keyText = writeKey(Buffer.alloc(32, 5))
    const places = fromEnvironment(ledger)
    await rotate(ledger, { newKey: { text: keyText, where: "new.key" } }, places)
    const opened = ledger.open()
    assert.throws(
      () => handOverKey(opened, prepareHandOver(opened, makeSuccessor(opened.keys)), { nowMs: startMs, writesNote: true }),
      refusedAs("key.not-successor"),
    )
  })

  test("to a passphrase and back, in the key file that a link leads to", async (t) => {
    const ledger = template.copy(t)
    const { keyFile } = ledger.places
    const elsewhere = join(dirname(keyFile), "elsewhere")
    mkdirSync(elsewhere)
    renameSync(keyFile, join(elsewhere, "real.key"))
    symlinkSync("elsewhere/real.key", keyFile)
    const passphrase = "correct horse battery staple"
    await rotate(ledger, { newKey: { text: passphrase, where: "words.txt" } })
    assert.deepEqual([readFileSync(join(elsewhere, "real.key"), "utf8"), lstatSync(keyFile).isSymbolicLink()], [`${passphrase}\n`, true])
    assert.equal(readKeyStore(ledger.directory).stretching?.name, "argon2id")
    await rotate(ledger)
    ledger.close()
    assertSettled(ledger, 2)
    assert.equal(readKeyStore(ledger.directory).stretching, undefined)
  })

  test("is refused for a key that is none, or the one that is there; nothing changes", async (t) => {
    const ledger = template.copy(t)
    const { keyFile } = ledger.places
    const [keys, key] = [readFileSync(ledger.files.keys), readFileSync(keyFile, "utf8")]
    await assert.rejects(rotate(ledger, { newKey: { text: "short", where: "new.key" } }), refusedAs("key.malformed"))
    await assert.rejects(rotate(ledger, { newKey: { text: key.trim(), where: "new.key" } }), refusedAs("key.not-next"))
    assert.deepEqual([readFileSync(ledger.files.keys), readFileSync(keyFile, "utf8"), readdirSync(dirname(keyFile))], [keys, key, ["master.key"]])
  })

  test("leaves everything as it is where the new key file cannot be written", async (t) => {
    const ledger = template.copy(t)
    mkdirSync(nextFile(ledger.places.keyFile))
    const keys = readFileSync(ledger.files.keys)
    await assert.rejects(rotate(ledger), refusedAs("store.write-failed"))
    assert.deepEqual([readFileSync(ledger.files.keys), readdirSync(dirname(ledger.places.keyFile))], [keys, ["master.key", "master.key.next"]])
  })
})

/** The ledger's key in a variable, and no key file. */
function fromEnvironment(ledger: TestLedger, text = readFileSync(ledger.places.keyFile, "utf8").trim()): SecretPlaces {
  return { keyFile: join(dirname(ledger.places.keyFile), "none.key"), environment: { [masterKeyVariable]: text } }
}

describe("a key that is kept elsewhere", () => {
  const newKey = { text: writeKey(Buffer.alloc(32, 5)), where: "new.key" }

  test("is rotated in two runs, and either opens the ledger between them", async (t) => {
    const ledger = template.copy(t)
    const [before, after] = [fromEnvironment(ledger), fromEnvironment(ledger, newKey.text)]
    await assert.rejects(rotate(ledger, {}, before), refusedAs("key.kept-elsewhere"))
    assert.equal((await rotate(ledger, { newKey }, before)).state, "waiting")
    assert.equal((await rotate(ledger, { newKey }, before)).state, "waiting", "told again")
    await assert.rejects(rotate(ledger, {}, before), refusedAs("key.rotation-open"))
    await assert.rejects(rotate(ledger, { newKey: { text: writeKey(Buffer.alloc(32, 6)), where: "third.key" } }, before), refusedAs("key.rotation-open"))
    assertSound(ledger)
    assert.equal((await rotate(ledger, {}, after)).state, "completed", "beside a writer that was started with the old one")
    await assert.rejects(rotate(ledger, {}, before), refusedAs("key.replaced"))
    ledger.close()
    writeFileSync(ledger.places.keyFile, newKey.text)
    assertSettled(ledger, 1)
  })

  test("is left as it was when the rotation is given up, by who has the old one alone", async (t) => {
    const ledger = template.copy(t)
    const ask = askOf(ledger)
    const [before, after] = [fromEnvironment(ledger), fromEnvironment(ledger, newKey.text)]
    await assert.rejects(cancelRotation(ledger.files, before, { ask }), refusedAs("key.not-next"))
    await rotate(ledger, { newKey }, before)
    await assert.rejects(cancelRotation(ledger.files, after, { ask }), refusedAs("key.not-next"))
    assert.equal((await cancelRotation(ledger.files, before, { ask })).state, "given up")
    ledger.close()
    assertSettled(ledger, 0)
    assert.deepEqual(replacedEntries(ledger), [])
  })
})

test("a rotation that was cut off before the key file was replaced can be given up, too", async (t) => {
  const ledger = ledgerAt(t, dirname(template.copy(t).directory))
  const stop = new Error("cut off here")
  const reached = (step: string) => {
    if (step === "added") throw stop
  }
  await assert.rejects(rotate(ledger, { reached }), stop)
  assert.ok(existsSync(nextFile(ledger.places.keyFile)))
  await cancelRotation(ledger.files, ledger.places, { ask: askOf(ledger) })
  assert.ok(!existsSync(nextFile(ledger.places.keyFile)))
  ledger.close()
  assertSettled(ledger, 0)
})
