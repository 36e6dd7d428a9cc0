/** The labelled corpus: the defaults trip on none of the benign traces, and on each loop by the call it names; with calls of other runs in between as well. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { emptyBreakers } from "../../../src/ledger/breakers/breaker-state.ts"
import { benign } from "../../vectors/breakers/benign.ts"
import { loops } from "../../vectors/breakers/loops.ts"
import { play } from "./play.ts"

test("the corpus has forty traces of each kind, and names each once", () => {
  assert.ok(benign.length >= 40 && loops.length >= 40)
  const names = [...benign, ...loops].map(({ name }) => name)
  assert.equal(new Set(names).size, names.length)
})

describe("benign", () => {
  for (const { name, calls } of benign) test(name, () => assert.equal(play(emptyBreakers(), "r1", calls), undefined))
})

describe("loops", () => {
  for (const { name, calls, trips } of loops)
    test(name, () => {
      const tripped = play(emptyBreakers(), "r1", calls)
      assert.equal(tripped?.breaker, trips?.breaker)
      assert.equal(tripped?.atCall, trips?.atCall)
    })
})

test("every benign trace in one state, a run each, is as harmless as alone", () => {
  const state = emptyBreakers()
  for (const [at, { name, calls }] of benign.entries()) assert.equal(play(state, `r${at}`, calls), undefined, name)
})
