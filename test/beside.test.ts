/** The thread beside the writer, as a thread: real ones, from source, that work, are stopped at work, die, and do not keep a process alive. */
import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { statSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { describe, test } from "node:test"
import { pathToFileURL } from "node:url"
import { startBeside } from "../src/beside.ts"
import type { BesideReport } from "../src/operations/beside-work.ts"
import { Upkeep } from "../src/operations/upkeep.ts"
import { ViewStore } from "../src/projections/view-store.ts"
import { startMs, temporaryLedger, type TestLedger } from "./ledger-fixture.ts"

function projectedIn({ files, keys }: TestLedger): number {
  const views = ViewStore.open(files.views, keys().viewsKey)
  const reached = views.reached()
  views.close()
  return reached
}

describe("the thread beside", () => {
  test("projects and copies while entries are appended", async (t) => {
    const ledger = temporaryLedger(t)
    let take: (report: BesideReport | "gone") => void = () => {}
    const next = () => new Promise<BesideReport | "gone">((resolve) => (take = resolve))
    const thread = startBeside(ledger.files, ledger.keys())({ report: (report) => take(report), gone: () => take("gone") })
    let highest = 0
    for (let round = 1; round <= 5; round++) {
      const copied = next()
      thread.post({ do: "copy-log" })
      ledger.append(500)
      assert.deepEqual(await copied, { done: "copy-log" })
      assert.equal(ledger.open().journal.checkpointLog("PASSIVE"), 0)
      const projected = next()
      thread.post({ do: "project", total: ledger.open().journal.size })
      ledger.append(500)
      assert.deepEqual(await projected, { done: "project", reached: 1 + round * 1_000 - 500 })
      highest = Math.max(highest, statSync(`${ledger.files.journal}-wal`).size)
    }
    assert.ok(highest < 1_500_000, `the log grew to ${highest} bytes`)
    const ended = next()
    thread.end()
    assert.equal(await ended, "gone")
    assert.equal(ledger.verify().verdict, "valid")
  })

  for (const afterSlices of [0, 1, 5, 20]) {
    test(`a writer that stops when the thread has done ${afterSlices} slices leaves everything up to date`, async (t) => {
      const ledger = temporaryLedger(t)
      ledger.append(20_000, 2_000)
      const options = { nowMs: () => startMs, busy: () => false, failed: (error: unknown) => assert.fail(String(error)) }
      const upkeep = new Upkeep(ledger.open(), { ...options, startBeside: startBeside(ledger.files, ledger.keys()) })
      upkeep.committed(20_000)
      while (projectedIn(ledger) < afterSlices * 400) await sleep(5)
      upkeep.finish()
      assert.deepEqual([upkeep.projected, projectedIn(ledger)], [20_001, 20_001])
      assert.equal(statSync(`${ledger.files.journal}-wal`).size, 0)
      assert.equal(ledger.verify(false).verdict, "valid")
    })
  }

  test("does not keep a process alive, and one that dies is reported gone", (t) => {
    const ledger = temporaryLedger(t)
    ledger.append(100)
    ledger.close()
    const importing = (name: string) => JSON.stringify(pathToFileURL(join(import.meta.dirname, name)).href)
    const script = `
      const { ledgerAt } = await import(${importing("ledger-fixture.ts")})
      const { startBeside } = await import(${importing("../src/beside.ts")})
      const ledger = ledgerAt({ after: () => {} }, ${JSON.stringify(join(ledger.directory, ".."))})
      const start = (gone) => startBeside(ledger.files, ledger.keys())({ report: (report) => console.log(JSON.stringify(report)), gone })
      const dying = Promise.withResolvers()
      const hold = setInterval(() => {}, 1_000)
      start(dying.resolve).post(undefined)
      await dying.promise
      console.log("gone")
      const projected = Promise.withResolvers()
      const thread = startBeside(ledger.files, ledger.keys())({ report: projected.resolve, gone: () => console.log("never") })
      thread.post({ do: "project", total: 101 })
      console.log(JSON.stringify(await projected.promise))
      clearInterval(hold)`
    const { status, signal, stdout, stderr } = spawnSync(process.execPath, ["--no-warnings", "--input-type=module", "--eval", script], {
      encoding: "utf8",
      timeout: 30_000,
    })
    assert.deepEqual([status, signal, stdout], [0, null, 'gone\n{"done":"project","reached":101}\n'], stderr)
    assert.match(stderr, /^The thread beside the writer ended: .*undefined.*\n$/)
  })
})
