/** Tools: each call is held at what the operator says it costs, counted once, and free again when it did not run. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { budgeted, config, cost, SpendRig } from "./spend-rig.ts"

const search = 10_000_000n

describe("a tool call", () => {
  test("is held at its price, an estimate with a tenth more, and posted when it ends", (t) => {
    const rig = budgeted(t)
    assert.equal(rig.tool("r1", "c1").verdict, "allow")
    assert.equal(rig.held(), search)
    rig.toolEnds("r1", "c1")
    assert.deepEqual([rig.held(), rig.spent()], [0n, search])
    rig.tool("r1", "c2", "render")
    assert.deepEqual([rig.held(), rig.holds()[0]?.total.wallMs], [22_000_000n, 33_000n])
    rig.toolEnds("r1", "c2", "render", { durationMs: 1_234 })
    const amounts = rig.recorded("hold.settled").map(({ facts }) => (facts["movements"] as { amounts: object }[])[0]?.amounts)
    assert.deepEqual(amounts[1], { moneyNanos: "22000000", tokens: "0", wallMs: "1234", calls: "1" })
    rig.tool("r1", "c3", "nobody-priced-it")
    rig.toolEnds("r1", "c3", "nobody-priced-it")
    assert.equal(rig.spent(), search + 22_000_000n)
  })

  test("that did not run is free again", (t) => {
    const rig = budgeted(t)
    rig.tool("r1", "c1")
    rig.toolBlocked("r1", "c1")
    assert.deepEqual([rig.held(), rig.spent()], [0n, 0n])
  })

  test("the operator's list refuses holds nothing", (t) => {
    const rig = budgeted(t)
    assert.match(rig.tool("r1", "c1", "banned").words ?? "", /operator's list/)
    assert.deepEqual(rig.holds(), [])
  })

  test("beside another of the same message is held for itself; one fits and one does not", (t) => {
    const rig = budgeted(t, "0.015usd")
    assert.deepEqual([rig.tool("r1", "c1").verdict, rig.tool("r1", "c2").verdict], ["allow", "deny"])
    rig.toolEnds("r1", "c1")
    rig.toolBlocked("r1", "c2")
    assert.deepEqual([rig.held(), rig.spent()], [0n, search])
    assert.deepEqual([rig.recorded("spend.refused")[0]?.facts["tool"], rig.recorded("spend.refused").length], ["web_search", 1])
  })

  test("whose id comes again, while the first runs and after it, is a call of its own", (t) => {
    const rig = budgeted(t)
    for (let time = 0; time < 2; time++) assert.equal(rig.tool("r1", "c1").verdict, "allow")
    assert.equal(rig.held(), 2n * search)
    rig.toolEnds("r1", "c1")
    rig.toolEnds("r1", "c1")
    assert.deepEqual([rig.held(), rig.spent()], [0n, 2n * search])
    rig.tool("r1", "c1")
    rig.tool("r2", "c1")
    rig.toolEnds("r2", "c1")
    assert.deepEqual([rig.held(), rig.spent(), rig.holds()[0]?.basis?.run], [search, 3n * search, "r1"])
    rig.toolEnds("r2", "c1")
    assert.equal(rig.held(), search, "another run's end is none of its")
  })

  test("through the host's search for tools is counted once, as the tool that is meant", (t) => {
    const rig = budgeted(t)
    const inner = "tool_search_code:c1:web_search:1"
    assert.equal(rig.tool("r1", "c1", "tool_call", {}, { params: { id: "web_search", args: {} } }).verdict, "allow")
    rig.tool("r1", inner)
    assert.deepEqual([rig.held(), rig.holds().length], [search, 1])
    rig.toolEnds("r1", inner)
    rig.toolEnds("r1", "c1", "tool_call", { params: { id: "web_search" } })
    assert.deepEqual([rig.spent(), rig.state.budgets.get("daily")?.spent.calls], [search, 1n])
  })

  test("nobody told the end of may have run: it is posted after its run, and not a day later for nothing", (t) => {
    const rig = budgeted(t)
    rig.tool("r1", "c1")
    rig.pass(1)
    rig.runEnds("r1")
    rig.pass(5_000)
    assert.deepEqual([rig.held(), rig.spent()], [0n, search])
    rig.toolEnds("r1", "c1")
    assert.equal(rig.spent(), search)
  })

  test("asked for again after a lost answer is held once, by this writer and the next", (t) => {
    const rig = budgeted(t)
    rig.tool("r1", "c1")
    assert.equal(rig.tool("r1", "c1", "web_search", { again: true }).verdict, "allow")
    rig.restart()
    assert.equal(rig.tool("r1", "c1", "web_search", { again: true }).verdict, "allow")
    assert.deepEqual([rig.held(), rig.recorded("hold.placed").length, rig.recorded("tool.invoked").length], [search, 1, 1])
    rig.toolEnds("r1", "c1")
    assert.deepEqual([rig.held(), rig.spent()], [0n, search])
  })

  test("has the price its question was asked at, whatever the settings become", (t) => {
    const rig = budgeted(t)
    rig.tool("r1", "c1")
    rig.use({ ...config, spend: { prices: [], toolPrices: [{ tool: "*", costs: ["9usd"] }], providers: {}, budgets: [] } })
    assert.equal(rig.tool("r1", "c1", "web_search", { again: true }).verdict, "allow")
    rig.toolEnds("r1", "c1")
    assert.equal(rig.spent(), search)
  })

  test("of a call that cannot be written down does not start and holds nothing, also when it is asked again", (t) => {
    const rig = budgeted(t)
    const odd = { n: 1n } // no JSON has it
    for (const again of [false, true])
      assert.deepEqual(rig.tool("r1", "c1", "web_search", { again }, { params: odd }).verdict, "deny", again ? "asked again" : "asked")
    assert.deepEqual([rig.holds(), rig.recorded("capture.gap").length], [[], 1])
    rig.runBegins("r1", { provider: "mock", model: "small" }, { origin: odd })
    assert.equal(rig.holds().length, 1, "a run whose beginning cannot be written down goes on, as without a budget, with its hold")
  })

  test("asked in the commit in which the first budget is set is held already", (t) => {
    const rig = new SpendRig(t)
    const asked = rig.spending.orders.ask({ order: { do: "set-budget", budget: "daily", limits: ["0.001usd"], per: "lifetime", match: [] } })
    rig.intake.commit(asked.events)
    const { answer } = rig.ask("before_tool_call", { run: "r1", tool: "web_search", call: "c1", params: {} }, { drain: false })
    rig.drain()
    assert.match(answer().words ?? "", /^Sovereign Ledger refused web_search: needs up to \$0\.01/)
  })

  test("beside model calls of its run: neither takes the other's word", (t) => {
    const rig = budgeted(t)
    rig.call("r1", rig.permit(rig.runBegins("r1")))
    rig.tool("r1", "c1")
    const next = rig.permit(rig.wants("r1"))
    rig.toolEnds("r1", "c1")
    rig.call("r1", next)
    rig.pass(1)
    rig.runEnds("r1")
    assert.deepEqual([rig.held(), rig.spent(), rig.holds()], [0n, 2n * cost + search, []])
  })
})
