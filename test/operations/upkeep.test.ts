/** What the writer does between commits: checkpoints when they are due, projections forward, the log into the file. */
import assert from "node:assert/strict"
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { setImmediate } from "node:timers/promises"
import { describe, test } from "node:test"
import { storeCheckpoint } from "../../src/operations/checkpoint.ts"
import { handOverKey, prepareHandOver } from "../../src/operations/hand-over-key.ts"
import { Upkeep } from "../../src/operations/upkeep.ts"
import { makeSuccessor } from "../../src/vault/successor.ts"
import { parseSignedCheckpoint } from "../../src/format/checkpoint.ts"
import { startMs, temporaryLedger, type Ending } from "../ledger-fixture.ts"

const alone = { nowMs: () => startMs, busy: () => false, failed: (error: unknown) => assert.fail(String(error)) }

function upkeepOf(t: Ending) {
  const ledger = temporaryLedger(t)
  let nowMs = startMs
  const upkeep = new Upkeep(ledger.open(), { ...alone, nowMs: () => nowMs })
  t.after(() => upkeep.close())
  return { ledger, upkeep, pass: (ms: number) => void (nowMs += ms) }
}

const noted = (path: string) => parseSignedCheckpoint(readFileSync(path, "utf8"))?.size

describe("checkpoints", () => {
  test("are stored once a minute while there is something new, in the journal and outside it", (t) => {
    const { ledger, upkeep, pass } = upkeepOf(t)
    const sizes = () => {
      const access = ledger.read()
      const found = access.reader.checkpoints().map(({ size }) => size)
      access.close()
      return found
    }
    assert.deepEqual(sizes(), [1])
    upkeep.everySecond()
    assert.deepEqual(sizes(), [1], "nothing is new")
    ledger.append(10)
    upkeep.everySecond()
    assert.deepEqual([sizes(), noted(ledger.files.headNote)], [[1, 11], 11])
    ledger.append(10)
    pass(59_999)
    upkeep.everySecond()
    assert.deepEqual(sizes(), [1, 11])
    pass(1)
    upkeep.everySecond()
    assert.deepEqual([sizes(), noted(ledger.files.headNote)], [[1, 11, 21], 21])
    pass(600_000)
    upkeep.everySecond()
    assert.deepEqual(sizes(), [1, 11, 21])
  })

  test("stored already is not stored again, and its note is the same", (t) => {
    const ledger = temporaryLedger(t)
    ledger.append(5)
    const { journal } = ledger.open()
    const first = storeCheckpoint(journal, 1, startMs)
    rmSync(ledger.files.headNote)
    assert.deepEqual(storeCheckpoint(journal, 6, startMs + 1), first)
    assert.equal(statSync(ledger.files.headNote, { throwIfNoEntry: false }), undefined)
  })
})

describe("at the beginning, the last writer was cut off", () => {
  type Step = "events" | "stop" | "checkpoint" | "hand-over"
  const rows: readonly (readonly [steps: readonly Step[], inOrder: boolean])[] = [
    [[], true],
    [["hand-over"], true],
    [["events"], false],
    [["events", "checkpoint"], false],
    [["events", "stop"], false],
    [["events", "stop", "checkpoint"], true],
    [["events", "stop", "checkpoint", "hand-over", "hand-over"], true],
    [["events", "hand-over"], false],
    [["events", "stop", "checkpoint", "events", "checkpoint"], false],
  ]
  for (const [steps, inOrder] of rows)
    test(`${inOrder ? "not after" : "after"} ${steps.join(", ") || "nothing"}`, (t) => {
      const ledger = temporaryLedger(t)
      const does: Readonly<Record<Step, () => void>> = {
        "events": () => ledger.append(3),
        "stop": () => ledger.record({ type: "writer.stopped", id: `writer.stopped:${ledger.open().journal.size}`, facts: { reason: "test" } }),
        "checkpoint": () => ledger.checkpoint(),
        "hand-over": () =>
          void handOverKey(ledger.open(), prepareHandOver(ledger.open(), makeSuccessor(ledger.open().keys)), { nowMs: startMs, writesNote: true }),
      }
      for (const step of steps) does[step]()
      ledger.close()
      const next = new Upkeep(ledger.open(), alone)
      t.after(() => next.close())
      assert.equal(next.begunAfterOrder, inOrder)
    })
})

describe("at the end", () => {
  test("everything is checkpointed, projected and in the file", (t) => {
    const { ledger, upkeep } = upkeepOf(t)
    ledger.append(700)
    upkeep.finish()
    assert.equal(statSync(`${ledger.files.journal}-wal`).size, 0)
    assert.equal(noted(ledger.files.headNote), 701)
    ledger.close()
    const next = new Upkeep(ledger.open(), alone)
    assert.deepEqual(upkeep.projected, 701)
    next.close()
    next.close()
  })

  test("a views.db that was damaged meanwhile stops nothing", (t) => {
    const { ledger, upkeep } = upkeepOf(t)
    ledger.append(300)
    upkeep.finish()
    const bytes = readFileSync(ledger.files.views)
    for (let page = 1; page < bytes.length / 4096; page++) {
      const bent = Buffer.from(bytes)
      bent.writeUInt8(bent.readUInt8(page * 4096 + 90) ^ 2, page * 4096 + 90)
      for (const suffix of ["-wal", "-shm"]) rmSync(ledger.files.views + suffix, { force: true })
      writeFileSync(ledger.files.views, bent)
      const next = new Upkeep(ledger.open(), alone)
      ledger.append(1)
      next.finish()
    }
    const access = ledger.read()
    assert.equal(
      access.ask((views) => views.prepare("SELECT count(*) FROM timeline").pluck().get()),
      access.reader.size(),
    )
  })

  test("the log goes into the file as it grows, once the answers of a commit are out", async (t) => {
    const { ledger, upkeep } = upkeepOf(t)
    let highest = 0
    for (let round = 0; round < 40; round++) {
      ledger.append(200)
      upkeep.committed(200)
      upkeep.idle()
      await setImmediate()
      highest = Math.max(highest, statSync(`${ledger.files.journal}-wal`).size)
    }
    assert.ok(highest < 4_500_000, `the log grew to ${highest} bytes`)
    upkeep.close()
  })
})
