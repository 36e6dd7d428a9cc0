/** Windows of subscriptions: what a budget may limit in percent, what refuses, when a window is empty again, and what of a report is news. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import type { WindowUse } from "../../src/format/facts/ledger.ts"
import { parseBudgetList } from "../../src/ledger/budget-list.ts"
import { parseBudget, type BudgetWords } from "../../src/ledger/budget-rule.ts"
import { loosened } from "../../src/ledger/loosening.ts"
import { refusalWords } from "../../src/ledger/refusals.ts"
import { snapshotText, stateFrom } from "../../src/ledger/snapshot.ts"
import { millipercentOf, mostWindows } from "../../src/ledger/windows.ts"
import { give, must, newRun, refusedBy, type Run } from "./naive-ledger.ts"

const noon = Date.UTC(2026, 10, 25, 12)
const hourMs = 3_600_000
const night: BudgetWords = { name: "night", limits: ["80%"], per: "lifetime", match: ["provider=anthropic"] }

function report(run: Run, usedPercent: number, more: Partial<WindowUse> = {}, atMs = noon): readonly string[] {
  const use = { provider: "anthropic", label: "5h", usedMillipercent: usedPercent * 1_000, sampledAtMs: atMs, ...more }
  return must(run, { do: "report-windows", uses: [use], atMs }).events.map(({ type }) => type)
}

let ids = 0
const hold = (atMs = noon, provider = "anthropic") =>
  ({ do: "hold", id: `h${ids++}`, parts: [{ account: "agent:main", amounts: { tokens: 1n } }], spend: { provider }, ttlMs: hourMs, atMs }) as const

function limited(words: Partial<BudgetWords> = {}): Run {
  const run = newRun()
  must(run, { do: "set-budget", rule: parseBudget({ ...night, ...words }), atMs: noon })
  return run
}

describe("a share of a window, in words", () => {
  test("stands beside the limits of a budget and is none of its units", () => {
    const rule = parseBudget({ ...night, limits: ["5usd", "80 %"], window: "5h" })
    assert.deepEqual([rule.limit, rule.window], [{ moneyNanos: "5000000000" }, { limitMillipercent: 80_000, label: "5h" }])
    assert.deepEqual(parseBudgetList([{ name: "n", limit: "62.5%", per: "day", match: ["provider=x"], window: "Week" }])[0]?.window, {
      limitMillipercent: 62_500,
      label: "Week",
    })
    assert.deepEqual(["80%", "0.001%", "5usd", "1e2%", "12.3456%"].map(millipercentOf), [80_000, 1, undefined, undefined, undefined])
  })

  const bad: readonly (readonly [string, Partial<BudgetWords>, RegExp])[] = [
    ["of no provider", { match: [] }, /--match provider=NAME/],
    ["of a pattern of providers", { match: ["provider=a*"] }, /--match provider=NAME/],
    ["above all of it", { limits: ["101%"] }, /at most 100 percent/],
    ["of nothing", { limits: ["0%"] }, /above 0/],
    ["twice", { limits: ["80%", "90%"] }, /two shares/],
    ["a window without a share", { limits: ["5usd"], window: "5h" }, /no share of it/],
  ]
  for (const [name, words, problem] of bad) test(`refuses one ${name}`, () => assert.throws(() => parseBudget({ ...night, ...words }), problem))
})

describe("a budget that limits a window", () => {
  test("refuses what its provider is asked while the window is used up to the limit, and says when it resets", () => {
    const run = limited()
    must(run, hold())
    report(run, 79.999)
    must(run, hold())
    report(run, 80, { resetsAtMs: noon + 2 * hourMs }, noon + 1)
    assert.equal(refusalWords(refusedBy(run, hold())), "the window 5h of anthropic is used to 80 %, the limit is 80 %, resets 14:00 (budget night)")
    must(run, hold(noon, "openai"))
    must(run, hold(noon + 2 * hourMs))
  })

  test("of one label lets the others pass; of every one none", () => {
    for (const [window, refuses] of [
      ["5h", false],
      ["Week", true],
      [undefined, true],
    ] as const) {
      const run = limited(window === undefined ? {} : { window })
      report(run, 90, { label: "Week" })
      assert.equal("refused" in give(run, hold()), refuses, window)
    }
  })

  test("that only warns names itself above what it would have refused", () => {
    const run = limited({ mode: "warn" })
    report(run, 90)
    const placed = must(run, hold()).events.at(-1)
    assert.deepEqual(placed?.type === "hold.placed" && placed.facts.above, ["night"])
  })

  test("limits money beside it", () => {
    const run = limited({ limits: ["80%", "10 tokens"] })
    assert.equal(refusedBy(run, { ...hold(), parts: [{ account: "agent:main", amounts: { tokens: 11n } }] }).why, "over-budget")
  })
})

describe("a report", () => {
  test("that is older than one known, or the same, changes nothing", () => {
    const run = limited()
    assert.deepEqual(report(run, 90), ["window.reported"])
    assert.deepEqual(report(run, 10, { sampledAtMs: noon - 1 }), [])
    assert.deepEqual(report(run, 90, { sampledAtMs: noon + 1 }), [])
    assert.deepEqual(report(run, 10, { sampledAtMs: noon + 2 }), ["window.reported"])
    must(run, hold())
  })

  test("is in the snapshot, and no more of them than there is room for", () => {
    const run = limited()
    for (let window = 0; window < mostWindows + 9; window++) report(run, 1, { label: `w${window}` })
    report(run, 95)
    assert.equal(run.state.windows.size, mostWindows)
    const again = { ...run, state: stateFrom(snapshotText(run.state)) ?? assert.fail("its own snapshot") }
    assert.equal(snapshotText(again.state), snapshotText(run.state))
    assert.equal(refusedBy(again, hold()).why, "over-window")
  })

  for (const [name, more] of [
    ["without a label", { label: "" }],
    ["of less than nothing", { usedMillipercent: -1 }],
    ["of half a thousandth", { usedMillipercent: 0.5 }],
    ["of no time", { sampledAtMs: Number.NaN }],
  ] as const)
    test(`${name} is malformed`, () => {
      const use = { provider: "anthropic", label: "5h", usedMillipercent: 1, sampledAtMs: noon, ...more }
      assert.equal(refusedBy(newRun(), { do: "report-windows", uses: [use], atMs: noon }).why, "malformed")
    })
})

test("a larger share, another window or none loosens; a smaller one does not", () => {
  const cases: readonly (readonly [Partial<BudgetWords>, boolean])[] = [
    [{ limits: ["70%"] }, false],
    [{ limits: ["81%"] }, true],
    [{ limits: ["5usd"] }, true],
    [{ limits: ["80%", "5usd"] }, false],
    [{ limits: ["80%"], window: "5h" }, true],
  ]
  for (const [words, loosens] of cases)
    assert.equal(
      loosened(limited().state, { do: "set-budget", rule: parseBudget({ ...night, ...words }), atMs: noon }) !== undefined,
      loosens,
      JSON.stringify(words),
    )
})
