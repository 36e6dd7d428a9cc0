/** Projections: whatever happened to views.db, and in whatever steps it was brought forward, it holds what a rebuild holds. */
import assert from "node:assert/strict"
import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { after, describe, test } from "node:test"
import fc from "fast-check"
import { Fault } from "../../src/base/fault.ts"
import { JournalReader } from "../../src/journal/reader.ts"
import type { Projection } from "../../src/projections/projection.ts"
import { projections } from "../../src/projections/projection-list.ts"
import { ViewStore } from "../../src/projections/view-store.ts"
import { openDatabase } from "../../src/vault/database.ts"
import { eventAt, temporaryLedger, type Ending, type TestLedger } from "../ledger-fixture.ts"

const entries = 400

function makeFilled(t: Ending): TestLedger {
  const ledger = temporaryLedger(t)
  ledger.append(entries - 1)
  ledger.checkpoint()
  ledger.close()
  return ledger
}

const template = makeFilled({ after })
const filled = (t: Ending): TestLedger => template.copy(t)

function readerOf(t: Ending, ledger: TestLedger): JournalReader {
  const reader = JournalReader.open(ledger.files, ledger.keys())
  t.after(() => reader.close())
  return reader
}

function storeOf(t: Ending, ledger: TestLedger, rows?: readonly Projection[]): ViewStore {
  const store = ViewStore.open(ledger.files.views, ledger.keys().viewsKey, rows)
  t.after(() => store.close())
  return store
}

function rowsOf({ database }: ViewStore, table: string): unknown[] {
  const columns = database.prepare(`SELECT * FROM ${table}`).columns()
  return database
    .prepare(`SELECT * FROM ${table} ORDER BY ${columns.map((_, at) => at + 1).join()}`)
    .raw()
    .all()
}

/** Every row of every table of every projection. */
function tablesOf(store: ViewStore, rows: readonly Projection[] = projections): Readonly<Record<string, unknown[]>> {
  const names = rows.flatMap((row) => row.tables)
  return Object.fromEntries(names.map((name) => [name, rowsOf(store, name)]))
}

function rebuilt(reader: JournalReader, rows: readonly Projection[] = projections): ReturnType<typeof tablesOf> {
  const store = ViewStore.inMemory(rows)
  try {
    store.catchUp(reader, { sliceEntries: 1_000_000 })
    return tablesOf(store, rows)
  } finally {
    store.close()
  }
}

/** Stands for a projection of a later version, or one that is new. */
const tally = (version: number, factor: number): Projection => ({
  name: "tally",
  version,
  tables: ["tally"],
  schema: "CREATE TABLE tally(sequence INTEGER PRIMARY KEY, value INTEGER NOT NULL) STRICT",
  prepare: (database) => {
    const insert = database.prepare("INSERT INTO tally(sequence, value) VALUES (?, ?)")
    return ({ sequence }) => void insert.run(sequence, sequence * factor)
  },
})

describe("projections", () => {
  test("hold what the journal says", (t) => {
    const store = storeOf(t, template)
    store.catchUp(readerOf(t, template), { sliceEntries: 100 })
    const ask = (sql: string) => store.database.prepare(sql).raw().all()
    const kinds = Array.from({ length: entries - 1 }, (_, i) => eventAt(i + 1).type)
    for (const type of new Set(kinds)) {
      const expected = kinds.filter((kind) => kind === type).length
      assert.deepEqual(ask(`SELECT count FROM activity WHERE type = '${type}'`), [[expected]])
      assert.deepEqual(ask(`SELECT count(*) FROM timeline WHERE type = (SELECT number FROM types WHERE type = '${type}')`), [[expected]])
    }
    assert.deepEqual(ask("SELECT count(*), sum(count) FROM gaps"), [[57, 171]])
    assert.deepEqual(ask("SELECT tool, type FROM tool_activity ORDER BY 1, 2"), [
      ["exec", "tool.invoked"],
      ["exec", "tool.returned"],
      ["write", "tool.denied"],
    ])
    assert.deepEqual(ask("SELECT count(*), min(sequence), max(sequence) FROM timeline"), [[entries, 0, entries - 1]])
    store.close()
    rmSync(template.files.views)
  })

  test("brought forward in any steps, opened again at any of them, are what a rebuild gives", (t) => {
    const reader = readerOf(t, template)
    const expected = rebuilt(reader)
    const key = template.keys().viewsKey
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: entries }), fc.integer({ min: 1, max: 60 }), fc.boolean()), { minLength: 1, maxLength: 12 }),
        (steps) => {
          let store = ViewStore.inMemory()
          for (const [total, slice, again] of steps) {
            if (total >= store.reached()) while (store.applySlice(reader, total, slice)) assert.ok(store.reached() <= total)
            if (again) {
              store.close()
              store = ViewStore.open(template.files.views, key)
            }
          }
          store.catchUp(reader, { sliceEntries: 37 })
          assert.deepEqual(tablesOf(store), expected)
          assert.equal(store.reached(), entries)
          store.close()
          for (const suffix of ["", "-wal", "-shm"]) rmSync(template.files.views + suffix, { force: true })
        },
      ),
      { numRuns: 20 },
    )
  })

  test("two who bring them forward at once do not double anything", (t) => {
    const ledger = filled(t)
    const reader = readerOf(t, ledger)
    const [one, other] = [storeOf(t, ledger), storeOf(t, ledger)]
    while (one.applySlice(reader, entries, 31) || other.applySlice(reader, entries, 17));
    assert.deepEqual(tablesOf(one), rebuilt(reader))
    assert.deepEqual(tablesOf(other), rebuilt(reader))
  })

  test("a slice that fails leaves the ones before it, and nothing of itself", (t) => {
    const ledger = filled(t)
    const reader = readerOf(t, ledger)
    let broken = true
    const fragile: Projection = {
      ...tally(1, 1),
      prepare: (database) => {
        const apply = tally(1, 1).prepare(database)
        assert.ok(typeof apply === "function")
        return (entry) => {
          if (broken && entry.sequence === 150) throw new Error("a bug in a projection")
          apply(entry)
        }
      },
    }
    const store = storeOf(t, ledger, [...projections, fragile])
    assert.throws(() => store.catchUp(reader, { sliceEntries: 100 }), /a bug in a projection/)
    assert.equal(store.reached(), 100)
    broken = false
    store.catchUp(reader, { sliceEntries: 100 })
    assert.deepEqual(tablesOf(store, [...projections, fragile]), rebuilt(reader, [...projections, fragile]))
  })

  test("of a new version are built again, the others go on; one that is new is built from the start", (t) => {
    const ledger = filled(t)
    const reader = readerOf(t, ledger)
    const first = storeOf(t, ledger, [...projections, tally(1, 1)])
    for (let i = 0; i < 3; i++) first.applySlice(reader, entries, 100)
    first.close()
    for (const rows of [
      [...projections, tally(2, 3)],
      [...projections, { ...tally(1, 5), name: "new", tables: ["tally"] }],
    ]) {
      const store = storeOf(t, ledger, rows)
      assert.equal(store.reached(), 0)
      store.catchUp(reader, { sliceEntries: 70 })
      assert.deepEqual(tablesOf(store, rows), rebuilt(reader, rows))
      store.close()
    }
  })
})

describe("views.db may be lost, damaged or of another journal", () => {
  test("deleted: built again", (t) => {
    const ledger = filled(t)
    const reader = readerOf(t, ledger)
    storeOf(t, ledger).catchUp(reader, { sliceEntries: 50 })
    rmSync(ledger.files.views)
    const store = storeOf(t, ledger)
    store.catchUp(reader, { sliceEntries: 50 })
    assert.deepEqual(tablesOf(store), rebuilt(reader))
  })

  for (const [what, bytes] of [
    ["emptied", Buffer.alloc(0)],
    ["text", Buffer.from("text ".repeat(4_000))],
    ["zeros", Buffer.alloc(20_000)],
    ["a byte", Buffer.of(1)],
  ] as const) {
    test(`${what}: built again`, (t) => {
      const ledger = filled(t)
      const reader = readerOf(t, ledger)
      writeFileSync(ledger.files.views, bytes)
      const store = storeOf(t, ledger)
      store.catchUp(reader, { sliceEntries: 500 })
      assert.deepEqual(tablesOf(store), rebuilt(reader))
    })
  }

  test("a bit flipped in any page: found out when it is read, and built again", (t) => {
    const ledger = filled(t)
    const whole = storeOf(t, ledger)
    whole.catchUp(readerOf(t, ledger), { sliceEntries: 500 })
    whole.close()
    const bytes = readFileSync(ledger.files.views)
    const expected = ledger.read().ask((views) => views.prepare("SELECT sequence, type FROM timeline ORDER BY sequence").all())
    for (let page = 0; page < bytes.length / 4096; page++) {
      const bent = Buffer.from(bytes)
      bent.writeUInt8(bent.readUInt8(page * 4096 + 700) ^ 4, page * 4096 + 700)
      for (const suffix of ["-wal", "-shm"]) rmSync(ledger.files.views + suffix, { force: true })
      writeFileSync(ledger.files.views, bent)
      const access = ledger.read()
      assert.deepEqual(
        access.ask((views) => views.prepare("SELECT sequence, type FROM timeline ORDER BY sequence").all()),
        expected,
        `page ${page + 1}`,
      )
      access.close()
    }
  })

  test("a bit flipped while they are brought forward: built again by whoever does it", (t) => {
    const ledger = filled(t)
    const reader = readerOf(t, ledger)
    const first = storeOf(t, ledger)
    first.applySlice(reader, 200, 200)
    first.close()
    const bytes = readFileSync(ledger.files.views)
    for (let page = 1; page < bytes.length / 4096; page++) {
      const bent = Buffer.from(bytes)
      bent.writeUInt8(bent.readUInt8(page * 4096 + 1_000) ^ 1, page * 4096 + 1_000)
      for (const suffix of ["-wal", "-shm"]) rmSync(ledger.files.views + suffix, { force: true })
      writeFileSync(ledger.files.views, bent)
      const store = storeOf(t, ledger)
      store.catchUp(reader, { sliceEntries: 50 })
      assert.equal(store.reached(), entries)
      store.close()
    }
  })

  test("of a journal that was put back and went another way: built again", (t) => {
    const ledger = filled(t)
    const older = `${ledger.files.journal}.older`
    copyFileSync(ledger.files.journal, older)
    ledger.append(100)
    const access = ledger.read()
    access.ask(() => undefined)
    access.close()
    ledger.close()
    copyFileSync(older, ledger.files.journal)
    for (const suffix of ["-wal", "-shm"]) rmSync(ledger.files.journal + suffix, { force: true })
    ledger.record(...Array.from({ length: 300 }, (_, n) => ({ type: "gateway.started", id: `g:${n}`, facts: {} }) as const))
    const reader = readerOf(t, ledger)
    const store = storeOf(t, ledger)
    store.catchUp(reader, { sliceEntries: 90 })
    assert.deepEqual(tablesOf(store), rebuilt(reader))
  })

  test("of a journal that is shorter now: built again", (t) => {
    const ledger = filled(t)
    const reader = readerOf(t, ledger)
    const store = storeOf(t, ledger)
    store.catchUp(reader, { sliceEntries: 500 })
    while (store.applySlice(reader, 120, 50));
    assert.equal(store.reached(), 120)
    store.catchUp(reader, { sliceEntries: 50 })
    assert.deepEqual(tablesOf(store), rebuilt(reader))
  })

  test("damage of the journal is not taken for damage of the views", (t) => {
    const ledger = filled(t)
    ledger.edit((journal) => journal.exec("UPDATE entries SET header = x'00' WHERE sequence = 77"))
    const reader = readerOf(t, ledger)
    const store = storeOf(t, ledger)
    assert.throws(
      () => store.catchUp(reader, { sliceEntries: 50 }),
      (error) => error instanceof Fault && error.message.includes("journal.db"),
    )
    assert.equal(store.reached(), 50)
    assert.ok(existsSync(ledger.files.views))
  })

  test("nothing of them is readable without the key", (t) => {
    const ledger = filled(t)
    const store = storeOf(t, ledger)
    store.catchUp(readerOf(t, ledger), { sliceEntries: 500 })
    store.database.pragma("wal_checkpoint(TRUNCATE)")
    assert.doesNotMatch(readFileSync(ledger.files.views, "latin1"), /tool\.invoked|SQLite format|timeline/)
    assert.throws(() => openDatabase(ledger.files.views, { key: ledger.keys().journalKey, readonly: true }), Fault)
  })
})
