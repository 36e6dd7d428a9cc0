/** What is done beside the writer: by connections of its own, one order at a time, and never by making a file that is not there. */
import assert from "node:assert/strict"
import { existsSync, renameSync, statSync } from "node:fs"
import { setImmediate as turn } from "node:timers/promises"
import { describe, test, type TestContext } from "node:test"
import { BesideWork, type BesideReport } from "../../src/operations/beside-work.ts"
import { temporaryLedger } from "../ledger-fixture.ts"

function rig(t: TestContext) {
  const ledger = temporaryLedger(t)
  const reports: BesideReport[] = []
  const work = new BesideWork(ledger.files, ledger.keys(), (report) => reports.push(report))
  t.after(() => work.close())
  const reported = async (count: number) => {
    while (reports.length < count) await turn()
    return reports
  }
  return { ledger, work, reports, reported }
}

describe("work beside the writer", () => {
  test("a copied log begins anew with the next commit", (t) => {
    const { ledger, work, reports } = rig(t)
    const log = `${ledger.files.journal}-wal`
    ledger.append(2_000)
    const [fileBytes, logBytes] = [statSync(ledger.files.journal).size, statSync(log).size]
    work.take({ do: "copy-log" })
    assert.deepEqual(reports, [{ done: "copy-log" }])
    assert.ok(statSync(ledger.files.journal).size > fileBytes + logBytes / 2, "its pages are in the file")
    ledger.append(1_000)
    assert.equal(statSync(log).size, logBytes)
    work.close()
    assert.equal(ledger.verify().verdict, "valid")
  })

  test("projections come to what was ordered, also when more is ordered meanwhile", async (t) => {
    const { ledger, work, reported } = rig(t)
    ledger.append(1_500)
    work.take({ do: "project", total: 1_000 })
    work.take({ do: "project", total: 1_501 })
    assert.deepEqual(await reported(1), [{ done: "project", reached: 1_501 }])
    const access = ledger.read()
    assert.equal(
      access.ask((views) => views.prepare("SELECT count(*) FROM timeline").pluck().get()),
      1_501,
    )
  })

  test("a log that is to be copied does not wait for all projections", async (t) => {
    const { ledger, work, reported } = rig(t)
    ledger.append(3_000)
    work.take({ do: "project", total: 3_001 })
    await turn()
    work.take({ do: "copy-log" })
    assert.deepEqual(await reported(2), [{ done: "copy-log" }, { done: "project", reached: 3_001 }])
  })

  test("what cannot be opened is refused, and a journal that is gone is not made anew", async (t) => {
    const { ledger, work, reported } = rig(t)
    ledger.append(10)
    ledger.close()
    renameSync(ledger.files.journal, `${ledger.files.journal}.away`)
    work.take({ do: "copy-log" })
    work.take({ do: "project", total: 11 })
    assert.deepEqual(await reported(2), [{ refused: "copy-log" }, { refused: "project" }])
    assert.ok(!existsSync(ledger.files.journal))
    renameSync(`${ledger.files.journal}.away`, ledger.files.journal)
    work.take({ do: "project", total: 11 })
    assert.deepEqual((await reported(3)).at(-1), { done: "project", reached: 11 })
  })
})
