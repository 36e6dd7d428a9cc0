/** The note outside the directory is evidence as soon as the journal cannot have grown from it: it is told, and never written over. */
import assert from "node:assert/strict"
import { copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { describe, test, type TestContext } from "node:test"
import { headNoteState, mayReplace, type HeadNoteState } from "../../src/journal/head-note.ts"
import { storeCheckpoint } from "../../src/operations/checkpoint.ts"
import { temporaryLedger } from "../ledger-fixture.ts"

describe("the head note", () => {
  const stateOf = (t: TestContext, change: (ledger: ReturnType<typeof temporaryLedger>) => void): HeadNoteState => {
    const ledger = temporaryLedger(t)
    ledger.append(700)
    ledger.checkpoint()
    ledger.append(20)
    change(ledger)
    const { reader, keys } = ledger.read()
    return headNoteState(ledger.files.headNote, keys.store.verifierKey, reader)
  }

  test("of this journal agrees, also when the journal has grown since", (t) => {
    assert.equal(
      stateOf(t, () => {}),
      "agrees",
    )
  })

  test("of a longer journal is ahead: the ledger was put back from a copy", (t) => {
    const state = stateOf(t, (ledger) => {
      ledger.close()
      copyFileSync(ledger.files.journal, `${ledger.files.journal}.old`)
      ledger.append(300)
      ledger.checkpoint()
      ledger.close()
      copyFileSync(`${ledger.files.journal}.old`, ledger.files.journal)
      for (const suffix of ["-wal", "-shm"]) rmSync(ledger.files.journal + suffix, { force: true })
    })
    assert.equal(state, "ahead of the journal")
  })

  test("that was edited, is another ledger's, or is gone", (t) => {
    const edited = (text: string) => stateOf(t, (ledger) => writeFileSync(ledger.files.headNote, text))
    assert.equal(edited("nonsense"), "not signed by this ledger")
    const foreign = temporaryLedger(t)
    foreign.append(3)
    foreign.checkpoint()
    assert.equal(edited(readFileSync(foreign.files.headNote, "utf8")), "not signed by this ledger")
    assert.equal(
      stateOf(t, (ledger) => rmSync(ledger.files.headNote)),
      "missing",
    )
  })

  test("may be replaced only when it agrees or is missing, and is left as it is otherwise", (t) => {
    assert.deepEqual(
      (["agrees", "missing", "ahead of the journal", "of another history", "not signed by this ledger", "unreadable"] as const).map(mayReplace),
      [true, true, false, false, false, false],
    )
    const ledger = temporaryLedger(t)
    ledger.append(5)
    writeFileSync(ledger.files.headNote, "evidence")
    storeCheckpoint(ledger.open().journal, 0, 1, false)
    assert.equal(readFileSync(ledger.files.headNote, "utf8"), "evidence")
  })
})
