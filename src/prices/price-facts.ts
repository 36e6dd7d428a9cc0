/** A price as it stands in the facts of a hold or a settlement: enough to compute a cost again without the book. */
import { assert } from "../base/fault.ts"
import { countOf } from "../base/json.ts"
import { costOf, tokenClasses, type Price, type PriceSource, type Rates, type Tier, type Usage } from "./price.ts"
import { ratesJson, tiersJson, type PriceBook, type RatesJson, type TierJson } from "./price-book.ts"

/** Rates are decimal strings of nano-dollars per million tokens. */
export type PriceFacts = {
  readonly model: string
  readonly source: PriceSource
  readonly entry: string
  /** SHA-256 of the price book, hexadecimal. */
  readonly book: string
  readonly rates: RatesJson
  readonly tiers?: readonly TierJson[]
  readonly free?: true
}

export function priceFacts({ model, source, entry, rates, tiers, free }: Price, book: Pick<PriceBook, "digest">): PriceFacts {
  return {
    model,
    source,
    entry,
    book: book.digest,
    rates: ratesJson(rates),
    ...(tiers.length > 0 ? { tiers: tiersJson(tiers) } : {}),
    ...(free ? { free } : {}),
  }
}

/** Nano-dollars, as `costOf` gave them when the facts were written. */
export function costFromFacts(facts: PriceFacts, usage: Usage): bigint {
  return costOf(ratesFromFacts(facts), usage)
}

/** What of a price decides a cost. */
export function ratesFromFacts({ rates, tiers = [] }: Pick<PriceFacts, "rates" | "tiers">): { readonly rates: Rates; readonly tiers: readonly Tier[] } {
  return { rates: ratesOf(rates), tiers: tiers.map((tier) => ({ aboveTokens: BigInt(tier.aboveTokens), rates: ratesOf(tier.rates) })) }
}

/**
 * The tokens of a call as facts of an event count them. Undefined where prompt or answer was not counted: what is unknown did not cost nothing.
 * Caches nobody speaks of were not used; what was written for an hour is known only where it is said.
 */
export function usageFromFacts(facts: { readonly [name in keyof Usage]?: unknown }): Usage | undefined {
  const [inputTokens, outputTokens] = [countOf(facts.inputTokens), countOf(facts.outputTokens)]
  const caches = [facts.cacheReadTokens ?? 0, facts.cacheWriteTokens ?? 0, facts.cacheWrite1hTokens ?? 0].map(countOf)
  const [cacheReadTokens, cacheWriteTokens, cacheWrite1hTokens] = caches
  if (inputTokens === undefined || outputTokens === undefined) return undefined
  if (cacheReadTokens === undefined || cacheWriteTokens === undefined || cacheWrite1hTokens === undefined) return undefined
  return {
    inputTokens: BigInt(inputTokens),
    cacheReadTokens: BigInt(cacheReadTokens),
    cacheWriteTokens: BigInt(cacheWriteTokens),
    cacheWrite1hTokens: BigInt(cacheWrite1hTokens),
    outputTokens: BigInt(outputTokens),
  }
}

function ratesOf(json: RatesJson): Rates {
  const rates = Object.fromEntries(tokenClasses.map((name) => [name, BigInt(json[name])])) as Rates
  assert(
    tokenClasses.every((name) => rates[name] >= 0n),
    "rates in facts are not negative",
  )
  return rates
}
