/** What the streams of a run come to when its pieces are counted and not kept. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import fc from "fast-check"
import { agentEvent } from "../../src/capture/hooks/agent-event.ts"
import { StreamCounts } from "../../src/capture/hooks/stream-counts.ts"
import { nasty, runs } from "./nasty.ts"
import { eventsOf } from "./vectors.ts"

const event = (stream: string, data: object, run = "r1", seq = 1) => ({ runId: run, stream, data, seq, ts: 5 })
const factsOf = (taken: object | undefined) => eventsOf(agentEvent, { event: taken, ctx: {} }).map(({ facts }) => facts as Readonly<Record<string, unknown>>)

describe("the streams of a run", () => {
  test("pieces are counted by kind, and told with the event that ends the run", () => {
    const counts = new StreamCounts()
    const pieces = [
      ...Array.from({ length: 40 }, (_, index) => event("assistant", { text: "all so far ".repeat(index), delta: "far " })),
      event("thinking", { text: "hm" }),
      event("tool", { phase: "start", args: {} }),
      event("tool", { phase: "update" }),
      event("tool", { phase: "result" }),
      event("command_output", { phase: "delta", output: "two" }),
      event("item", { phase: "start" }),
      event("usage", { outputTokens: 3 }),
      event("run_status", { phase: "preparing_workspace" }),
      event("plugin.progress", { text: "half" }),
    ]
    for (const piece of pieces) assert.equal(counts.take(piece), undefined, piece.stream)
    const start = event("lifecycle", { phase: "start" })
    assert.equal(counts.take(start), start, "what ends nothing goes on as it is")
    const [facts = {}] = factsOf(counts.take(event("lifecycle", { phase: "end" }, "r1", 60)))
    const { answerDeltas, thinkingDeltas, outputDeltas, toolCalls, otherEvents, streamSeq } = facts
    assert.deepEqual(
      { answerDeltas, thinkingDeltas, outputDeltas, toolCalls, otherEvents, streamSeq },
      { answerDeltas: 40, thinkingDeltas: 1, outputDeltas: 1, toolCalls: 1, otherEvents: 6, streamSeq: 60 },
    )
  })

  test("runs are counted apart, and each attempt of a run anew", () => {
    const counts = new StreamCounts()
    counts.take(event("assistant", {}, "r1"))
    counts.take(event("assistant", {}, "r2"))
    counts.take(event("assistant", {}, "r2"))
    assert.equal(factsOf(counts.take(event("lifecycle", { phase: "error" }, "r2")))[0]?.["answerDeltas"], 2)
    assert.equal(factsOf(counts.take(event("lifecycle", { phase: "end" }, "r2")))[0]?.["answerDeltas"], undefined)
    assert.equal(factsOf(counts.take(event("lifecycle", { phase: "end" }, "r1")))[0]?.["answerDeltas"], 1)
  })

  test("retries, approvals and fallbacks pass one by one", () => {
    const counts = new StreamCounts()
    for (const kept of [
      event("run_status", { phase: "retrying", attempt: 2 }),
      event("approval", { phase: "requested" }),
      event("lifecycle", { phase: "fallback_step" }),
      event("compaction", { phase: "end", messages: ["a history"] }),
    ]) {
      assert.equal(counts.take(kept), kept)
      assert.equal(factsOf(kept).length, 1)
    }
  })

  test("runs that never end are forgotten, the oldest first", () => {
    const counts = new StreamCounts()
    for (let run = 0; run < 1200; run++) counts.take(event("assistant", {}, `r${run}`))
    assert.equal(factsOf(counts.take(event("lifecycle", { phase: "end" }, "r0")))[0]?.["answerDeltas"], undefined)
    assert.equal(factsOf(counts.take(event("lifecycle", { phase: "end" }, "r1199")))[0]?.["answerDeltas"], 1)
  })

  test("anything at all", () => {
    const counts = new StreamCounts()
    const streams = fc.constantFrom("lifecycle", "assistant", "tool", "run_status", "other")
    fc.assert(
      fc.property(streams, nasty, nasty, (stream, run, data) => {
        counts.take({ runId: run(), stream, data: data() })
      }),
      runs(500),
    )
  })
})
