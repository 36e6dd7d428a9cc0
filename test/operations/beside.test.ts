/** Upkeep and the thread beside it: who does what while the thread works, is slow, refuses, dies, or cannot be had. The thread is played. */
import assert from "node:assert/strict"
import { statSync } from "node:fs"
import { setImmediate as turn } from "node:timers/promises"
import { describe, test, type TestContext } from "node:test"
import type { BesideEvents, BesideThread } from "../../src/operations/beside.ts"
import { BesideWork, type BesideOrder } from "../../src/operations/beside-work.ts"
import { Upkeep } from "../../src/operations/upkeep.ts"
import { ViewStore } from "../../src/projections/view-store.ts"
import { startMs, temporaryLedger } from "../ledger-fixture.ts"

const walHeaderBytes = 32
const frameBytes = 4096 + 24

/** Timers stand still until they are told to go on; the thread does what `play` makes of its orders. */
function rig(t: TestContext, play: (order: BesideOrder, events: BesideEvents) => void, start: () => void = () => {}) {
  t.mock.timers.enable({ apis: ["setTimeout"] })
  const ledger = temporaryLedger(t)
  const orders: string[] = []
  const failures: unknown[] = []
  const threads: BesideEvents[] = []
  let ended = 0
  const startBeside = (events: BesideEvents): BesideThread => {
    start()
    threads.push(events)
    const post = (order: BesideOrder) => {
      orders.push(order.do)
      play(order, events)
    }
    return { post, end: () => void ended++ }
  }
  const upkeep = new Upkeep(ledger.open(), { nowMs: () => startMs, busy: () => false, failed: (error) => failures.push(error), startBeside })
  t.after(() => upkeep.close())
  const commit = async (entries: number) => {
    ledger.append(entries, entries)
    upkeep.committed(entries)
    upkeep.idle()
    await turn()
  }
  /** Everything that is due within that time, step by step. */
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 50) {
      t.mock.timers.tick(50)
      await turn()
    }
  }
  const logPages = () => (statSync(`${ledger.files.journal}-wal`).size - walHeaderBytes) / frameBytes
  const projected = () => {
    const views = ViewStore.open(ledger.files.views, ledger.keys().viewsKey)
    const reached = views.reached()
    views.close()
    return reached
  }
  return { ledger, upkeep, orders, failures, threads, commit, pass, logPages, projected, ended: () => ended }
}

/** More than the log may hold: 18 commits of 250 are estimated at 4.7 MB. */
async function fillLog({ commit }: { readonly commit: (entries: number) => Promise<void> }): Promise<void> {
  for (let i = 0; i < 18; i++) await commit(250)
}

describe("a thread that works", () => {
  test("brings projections forward and copies the log, which then begins anew", async (t) => {
    let work: BesideWork | undefined
    const played = rig(t, (order, events) => {
      work ??= new BesideWork(played.ledger.files, played.ledger.keys(), events.report)
      work.take(order)
    })
    t.after(() => work?.close())
    let highest = 0
    for (let round = 0; round < 120; round++) {
      await played.commit(250)
      if (round % 10 === 9) await played.pass(100)
      highest = Math.max(highest, played.logPages())
    }
    assert.ok(highest < 1_300, `the log grew to ${highest} pages`)
    assert.ok(played.orders.filter((order) => order === "copy-log").length >= 5)
    await played.pass(10_000)
    assert.equal(played.upkeep.projected, 30_001)
    assert.equal(played.projected(), 30_001)
    assert.deepEqual(played.failures, [])
    work?.close()
    work = undefined
    assert.equal(played.ledger.verify(false).verdict, "valid")
  })

  test("is asked for one thing of a kind at a time", async (t) => {
    const played = rig(t, () => {})
    for (let round = 0; round < 3; round++) {
      await fillLog(played)
      if (round < 2) await played.pass(500)
      if (round === 0) assert.deepEqual(played.orders, ["copy-log", "project"])
    }
    assert.deepEqual(played.orders, ["copy-log", "project"])
    played.threads[0]?.report({ done: "copy-log" })
    played.threads[0]?.report({ done: "project", reached: 10 })
    await played.pass(500)
    await fillLog(played)
    assert.deepEqual(played.orders, ["copy-log", "project", "project", "copy-log"])
  })

  test("is ended with the writer, and not heard after that", async (t) => {
    const played = rig(t, () => {})
    await fillLog(played)
    await played.pass(500)
    played.upkeep.finish()
    assert.equal(played.ended(), 1)
    assert.equal(played.upkeep.projected, 4_501)
    assert.equal(statSync(`${played.ledger.files.journal}-wal`).size, 0)
    const timers = t.mock.method(globalThis, "setTimeout")
    for (const report of [{ done: "copy-log" }, { refused: "project" }, { done: "project", reached: 1 }] as const) played.threads[0]?.report(report)
    played.threads[0]?.gone()
    assert.equal(timers.mock.callCount(), 0, "a timer keeps the process alive")
    await played.pass(120_000)
    assert.deepEqual([played.upkeep.projected, played.threads.length, played.failures], [4_501, 1, []])
  })
})

describe("a thread that does not", () => {
  test("answer leaves the log to the writer once it is three times as long, and projections to whoever reads", async (t) => {
    const played = rig(t, () => {})
    let highest = 0
    for (let round = 0; round < 200; round++) {
      await played.commit(250)
      await played.pass(50)
      highest = Math.max(highest, played.logPages())
    }
    assert.ok(highest > 1_300, `the log has ${highest} pages`)
    assert.ok(highest < 3_900, `the log grew to ${highest} pages`)
    played.upkeep.finish()
    assert.equal(played.projected(), 50_001)
  })

  test("let go of the log makes the writer look again at every commit", async (t) => {
    const played = rig(t, () => {})
    const { journal } = played.ledger.open()
    const move = journal.checkpointLog.bind(journal)
    const moves = { tried: 0 }
    journal.checkpointLog = (mode) => (++moves.tried <= 3 ? undefined : move(mode))
    while (moves.tried < 3) await played.commit(250)
    const pages = played.logPages()
    await played.commit(250)
    assert.equal(moves.tried, 4)
    await fillLog(played)
    assert.equal(moves.tried, 4)
    assert.ok(played.logPages() < pages * 1.1, `the log grew from ${pages} to ${played.logPages()} pages`)
  })

  test("get the disk to take the log makes the writer try, and projections try again later", async (t) => {
    const played = rig(t, (order, { report }) => report({ refused: order.do }))
    for (let round = 0; round < 5; round++) await fillLog(played)
    assert.ok(played.logPages() < 1_300, `the log grew to ${played.logPages()} pages`)
    await played.pass(200)
    const asked = () => played.orders.filter((order) => order === "project").length
    assert.equal(asked(), 1)
    await played.pass(4_900)
    assert.equal(asked(), 1)
    await played.pass(200)
    assert.equal(asked(), 2)
    assert.deepEqual(played.failures, [])
  })

  test("start leaves both to the writer, and is tried again a minute later", async (t) => {
    let tried = 0
    const played = rig(
      t,
      () => assert.fail("nobody is there to be asked"),
      () => {
        tried++
        throw new Error("no more threads")
      },
    )
    for (let round = 0; round < 5; round++) {
      await fillLog(played)
      await played.pass(50)
    }
    assert.ok(played.logPages() < 1_300, `the log grew to ${played.logPages()} pages`)
    for (let turn = 0; turn < 300; turn++) await played.pass(50)
    assert.deepEqual([tried, played.upkeep.projected, played.projected()], [1, 22_501, 22_501])
    await played.pass(60_000)
    await played.commit(1)
    await played.pass(500)
    assert.equal(tried, 2)
  })

  test("live leaves both to the writer, and is started again a minute later", async (t) => {
    const played = rig(t, () => {})
    await fillLog(played)
    await played.pass(500)
    assert.deepEqual(played.orders, ["copy-log", "project"])
    played.threads[0]?.gone()
    await played.commit(1)
    await played.pass(10_000)
    assert.equal(played.projected(), 4_502)
    const before = played.logPages()
    await fillLog(played)
    assert.ok(played.logPages() < before * 1.2, `the log grew from ${before} to ${played.logPages()} pages`)
    assert.equal(played.threads.length, 1)
    await played.pass(60_000)
    await played.commit(1)
    await played.pass(500)
    assert.equal(played.threads.length, 2)
    assert.equal(played.orders.at(-1), "project")
  })
})
