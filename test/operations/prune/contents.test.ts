/** Contents that go while their entries stay: what is recorded later opens, and what does not verify stays as evidence. */
import assert from "node:assert/strict"
import { rmSync } from "node:fs"
import { after, describe, test } from "node:test"
import { Fault } from "../../../src/base/fault.ts"
import { isCategory, type Category } from "../../../src/format/event.ts"
import { entryOf } from "../../../src/operations/entry-of.ts"
import { factsHash } from "../../../src/format/commitment.ts"
import { headerOffset } from "../../../src/format/header.ts"
import { saltedTextOf } from "../../../src/journal/reader.ts"
import { verifyRange } from "../../../src/journal/verify-range.ts"
import { rekey } from "../../../src/operations/rekey/rekey.ts"
import { eventAt, startMs, temporaryLedger, type TestLedger } from "../../ledger-fixture.ts"
import { dayMs, endMs, removeFrom, sixDays } from "./pruned-ledger.ts"

const categories = ["agent", "config", "cron", "gateway", "message", "prompt", "security", "session", "spend", "system", "tool"].filter(isCategory)
const allAfter = (days: number): ReadonlyMap<Category, number> => new Map(categories.map((name) => [name, days]))
const template = sixDays({ after })

function record(ledger: TestLedger, day: number): void {
  const { journal, scopes } = ledger.open()
  for (let part = 0; part < 5; part++) {
    const nowMs = startMs + day * dayMs + part
    journal.append(
      Array.from({ length: 70 }, (_, n) => entryOf(eventAt(day * 350 + part * 70 + n), scopes, nowMs)),
      nowMs,
    )
  }
}

describe("contents of a ledger that stood still for longer than they are kept", () => {
  for (const isRekeyed of [false, true]) {
    test(`all go, and what is recorded later${isRekeyed ? ", under other keys," : ""} opens: their numbers do not come back`, async (t) => {
      const ledger = temporaryLedger(t)
      for (let day = 0; day < 4; day++) record(ledger, day)
      ledger.checkpoint()
      const done = await removeFrom(ledger, { contentDays: allAfter(1) }, { nowMs: startMs + 40 * dayMs })
      assert.equal(done.removedContents, 800)
      if (isRekeyed) await rekey(ledger.files, ledger.places, { nowMs: startMs + 40 * dayMs, version: "test", letGo: () => Promise.resolve() })
      for (let day = 40; day < 42; day++) record(ledger, day)
      ledger.checkpoint()
      ledger.close()
      const report = ledger.verify()
      assert.deepEqual([report.verdict, report.contentsOpened, report.contentsRemoved, report.problems], ["valid", 400, 800, []])
    })
  }
})

test("contents that are not those that were recorded are evidence: they stay where they are", async (t) => {
  const ledger = template.copy(t)
  ledger.close()
  // Two contents of one chunk change places.
  ledger.edit((journal) => {
    const rows = journal.prepare("SELECT sequence, place FROM entries WHERE place IS NOT NULL AND sequence < 900 ORDER BY place").all() as Row[]
    const at = rows.findIndex(({ place }, index) => place % 1024 === 1 && (rows[index - 1]?.place ?? 0) === place - 1)
    const [one, other] = [rows[at - 1] ?? assert.fail(), rows[at] ?? assert.fail()]
    const move = journal.prepare("UPDATE entries SET place = ? WHERE sequence = ?")
    move.run(other.place, one.sequence)
    move.run(one.place, other.sequence)
  })
  assert.equal(ledger.verify().verdict, "invalid")
  await assert.rejects(removeFrom(ledger, { contentDays: allAfter(1) }), (error) => error instanceof Fault && error.code === "retention.not-valid")
  assert.equal(ledger.verify().contentsRemoved, 0)
  await assert.rejects(removeFrom(ledger, { days: 5, contentDays: allAfter(1) }, { nowMs: endMs }), (error) => error instanceof Fault)
})

test("a part of a ledger lacks contents by an entry that is signed over, or is invalid", async (t) => {
  const ledger = template.copy(t)
  const { closedBy } = await removeFrom(ledger, { contentDays: allAfter(3) })
  const part = (of = ledger) => {
    const { reader, scopes, close } = of.read()
    try {
      return verifyRange({ files: of.files, keys: of.keys(), reader, scopes }, { from: 0, to: 600, payloads: true })
    } finally {
      close()
    }
  }
  assert.deepEqual([part().verdict, part().contentsRemoved > 300], ["valid", true])
  ledger.append(600)
  ledger.checkpoint()
  ledger.close()
  const edited = ledger.copy(t)
  // The leaf hash of what is said instead is not the one the tree has.
  edited.edit((journal) => journal.prepare("UPDATE entries SET header = ?, facts = ? WHERE sequence = ?").run(...allowingMore(edited, closedBy ?? 0)))
  assert.match(part(edited).problems[0]?.what ?? "", /by which entries or contents are gone is not the one that was recorded/)
  ledger.edit((journal) => journal.prepare("DELETE FROM checkpoints WHERE size > ?").run(closedBy))
  rmSync(ledger.files.headNote)
  const { verdict, problems } = part()
  assert.deepEqual([verdict, problems.map(({ what }) => /^no checkpoint covers #\d+, by which/.test(what))], ["invalid", [true]])
})

/** The closing entry, as somebody who has the page key would have it. */
function allowingMore(ledger: TestLedger, sequence: number): [Buffer, Buffer, number] {
  const [, header, facts] = ledger.read().reader.rawEntry(sequence) ?? assert.fail("it is there")
  const text = saltedTextOf(facts).replace(/"message":\d+/, `"message":${sequence}`)
  assert.notEqual(text, saltedTextOf(facts))
  factsHash(facts.subarray(0, 16), text).copy(header, headerOffset.factsHash)
  return [header, Buffer.concat([facts.subarray(0, 16), Buffer.from(text)]), sequence]
}

type Row = { readonly sequence: number; readonly place: number }
