/** The journal: what is appended is there, whole, after any re-opening and any failure. */
import assert from "node:assert/strict"
import { once } from "node:events"
import { statSync } from "node:fs"
import { describe, test } from "node:test"
import { setImmediate as turn } from "node:timers/promises"
import { Worker } from "node:worker_threads"
import { Fault } from "../../src/base/fault.ts"
import { idHash } from "../../src/format/commitment.ts"
import { leafHash } from "../../src/format/header.ts"
import { factsOf, saltedTextOf } from "../../src/journal/reader.ts"
import { entryOf } from "../../src/operations/entry-of.ts"
import type { OpenLedger } from "../../src/operations/open-ledger.ts"
import { openDatabase } from "../../src/vault/database.ts"
import type { Scope } from "../../src/vault/scope.ts"
import { naiveRoot } from "../format/naive-tree.ts"
import { eventAt, startMs, temporaryLedger, type TestLedger } from "../ledger-fixture.ts"

const entryAt = (ledger: OpenLedger, n: number) => entryOf(eventAt(n), ledger.scopes, startMs)

function pragma(ledger: TestLedger, name: string): unknown {
  let value: unknown
  ledger.edit((journal) => (value = journal.pragma(name, { simple: true })))
  return value
}

/** Root over the stored headers, computed without any of our tree. */
function rootOf(ledger: TestLedger): string {
  const { reader } = ledger.read()
  return naiveRoot([...reader.entries(0, reader.size() - 1)].map((entry) => leafHash(entry.headerBytes))).toString("base64")
}

describe("journal", () => {
  test("begins with an entry that names its key and its format", (t) => {
    const ledger = temporaryLedger(t)
    const { reader, keys } = ledger.read()
    const [entry, ...more] = [...reader.entries(0, 99)]
    assert.ok(entry && more.length === 0)
    const { id, ...facts } = factsOf(entry)
    assert.deepEqual([entry.header.type, entry.header.timeMs, id], ["journal.opened", startMs, `journal.opened:${keys.store.origin}`])
    assert.deepEqual(facts, { format: 1, origin: keys.store.origin, verifierKey: keys.store.verifierKey, version: "test" })
    assert.ok(entry.header.previousHash.equals(Buffer.alloc(32)))
    assert.ok(entry.header.idHash.equals(idHash(reader.idSalt() ?? Buffer.alloc(0), id)))
  })

  test("gives back every event as it went in", (t) => {
    const ledger = temporaryLedger(t)
    ledger.append(300, 41)
    const { reader, scopes } = ledger.read()
    assert.ok(scopes)
    for (let n = 1; n <= 300; n++) {
      const event = eventAt(n)
      const entry = reader.entry(n)
      assert.ok(entry)
      const { id, ...facts } = factsOf(entry)
      assert.deepEqual([entry.header.type, entry.header.sequence, id, facts], [event.type, n, event.id, event.facts])
      const content = reader.content(entry, scopes)
      assert.deepEqual(typeof content === "string" ? content : JSON.parse(saltedTextOf(content)), event.content ?? "none")
      const scope = scopes.byId(entry.header.scopeId) as Scope | "erased" | undefined
      assert.ok(typeof scope === "object")
      assert.deepEqual([scope.session, scope.sender], [event.scope?.session ?? "", event.scope?.sender ?? ""])
      assert.ok(entry.header.idHash.equals(idHash(reader.idSalt() ?? Buffer.alloc(0), event.id)))
      const before = reader.entry(n - 1)
      assert.ok(before && entry.header.previousHash.equals(leafHash(before.headerBytes)))
    }
    assert.equal(reader.entry(301), undefined)
    assert.equal(reader.entry(-1), undefined)
  })

  test("texts of any size and kind, and none", (t) => {
    const ledger = temporaryLedger(t)
    const texts = ["", "x", "ä€😀\u2028\u0000\ud800".repeat(3), "y".repeat(16_384), "é".repeat(70_000), "😀".repeat(100_000)]
    ledger.record(...texts.map((text, n) => ({ type: "message.received", id: `m:${n}`, facts: { length: text.length }, content: { text } }) as const))
    assert.equal(ledger.verify().verdict, "valid")
    const { reader, scopes } = ledger.read()
    texts.forEach((text, n) => {
      const entry = reader.entry(n + 1)
      const content = entry && scopes && reader.content(entry, scopes)
      assert.ok(Buffer.isBuffer(content))
      assert.deepEqual(JSON.parse(saltedTextOf(content)), { text })
    })
  })

  const stops = [1, 2, 255, 256, 257, 511, 512, 513]
  test(`opened again at ${stops.join(", ")} entries, the chain and the tree go on`, (t) => {
    const ledger = temporaryLedger(t)
    for (const size of stops) {
      ledger.append(size - ledger.open().journal.size)
      ledger.checkpoint()
      const { root } = ledger.open().journal.checkpoint().checkpoint
      ledger.close()
      assert.equal(ledger.open().journal.size, size)
      assert.ok(ledger.open().journal.checkpoint().checkpoint.root.equals(root), `root at ${size}`)
      ledger.append(1)
      assert.equal(ledger.verify().verdict, "valid", `after ${size}`)
      ledger.close()
    }
    ledger.append(300, 1)
    assert.equal(ledger.verify().verdict, "valid")
    assert.equal(ledger.open().journal.checkpoint().checkpoint.root.toString("base64"), rootOf(ledger))
  })

  test("opened again around 65,536 entries, the chain and the tree go on", (t) => {
    const ledger = temporaryLedger(t)
    const { journal, scopes } = ledger.open()
    const scope = scopes.resolve({}, startMs)
    const entry = { type: "gateway.started", id: "g", scope, factsText: '{"id":"g"}' }
    while (journal.size < 65_535)
      journal.append(
        Array.from({ length: Math.min(5_000, 65_535 - journal.size) }, () => entry),
        startMs,
      )
    for (let size = 65_535; size <= 65_538; size++) {
      assert.equal(ledger.open().journal.size, size)
      ledger.checkpoint()
      ledger.close()
      ledger.append(1)
      ledger.close()
    }
    const report = ledger.verify(false)
    assert.deepEqual([report.verdict, report.entries, report.checkpoints], ["valid", 65_539, 6])
  })

  test("time never runs backwards, whatever the clock does", (t) => {
    const ledger = temporaryLedger(t)
    const { journal, scopes } = ledger.open()
    const entry = entryOf(eventAt(1), scopes, startMs)
    for (const nowMs of [startMs + 10, startMs - 5_000, startMs + 11.9, 0, startMs + 11]) journal.append([entry], nowMs)
    ledger.close()
    assert.equal(ledger.open().journal.lastTimeMs, startMs + 11)
    ledger.open().journal.append([entryOf(eventAt(2), ledger.open().scopes, startMs)], 5)
    const { reader } = ledger.read()
    assert.deepEqual(
      [...reader.entries(1, 9)].map(({ header }) => header.timeMs - startMs),
      [10, 10, 11, 11, 11, 11],
    )
    assert.equal(ledger.verify().verdict, "valid")
  })

  test("hundreds of appends of thousands of entries leave no free page", (t) => {
    const ledger = temporaryLedger(t)
    const open = ledger.open()
    for (let n = 1; n <= 400; n++) {
      const entries = Array.from({ length: n % 11 }, (_, i) => entryAt(open, 11 * n + i))
      open.journal.append(entries, startMs + n, new Map([[`${n % 7}`.repeat(16), n]]))
    }
    ledger.checkpoint()
    ledger.close()
    assert.equal(pragma(ledger, "freelist_count"), 0)
    assert.equal(ledger.verify().verdict, "valid")
  })

  test("the write-ahead log goes into the file and shrinks, and appends go on", (t) => {
    const ledger = temporaryLedger(t)
    const logBytes = () => statSync(`${ledger.files.journal}-wal`).size
    ledger.append(2_000)
    assert.ok(logBytes() > 500_000)
    assert.equal(ledger.open().journal.checkpointLog("TRUNCATE"), 0)
    assert.equal(logBytes(), 0)
    let highest = 0
    for (let round = 0; round < 20; round++) {
      ledger.append(100)
      ledger.checkpoint()
      assert.equal(ledger.open().journal.checkpointLog("PASSIVE"), 0)
      highest = Math.max(highest, logBytes())
    }
    assert.ok(highest < 1_000_000, `the log grew to ${highest} bytes although it was moved every time`)
    assert.equal(ledger.verify().verdict, "valid")
  })

  test("a log that another connection is moving is left to it", async (t) => {
    const ledger = temporaryLedger(t)
    ledger.append(200)
    const { journal } = ledger.open()
    const reading = openDatabase(ledger.files.journal, { key: ledger.keys().journalKey, readonly: true })
    reading.exec("BEGIN")
    reading.prepare("SELECT max(sequence) FROM entries").get()
    ledger.append(1)
    // It waits for the one who reads, with the log in its hands; where it meets us moving it, SQLite does not wait, and it asks again.
    const script = `
      const { openDatabase } = await import(${JSON.stringify(new URL("../../src/vault/database.ts", import.meta.url).href)})
      const { path, key } = (await import("node:worker_threads")).workerData
      const database = openDatabase(path, { key, busyTimeoutMs: 30_000 })
      while (database.pragma("wal_checkpoint(RESTART)")[0].busy === 1);`
    const other = new Worker(new URL(`data:text/javascript,${encodeURIComponent(script)}`), {
      workerData: { path: ledger.files.journal, key: ledger.keys().journalKey },
    })
    const ended = once(other, "exit")
    while (journal.checkpointLog("PASSIVE") !== undefined) await turn()
    reading.close()
    await ended
    assert.equal(journal.checkpointLog("PASSIVE"), 0)
  })

  test("a sender's highest number is kept with its entries", (t) => {
    const ledger = temporaryLedger(t)
    const [one, other] = ["00112233445566aa", "ffeeddccbbaa9988"]
    assert.equal(ledger.open().journal.senderMark(one), 0)
    ledger.open().journal.append(
      [entryAt(ledger.open(), 1)],
      startMs,
      new Map([
        [one, 7],
        [other, 2],
      ]),
    )
    ledger.open().journal.append([], startMs, new Map([[one, 9]]))
    ledger.close()
    assert.deepEqual([ledger.open().journal.senderMark(one), ledger.open().journal.senderMark(other), ledger.open().journal.size], [9, 2, 2])
  })

  test("a checkpoint is stored once a size, and the first one stays", (t) => {
    const ledger = temporaryLedger(t)
    ledger.append(3)
    const { journal } = ledger.open()
    const { note } = journal.checkpoint()
    journal.storeCheckpoint(4, note, 1)
    journal.storeCheckpoint(4, "another", 2)
    assert.deepEqual(ledger.read().reader.latestCheckpoint(), { size: 4, note, storedMs: 1 })
    assert.equal(ledger.verify().verdict, "valid")
  })
})

describe("an append that fails before its commit", () => {
  const batches = [1, 3, 100, 154, 1, 60]
  for (let failing = 0; failing < batches.length; failing++) {
    test(`number ${failing + 1}: nothing of it is there, and the journal goes on where it was`, (t) => {
      const ledger = temporaryLedger(t)
      let commits = 0
      const opened = ledger.open(() => {
        if (commits++ === failing) throw Object.assign(new Error("disk I/O error"), { code: "SQLITE_IOERR_WRITE" })
      })
      let size = 1
      const sender = "0011223344556677"
      const appendBatch = (open: OpenLedger, count: number) =>
        open.journal.append(
          Array.from({ length: count }, (_, i) => entryAt(open, size + i)),
          startMs + size,
          new Map([[sender, size + count]]),
        )
      for (const count of batches.slice(0, failing)) {
        assert.equal(appendBatch(opened, count), size)
        size += count
      }
      assert.throws(
        () => appendBatch(opened, batches[failing] ?? 0),
        (error) => error instanceof Fault && error.code === "store.write-failed",
      )
      assert.throws(() => appendBatch(opened, 1), Fault, "what failed once takes no more")
      assert.equal(ledger.verify().entries, size, "a reader beside it sees nothing of it")
      ledger.close()
      assert.equal(ledger.open().journal.size, size)
      assert.equal(ledger.open().journal.senderMark(sender), failing === 0 ? 0 : size)
      for (const count of batches.slice(failing)) {
        appendBatch(ledger.open(), count)
        size += count
      }
      ledger.checkpoint()
      const report = ledger.verify()
      assert.deepEqual([report.verdict, report.entries], ["valid", 320])
      assert.equal(report.root, rootOf(ledger))
    })
  }

  test("a reader in its own snapshot does not see what is committed meanwhile", (t) => {
    const ledger = temporaryLedger(t)
    ledger.append(10)
    const { reader } = ledger.read()
    const before = reader.dataVersion()
    reader.snapshot(() => {
      assert.equal(reader.size(), 11)
      ledger.append(5)
      assert.equal(reader.size(), 11)
    })
    assert.equal(reader.size(), 16)
    assert.notEqual(reader.dataVersion(), before)
  })
})
