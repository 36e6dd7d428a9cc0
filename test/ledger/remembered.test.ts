/** What is closed is known by its id, in its order, and stays unread until somebody asks for it. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { forgottenAtOnce, remembered, Remembered } from "../../src/ledger/remembered.ts"
import { snapshotText, stateFrom } from "../../src/ledger/snapshot.ts"
import { emptyState } from "../../src/ledger/state.ts"

const idsOf = (ended: Remembered<unknown>) => [...ended.texts((value) => value)].map(([id]) => id)

describe("what is remembered", () => {
  test("of a snapshot is not read before it is asked for, and once", () => {
    const read: unknown[] = []
    const ended = new Remembered<object>()
    for (const id of ["a", "b", "c"]) ended.rememberUnread(id, `{"is":"${id}"}`, (json) => (read.push(json), json as object))
    assert.deepEqual([ended.size, ended.has("b"), ended.has("d"), ended.get("d"), read.length], [3, true, false, undefined, 0])
    assert.deepEqual([ended.get("b"), ended.get("b"), read], [{ is: "b" }, { is: "b" }, [{ is: "b" }]])
    assert.deepEqual(
      [...ended.texts((value) => value)],
      [
        ["a", '{"is":"a"}'],
        ["b", '{"is":"b"}'],
        ["c", '{"is":"c"}'],
      ],
    )
    assert.deepEqual(
      [...ended.mentioning('"is":"c"')],
      [
        ["b", { is: "b" }],
        ["c", { is: "c" }],
      ],
    )
    assert.equal(read.length, 2)
  })

  test("is forgotten from the oldest on, read or not; what is asked for keeps its age, what is remembered again is young", () => {
    const ended = new Remembered<number>()
    for (let n = 0; n < remembered; n++) ended.rememberUnread(`u${n}`, String(n), Number)
    assert.equal(ended.get("u0"), 0)
    ended.remember("u1", 1)
    for (let n = 0; n < forgottenAtOnce; n++) ended.remember(`n${n}`, n)
    const ids = idsOf(ended)
    assert.equal(ids.length, remembered)
    assert.deepEqual([ended.has("u0"), ended.has("u1"), ids[0], ids.at(-1)], [false, true, `u${forgottenAtOnce + 1}`, `n${forgottenAtOnce - 1}`])
  })

  for (const id of ["plain", "", 'q"q', "b\\", '\\"', "two\nlines", "tab\t]", "\u2028ä😀", "\ud800", '",["closed"'])
    test(`by the id ${JSON.stringify(id)} it comes back from a snapshot`, () => {
      const state = emptyState()
      state.closed.remember(id, { outcome: "released", attempt: 3 })
      state.charged.remember(id, id)
      state.charged.remember("another", "one")
      const text = snapshotText(state)
      const again = stateFrom(text)
      assert.deepEqual([again?.closed.get(id), again?.charged.get(id), again?.charged.get("another")], [{ outcome: "released", attempt: 3 }, id, "one"])
      assert.equal(again && snapshotText(again), text)
    })
})
