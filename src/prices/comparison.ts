/** Prices that fell so far that somebody should look: values for an alert. A wrong price is how spending passes a cap unseen. */
import { ratesAt, tokenClasses, type Price, type TokenClass } from "./price.ts"
import { isUnpriced, priceOfLibrary, type PriceBook } from "./price-book.ts"

export type PriceFinding = {
  /** *fell*: below half of what the same model cost before. *below-library*: the host says less than half of what the library says. */
  readonly finding: "fell" | "below-library"
  readonly model: string
  readonly rate: TokenClass
  /** Prompts of more tokens than these; 0 for the price of the smallest prompts. */
  readonly aboveTokens: bigint
  /** Nano-dollars per million tokens. */
  readonly expected: bigint
  readonly found: bigint
}

/** Every rate that fell below half, at every prompt size at which either price changes. */
export function comparison(before: Price, after: Price): readonly PriceFinding[] {
  return cheaper("fell", before, after)
}

/** Models whose price by the host's configuration is below half the library's. Custom providers are not compared: the library does not know them. */
export function suspiciousHostPrices({ host }: PriceBook, atMs: number): readonly PriceFinding[] {
  return [...host.values()].flatMap(({ model, cost }) => {
    const library = cost && priceOfLibrary(model, atMs)
    return cost && library && !isUnpriced(library) ? cheaper("below-library", library, { model, ...cost }) : []
  })
}

type Compared = Pick<Price, "model" | "rates" | "tiers">

function cheaper(finding: PriceFinding["finding"], expected: Compared, found: Compared): readonly PriceFinding[] {
  const sizes = [...new Set([0n, ...expected.tiers.map(({ aboveTokens }) => aboveTokens), ...found.tiers.map(({ aboveTokens }) => aboveTokens)])]
  return sizes
    .sort((a, b) => (a < b ? -1 : 1))
    .flatMap((aboveTokens) => {
      const [one, other] = [ratesAt(expected, aboveTokens + 1n), ratesAt(found, aboveTokens + 1n)]
      return tokenClasses
        .filter((rate) => other[rate] * 2n < one[rate])
        .map((rate) => ({ finding, model: found.model, rate, aboveTokens, expected: one[rate], found: other[rate] }))
    })
}
