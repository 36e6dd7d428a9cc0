/** export focus: files pass checks written from FOCUS 1.2, which are shown to catch what is wrong, and add up to what `spend` says. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { callPages } from "../../src/views/exports/calls.ts"
import { focusHead, FocusRows, type FocusPeriod } from "../../src/views/exports/focus.ts"
import type { LedgerAccess } from "../../src/views/ledger-access.ts"
import { spendReport } from "../../src/views/spend.ts"
import { exactSum, focusFaults } from "./focus-rules.ts"
import { recordsOf } from "./read-csv.ts"
import { pricedNanos, reportedNanos, told, toldLedger } from "./told-calls.ts"

function focusOf(access: LedgerAccess, per: FocusPeriod) {
  let left = 0
  const rows = new FocusRows({ per, billingAccount: "org-1", billingAccountName: "ledger" }, () => left++)
  let text = focusHead
  for (const page of callPages(access, { byTime: true })) for (const call of page) text += rows.add(call)
  return { text: text + rows.end(), left }
}

describe("a FOCUS file", () => {
  for (const per of ["call", "hour", "day"] as const) {
    test(`per ${per} passes the specification's rules and adds up to what spend says`, (t) => {
      const access = toldLedger(t).read()
      const { text, left } = focusOf(access, per)
      assert.deepEqual(focusFaults(text), [])
      assert.equal(left, 1, "a call of which no cost is known")
      const { total } = spendReport(access, { by: [], fromMs: 0, toMs: 2e12, zone: "UTC", limit: 9, order: "cost" })
      for (const column of ["BilledCost", "EffectiveCost"])
        assert.equal(exactSum(recordsOf(text).map((row) => row[column] ?? "")), BigInt(total.cost) * 1_000_000n)
      const calls = recordsOf(text).filter((row) => row["SkuMeter"] === "Input Tokens" || row["SkuMeter"] === "Requests")
      assert.equal(
        calls.reduce((sum, row) => sum + Number(row["x_Calls"]), 0),
        5,
      )
    })
  }

  test("has a row for each class of tokens at each price, in each hour", (t) => {
    const rows = recordsOf(focusOf(toldLedger(t).read(), "hour").text)
    const first = rows.filter((row) => row["ChargePeriodStart"] === rows[0]?.["ChargePeriodStart"])
    const shown = first.map((row) => [row["SkuMeter"], row["ConsumedQuantity"], row["PricingQuantity"], row["ListUnitPrice"], row["x_Calls"]])
    assert.deepEqual(shown, [
      ["Input Tokens", "1234568", "1.234568", "3", "2"],
      ["Cache Read Input Tokens", "50001", "0.050001", "0.3", "1"],
      ["Cache Write Input Tokens", "7002", "0.007002", "3.75", "1"],
      ["Cache Write Input Tokens (1 Hour)", "4001", "0.004001", "6", "1"],
      ["Output Tokens", "3334", "0.003334", "15", "2"],
    ])
    assert.equal(exactSum(first.map((row) => row["BilledCost"] ?? "")), (pricedNanos(told.first) + pricedNanos(told.second)) * 1_000_000n)
  })

  test("tells a cost that only the host knew as a request at that cost, by whoever made the model", (t) => {
    const row = recordsOf(focusOf(toldLedger(t).read(), "hour").text).find((one) => one["SkuMeter"] === "Requests")
    const { ListCost, PricingUnit, x_CostSource, ProviderName, PublisherName } = row ?? {}
    assert.deepEqual(
      [ListCost, PricingUnit, x_CostSource, ProviderName, PublisherName],
      [`0.${String(reportedNanos).padStart(9, "0")}`, "Requests", "reported", "OpenRouter", "Meta"],
    )
  })

  test("has its first line where there is nothing", () => assert.deepEqual(focusFaults(focusHead), []))
})

describe("the checks", () => {
  test("catch what is planted", (t) => {
    const { text } = focusOf(toldLedger(t).read(), "hour")
    const plant = (from: string | RegExp, to: string, fault: RegExp) => {
      const planted = text.replace(from, to)
      assert.notEqual(planted, text, `${String(from)} is there`)
      assert.match(focusFaults(planted).join("\n"), fault)
    }
    plant("PublisherName", "Publisher", /mandatory column PublisherName is missing[^]*Publisher is not of FOCUS 1\.2/)
    plant("x_Calls", "Calls", /Calls is not of FOCUS 1\.2/)
    plant("x_Calls", "x_CostSource", /stands twice/)
    plant(/,USD,/, ",usd,", /BillingCurrency is no ISO 4217/)
    plant(/,USD,/, ",,", /BillingCurrency is null/)
    plant(/,Usage,/, ",Use,", /ChargeCategory may not be Use/)
    plant(/AI and Machine Learning/, "AI", /ServiceCategory may not be AI/)
    plant(/Generative AI/, "Compute", /ServiceSubcategory may not be Compute/)
    plant(/,1\.234568,/, ',"1,234568",', /PricingQuantity is no number/)
    plant(/,1\.234568,/, ",1.234569,", /ListCost is not ListUnitPrice times PricingQuantity/)
    plant(/,1\.234568,/, ",-1.234568,", /negative/)
    plant(/,1\.234568,/, ",1.2e0,", /PricingQuantity is no number/)
    plant(/:00:00Z/, ":00Z", /is no time/)
    plant(/1000000 Tokens/, "1M tokens", /PricingUnit is no unit/)
    plant(/""turn""/, "[1]", /a tag has an object/)
  })
})
