/**
 * Cost and usage rows of FOCUS 1.2 (FinOps Open Cost and Usage Specification, https://focus.finops.org/focus-specification/v1-2/), as CSV.
 *
 * A row is one meter of one model (tokens of one class, at one price) in one hour, day or call, so that the unit price times the quantity is the cost, exactly.
 * ListCost and ContractedCost are that product. BilledCost and EffectiveCost add up to the cost that `spend` tells, which rounds each call up to a
 * nano-dollar. A call without a price whose cost the host told is a request at that cost; of a call with neither no charge is known, and it has no row.
 */
import { decimalText, product, sumOf } from "../../base/decimal.ts"
import { csvCell } from "../export.ts"
import { costOf, costScale, meters, nanoScale, tokensOf, type Meter } from "./call-costs.ts"
import type { ExportedCall } from "./calls.ts"
import { displayName, makerOf } from "./provider-names.ts"

/** Column IDs, mandatory ones and those conditional ones whose condition holds here; then our own, which begin with x_ as the specification asks. */
export const focusColumns = [
  "BilledCost",
  "BillingAccountId",
  "BillingAccountName",
  "BillingAccountType",
  "BillingCurrency",
  "BillingPeriodEnd",
  "BillingPeriodStart",
  "ChargeCategory",
  "ChargeClass",
  "ChargeDescription",
  "ChargeFrequency",
  "ChargePeriodEnd",
  "ChargePeriodStart",
  "ConsumedQuantity",
  "ConsumedUnit",
  "ContractedCost",
  "ContractedUnitPrice",
  "EffectiveCost",
  "InvoiceIssuerName",
  "ListCost",
  "ListUnitPrice",
  "PricingCategory",
  "PricingQuantity",
  "PricingUnit",
  "ProviderName",
  "PublisherName",
  "ResourceId",
  "ResourceName",
  "ResourceType",
  "ServiceCategory",
  "ServiceName",
  "ServiceSubcategory",
  "SkuId",
  "SkuMeter",
  "SkuPriceId",
  "SubAccountId",
  "SubAccountName",
  "SubAccountType",
  "Tags",
  "x_Calls",
  "x_CostSource",
  "x_FirstSequence",
  "x_LastSequence",
] as const
export type FocusColumn = (typeof focusColumns)[number]

export const focusPeriods = ["call", "hour", "day"] as const
export type FocusPeriod = (typeof focusPeriods)[number]

export type FocusSettings = { readonly per: FocusPeriod; readonly billingAccount: string; readonly billingAccountName: string }

const meterNames: Readonly<Record<Meter, string>> = {
  input: "Input Tokens",
  cache_read: "Cache Read Input Tokens",
  cache_write: "Cache Write Input Tokens",
  cache_write_1h: "Cache Write Input Tokens (1 Hour)",
  output: "Output Tokens",
}
const requests = "Requests"

/** `price`: nano-dollars per million tokens, or of one request. `list` and `billed`: 10^-15 dollars. */
type Charge = {
  readonly call: ExportedCall
  readonly meter: string
  readonly price: number
  quantity: number
  list: number | bigint
  billed: number | bigint
  calls: number
  last: number
}

export const focusHead = `${focusColumns.join(",")}\r\n`

/** Lines of calls that come in the order of time. `left` hears of each call of which no charge is known. */
export class FocusRows {
  readonly #settings: FocusSettings
  readonly #left: () => void
  #startMs = Number.NEGATIVE_INFINITY
  #charges = new Map<string, Charge>()

  constructor(settings: FocusSettings, left: () => void = () => {}) {
    this.#settings = settings
    this.#left = left
  }

  /** What is complete by then: the rows of the period before. */
  add(call: ExportedCall): string {
    const { per } = this.#settings
    const startMs = per === "call" ? call.atMs : call.atMs - (call.atMs % periodMs[per])
    const done = per === "call" || startMs !== this.#startMs ? this.end() : ""
    this.#startMs = startMs
    const found = chargesOf(call)
    if (found.length === 0 && costOf(call) === null) this.#left()
    for (const charge of found) {
      const key = `${call.cell.id} ${charge.meter} ${charge.price}`
      const known = this.#charges.get(key)
      if (known === undefined) {
        this.#charges.set(key, charge)
        continue
      }
      known.quantity += charge.quantity
      known.list = sumOf(known.list, charge.list)
      known.billed = sumOf(known.billed, charge.billed)
      known.calls++
      known.last = call.sequence
    }
    return done
  }

  /** What is left. */
  end(): string {
    let text = ""
    for (const charge of this.#charges.values()) text += this.#line(charge)
    this.#charges = new Map()
    return text
  }

  #line(charge: Charge): string {
    const row = focusRow(charge, this.#startMs, this.#settings)
    return `${focusColumns.map((column) => csvCell(row[column])).join(",")}\r\n`
  }
}

const periodMs = { hour: 3_600_000, day: 86_400_000 }

function chargesOf(call: ExportedCall): readonly Charge[] {
  const cost = costOf(call)
  if (cost === null) return []
  const one = { call, calls: 1, last: call.sequence }
  const { rates } = call
  if (rates && call.computed !== null) {
    const charges = meters.flatMap((meter): Charge[] => {
      const [quantity, price] = [tokensOf(call, meter), rates[meter]]
      const list = product(quantity, price)
      return quantity === 0 ? [] : [{ ...one, meter: meterNames[meter], price, quantity, list, billed: list }]
    })
    const exact = charges.reduce((sum, { list }) => sum + BigInt(list), 0n)
    const rounding = BigInt(call.computed) * 1_000_000n - exact
    const last = charges.at(-1)
    if (last && rounding >= 0n && rounding < 1_000_000n) {
      last.billed = sumOf(last.billed, Number(rounding))
      return charges
    }
  }
  const amount = product(cost, 1_000_000)
  return [{ ...one, meter: requests, price: cost, quantity: 1, list: amount, billed: amount }]
}

function focusRow(charge: Charge, startMs: number, settings: FocusSettings): Readonly<Record<FocusColumn, string | number>> {
  const { call, meter, price, quantity } = charge
  const { provider, model, agent } = call.cell
  const [name, isRequest] = [displayName(provider) || "unknown", meter === requests]
  const sku = `${provider || "unknown"}/${model || "unknown"}`
  const listCost = decimalText(charge.list, costScale)
  const billed = decimalText(charge.billed, costScale)
  const unitPrice = decimalText(price, nanoScale)
  const pricingUnit = isRequest ? requests : "1000000 Tokens"
  const { from, to } = periodOf(startMs, settings.per)
  const month = new Date(from)
  return {
    BilledCost: billed,
    BillingAccountId: settings.billingAccount,
    BillingAccountName: settings.billingAccountName,
    BillingAccountType: "Ledger",
    BillingCurrency: "USD",
    BillingPeriodEnd: timeText(Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + 1)),
    BillingPeriodStart: timeText(Date.UTC(month.getUTCFullYear(), month.getUTCMonth())),
    ChargeCategory: "Usage",
    ChargeClass: "",
    ChargeDescription: `${model || "unknown model"} of ${name}: ${isRequest ? "requests at the cost that was told of them" : `${meter.toLowerCase()} at $${unitPrice} a million`}`,
    ChargeFrequency: "Usage-Based",
    ChargePeriodEnd: timeText(to),
    ChargePeriodStart: timeText(from),
    ConsumedQuantity: String(quantity),
    ConsumedUnit: isRequest ? requests : "Tokens",
    ContractedCost: listCost,
    ContractedUnitPrice: unitPrice,
    EffectiveCost: billed,
    InvoiceIssuerName: name,
    ListCost: listCost,
    ListUnitPrice: unitPrice,
    PricingCategory: "Standard",
    PricingQuantity: isRequest ? String(quantity) : decimalText(quantity, 6),
    PricingUnit: pricingUnit,
    ProviderName: name,
    PublisherName: makerOf(provider, model) || name,
    ResourceId: sku,
    ResourceName: model || "unknown",
    ResourceType: "Model",
    ServiceCategory: "AI and Machine Learning",
    ServiceName: `${name} API`,
    ServiceSubcategory: "Generative AI",
    SkuId: sku,
    SkuMeter: meter,
    SkuPriceId: `${sku}/${meter}/${unitPrice} USD per ${pricingUnit}`,
    SubAccountId: agent,
    SubAccountName: agent,
    SubAccountType: agent === "" ? "" : "Agent",
    Tags: tagsOf(call, settings.per),
    x_Calls: charge.calls,
    x_CostSource: isRequest && call.computed === null ? "reported" : "price",
    x_FirstSequence: call.sequence,
    x_LastSequence: charge.last,
  }
}

/** Tags of ours have a prefix, as tags of a provider must. Sessions stand in rows of one call alone. */
function tagsOf({ cell, session }: ExportedCall, per: FocusPeriod): string {
  const tags: Readonly<Record<string, string>> = {
    api: cell.api,
    channel: cell.channel,
    chat_type: cell.chat_type,
    cron: cell.job,
    kind: cell.kind || "turn",
    project: cell.project,
    session_id: per === "call" ? session.scope : "",
  }
  return JSON.stringify(Object.fromEntries(Object.entries(tags).flatMap(([key, value]) => (value === "" ? [] : [[`sovereign-ledger/${key}`, value]]))))
}

/** Whole seconds, which is all that the specification's times have; the end is the first second that is not in it. */
function periodOf(startMs: number, per: FocusPeriod): { readonly from: number; readonly to: number } {
  const from = startMs - (startMs % 1_000)
  return { from, to: from + (per === "call" ? 1_000 : periodMs[per]) }
}

function timeText(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19)}Z`
}
