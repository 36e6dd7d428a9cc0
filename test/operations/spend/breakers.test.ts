/** Breakers before a writer: a loop is cut off at its fourth call, what is cut stays cut after a restart, and each lifts as it says. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { budgeted, SpendRig } from "./spend-rig.ts"

const params = { command: "date" }

/** One identical call, asked for and ended. Answers whether it ran. */
function call(rig: SpendRig, run: string, n: number, { result = "the same", ...more }: { result?: string; params?: object; tool?: string } = {}): boolean {
  const { tool = "exec", params: asked = params } = more
  const id = `c${n}`
  const { verdict } = rig.tool(run, id, tool, {}, { params: asked })
  if (verdict === "allow") rig.toolEnds(run, id, tool, { params: asked, result: { content: [{ type: "text", text: result }] } })
  return verdict === "allow"
}

const runs = (rig: SpendRig, count: number, run = "r1") => Array.from({ length: count }, (_, n) => call(rig, run, n))

describe("a loop of identical calls", () => {
  test("is cut at the fourth while a budget blocks: neither the tool nor the next model call is let through, and the numbers are on record", (t) => {
    const rig = budgeted(t)
    rig.call("r1", rig.permit(rig.runBegins("r1")))
    assert.deepEqual(runs(rig, 6), [true, true, true, false, false, false])
    const words =
      /this run is in a loop: exec was called 4 times with the same arguments, and its result was the same each time \(breaker identical-calls, threshold 4\)/
    assert.match(rig.tool("r1", "c9", "web_search").words ?? "", words)
    assert.match(rig.wants("r1").words ?? "", words)
    const [tripped, ...more] = rig.recorded("breaker.tripped")
    const { breaker, cut, mode, counted, threshold, run, tool, agent } = tripped?.facts ?? {}
    assert.deepEqual([breaker, cut, mode, counted, threshold, run, tool, agent], ["identical-calls", "run:r1", "block", "4", "4", "r1", "exec", "main"])
    assert.deepEqual(more, [])
    assert.deepEqual(rig.recorded("spend.refused").at(-1)?.facts["breaker"], "identical-calls")
    assert.deepEqual(rig.holds(), [])
  })

  test("is told of, and goes on, while nothing blocks", (t) => {
    const rig = new SpendRig(t)
    assert.deepEqual(
      runs(rig, 121),
      Array.from({ length: 121 }, () => true),
    )
    assert.deepEqual(
      rig.recorded("breaker.tripped").map(({ facts }) => facts["mode"]),
      ["warn"],
    )
  })
})
