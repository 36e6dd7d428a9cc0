/** The map of event ids of a ledger whose first days are gone: it is what it was, by the ids that stay, and so are the proofs of it. */
import assert from "node:assert/strict"
import { after, describe, test } from "node:test"
import { parseVerifierKey } from "../../../src/format/checkpoint.ts"
import { leafHash } from "../../../src/format/header.ts"
import { closingOf } from "../../../src/journal/closing.ts"
import { idTiles } from "../../../src/journal/tiles.ts"
import { rekey } from "../../../src/operations/rekey/rekey.ts"
import { eventMap, mapStanding } from "../../../src/projections/event-map.ts"
import { ViewStore } from "../../../src/projections/view-store.ts"
import { verifyMapProof } from "../../../src/verify/map-proof.ts"
import { checkRoots, mapView } from "../../../src/views/event-map.ts"
import { eventAt, type TestLedger } from "../../ledger-fixture.ts"
import { asking, commitMap, mapProofOf } from "../../map-ledger.ts"
import { naiveRoot } from "../../projections/naive-map.ts"
import { dayMs, endMs, removeFrom, sixDays } from "./pruned-ledger.ts"

const whole = sixDays({ after })
commitMap(whole)
whole.close()
const absent = "tool.invoked:none"
const early = eventAt(35).id

function judge(ledger: TestLedger, text: string): readonly unknown[] {
  const { verifierKey, handOvers } = ledger.keys().store
  const report = verifyMapProof(text, { key: parseVerifierKey(verifierKey), handOvers })
  return [report?.verdict, report?.proves, ...(report?.problems ?? [])]
}

/** The root over the entries that were there before the removal. */
function rootBefore(ledger: TestLedger): string | undefined {
  return asking(ledger, (access) => checkRoots(access).find(({ problem }) => problem === null)?.root)
}

describe("the map of a ledger whose first days are gone", () => {
  test("has the root it had, proves what is gone to have been recorded, and goes on", async (t) => {
    const ledger = whole.copy(t)
    const [before, proofs] = [rootBefore(ledger), [early, absent].map((id) => mapProofOf(ledger, id))]
    const { removedEntries } = await removeFrom(ledger, { days: 3 })
    assert.ok(removedEntries > 2_000)
    assert.equal(ledger.verify().verdict, "valid")
    assert.equal(rootBefore(ledger), before)
    assert.deepEqual(
      proofs.map((text) => judge(ledger, text)),
      [
        ["valid", "recorded"],
        ["valid", "not-recorded"],
      ],
    )
    assert.equal(
      asking(ledger, ({ reader }) => reader.entry(40)),
      undefined,
    )
    assert.deepEqual(
      [early, absent].map((id) => judge(ledger, mapProofOf(ledger, id))),
      [
        ["valid", "recorded"],
        ["valid", "not-recorded"],
      ],
    )

    ledger.append(50)
    commitMap(ledger)
    const again = ledger.copy(t)
    await removeFrom(again, { days: 2 }, { nowMs: endMs + dayMs })
    assert.deepEqual([again.verify().verdict, again.verify().problems], ["valid", []])
    assert.deepEqual(
      asking(again, checkRoots).map(({ problem }) => problem),
      [null, null],
    )
    assert.deepEqual(judge(again, mapProofOf(again, early)), ["valid", "recorded"])
    assert.equal(asking(again, mapView).from, 0)
  })

  test("is carried over when all data is sealed anew, and deleted projections come back as they were", async (t) => {
    const ledger = whole.copy(t)
    await removeFrom(ledger, { days: 4 })
    const view = asking(ledger, mapView)
    await rekey(ledger.files, ledger.places, { nowMs: endMs, version: "test", letGo: () => Promise.resolve() })
    assert.deepEqual([ledger.verify().verdict, ledger.verify().problems], ["valid", []])
    assert.equal(rootBefore(ledger), rootBefore(whole))
    assert.equal(asking(ledger, mapView).tree, view.tree)
  })

  test("ids that were changed, taken away or put there are found", async (t) => {
    const ledger = whole.copy(t)
    await removeFrom(ledger, { days: 3 })
    const changes: readonly [string, string, RegExp][] = [
      ["changed", `UPDATE tiles SET hashes = zeroblob(8192) WHERE tile = ${idTiles + 1}`, /^ids of removed entries are not those that #\d+ tells of$/],
      ["taken away", `DELETE FROM tiles WHERE tile = ${idTiles}`, /no entry tells of, or are missing$/],
      ["put there", `INSERT INTO tiles SELECT ${idTiles + 5_000}, hashes FROM tiles WHERE tile = ${idTiles}`, /no entry tells of, or are missing$/],
    ]
    for (const [what, statement, words] of changes) {
      const bent = ledger.copy(t)
      bent.edit((journal) => journal.exec(statement))
      const { verdict, problems } = bent.verify()
      assert.equal(verdict, "invalid", what)
      assert.match(problems[0]?.what ?? "", words)
    }
    const unbent = whole.copy(t)
    unbent.edit((journal) => journal.exec(`INSERT INTO tiles SELECT ${idTiles}, hashes FROM tiles LIMIT 1`))
    assert.equal(unbent.verify().verdict, "invalid")
  })

  test("begins where it can, after a removal by a version that kept no ids", async (t) => {
    const ledger = whole.copy(t)
    await removeFrom(ledger, { days: 3 })
    asking(ledger, ({ reader }) => {
      const closing = closingOf(reader) ?? assert.fail("nothing is closed")
      const store = ViewStore.inMemory([eventMap])
      store.willStandOver({ ...closing, ids: undefined })
      store.catchUp(reader, { sliceEntries: 700 })
      const kept = [...reader.entries(closing.upTo, Number.MAX_SAFE_INTEGER)]
      const standing = mapStanding(store.database, reader).map
      store.close()
      const pairs = new Map(kept.toReversed().map(({ header, headerBytes }) => [header.idHash.toString("hex"), leafHash(headerBytes)]))
      assert.deepEqual([standing.from, standing.keys], [closing.upTo, pairs.size])
      assert.equal(standing.root.toString("hex"), naiveRoot(pairs))
    })
  })
})
