/** A look at single entries: what they are held against, and what is found where one was changed. */
import assert from "node:assert/strict"
import { after, test } from "node:test"
import { openDatabase } from "../../src/vault/database.ts"
import { checkEvents } from "../../src/views/event-check.ts"
import { temporaryLedger } from "../ledger-fixture.ts"

const template = temporaryLedger({ after })
template.append(599)
template.checkpoint()
template.append(20)
template.close()

const looked = [3, 255, 256, 590, 598, 599, 610, 618]

test("an entry that a checkpoint covers is verified, a later one pending", (t) => {
  const ledger = template.copy(t)
  const covered = ledger.read().reader.latestCheckpoint()?.size ?? 0
  assert.deepEqual(
    checkEvents(ledger.read(), looked),
    looked.map((sequence) => (sequence < covered ? "verified" : "pending")),
  )
})

for (const [what, change, sequence] of [
  ["facts", "UPDATE entries SET facts = CAST(substr(facts, 1, length(facts) - 2) || x'397d' AS BLOB) WHERE sequence = 3", 3],
  [
    "the header, whose leaf the tree has",
    "UPDATE entries SET header = CAST(substr(header, 1, 19) || x'07' || substr(header, 21) AS BLOB) WHERE sequence = 255",
    255,
  ],
  [
    "the header of one in the last tile, which the next one names",
    "UPDATE entries SET header = CAST(substr(header, 1, 19) || x'07' || substr(header, 21) AS BLOB) WHERE sequence = 590",
    590,
  ],
  ["its place among contents", "UPDATE entries SET place = (SELECT place FROM entries WHERE sequence = 1) WHERE sequence = 256", 256],
] as const) {
  test(`changed: ${what}`, (t) => {
    const ledger = template.copy(t)
    const database = openDatabase(ledger.files.journal, { key: ledger.keys().journalKey, existing: true })
    assert.equal(database.prepare(change).run().changes, 1)
    database.close()
    assert.deepEqual(
      checkEvents(ledger.read(), looked).flatMap((check, at) => (check === "tampered" ? [looked[at]] : [])),
      [sequence],
    )
  })
}
