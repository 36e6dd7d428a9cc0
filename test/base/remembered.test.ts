/** Checks that are not made twice. */
import assert from "node:assert/strict"
import { test } from "node:test"
import { remembered } from "../../src/base/remembered.ts"

test("asks once of what passed, again of what did not, and goes on asking when it is full", () => {
  const asked: string[] = []
  const isShort = remembered((text) => (asked.push(text), text.length < 6))
  for (const text of ["one", "one", "too long", "too long"]) assert.equal(isShort(text), text === "one")
  assert.deepEqual(asked, ["one", "too long", "too long"])
  for (let at = 0; at < 1_000; at++) assert.equal(isShort(`n${at}`), true)
  asked.length = 0
  assert.deepEqual([isShort("n0"), isShort("n999"), isShort("n999")], [true, true, true])
  assert.deepEqual(asked, ["n999", "n999"])
})
