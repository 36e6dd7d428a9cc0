/** What the journal notes down beside its entries: in their commit, once for those of before, and held against them by `verify`. */
import assert from "node:assert/strict"
import { after, describe, test } from "node:test"
import { Fault } from "../../src/base/fault.ts"
import { eraseContent } from "../../src/operations/erase/erase-content.ts"
import { takeMasterStep } from "../../src/operations/replace-master.ts"
import { rotateMaster } from "../../src/operations/rotate-master.ts"
import { writeKey } from "../../src/vault/master-key.ts"
import { wrapNext } from "../../src/vault/next-master.ts"
import { startMs, temporaryLedger, type TestLedger } from "../ledger-fixture.ts"

const template = temporaryLedger({ after })
template.append(60)
eraseContent(template.open().scopes, { who: { by: "sender", value: "telegram:4242" }, enter: (events) => void template.record(...events) })
await rotateMaster(template.files, template.places, {
  ask: (line) => Promise.resolve(takeMasterStep(template.open(), line, startMs, (events) => void template.record(...events))),
})
template.append(200)
template.checkpoint()
template.close()

const notesOf = (ledger: TestLedger) => {
  let names: unknown[] = []
  ledger.edit((journal) => (names = journal.prepare("SELECT name FROM meta WHERE name <> 'id salt' ORDER BY name").pluck().all()))
  return names
}
const all = ["erasure 61", "keys 2", "master 62", "notes 1"]

describe("the journal's notes", () => {
  test("are there with the entries they lead to", () => assert.deepEqual(notesOf(template), all))

  test("of a journal from before are made once, by who opens it for writing; reading goes on without them", (t) => {
    const ledger = template.copy(t)
    ledger.edit((journal) => journal.exec("DELETE FROM meta WHERE name <> 'id salt'"))
    assert.equal(ledger.verify().verdict, "valid with erasures")
    assert.deepEqual(notesOf(ledger), [])
    ledger.open()
    ledger.close()
    assert.deepEqual(notesOf(ledger), all)
    ledger.edit((journal) => journal.exec("DELETE FROM meta WHERE name LIKE 'erasure %'"))
    ledger.open()
    ledger.close()
    assert.deepEqual(notesOf(ledger), all.slice(1), "the entries are not walked again")
  })

  test("that none of ours wrote are found", (t) => {
    for (const name of ["erasure", "erasure x", "keys -1", "notes 1 ", "reminder"]) {
      const ledger = template.copy(t)
      ledger.edit((journal) => journal.prepare("INSERT INTO meta(name, value) VALUES (?, x'')").run(name))
      assert.match(JSON.stringify(ledger.verify().problems), /notes on itself have one that is none of ours/, name)
    }
  })

  test("keep a rotation that is on record from being given up", (t) => {
    const ledger = template.copy(t)
    const { keys } = ledger.open()
    const { next, wrapping } = wrapNext(ledger.directory, keys, { source: "key file", where: "new", text: writeKey(Buffer.alloc(32, 4)) })
    const line = (step: string, under: typeof wrapping) => ({ step, wrapping: under.export().toString("base64"), next })
    takeMasterStep(ledger.open(), line("add", wrapping), startMs, () => {})
    const stop = new Error("cut off here")
    assert.throws(
      () =>
        takeMasterStep(ledger.open(), line("promote", wrapping), startMs, (events) => {
          ledger.record(...events)
          throw stop
        }),
      stop,
    )
    const drop = () => takeMasterStep(ledger.open(), line("drop", keys.wrapping), startMs, () => {})
    assert.throws(drop, (error) => error instanceof Fault && error.code === "key.not-next" && /at entry #\d+; put it where/.test(error.message))
    assert.equal(ledger.keys().store.next?.masterFingerprint, next.masterFingerprint)
  })
})
