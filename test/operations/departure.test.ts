/** When a writer leaves by itself. */
import assert from "node:assert/strict"
import { test } from "node:test"
import { Departure } from "../../src/operations/departure.ts"

function idle({ isAsking = false } = {}) {
  const left: string[] = []
  const shown: number[] = []
  let nowMs = 0
  const showAll = () => void shown.push(nowMs)
  const departure = new Departure({ nowMs: () => nowMs, leaveAfterMs: 30_000, isAsking: () => isAsking, showAll, leave: (reason) => void left.push(reason) })
  const pass = (seconds: number, clients: number, size: (second: number) => number) => {
    for (let second = 1; second <= seconds && left.length === 0; second++) {
      nowMs += 1_000
      departure.everySecond(clients, size(nowMs / 1_000))
    }
    return left.length
  }
  return { pass, left, shown }
}

test("some time after its last client", () => {
  const { pass, left } = idle()
  assert.equal(
    pass(100, 1, () => 5),
    0,
  )
  assert.equal(
    pass(30, 0, () => 5),
    0,
  )
  assert.equal(
    pass(1, 0, () => 5),
    1,
  )
  assert.deepEqual(left, ["no clients left"])
})

test("not while something is recorded, though nobody who brings it stays", () => {
  const { pass } = idle()
  assert.equal(
    pass(300, 0, (second) => Math.floor(second / 20)),
    0,
  )
  assert.equal(
    pass(31, 0, () => 15),
    1,
  )
})

test("it shows what it has first, once, and waits for who is asked", () => {
  const { pass, shown } = idle({ isAsking: true })
  assert.equal(
    pass(60, 0, () => 0),
    0,
  )
  assert.deepEqual(shown, [31_000])
})
