/** The order that takes the wall clock as it is: loosening like any other, and nothing to be done where the clocks agree. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { parseBudget } from "../../../src/ledger/budget-rule.ts"
import { emptyState } from "../../../src/ledger/state.ts"
import { LedgerBook } from "../../../src/operations/spend/ledger-book.ts"
import { LedgerOrders } from "../../../src/operations/spend/ledger-orders.ts"
import { FakeClocks } from "../../fake-clocks.ts"

const noon = Date.UTC(2026, 10, 25, 12)
const day = 86_400_000

function orders() {
  const clocks = new FakeClocks(noon)
  const book = new LedgerBook(emptyState(), clocks.read())
  const nowMs = () => book.clock?.nowMs() ?? assert.fail("a book with clocks has a clock")
  const scopes = { pseudonym: (text: string) => `p:${text.length}:${text.slice(0, 40)}`, resolve: () => assert.fail("no session is named") }
  const desk = new LedgerOrders({ book, scopes, nowMs, gatewayPids: () => new Set([4_711]) })
  book.give({ do: "set-budget", rule: parseBudget({ name: "b", limits: ["1usd"], per: "day" }), atMs: nowMs() })
  const accept = (more: object = {}) => {
    const { answer, events } = desk.take({ order: { do: "accept-clock" }, ...more })
    return [...("refused" in answer ? [answer.refused.why] : [answer.repeated ? "as it is" : "done"]), ...events.map(({ type }) => type)]
  }
  return { clocks, desk, nowMs, accept }
}

describe("accepting the wall clock", () => {
  test("is nothing while the clocks agree", () => {
    const { clocks, accept, nowMs } = orders()
    clocks.set(4 * 60_000)
    const before = nowMs()
    assert.deepEqual([accept(), nowMs()], [["as it is"], before])
  })

  test("is refused below a gateway, and without the credential; a refusal moves no clock", () => {
    const { clocks, desk, accept, nowMs } = orders()
    clocks.set(day)
    const before = nowMs()
    assert.deepEqual(accept({ under: [4_711] }), ["agent", "change.refused"])
    desk.take({ order: { do: "set-credential", new: "only the operator" } })
    assert.deepEqual(accept(), ["credential", "change.refused"])
    assert.deepEqual(accept({ credential: "another one" }), ["credential", "change.refused"])
    assert.equal(nowMs(), before)
    assert.deepEqual(accept({ credential: "only the operator" }), ["done", "clock.accepted"])
    assert.equal(nowMs(), noon + day)
  })
})
