/** A bill beside the record: each kind of difference is told as what it is, and only what differs without another reason is corrected, once. */
import assert from "node:assert/strict"
import { describe, test, type TestContext } from "node:test"
import { amountOf } from "../../src/bills/amounts.ts"
import type { Bill, BillLine } from "../../src/bills/bill.ts"
import type { Command } from "../../src/ledger/commands.ts"
import { parseOrder } from "../../src/operations/spend/parse-order.ts"
import { LedgerBook } from "../../src/operations/spend/ledger-book.ts"
import { reconcile } from "../../src/views/reconcile.ts"
import { reconcileBill, type BillReport } from "../../src/views/reconcile-bill.ts"
import { temporaryLedger } from "../ledger-fixture.ts"

const dayMs = 86_400_000
const first = Date.parse("2026-11-02T00:00:00Z")
const day = (n: number) => ({ fromMs: first + n * dayMs, toMs: first + (n + 1) * dayMs })
let lineNumber = 0

function line(n: number, model: string | null, dollars: string, more: Partial<BillLine> = {}): BillLine {
  lineNumber++
  const amount = amountOf(dollars) ?? assert.fail(dollars)
  return { line: lineNumber, ...day(n), model, amount, currency: "USD", calls: null, tokens: null, identity: `${lineNumber}`, ...more }
}

function bill(lines: readonly BillLine[], more: Partial<Bill> = {}): Bill {
  return { format: "test", providers: ["anthropic"], lines, empty: [], problems: [], isCut: false, ...more }
}

/** Calls with usage and postings, each at noon of its day unless told otherwise. */
function recorded(t: TestContext) {
  const ledger = temporaryLedger(t)
  const book = new LedgerBook()
  let n = 0
  const give = (command: Command) => {
    const { decision, events } = book.give(command)
    ledger.record(...events)
    return decision
  }
  const call = (
    onDay: number,
    model: string,
    cents: number,
    { agent = "main", atMs = first + onDay * dayMs + dayMs / 2, isPosted = true, tokens = 100 } = {},
  ) => {
    const nanos = BigInt(cents) * 10_000_000n
    const id = `call${n++}`
    const facts = {
      role: "assistant",
      row: id,
      provider: "anthropic",
      model,
      agent,
      atMs,
      inputTokens: tokens,
      outputTokens: 10,
      computedNanos: String(nanos),
    } as const
    ledger.record({ type: "usage.reported", id, facts })
    if (!isPosted) return
    const spend = { agent, model, provider: "anthropic" }
    give({ do: "spend", id: `spend-${id}`, atMs, spend, account: `agent:${agent}`, against: `spent:model/anthropic/${model}`, amounts: { moneyNanos: nanos } })
  }
  const compare = (asked: Bill, rates: ReadonlyMap<string, bigint> = new Map()): BillReport => {
    const access = ledger.read()
    try {
      return reconcileBill(access, { bill: asked, digest: "d", providers: asked.providers, rates })
    } finally {
      access.close()
    }
  }
  /** As the command orders them. */
  const post = ({ corrections }: BillReport) =>
    corrections.map(({ amounts, ...rest }) => {
      const nanos = amounts.moneyNanos ?? "0"
      const usd = `${nanos.padStart(10, "0").slice(0, -9)}.${nanos.padStart(10, "0").slice(-9)}usd`
      return give(parseOrder({ do: "correct", ...rest, amounts: [usd] }, first + 30 * dayMs))
    })
  return { ledger, call, compare, post, book }
}

const statesOf = ({ rows }: BillReport) => rows.map(({ from, model, state }) => `${from.slice(8, 10)} ${model ?? "*"} ${state}`)

describe("a bill beside the record", () => {
  test("agrees to the nano-dollar, under whatever names the models have, and nothing is to be posted", (t) => {
    const { call, compare } = recorded(t)
    call(0, "claude-haiku-4-5-20251001", 30)
    call(0, "claude-haiku-4-5-20251001", 12)
    call(1, "claude-opus-4-5", 99)
    const report = compare(bill([line(0, "Claude Haiku 4.5", "0.42"), line(1, "Claude Opus 4.5", "0.99")]))
    assert.deepEqual([report.verdict, statesOf(report), report.corrections], ["agrees", ["02 Claude Haiku 4.5 agrees", "03 Claude Opus 4.5 agrees"], []])
    assert.deepEqual(report.totals, { billedNanos: "1410000000", oursNanos: "1410000000", differenceNanos: "0" })
  })

  test("what is no more than the bill's own rounding is rounding, a nano-dollar more is a difference", (t) => {
    const { call, compare } = recorded(t)
    call(0, "m", 40)
    const rounded = (text: string) => line(0, "m", text, { amount: amountOf(text, { isRounded: true }) ?? null })
    assert.deepEqual(statesOf(compare(bill([rounded("0.401")]))), ["02 m differs"])
    assert.deepEqual(statesOf(compare(bill([{ ...rounded("0.40"), amount: { nanos: 404_999_999n, roundingNanos: 5_000_000n } }]))), ["02 m rounding"])
    assert.equal(compare(bill([{ ...rounded("0.40"), amount: { nanos: 404_999_999n, roundingNanos: 5_000_000n } }])).verdict, "agrees")
    assert.deepEqual(statesOf(compare(bill([{ ...rounded("0.40"), amount: { nanos: 405_000_002n, roundingNanos: 5_000_000n } }]))), ["02 m differs"])
  })

  test("lines that are there twice count once, are named, and keep that day from being corrected", (t) => {
    const { call, compare } = recorded(t)
    call(0, "m", 40)
    const one = line(0, "m", "0.30")
    const report = compare(bill([one, { ...one, line: 77 }]))
    assert.deepEqual([report.verdict, report.duplicates, report.rows[0]?.billedNanos], ["differs", [{ line: 77, of: one.line }], "300000000"])
    assert.deepEqual([report.rows[0]?.state, report.rows[0]?.duplicates, report.corrections], ["differs", 1, []])
    // The same words on another day are another line.
    assert.equal(compare(bill([line(0, "m", "0.40", { identity: "x" }), line(1, "n", "1", { identity: "x" })])).duplicates.length, 0)
    // Also where it agrees when counted once: the file is wrong, and somebody has to know.
    const same = line(0, "m", "0.40")
    assert.equal(compare(bill([same, { ...same, line: 78 }])).verdict, "differs")
  })

  test("days and models the bill has no line of are told, and never balanced", (t) => {
    const { call, compare } = recorded(t)
    call(0, "m", 40)
    call(1, "m", 40)
    call(2, "m", 40)
    call(2, "other", 7)
    const report = compare(bill([line(0, "m", "0.40"), line(2, "m", "0.40")]))
    assert.deepEqual(statesOf(report), ["02 m agrees", "03 m not-billed", "04 m agrees", "04 other not-billed"])
    assert.match(report.rows[1]?.why ?? "", /no line for this time at all/)
    assert.match(report.rows[3]?.why ?? "", /no line for this model/)
    assert.deepEqual([report.verdict, report.corrections], ["differs", []])
  })

  test("a time of which the bill says that there was nothing is a difference", (t) => {
    const { call, compare } = recorded(t)
    call(0, "m", 40)
    const report = compare(bill([], { empty: [day(0)] }))
    assert.deepEqual([statesOf(report), report.rows[0]?.differenceNanos], [["02 * differs"], "-400000000"])
  })

  test("what nobody recorded is told, and what was recorded and not posted is compared and not corrected", (t) => {
    const { call, compare } = recorded(t)
    call(0, "m", 40, { isPosted: false })
    const report = compare(bill([line(0, "m", "0.50"), line(0, "ghost", "1")]))
    assert.deepEqual([statesOf(report), report.corrections], [["02 m differs", "02 ghost not-recorded"], []])
    assert.match(report.rows[0]?.why ?? "", /were not posted to any account/)
  })

  test("other currencies are converted by a rate that is given, and else not compared", (t) => {
    const { call, compare } = recorded(t)
    call(0, "m", 40)
    const euros = bill([line(0, "m", "0.40", { currency: "EUR" })])
    const report = compare(euros)
    assert.deepEqual([statesOf(report), report.rows[0]?.billedNanos, report.verdict], [["02 m other-currency"], null, "differs"])
    assert.match(report.rows[0]?.why ?? "", /--rate EUR=/)
    const converted = compare(euros, new Map([["EUR", 1_100_000_000n]]))
    assert.deepEqual([converted.rows[0]?.billedNanos, converted.rows[0]?.state], ["440000000", "differs"])
    assert.match(converted.notes.join(), /converted at the rate/)
  })

  test("calls over midnight cancel out between two days, and are not corrected", (t) => {
    const { call, compare } = recorded(t)
    call(0, "m", 40)
    call(1, "m", 5, { atMs: first + dayMs + 2_000 })
    call(1, "m", 40)
    const report = compare(bill([line(0, "m", "0.45"), line(1, "m", "0.40")]))
    assert.deepEqual([statesOf(report), report.verdict, report.corrections], [["02 m edge", "03 m edge"], "agrees", []])
    assert.deepEqual(statesOf(compare(bill([line(0, "m", "0.45"), line(1, "m", "0.41")]))), ["02 m differs", "03 m differs"])
  })

  test("days of another zone are compared by the bill's own times", (t) => {
    const { call, compare } = recorded(t)
    const hour = 3_600_000
    call(0, "m", 40, { atMs: first + 2 * hour })
    call(0, "m", 7, { atMs: first + 23 * hour })
    const shifted = (n: number) => ({ fromMs: first + n * dayMs - hour, toMs: first + (n + 1) * dayMs - hour })
    const report = compare(bill([line(0, "m", "0.40", shifted(0)), line(0, "m", "0.07", shifted(1))]))
    assert.deepEqual([report.verdict, report.rows.map(({ state }) => state)], ["agrees", ["agrees", "agrees"]])
    assert.match(report.notes.join(), /do not begin at midnight UTC/)
  })

  test("a line of all models together is compared with all of them that have none of their own", (t) => {
    const { call, compare } = recorded(t)
    call(0, "a", 10)
    call(0, "b", 20)
    call(0, "c", 30)
    assert.deepEqual(statesOf(compare(bill([line(0, null, "0.60")]))), ["02 * agrees"])
    assert.deepEqual(statesOf(compare(bill([line(0, "c", "0.30"), line(0, null, "0.30")]))), ["02 c agrees", "02 * agrees"])
  })

  test("a report of tokens is compared to the token", (t) => {
    const { call, compare } = recorded(t)
    call(0, "m", 40)
    const tokens = { input: 100, cacheRead: 0, cacheWrite: 0, output: 10 }
    const usage = (told: BillLine["tokens"]) => bill([line(0, "m", "0", { amount: null, tokens: told })])
    assert.equal(compare(usage(tokens)).verdict, "agrees")
    const report = compare(usage({ ...tokens, output: 11 }))
    assert.deepEqual([statesOf(report), report.rows[0]?.why], [["02 m tokens-differ"], "output: 11 there, 10 here"])
  })

  test("other providers' calls are none of its business", (t) => {
    const { call, compare } = recorded(t)
    call(0, "m", 40)
    assert.deepEqual(statesOf(compare(bill([line(0, "x", "1")], { providers: ["openai"] }))), ["02 x not-recorded"])
    assert.equal(compare(bill([], { empty: [] })).verdict, "not compared")
  })
})

describe("corrections", () => {
  for (const [words, dollars] of [
    ["the bill has more", "1.00"],
    ["the bill has less", "0.33"],
    ["the bill has nothing", "0"],
  ] as const) {
    test(`${words}: the accounts share it by what they spent, the ledger agrees afterwards, a recount finds nothing wrong, and a second time nothing is left`, (t) => {
      const { ledger, call, compare, post, book } = recorded(t)
      call(0, "m", 40)
      call(0, "m", 20, { agent: "research" })
      call(0, "m", 7, { agent: "third" })
      call(1, "m", 11)
      const asked = bill([line(0, "m", dollars), line(1, "m", "0.11")])
      const before = compare(asked)
      assert.deepEqual([before.corrections.length, new Set(before.corrections.map(({ id }) => id)).size], [3, 3])
      const total = before.corrections.reduce((sum, { amounts }) => sum + BigInt(amounts.moneyNanos ?? "0"), 0n)
      const difference = BigInt(before.rows[0]?.differenceNanos ?? "0")
      assert.equal(total, difference < 0n ? -difference : difference)
      for (const decision of post(before)) assert.ok(!("refused" in decision), JSON.stringify(decision))
      const after = compare(asked)
      assert.deepEqual([after.verdict, after.corrections, after.rows[0]?.differenceNanos], ["agrees", [], "0"])
      for (const decision of post(before)) assert.ok("repeated" in decision && decision.repeated === true, "the same once more is the same posting")
      assert.equal(compare(asked).verdict, "agrees")
      const found = reconcile(ledger.read(), { nowMs: first + 40 * dayMs, mostListed: 10 })
      assert.deepEqual([found.verdict, found.violations], ["reconciled", []])
      const nanos = [...book.state.accounts.values()].reduce((sum, { debits, credits }) => sum + debits.moneyNanos - credits.moneyNanos, 0n)
      assert.equal(nanos, 0n)
    })
  }

  test("count in no budget of today: they are of the day they correct", (t) => {
    const { call, compare, post, book } = recorded(t)
    call(0, "m", 40)
    book.give({
      do: "set-budget",
      atMs: first + 20 * dayMs,
      rule: {
        name: "daily",
        limit: { moneyNanos: "5000000000" },
        period: { per: "day", zone: "UTC" },
        match: {},
        mode: "block",
        rollover: false,
        warn: [],
      } as never,
    })
    const [decision] = post(compare(bill([line(0, "m", "0.50")])))
    assert.ok(decision && "events" in decision)
    assert.equal(book.state.budgets.get("daily")?.spent.moneyNanos, 0n)
  })
})
