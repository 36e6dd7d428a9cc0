/**
 * Checks of a FOCUS 1.2 file, written from the specification (https://focus.finops.org/focus-specification/v1-2/) and from nothing of ours: columns that must be
 * there, formats of times, numbers, currencies, units and tags, allowed values, what must not be null, and how costs, prices and quantities hang together.
 */
import { readCsv } from "./read-csv.ts"

/** Feature level "Mandatory" of the Cost and Usage dataset. */
const mandatory =
  "BilledCost BillingAccountId BillingAccountName BillingCurrency BillingPeriodEnd BillingPeriodStart ChargeCategory ChargeClass ChargeDescription ChargePeriodEnd ChargePeriodStart ContractedCost EffectiveCost InvoiceIssuerName ListCost PricingQuantity PricingUnit ProviderName PublisherName ServiceCategory ServiceName".split(
    " ",
  )

/** Columns of version 1.2 that have other levels. */
const others =
  "AvailabilityZone BillingAccountType CapacityReservationId CapacityReservationStatus ChargeFrequency CommitmentDiscountCategory CommitmentDiscountId CommitmentDiscountName CommitmentDiscountQuantity CommitmentDiscountStatus CommitmentDiscountType CommitmentDiscountUnit ConsumedQuantity ConsumedUnit ContractedUnitPrice InvoiceId ListUnitPrice PricingCategory PricingCurrency PricingCurrencyContractedUnitPrice PricingCurrencyEffectiveCost PricingCurrencyListUnitPrice RegionId RegionName ResourceId ResourceName ResourceType ServiceSubcategory SkuId SkuMeter SkuPriceDetails SkuPriceId SubAccountId SubAccountName SubAccountType Tags".split(
    " ",
  )

const neverNull =
  "BilledCost BillingAccountId BillingCurrency BillingPeriodEnd BillingPeriodStart ChargeCategory ChargePeriodEnd ChargePeriodStart ContractedCost EffectiveCost InvoiceIssuerName ListCost ProviderName PublisherName ServiceCategory ServiceName".split(
    " ",
  )
/** Of usage that is no correction. */
const neverNullOfUsage = "PricingQuantity PricingUnit ListUnitPrice ContractedUnitPrice SkuId SkuPriceId ConsumedQuantity ConsumedUnit PricingCategory".split(
  " ",
)

const allowed: Readonly<Record<string, readonly string[]>> = {
  ChargeCategory: ["Usage", "Purchase", "Tax", "Credit", "Adjustment"],
  ChargeClass: ["", "Correction"],
  ChargeFrequency: ["One-Time", "Recurring", "Usage-Based"],
  PricingCategory: ["Standard", "Dynamic", "Committed", "Other"],
  ServiceCategory: [
    "AI and Machine Learning",
    "Analytics",
    "Business Applications",
    "Compute",
    "Databases",
    "Developer Tools",
    "Multicloud",
    "Identity",
    "Integration",
    "Internet of Things",
    "Management and Governance",
    "Media",
    "Migration",
    "Mobile",
    "Networking",
    "Security",
    "Storage",
    "Web",
    "Other",
  ],
}

/** Of the category "AI and Machine Learning". */
const aiSubcategories = ["AI Platforms", "Bots", "Generative AI", "Machine Learning", "Natural Language Processing", "Other (AI and Machine Learning)"]

const decimal = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/
const time = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/
const currency = /^[A-Z]{3}$/
const unit = /^(?:[1-9]\d* )?[A-Z][A-Za-z]*(?:[-/][A-Z][A-Za-z]*)*$/
const columnId = /^(?:[A-Z][A-Za-z0-9]*|x_[A-Z][A-Za-z0-9]*)$/

/** What is wrong, a sentence each; empty for a file that passes. */
export function focusFaults(text: string): readonly string[] {
  const [columns = [], ...lines] = readCsv(text)
  const faults = [
    ...mandatory.filter((column) => !columns.includes(column)).map((column) => `mandatory column ${column} is missing`),
    ...columns.filter((column) => !columnId.test(column)).map((column) => `${column} is no column ID`),
    ...columns
      .filter((column) => !column.startsWith("x_") && !mandatory.includes(column) && !others.includes(column))
      .map((column) => `${column} is not of FOCUS 1.2 and has no x_`),
    ...(new Set(columns).size === columns.length ? [] : ["a column stands twice"]),
    ...pairs(columns, "SkuId", "SkuPriceId"),
    ...pairs(columns, "ConsumedQuantity", "ConsumedUnit"),
    ...pairs(columns, "SubAccountId", "SubAccountType"),
  ]
  for (const [at, cells] of lines.entries()) {
    if (cells.length !== columns.length) faults.push(`row ${at} has ${cells.length} cells`)
    else faults.push(...rowFaults(Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? ""]))).map((fault) => `row ${at}: ${fault}`))
  }
  return faults
}

function pairs(columns: readonly string[], one: string, other: string): readonly string[] {
  return columns.includes(one) === columns.includes(other) ? [] : [`${one} and ${other} come together`]
}

function rowFaults(row: Readonly<Record<string, string>>): readonly string[] {
  const faults: string[] = []
  const of = (column: string) => row[column] ?? ""
  const must = (holds: boolean, fault: string) => void (holds || faults.push(fault))
  for (const column of neverNull) must(of(column) !== "", `${column} is null`)
  for (const [column, values] of Object.entries(allowed)) must(row[column] === undefined || values.includes(of(column)), `${column} may not be ${of(column)}`)
  for (const column of Object.keys(row)) {
    if (/(?:Cost|UnitPrice|Quantity)$/.test(column)) must(of(column) === "" || decimal.test(of(column)), `${column} is no number: ${of(column)}`)
    if (/Period(?:Start|End)$/.test(column)) must(time.test(of(column)) && !Number.isNaN(Date.parse(of(column))), `${column} is no time: ${of(column)}`)
    if (column.endsWith("Unit")) must(of(column) === "" || unit.test(of(column)), `${column} is no unit: ${of(column)}`)
    if (column.endsWith("Currency")) must(currency.test(of(column)), `${column} is no ISO 4217 code: ${of(column)}`)
  }
  if (row["ServiceSubcategory"] !== undefined && of("ServiceCategory") === "AI and Machine Learning")
    must(aiSubcategories.includes(of("ServiceSubcategory")), `ServiceSubcategory may not be ${of("ServiceSubcategory")}`)
  must(Date.parse(of("ChargePeriodStart")) < Date.parse(of("ChargePeriodEnd")), "a charge period has no length")
  must(Date.parse(of("BillingPeriodStart")) < Date.parse(of("BillingPeriodEnd")), "a billing period has no length")
  must(
    Date.parse(of("ChargePeriodStart")) >= Date.parse(of("BillingPeriodStart")) && Date.parse(of("ChargePeriodStart")) < Date.parse(of("BillingPeriodEnd")),
    "usage lies outside of its billing period",
  )
  must((of("ConsumedQuantity") === "") === (of("ConsumedUnit") === ""), "ConsumedUnit is null exactly where ConsumedQuantity is")
  must((of("PricingQuantity") === "") === (of("PricingUnit") === ""), "PricingUnit is null exactly where PricingQuantity is")
  must(row["SubAccountId"] === undefined || of("SubAccountId") !== "" || of("SubAccountName") === "", "a name of no sub-account")
  if (of("ChargeCategory") === "Usage" && of("ChargeClass") === "") {
    for (const column of neverNullOfUsage) must(row[column] === undefined || of(column) !== "", `${column} of usage is null`)
    must(!of("PricingQuantity").startsWith("-") && !of("ConsumedQuantity").startsWith("-"), "a quantity of usage is negative")
    must(isProduct(of("ListUnitPrice"), of("PricingQuantity"), of("ListCost")), "ListCost is not ListUnitPrice times PricingQuantity")
    must(isProduct(of("ContractedUnitPrice"), of("PricingQuantity"), of("ContractedCost")), "ContractedCost is not ContractedUnitPrice times PricingQuantity")
  }
  if (row["Tags"] !== undefined && of("Tags") !== "") faults.push(...tagFaults(of("Tags")))
  return faults
}

function tagFaults(text: string): readonly string[] {
  try {
    const tags: unknown = JSON.parse(text)
    if (typeof tags !== "object" || tags === null || Array.isArray(tags)) return ["Tags are no object"]
    return Object.values(tags).some((value) => typeof value === "object" && value !== null) ? ["a tag has an object as value"] : []
  } catch {
    return ["Tags are no JSON"]
  }
}

/** Without a float anywhere. */
function isProduct(a: string, b: string, c: string): boolean {
  if (![a, b, c].every((one) => decimal.test(one))) return false
  const [x, y, z] = [scaled(a), scaled(b), scaled(c)]
  return x.whole * y.whole * 10n ** BigInt(z.scale) === z.whole * 10n ** BigInt(x.scale + y.scale)
}

export function scaled(text: string): { readonly whole: bigint; readonly scale: number } {
  const [whole = "", fraction = ""] = text.split(".")
  return { whole: BigInt(whole + fraction), scale: fraction.length }
}

/** Sum of decimals as whole units of 10^-15. */
export function exactSum(texts: readonly string[]): bigint {
  return texts.reduce((sum, text) => {
    const { whole, scale } = scaled(text)
    return sum + whole * 10n ** BigInt(15 - scale)
  }, 0n)
}
