/** Stores that are newer, foreign, empty, cut or half there: refused by a sentence with a remedy, and no byte of them changed. */
import assert from "node:assert/strict"
import { existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { after, describe, test } from "node:test"
import { Fault, type FaultJson } from "../../src/base/fault.ts"
import type { FaultCode } from "../../src/base/fault-catalogue.ts"
import { tryLock } from "../../src/vault/lock.ts"
import { JournalReader } from "../../src/journal/reader.ts"
import { openLedger } from "../../src/operations/open-ledger.ts"
import { openPlainDatabase } from "../../src/vault/database.ts"
import { createKeyStore } from "../../src/vault/key-store.ts"
import { writeKey } from "../../src/vault/master-key.ts"
import { openForReading } from "../../src/views/ledger-access.ts"
import { emptyPlaces, temporaryDirectory, temporaryLedger, type Ending, type TestLedger } from "../ledger-fixture.ts"

const pageBytes = 4096

/** Every file of the directory, without the shared memory that any SQLite reader makes. */
function bytesIn(directory: string): Readonly<Record<string, string>> {
  const names = readdirSync(directory).filter((name) => !/-(?:wal|shm)$|^writer\.lock/.test(name))
  return Object.fromEntries(names.sort().map((name) => [name, readFileSync(join(directory, name), "base64")]))
}

function faultOf(run: () => { readonly close: () => void }): FaultJson | undefined {
  try {
    run().close()
    return undefined
  } catch (error) {
    assert.ok(error instanceof Fault, `not a fault: ${String(error)}`)
    return error.toJSON()
  }
}

/** Writer and reader both refuse it, and leave every file as it was. */
function refused(ledger: TestLedger, codes: readonly FaultCode[]): void {
  ledger.close()
  const before = bytesIn(ledger.directory)
  const faults = [
    faultOf(() => ({ close: () => void ledger.open() })),
    faultOf(() => openForReading(ledger.files, ledger.places)),
    faultOf(() => ({ close: () => void ledger.open() })),
  ]
  ledger.close()
  for (const fault of faults) {
    assert.ok(fault, "it was opened")
    assert.ok(codes.includes(fault.code), `${fault.code}: ${fault.message}`)
    assert.ok(fault.message.includes(ledger.directory), fault.message)
    assert.doesNotMatch(`${fault.message} ${fault.remedy}`, /unknown\)|undefined/)
    assert.match(fault.remedy, /\S+ \S+/)
  }
  assert.deepEqual(bytesIn(ledger.directory), before)
}

function makeFilled(t: Ending): TestLedger {
  const ledger = temporaryLedger(t)
  ledger.append(300)
  ledger.checkpoint()
  ledger.close()
  ledger.edit(() => {})
  return ledger
}

/** Copies of one ledger: making one costs many syncs. */
const template = makeFilled({ after })
const filled = (t: Ending): TestLedger => template.copy(t)

describe("journal.db that cannot be taken", () => {
  test("of a newer format", (t) => {
    const ledger = filled(t)
    ledger.edit((journal) => journal.pragma("user_version = 2"))
    refused(ledger, ["store.newer-format"])
  })

  test("sealed under our key, but another program's", (t) => {
    const ledger = filled(t)
    ledger.edit((journal) => journal.pragma("application_id = 7"))
    refused(ledger, ["store.damaged"])
  })

  test("a foreign SQLite file", (t) => {
    const ledger = filled(t)
    rmSync(ledger.files.journal)
    const foreign = openPlainDatabase(ledger.files.journal)
    foreign.exec("CREATE TABLE theirs(a); INSERT INTO theirs VALUES (1)")
    foreign.close()
    refused(ledger, ["store.damaged"])
  })

  test("the journal of another ledger", (t) => {
    const ledger = filled(t)
    writeFileSync(ledger.files.journal, readFileSync(makeFilled(t).files.journal))
    refused(ledger, ["key.out-of-step"])
  })

  test("text", (t) => {
    const ledger = filled(t)
    writeFileSync(ledger.files.journal, "not a database at all. ".repeat(500))
    refused(ledger, ["store.damaged"])
  })

  test("emptied", (t) => {
    const ledger = filled(t)
    writeFileSync(ledger.files.journal, "")
    refused(ledger, ["store.damaged", "store.incomplete"])
  })

  for (const pages of [1, 2, 7, -1]) {
    test(`cut to ${pages < 0 ? "all but its last page" : `${pages} pages`}`, (t) => {
      const ledger = filled(t)
      const { length } = readFileSync(ledger.files.journal)
      truncateSync(ledger.files.journal, pages < 0 ? length + pages * pageBytes : pages * pageBytes)
      refused(ledger, ["store.damaged"])
    })
  }

  for (const bytes of [1, 24, 100, 4_000]) {
    test(`cut to ${bytes} bytes`, (t) => {
      const ledger = filled(t)
      truncateSync(ledger.files.journal, bytes)
      refused(ledger, ["store.damaged"])
    })
  }

  test("gone", (t) => {
    const ledger = filled(t)
    rmSync(ledger.files.journal)
    refused(ledger, ["store.incomplete"])
    assert.ok(!existsSync(ledger.files.journal))
  })
})

describe("half a store", () => {
  test("without keys.json", (t) => {
    const ledger = filled(t)
    rmSync(ledger.files.keys)
    refused(ledger, ["store.incomplete"])
  })

  test("without scopes.db no writer starts, and a reader still reads", (t) => {
    const ledger = filled(t)
    rmSync(ledger.files.scopes)
    const before = bytesIn(ledger.directory)
    assert.equal(faultOf(() => ({ close: () => void ledger.open() }))?.code, "store.incomplete")
    assert.deepEqual(bytesIn(ledger.directory), before)
    assert.equal(ledger.read().reader.size(), 301)
  })

  test("scopes.db emptied", (t) => {
    const ledger = filled(t)
    writeFileSync(ledger.files.scopes, "")
    const before = bytesIn(ledger.directory)
    assert.match(faultOf(() => ({ close: () => void ledger.open() }))?.code ?? "", /store\.(?:damaged|incomplete)/)
    assert.deepEqual(bytesIn(ledger.directory), before)
  })

  test("scopes.db without its journal's keys", (t) => {
    const ledger = filled(t)
    rmSync(ledger.files.keys)
    rmSync(ledger.files.journal)
    assert.equal(faultOf(() => ({ close: () => void ledger.open() }))?.code, "store.incomplete")
  })

  test("keys.json alone, whose journal was never begun, is not half a store: the writer begins it", (t) => {
    const { files, places, keyFile } = emptyPlaces(t)
    const text = writeKey(Buffer.alloc(32, 1))
    createKeyStore(files.directory, { source: "key file", where: keyFile, text }, 0)
    const found = { ...places, environment: { OPENCLAW_MASTER_KEY: text } }
    assert.equal(faultOf(() => openForReading(files, found))?.code, "store.absent")
    writeFileSync(files.journal, "") // a writer that died before its first page
    assert.equal(faultOf(() => openForReading(files, found))?.code, "store.absent")
    assert.equal(readFileSync(files.journal).length, 0)
    rmSync(files.journal)
    const ledger = openLedger(files, found, { nowMs: 1, version: "test" })
    assert.equal(ledger.journal.size, 1)
    ledger.close()
    assert.equal(
      faultOf(() => openForReading(files, found)),
      undefined,
    )
  })

  test("nothing at all", (t) => {
    const { files, places } = emptyPlaces(t)
    assert.equal(faultOf(() => openForReading(files, places))?.code, "store.absent")
    assert.deepEqual(readdirSync(files.directory), [])
  })
})

describe("reading beside others", () => {
  test("a reader neither needs the lock nor hinders the writer", (t) => {
    const ledger = filled(t)
    ledger.open()
    const { reader } = ledger.read()
    const walk = reader.entries(0, 1_000)
    walk.next()
    ledger.append(50)
    assert.equal([...walk].length, 300, "a walk that began sees what was there then")
    assert.equal(reader.size(), 351)
    assert.equal(ledger.verify().verdict, "valid")
  })

  test("a copy of the two files that is made while the log is full reads as the original", (t) => {
    const ledger = filled(t)
    ledger.append(100)
    const copy = join(temporaryDirectory(t), "journal.db")
    for (const suffix of ["", "-wal"]) writeFileSync(copy + suffix, readFileSync(ledger.files.journal + suffix))
    const reader = JournalReader.open({ ...ledger.files, journal: copy }, ledger.keys())
    assert.equal(reader.size(), 401)
    reader.close()
  })
})

describe("the writer's lock", () => {
  test("is held by one, freed by release, and its file stays empty", (t) => {
    const { files } = emptyPlaces(t)
    const lock = tryLock(files.lock)
    assert.ok(lock)
    assert.equal(tryLock(files.lock), undefined)
    lock.release()
    const again = tryLock(files.lock)
    assert.ok(again)
    again.release()
    assert.equal(readFileSync(files.lock).length, 0)
  })

  test("where there can be no file it is a fault", (t) => {
    const { files } = emptyPlaces(t)
    assert.throws(
      () => tryLock(join(files.directory, "missing", "lock")),
      (error) => error instanceof Fault && error.code === "store.write-failed",
    )
  })
})
