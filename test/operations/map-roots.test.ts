/** When a root of the map is put on record, and for whom: without a thread, without a disk, and by itself once an hour where much came. */
import assert from "node:assert/strict"
import { setImmediate as turn } from "node:timers/promises"
import { describe, test, type TestContext } from "node:test"
import { Fault } from "../../src/base/fault.ts"
import type { NewEvent } from "../../src/format/event.ts"
import type { MapOrder } from "../../src/operations/beside-work.ts"
import { MapRoots, type MapReport } from "../../src/operations/map-roots.ts"
import { mapLag } from "../../src/projections/event-map.ts"
import { checkRoots } from "../../src/views/event-map.ts"
import { temporaryLedger } from "../ledger-fixture.ts"
import { asking } from "../map-ledger.ts"

const hourMs = 3_600_000

function rig(t: TestContext, hasThread: boolean) {
  const ledger = temporaryLedger(t)
  const state = { nowMs: 0, size: 1, projected: 1 }
  const orders: MapOrder[] = []
  const entered: NewEvent[] = []
  const roots = new MapRoots({
    files: ledger.files,
    keys: () => ledger.keys(),
    nowMs: () => state.nowMs,
    size: () => state.size,
    projected: () => state.projected,
    ask: (order) => hasThread && orders.push(order) > 0,
    enter: (event) => void entered.push(event),
  })
  t.after(() => roots.close())
  const report = (size: number, last?: { sequence: number; size: number }): MapReport => {
    const map = { size, from: 0, keys: size, root: `root ${size}`, opened: "opened" }
    return { done: "map", map, last: last && { ...last, root: `root ${last.size}`, timeMs: state.nowMs } }
  }
  return { ledger, roots, state, orders, entered, report }
}

describe("roots of the map", () => {
  test("are put on record once much came, once an hour at most, after the other projections", (t) => {
    const { roots, state, orders, entered, report } = rig(t, true)
    const grow = (size: number) => {
      Object.assign(state, { size, projected: size })
      roots.everySecond()
    }
    grow(mapLag - 1)
    assert.equal(orders.length, 0)
    state.size = 3 * mapLag
    roots.everySecond()
    assert.equal(orders.length, 0, "the others are behind")
    grow(3 * mapLag)
    assert.deepEqual(orders, [{ do: "map", total: 3 * mapLag, sliceEntries: mapLag, mayLack: mapLag - 1 }])
    roots.heard(report(3 * mapLag))
    assert.equal(entered.length, 0, "it began less than an hour ago")
    state.nowMs = hourMs
    grow(5 * mapLag)
    roots.heard(report(5 * mapLag))
    assert.deepEqual(
      entered.map(({ type, id }) => [type, id]),
      [["map.committed", `map.committed:${5 * mapLag}`]],
    )
    state.nowMs += hourMs / 2
    grow(7 * mapLag)
    roots.heard(report(7 * mapLag, { sequence: 5 * mapLag, size: 5 * mapLag }))
    assert.equal(entered.length, 1)
  })

  test("answer who asked when all that he has seen is in, and say nothing twice", async (t) => {
    const { roots, state, orders, entered, report } = rig(t, true)
    state.size = 10
    const first = roots.commit()
    state.size = 12
    const second = roots.commit()
    roots.heard(report(10))
    assert.deepEqual(await first, { size: 10, root: "root 10" })
    assert.deepEqual(
      orders.map(({ total }) => total),
      [10, 12, 12],
      "the second is asked for again",
    )
    roots.heard(report(13, { sequence: 12, size: 12 }))
    assert.deepEqual(await second, { size: 12, root: "root 12" }, "an entry that puts the root of all before it on record adds nothing to prove")
    assert.equal(entered.length, 1)
    const third = roots.commit()
    roots.heard({ refused: "map" })
    await assert.rejects(third, (error) => error instanceof Fault && error.code === "map.refused")
  })

  test("are made by the writer itself where it has no thread", async (t) => {
    const { ledger, roots, state, entered } = rig(t, false)
    state.size = ledger.append(700)
    const [done] = [roots.commit()]
    while (entered.length === 0) await turn()
    const { size, root } = await done
    assert.equal(size, 701)
    const [event] = entered
    ledger.record(event ?? assert.fail("nothing was entered"))
    assert.deepEqual(asking(ledger, checkRoots), [{ sequence: 701, size: 701, root, problem: null }])
  })
})
