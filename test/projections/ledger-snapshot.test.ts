/** A snapshot of the ledger is used where it fits this journal, and where anything about it does not, everything is replayed from the beginning. */
import assert from "node:assert/strict"
import { existsSync } from "node:fs"
import { describe, test } from "node:test"
import { zstdCompressSync } from "node:zlib"
import { snapshotText } from "../../src/ledger/snapshot.ts"
import type { StartBeside } from "../../src/operations/beside.ts"
import type { BesideOrder } from "../../src/operations/beside-work.ts"
import { BesideWork } from "../../src/operations/beside-work.ts"
import { LedgerBook } from "../../src/operations/spend/ledger-book.ts"
import { Upkeep } from "../../src/operations/upkeep.ts"
import { keptSnapshot } from "../../src/projections/ledger-snapshot.ts"
import { ledgerState } from "../../src/projections/ledger-state.ts"
import type { SqliteDatabase } from "../../src/vault/database.ts"
import { budgeted, type SpendRig } from "../operations/spend/spend-rig.ts"
import { startMs, temporaryLedger, type Ending } from "../ledger-fixture.ts"

/** A ledger with a hold that is open, one that is settled and a snapshot; after it another call. */
function kept(t: Ending): SpendRig {
  const rig = budgeted(t)
  rig.call("r1", rig.permit(rig.runBegins("r1")))
  rig.wants("r1")
  rig.keepSnapshot()
  rig.call("r2", rig.permit(rig.runBegins("r2")))
  return rig
}

/** Which entry a replay begins with, and whether it comes to what is in memory. */
function replayed(rig: SpendRig): { readonly next: number | undefined; readonly same: boolean } {
  const access = rig.ledger.read()
  try {
    return rig.views(({ database }) => {
      const next = keptSnapshot(database, access.reader)?.next
      const state = ledgerState(access.reader, database)
      return { next, same: snapshotText(state) === snapshotText(rig.state) }
    })
  } finally {
    access.close()
  }
}

const change = (rig: SpendRig, edit: (database: SqliteDatabase) => void) => rig.views(({ database }) => edit(database))

describe("a snapshot", () => {
  test("is where a replay begins", (t) => {
    const rig = kept(t)
    const { next, same } = replayed(rig)
    assert.ok(next !== undefined && next > 1 && same)
    // It is read at all: one that says something else, and fits, is believed.
    rig.keepSnapshot(snapshotText({ ...rig.state, frozen: "by the snapshot" }))
    assert.equal(replayed(rig).same, false)
    rig.keepSnapshot()
    assert.equal(replayed(rig).same, true)
  })

  const damages: readonly (readonly [name: string, edit: (database: SqliteDatabase) => void])[] = [
    ["with another body", (database) => database.prepare("UPDATE ledger_state SET body = ?").run(zstdCompressSync('{"version":3}'))],
    ["with a body cut short", (database) => database.exec("UPDATE ledger_state SET body = substr(body, 1, 100)")],
    ["with another digest", (database) => database.exec("UPDATE ledger_state SET digest = zeroblob(32)")],
    ["of another entry", (database) => database.exec("UPDATE ledger_state SET next = next - 1")],
    ["beyond the journal", (database) => database.exec("UPDATE ledger_state SET next = 1000000")],
    ["of another journal", (database) => database.exec("UPDATE ledger_state SET leaf = zeroblob(32)")],
    ["that is gone", (database) => database.exec("DROP TABLE ledger_state")],
  ]
  for (const [name, edit] of damages)
    test(`${name} is not used`, (t) => {
      const rig = kept(t)
      change(rig, edit)
      assert.deepEqual(replayed(rig), { next: undefined, same: true })
      rig.restart()
      assert.equal(rig.permit(rig.wants("r1", undefined, {}, {})).attempt, 1)
    })

  for (const version of [1, 2, 3, 4, 5, 6, 7, 9])
    test(`of version ${version} is not used, whole as it is`, (t) => {
      const rig = kept(t)
      rig.keepSnapshot(JSON.stringify({ version, body: "something else" }))
      assert.equal(replayed(rig).same, true)
      rig.restart()
    })

  test("of one journal is not used for another", (t) => {
    const [rig, other] = [kept(t), budgeted(t)]
    rig.call("r3", rig.permit(rig.runBegins("r3")))
    for (let n = 0; n < 9; n++) other.call("r1", other.permit(other.runBegins("r1")))
    const row = rig.views(
      ({ database }) => database.prepare("SELECT next, leaf, digest, body FROM ledger_state").raw().get() as [number, Buffer, Buffer, Buffer],
    )
    other.keepSnapshot()
    change(other, (database) => database.prepare("UPDATE ledger_state SET next = ?, leaf = ?, digest = ?, body = ?").run(...row))
    assert.deepEqual(replayed(other), { next: undefined, same: true })
  })

  test("is kept at the end of a writer, and is all that the next one needs", (t) => {
    const rig = budgeted(t)
    rig.call("r1", rig.permit(rig.runBegins("r1")))
    const upkeep = new Upkeep(rig.ledger.open(), {
      nowMs: () => rig.atMs,
      busy: () => false,
      failed: (error) => assert.fail(String(error)),
      book: rig.spending.book,
    })
    upkeep.finish()
    assert.ok(existsSync(rig.ledger.files.views))
    assert.deepEqual(replayed(rig), { next: rig.ledger.open().journal.size, same: true })
  })

  test("is kept by the thread beside the writer as by the writer", (t) => {
    const rig = budgeted(t)
    rig.call("r1", rig.permit(rig.runBegins("r1")))
    const reports: unknown[] = []
    const work = new BesideWork(rig.ledger.files, rig.ledger.keys(), (report) => reports.push(report))
    work.take({ do: "keep-ledger", next: rig.ledger.open().journal.size, body: rig.spending.book.snapshot() })
    work.close()
    assert.deepEqual([reports, replayed(rig)], [[{ done: "keep-ledger" }], { next: rig.ledger.open().journal.size, same: true }])
  })

  test("is kept beside the writer once there is much to replay, of the journal as it stands, and not again at once", (t) => {
    const ledger = temporaryLedger(t)
    const book = new LedgerBook()
    const kept: BesideOrder[] = []
    const startBeside: StartBeside = () => ({ post: (order) => void (order.do === "keep-ledger" && kept.push(order)), end: () => {} })
    const upkeep = new Upkeep(ledger.open(), { nowMs: () => startMs, busy: () => false, failed: (error) => assert.fail(String(error)), book, startBeside })
    t.after(() => upkeep.close())
    for (let n = 0; n < 20_000; n++) book.give({ do: n % 2 === 0 ? "freeze" : "unfreeze", target: "all", reason: "test", atMs: startMs })
    upkeep.committed(1)
    assert.deepEqual([book.events, kept], [20_000, []])
    book.give({ do: "freeze", target: "all", reason: "the last", atMs: startMs })
    upkeep.committed(1)
    upkeep.committed(1)
    assert.deepEqual(kept, [{ do: "keep-ledger", next: ledger.open().journal.size, body: book.snapshot() }])
  })
})
