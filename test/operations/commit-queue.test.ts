/** The commit queue: gates first, order kept, never more than a batch, and no acknowledgement before the commit returned. */
import assert from "node:assert/strict"
import { setImmediate as turn } from "node:timers/promises"
import { describe, test } from "node:test"
import fc from "fast-check"
import type { NewEntry, SenderMarks } from "../../src/journal/journal.ts"
import { batchMost, CommitQueue, type Work } from "../../src/operations/commit-queue.ts"
import { fixedScope } from "../simulator/fixed-scope.ts"

const scope = fixedScope()
const entry = (id: string): NewEntry => ({ type: "gateway.started", id, scope, factsText: "{}" })

/** A queue before a disk that takes everything, and a diary of what happened in which order. */
function rig(options: { readonly append?: () => void; readonly idle?: () => void } = {}) {
  const batches: { readonly ids: readonly string[]; readonly marks: SenderMarks }[] = []
  const acknowledged: { readonly id: string; readonly sequence: number; readonly batch: number }[] = []
  const failures: unknown[] = []
  let size = 0
  let idles = 0
  const queue = new CommitQueue({
    append: (entries, marks) => {
      options.append?.()
      batches.push({ ids: entries.map(({ id }) => id), marks })
      size += entries.length
      return size - entries.length
    },
    idle: () => {
      idles++
      options.idle?.()
    },
    failed: (error) => failures.push(error),
    gatherMs: 0,
  })
  const work = (id: string, more: Partial<Work> = {}): Work => ({
    prepare: () => [entry(id)],
    committed: (sequence) => acknowledged.push({ id, sequence, batch: batches.length }),
    ...more,
  })
  return { queue, work, batches, acknowledged, failures, idles: () => idles }
}

const all = (batches: ReturnType<typeof rig>["batches"]) => batches.flatMap(({ ids }) => ids)

describe("commit queue", () => {
  test("works of many entries share a commit only while it stays small: a gate behind them waits for one of them", () => {
    const { queue, work, batches } = rig()
    const many = (name: string) => work(name, { entries: batchMost, prepare: () => Array.from({ length: batchMost }, (_, at) => entry(`${name}${at}`)) })
    for (const name of ["a", "b", "c"]) queue.addObserver(many(name))
    queue.addObserver(work("last"))
    queue.drain()
    queue.stop()
    assert.deepEqual(
      batches.map(({ ids }) => ids.length),
      [batchMost, batchMost, batchMost, 1],
    )
  })

  test("everything that is added is committed once, in the order of its lane, gates before observers of the same batch", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 700 })), { maxLength: 6 }), (rounds) => {
        const { queue, work, batches, acknowledged } = rig()
        const added: string[] = []
        for (const [isGate, count] of rounds) {
          for (let i = 0; i < count; i++) {
            const id = `${isGate ? "g" : "o"}${added.length}`
            added.push(id)
            if (isGate) queue.addGate(work(id))
            else queue.addObserver(work(id))
          }
        }
        queue.drain()
        queue.stop()
        const done = all(batches)
        for (const lane of ["g", "o"]) {
          assert.deepEqual(
            done.filter((id) => id.startsWith(lane)),
            added.filter((id) => id.startsWith(lane)),
          )
        }
        for (const { ids } of batches) {
          assert.ok(ids.length <= batchMost, `a batch of ${ids.length}`)
          assert.ok(ids.length > 0)
          const firstObserver = ids.findIndex((id) => id.startsWith("o"))
          assert.ok(firstObserver < 0 || ids.slice(firstObserver).every((id) => id.startsWith("o")))
        }
        assert.deepEqual(
          acknowledged.map(({ id }) => id),
          done,
        )
        acknowledged.forEach(({ id, sequence }) => assert.equal(done[sequence], id))
        assert.equal(queue.waiting, 0)
      }),
      { numRuns: 40 },
    )
  })

  test("a gate behind a burst waits for one batch, and many gates share a commit", async () => {
    const { queue, work, batches } = rig()
    for (let i = 0; i < 5_000; i++) queue.addObserver(work(`o${i}`))
    await turn()
    const before = batches.length
    assert.ok(before >= 1 && queue.waiting > 0)
    for (let i = 0; i < 40; i++) queue.addGate(work(`g${i}`))
    while (!all(batches).includes("g39")) await turn()
    const withGates = batches.findIndex(({ ids }) => ids.includes("g0"))
    assert.ok(withGates <= before + 1, `batch ${withGates} after ${before}`)
    assert.deepEqual(
      batches[withGates]?.ids.slice(0, 40),
      Array.from({ length: 40 }, (_, i) => `g${i}`),
    )
    assert.ok((batches[withGates]?.ids.length ?? 0) <= 140, "observers make the gates' commit long")
    queue.drain()
    queue.stop()
  })

  test("a few observers go by themselves, without a gate or a crowd", async () => {
    const { queue, work, acknowledged, idles } = rig()
    queue.addObserver(work("o0"))
    queue.addObserver(work("o1"))
    assert.equal(acknowledged.length, 0, "nothing is committed in the caller's turn")
    while (idles() === 0) await turn()
    assert.deepEqual(
      acknowledged.map(({ id, sequence }) => [id, sequence]),
      [
        ["o0", 0],
        ["o1", 1],
      ],
    )
  })

  test("acknowledgements leave after the commit returned", () => {
    let committed = false
    const order: string[] = []
    const { queue } = rig({ append: () => order.push("append") })
    queue.addGate({
      prepare: () => {
        order.push("prepare")
        return [entry("g")]
      },
      committed: () => {
        committed = true
        order.push("acknowledge")
      },
    })
    assert.equal(committed, false)
    queue.drain()
    assert.deepEqual(order, ["prepare", "append", "acknowledge"])
    queue.stop()
  })

  test("work of several entries, and of none, is told its first sequence", () => {
    const { queue, work, acknowledged } = rig()
    queue.addGate(work("one", { prepare: () => ["a", "b", "c"].map(entry) }))
    queue.addGate(work("none", { prepare: () => [] }))
    queue.addGate(work("two", { prepare: () => [entry("d")] }))
    queue.drain()
    queue.stop()
    assert.deepEqual(
      acknowledged.map(({ id, sequence }) => [id, sequence]),
      [
        ["one", 0],
        ["none", 3],
        ["two", 3],
      ],
    )
  })

  test("the marks of a commit are the highest numbers of its senders", () => {
    const { queue, work, batches } = rig()
    for (const number of [4, 5, 6]) queue.addObserver(work(`a${number}`, { sender: "aa", number }))
    queue.addGate(work("b1", { sender: "bb", number: 1 }))
    queue.addGate(work("plain"))
    queue.drain()
    queue.stop()
    assert.deepEqual([...(batches[0]?.marks ?? [])].sort(), [
      ["aa", 6],
      ["bb", 1],
    ])
  })

  test("while something waits, nobody is told that it is idle", async () => {
    const waiting: number[] = []
    const made: ReturnType<typeof rig> = rig({ idle: () => waiting.push(made.queue.waiting) })
    for (let i = 0; i < 1_700; i++) made.queue.addObserver(made.work(`o${i}`))
    while (waiting.length === 0) await turn()
    assert.deepEqual(waiting, [0])
    assert.equal(all(made.batches).length, 1_700)
  })
})

describe("a disk that refuses", () => {
  test("whoever waits is told through one call, nobody is acknowledged, and nothing is tried again", async () => {
    const refusal = new Error("disk full")
    let appends = 0
    const { queue, work, acknowledged, failures, batches } = rig({
      append: () => {
        if (++appends === 2) throw refusal
      },
    })
    for (let i = 0; i < 1_200; i++) queue.addObserver(work(`o${i}`))
    queue.addGate(work("g"))
    queue.drain()
    assert.deepEqual(failures, [refusal])
    assert.deepEqual([appends, batches.length], [2, 1])
    assert.equal(acknowledged.length, batches[0]?.ids.length)
    assert.ok(acknowledged.every(({ batch }) => batch === 1))
    assert.ok(queue.waiting > 0)
    queue.addGate(work("late"))
    queue.addObserver(work("later"))
    queue.drain()
    for (let i = 0; i < 5; i++) await turn()
    assert.deepEqual([appends, failures.length], [2, 1])
    assert.equal(acknowledged.length, batches[0]?.ids.length)
  })

  test("an event that cannot be prepared stops it as well", () => {
    const { queue, work, failures, batches } = rig()
    queue.addGate(
      work("g", {
        prepare: () => {
          throw new Error("scopes.db is full")
        },
      }),
    )
    queue.drain()
    assert.deepEqual([failures.length, batches.length], [1, 0])
  })

  test("stopped, it commits nothing more", async () => {
    const { queue, work, batches } = rig()
    queue.addObserver(work("o"))
    queue.addGate(work("g"))
    queue.stop()
    queue.drain()
    for (let i = 0; i < 5; i++) await turn()
    assert.equal(batches.length, 0)
  })
})
