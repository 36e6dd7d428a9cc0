/** The projection of the map of event ids: rebuilt it is what it was kept up to be, in whatever steps, and no other question waits for it. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import fc from "fast-check"
import { leafHash } from "../../src/format/header.ts"
import { eventMap, mapStanding } from "../../src/projections/event-map.ts"
import { projections } from "../../src/projections/projection-list.ts"
import { ViewStore } from "../../src/projections/view-store.ts"
import { eventAt, temporaryLedger } from "../ledger-fixture.ts"
import { commitMap } from "../map-ledger.ts"
import { naiveRoot } from "./naive-map.ts"

function rowsOf({ database }: ViewStore): readonly unknown[] {
  return eventMap.tables.map((table) => database.prepare(`SELECT * FROM ${table} ORDER BY 1`).raw().all())
}

describe("the projection of the map", () => {
  test("in any steps is what a rebuild is, and what the journal says", (t) => {
    const ledger = temporaryLedger(t)
    ledger.append(300)
    ledger.record(eventAt(5), eventAt(6))
    commitMap(ledger)
    ledger.append(40)
    const { reader } = ledger.read()
    const size = reader.size()
    const first = new Map(
      [...reader.entries(0, size - 1)].toReversed().map(({ header, headerBytes }) => [header.idHash.toString("hex"), leafHash(headerBytes)]),
    )
    const rebuilt = ViewStore.inMemory([eventMap])
    rebuilt.catchUp(reader, { sliceEntries: 1_000_000 })
    const { map, last } = mapStanding(rebuilt.database, reader)
    assert.deepEqual([map.size, map.from, map.keys, map.root.toString("hex")], [size, 0, first.size, naiveRoot(first)])
    assert.deepEqual([last?.sequence, last?.size], [303, 303])
    const expected = rowsOf(rebuilt)
    rebuilt.close()
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: size }), fc.integer({ min: 1, max: 90 })), { maxLength: 8 }), (steps) => {
        const store = ViewStore.inMemory([eventMap])
        for (const [total, slice] of steps) if (total >= store.reached()) while (store.applySlice(reader, total, slice));
        store.catchUp(reader, { sliceEntries: 37 })
        assert.deepEqual(rowsOf(store), expected)
        store.close()
      }),
      { numRuns: 15 },
    )
  })

  test("stands in the file of the others without being one that they wait for", (t) => {
    const ledger = temporaryLedger(t)
    ledger.append(100)
    const key = ledger.keys().viewsKey
    assert.ok(!projections.some(({ name }) => name === eventMap.name))
    const access = ledger.read()
    const reached = () => access.ask((views) => views.prepare("SELECT name, next FROM places ORDER BY name").all()) as { name: string; next: number }[]
    assert.ok(reached().every(({ name, next }) => name !== eventMap.name && next === 101))
    const root = access.askMap((tree) => tree.root())
    const place = () => reached().find(({ name }) => name === eventMap.name)?.next
    assert.equal(place(), 101)
    // A few entries more are added by who asks, and written by nobody.
    ledger.append(50)
    const later = ledger.read()
    const asked = later.askMap((tree, size) => ({ size, keys: tree.keys, root: tree.root() }))
    assert.deepEqual([asked.size, asked.keys, asked.root.equals(root)], [151, 151, false])
    assert.equal(place(), 101)
    const whole = ViewStore.open(ledger.files.views, key, [eventMap])
    t.after(() => whole.close())
    assert.equal(whole.behind(later.reader, 151), 50)
    whole.catchUp(later.reader, { sliceEntries: 1_000 })
    assert.deepEqual(mapStanding(whole.database, later.reader).map.root, asked.root)
    assert.equal(place(), 151)
  })
})
