/**
 * A ledger that is put back from a copy of the middle of a schedule, by somebody who would like to spend it again: it is recognised, and where anything was ever
 * limited nothing is held or moved in it until an operator goes on in spite of it, by no later writer either.
 */
import assert from "node:assert/strict"
import type { Restored } from "../../src/format/facts/ledger.ts"
import type { Answer } from "../../src/operations/intake.ts"
import type { OrderAnswer } from "../../src/operations/spend/ledger-orders.ts"
import type { Copy, Disk } from "./disk.ts"
import type { SimClocks } from "./sim-clocks.ts"
import { SimWriter, stateOn } from "./sim-writer.ts"

const asks = 3

export function putBack(disk: Disk, copy: Copy, clocks: SimClocks): void {
  const seenSize = disk.entries.length
  disk.restore(copy)
  if (disk.entries.length === seenSize) return
  const found: Restored = { evidence: "note", by: "head note", finding: "ahead", seenSize, size: disk.entries.length }
  const { limited } = stateOn(disk)
  const first = begin(disk, clocks, found)
  assertClosed(first, limited)
  first.stop()
  const second = begin(disk, clocks, found)
  assertClosed(second, limited)
  assert.ok(done(order(second, { do: "unfreeze", target: "all", reason: "the copy is what there is" })))
  assert.equal(second.state.frozen, undefined)
  assert.notEqual(second.state.restored.get("note")?.acceptedAtMs, undefined)
  second.stop()
  assert.equal(begin(disk, clocks, found).state.frozen, undefined, "what was accepted is not told of again")
}

/** The next writer, which sees what stands outside of the ledger. */
function begin(disk: Disk, clocks: SimClocks, found: Restored): SimWriter {
  const writer = new SimWriter(disk, clocks)
  writer.recognise(found)
  return writer
}

function assertClosed(writer: SimWriter, limited: boolean): void {
  const { holds, restored } = writer.state
  assert.ok(restored.has("note"))
  if (!limited) return
  assert.notEqual(writer.state.frozen, undefined, "a ledger that was put back stands still")
  const before = holds.size
  for (let n = 1; n <= asks; n++) assert.equal(asked(writer, n)?.verdict, "deny")
  const held = order(writer, { do: "hold", id: "put-back", account: "agent:main", amounts: ["0.000000001usd"], spend: { agent: "main" } })
  const moved = order(writer, { do: "transfer", id: "put-back", from: "agent:main", to: "agent:sub-1", amounts: ["0.000000001usd"] })
  assert.ok(!done(held) && !done(moved))
  assert.equal(writer.state.holds.size, before)
}

function asked(writer: SimWriter, n: number): Answer | undefined {
  let answer: Answer | undefined
  const p = { run: "p", agent: "main", session: "agent:main:main", provider: "mock", model: "small", knownBytes: 1, whole: true, maxTokens: 1 }
  writer.ask("ffffffffffffff01", { n: n + writer.disk.senderMark("ffffffffffffff01"), h: "call-wanted", t: 0, p }, (given) => (answer = given))
  writer.commit(undefined)
  return answer
}

function order(writer: SimWriter, what: object): OrderAnswer | undefined {
  let answer: OrderAnswer | undefined
  writer.order(what, (given) => (answer = given))
  writer.commit(undefined)
  return answer
}

function done(answer: OrderAnswer | undefined): boolean {
  return answer !== undefined && "done" in answer
}
