/** A report of usage as the ledger counts it: which report, how many tokens of which class, what the host says it cost, and what it costs by a price. */
import type { JsonObject } from "../../base/json.ts"
import type { NewEvent } from "../../format/event.ts"
import type { Basis } from "../../format/facts/ledger.ts"
import type { Amounts } from "../../ledger/amounts.ts"
import { costOf, ratesAt, tokenClasses, type Price, type Usage } from "../../prices/price.ts"
import type { PriceBook } from "../../prices/price-book.ts"
import type { Prices } from "./prices.ts"
import { costFromFacts, priceFacts, type PriceFacts } from "../../prices/price-facts.ts"

export type ToldUsage = {
  /** Names the report. */
  readonly usage: string
  readonly tokens: Usage
  /** Prompt and answer were both counted; otherwise it is the least that the call came to. */
  readonly isWhole: boolean
  readonly basis: Basis
  /** Money and tokens at the price of a hold, as it stands in its facts. Without one the money is what the host says. */
  readonly amountsAt: (price: JsonObject | undefined) => Amounts
}

/** Undefined when it tells no tokens: a report of nothing is no word on what a call came to. */
export function toldUsage({ id, facts }: NewEvent<"usage.reported">): ToldUsage | undefined {
  const { inputTokens = 0, outputTokens = 0, cacheReadTokens = 0, cacheWrite1hTokens = 0, reportedNanos } = facts
  // A report whose part is larger than its whole is counted by its part.
  const cacheWriteTokens = Math.max(facts.cacheWriteTokens ?? 0, cacheWrite1hTokens)
  const total = inputTokens + outputTokens + cacheReadTokens + cacheWriteTokens
  if (total === 0) return undefined
  const tokens = {
    inputTokens: BigInt(inputTokens),
    outputTokens: BigInt(outputTokens),
    cacheReadTokens: BigInt(cacheReadTokens),
    cacheWriteTokens: BigInt(cacheWriteTokens),
    cacheWrite1hTokens: BigInt(cacheWrite1hTokens),
  }
  const forAnHour = cacheWrite1hTokens === 0 ? {} : { cacheWrite1hTokens }
  const basis = { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, ...forAnHour, ...(reportedNanos === undefined ? {} : { reportedNanos }) }
  const isWhole = facts.inputTokens !== undefined && facts.outputTokens !== undefined
  return {
    usage: id,
    tokens,
    isWhole,
    basis,
    amountsAt: (price) => ({ ...moneyOf(price && costFromFacts(price as PriceFacts, tokens), basis), tokens: BigInt(total) }),
  }
}

/** What a call that no hold preceded came to, at today's price. */
export function modelUsage(
  { tokens, basis }: ToldUsage,
  price: Price | undefined,
  book: Pick<PriceBook, "digest">,
): { readonly amounts: Amounts; readonly basis: Basis } {
  const total = tokens.inputTokens + tokens.outputTokens + tokens.cacheReadTokens + tokens.cacheWriteTokens
  return {
    amounts: { ...moneyOf(price && costOf(price, tokens), basis), tokens: total, calls: 1n },
    basis: { door: "model", ...basis, ...(price && { price: priceFacts(price, book) }) },
  }
}

/** Computed before reported. A report of $0 for tokens is no price: then the money stays unstated, which is not the same as none. */
function moneyOf(computed: bigint | undefined, { reportedNanos }: Basis): Amounts {
  if (computed !== undefined) return { moneyNanos: computed }
  return reportedNanos === undefined || reportedNanos === "0" ? {} : { moneyNanos: BigInt(reportedNanos) }
}

/** The event with what the call came to at the price in force; any other event as it is. */
export function withCost(event: NewEvent, prices: Pick<Prices, "priceOf">): NewEvent {
  if (event.type !== "usage.reported") return event
  const told = toldUsage(event)
  const { provider, model, atMs = 0 } = event.facts
  const price = told && prices.priceOf(provider, model, atMs)
  if (!told || !price) return event
  const { inputTokens, cacheReadTokens, cacheWriteTokens } = told.tokens
  const rates = tokenClasses.map((name) => Number(ratesAt(price, inputTokens + cacheReadTokens + cacheWriteTokens)[name]))
  return { ...event, facts: { ...event.facts, computedNanos: costOf(price, told.tokens).toString(), rates } }
}
