/** The keys of a scope, one a day: which one sealed a chunk follows from its number, whatever was lost in between. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import fc from "fast-check"
import { day, keyIn, storeIn } from "./scope-store.ts"

describe("keys of a day", () => {
  test("a scope has one key a day, made when the day's first chunk is sealed; which it is follows from the chunk's number", (t) => {
    const { open } = storeIn(t)
    const store = open()
    const scope = store.resolve({ session: "s" }, 3 * day)
    const sealed = [
      [0, 3 * day],
      [4, 3 * day + 5],
      [9, 4 * day],
      [10, 4 * day + 7],
      [11, 9 * day - 1],
      [12, 7 * day],
      [20, 9 * day],
    ].map(([chunk = 0, timeMs = 0]) => [chunk, scope.sealingKey(chunk, timeMs).export().toString("hex")] as const)
    assert.deepEqual([new Set(sealed.map(([, key]) => key)).size, sealed[5]?.[1]], [4, sealed[4]?.[1]], "a clock that goes back makes no key")
    for (const reader of [store, open(), open(true)]) {
      const same = reader.byId(scope.id)
      assert.ok(typeof same === "object")
      for (const [chunk, key] of sealed) assert.equal(keyIn(same, chunk), key)
      assert.deepEqual([keyIn(same, 8), keyIn(same, 19), keyIn(same, 1e6)], [sealed[0]?.[1], sealed[5]?.[1], sealed[6]?.[1]])
    }
  })

  test("objects of one scope that forget each other agree on it", (t) => {
    const { open, edit } = storeIn(t)
    const store = open()
    const first = store.resolve({ session: "s" }, day)
    for (let i = 0; i < 4_200; i++) store.resolve({ session: `s${i}` }, day)
    const second = store.resolve({ session: "s" }, day)
    assert.notEqual(second, first)
    const [one, two] = [first.sealingKey(7, 2 * day), second.sealingKey(9, 2 * day)]
    assert.ok(one.equals(two))
    assert.ok(first.sealingKey(11, 2 * day + 1).equals(one))
    edit("DELETE FROM scope_keys WHERE scope_id NOT IN (SELECT scope_id FROM scopes WHERE session = 's')")
    assert.equal(keyIn(open().resolve({ session: "s" }, 1), 8), one.export().toString("hex"))
  })

  test("a key for chunks that were never committed takes the place of the next one", (t) => {
    const { open } = storeIn(t)
    const scope = open().resolve({ session: "s" }, day)
    const first = scope.sealingKey(0, 2 * day)
    assert.equal(keyIn(scope), first.export().toString("hex"), "made on one day, used on the next")
    const lost = scope.sealingKey(12, 3 * day)
    for (const [chunk, timeMs] of [
      [10, 3 * day],
      [9, 4 * day],
      [9, 5 * day],
    ] as const) {
      const again = open().resolve({ session: "s" }, timeMs)
      assert.ok(again.sealingKey(chunk, timeMs).equals(lost))
      for (const reader of [again, open(true).byId(scope.id)]) {
        assert.ok(typeof reader === "object")
        assert.deepEqual(
          [keyIn(reader, chunk - 1), keyIn(reader, chunk), keyIn(reader, 99)],
          [first, lost, lost].map((key) => key.export().toString("hex")),
        )
      }
    }
  })

  test("one that was destroyed before it sealed anything is made anew, and what is left of it stays", (t) => {
    const { open, edit } = storeIn(t)
    const scope = open().resolve({ session: "s" }, day)
    const lost = scope.sealingKey(12, 3 * day)
    edit("UPDATE scope_keys SET key = NULL WHERE from_chunk = 12")
    for (const [chunk, nowMs] of [
      [12, 4 * day],
      [11, 5 * day],
    ] as const) {
      const again = open().resolve({ session: "s" }, nowMs)
      const key = again.sealingKey(chunk, nowMs)
      assert.ok(!key.equals(lost))
      assert.deepEqual(
        [keyIn(again, chunk), keyIn(again, 99)],
        [key, key].map((one) => one.export().toString("hex")),
      )
      assert.equal(open().count().destroyed, 1)
    }
  })

  test("whatever is lost between writers, each committed chunk opens under the key of its day", (t) => {
    const { open } = storeIn(t)
    const chance = fc.record({ chunks: fc.nat({ max: 4 }), days: fc.nat({ max: 2 }), lost: fc.boolean(), reopened: fc.boolean() })
    let [next, nowMs, session] = [0, day, 0]
    fc.assert(
      fc.property(fc.array(chance, { maxLength: 25 }), (steps) => {
        let store = open()
        const [name, committed] = [{ session: `s${session++}` }, new Map<number, { key: string | undefined; day: number }>()]
        for (const { chunks, days, lost, reopened } of steps) {
          nowMs += days * day
          const scope = store.resolve(name, nowMs)
          const sealed = Array.from(
            { length: chunks },
            (_, i) =>
              [
                next + i,
                scope
                  .sealingKey(next + i, nowMs)
                  .export()
                  .toString("hex"),
              ] as const,
          )
          if (!lost) for (const [chunk, key] of sealed) committed.set(chunk, { key, day: nowMs / day })
          if (!lost) next += chunks
          if (lost || reopened) store = open()
        }
        const found = store.resolve(name, nowMs)
        for (const [chunk, { key }] of committed) assert.equal(keyIn(found, chunk), key)
        const days = new Map([...committed.values()].map(({ key, day: of }) => [key, of]))
        for (const { key, day: of } of committed.values()) assert.equal(days.get(key), of, "no key of two days")
      }),
      { numRuns: 40 },
    )
  })

  test("a reader that was there before sees what was made and what was destroyed since", (t) => {
    const { open, edit } = storeIn(t)
    const [writer, reader] = [open(), open(true)]
    const scope = writer.resolve({ session: "s" }, day)
    const seen = () => {
      const found = reader.byId(scope.id)
      return typeof found === "object" ? [0, 5].map((chunk) => keyIn(found, chunk)) : found
    }
    const [first] = seen() as string[]
    const second = scope
      .sealingKey(5, 2 * day)
      .export()
      .toString("hex")
    assert.deepEqual(seen(), [first, second])
    edit("UPDATE scope_keys SET key = NULL WHERE day = 1")
    assert.deepEqual(seen(), ["erased", second])
    edit("UPDATE scope_keys SET key = NULL; UPDATE scopes SET session = '', salt = NULL")
    assert.equal(seen(), "erased")
  })
})
